import { createTransport } from 'nodemailer'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'

export interface MailerOptions {
  /** `smtp:` or `smtps:`, with user and password where it wants them; null: mails are written to `folder`. */
  smtpUrl: string | null
  mailFrom: string
  mailFolder: string
}

export interface OutgoingMail {
  id: string
  to: { name: string; address: string }
  subject: string
  text: string
  attachment: MailFile | null
}

export interface MailFile {
  name: string
  mediaType: string
  bytes: Uint8Array
}

/** The server of mails will not take this one, however often it is sent. */
export class MailRefused extends Error {}

export interface Mailer {
  /** Fails without a word of the mail or of whom it is for. */
  send(mail: OutgoingMail): Promise<void>
  /** Removes mails that were written to the folder: these, and those to one of these addresses. */
  remove(ids: readonly string[], addresses: readonly string[]): Promise<void>
  close(): void
}

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

interface SmtpError extends Error {
  code?: string
  responseCode?: number
}

export function createMailer({ smtpUrl, mailFrom, mailFolder }: MailerOptions): Mailer {
  const content = { disableFileAccess: true, disableUrlAccess: true }
  const smtp = smtpUrl === null ? null : createTransport({ url: smtpUrl, ...patience, ...content })
  const file = createTransport({ streamTransport: true, buffer: true, newline: 'windows', ...content })

  return {
    async send({ id, to, subject, text, attachment }) {
      const host = /@([^\s>]+)/.exec(mailFrom)?.[1] ?? 'localhost'
      // The same each time, so that one sent twice is known for what it is.
      const message = {
        from: mailFrom,
        to,
        subject,
        text,
        messageId: `<${id}@${host}>`,
        ...(attachment && {
          attachments: [
            {
              filename: attachment.name,
              contentType: attachment.mediaType,
              content: Buffer.from(attachment.bytes),
            },
          ],
        }),
      }
      if (smtp) {
        await smtp.sendMail(message).catch(({ code, responseCode }: SmtpError) => {
          const words = `The mail server did not take a mail (${responseCode ?? code ?? 'unknown'})`
          const forGood = code === 'EENVELOPE' || code === 'EMESSAGE'
          throw forGood && responseCode !== undefined && responseCode >= 500
            ? new MailRefused(words)
            : new Error(words)
        })
        return
      }
      const { message: bytes } = await file.sendMail(message)
      await mkdir(mailFolder, { recursive: true, mode: 0o700 })
      const path = join(mailFolder, `${id}.eml`)
      await writeFile(`${path}.part`, bytes as Buffer, { mode: 0o600 })
      await rename(`${path}.part`, path)
    },

    async remove(ids, addresses) {
      const wanted = addresses.map(comparable)
      const names = await readdir(mailFolder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      for (const name of names) {
        const id = /^(.+)\.eml(?:\.part)?$/.exec(name)?.[1]
        if (id === undefined) continue
        const path = join(mailFolder, name)
        if (ids.includes(id) || wanted.includes(await addresseeOf(path))) await rm(path, { force: true })
      }
    },

    close: () => smtp?.close(),
  }
}

const comparable = (address: string) => {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`.toLowerCase()
}

/** Whom a mail in the folder is for; empty where it is gone or no mail. */
async function addresseeOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const [head = ''] = text.split('\r\n\r\n', 1)
  const to = /^to:(.*(?:\r\n[ \t].*)*)/im.exec(head)?.[1] ?? ''
  return comparable(/<([^<>]*)>\s*$/.exec(to)?.[1] ?? to.trim())
}
