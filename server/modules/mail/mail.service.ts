import { v7 as uuidv7 } from 'uuid'
import type { Jobs, SendJob } from '../../shared/jobs.ts'
import { systemScope } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Codes } from './codes.ts'
import { createMailRepository } from './mail.repository.ts'
import { type Mailer, type MailFile, MailRefused } from './mailer.ts'
import { type MailAbout, type MailKind, mailKinds, mailWords } from './words.ts'

export interface MailDependencies {
  transact: Transact
  jobs: Jobs
  mailer: Mailer
  codes: Codes
  publicUrl: string | null
  warn(about: object, words: string): void
}

interface MailJob {
  tenantId: string
  id: string
}

export type MailService = ReturnType<typeof createMailService>

/**
 * Mails to people of an organisation. A mail is sent once what it is about is committed, by whichever server works on
 * jobs, again and again until the mail server takes it or its time is over; where a server dies in between it may be
 * sent twice. Its words and its code are made as it is sent.
 */
export function createMailService({ transact, jobs, mailer, codes, publicUrl, warn }: MailDependencies) {
  const inTenant = <T>(
    tenantId: string,
    work: (mails: ReturnType<typeof createMailRepository>) => Promise<T>,
  ) => transact(systemScope(tenantId), (tx) => work(createMailRepository(tx)))

  const send: SendJob<MailJob> = jobs.define<MailJob>('mail', {
    atOnce: 2,
    async work({ tenantId, id }, signal) {
      const mail = await inTenant(tenantId, (mails) => mails.due(id))
      if (!mail) return
      signal.throwIfAborted()
      const { code, hours } = mailKinds[mail.kind]
      const { subject, text } = mailWords({
        ...mail,
        at: code ? new Date(mail.createdAt.getTime() + hours * 3_600_000) : mail.createdAt,
        code: code ? codes.of({ tenantId, id }) : null,
        publicUrl,
      })
      try {
        await mailer.send({
          id,
          to: { name: mail.displayName, address: mail.email },
          subject,
          text,
          attachment: mail.attachment,
        })
      } catch (error) {
        if (!(error instanceof MailRefused)) throw error
        warn({ mail: id, reason: error.message }, 'a mail was refused for good')
        return inTenant(tenantId, (mails) => mails.settle(id, 'refused_at'))
      }
      await inTenant(tenantId, (mails) => mails.settle(id, 'sent_at'))
    },
    // The mail server is away for longer than a job is tried: begin again, for as long as the mail is worth it.
    async failed(job) {
      if (await inTenant(job.tenantId, (mails) => mails.due(job.id))) await send(null, job)
    },
  })

  return {
    /** Part of the transaction that gives the reason. */
    async queue(tx: Transaction, { userId, kind }: { userId: string; kind: MailKind }): Promise<void> {
      const { code, hours } = mailKinds[kind]
      const mails = createMailRepository(tx)
      const id = uuidv7()
      if (code) await mails.addReset({ id, userId, hours })
      await mails.add({ id, userId, kind, hours })
      await send(tx, { tenantId: tx.scope.tenantId, id })
    },

    /** The same report to each of them, kept until the last of the mails is sent or given up; by the server itself. */
    async queueReport(
      tx: Transaction,
      { to, about, file }: { to: readonly string[]; about: MailAbout; file: MailFile },
    ): Promise<void> {
      const mails = createMailRepository(tx)
      const fileId = uuidv7()
      await mails.addFile(fileId, file)
      for (const userId of to) {
        const id = uuidv7()
        await mails.add({ id, userId, kind: 'report', hours: mailKinds.report.hours, about, fileId })
        await send(tx, { tenantId: tx.scope.tenantId, id })
      }
    },

    /** What nobody waits for any more; by the server itself. */
    removeFiles: (tx: Transaction): Promise<void> => createMailRepository(tx).removeFiles(),

    /** As late as can be in the transaction that forgets a person: files are gone at once. */
    async forget(tx: Transaction, userId: string, addresses: readonly string[]): Promise<void> {
      await mailer.remove(await createMailRepository(tx).removeAll(userId), addresses)
    },
  }
}
