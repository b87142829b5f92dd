import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Notice, NoticeFields } from '#common/contract/notices'
import { isOver } from '#common/rules/notices'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createNoticesRepository } from './notices.repository.ts'

const auditOf = ({ kind, words, siteId, startsAt, endsAt }: NoticeFields) => ({
  kind,
  words,
  siteId,
  startsAt,
  endsAt,
})
const isSame = (one: NoticeFields, other: NoticeFields) =>
  canonicalJson(auditOf(one)) === canonicalJson(auditOf(other))

const tidy = <F extends NoticeFields>(fields: F): F => ({
  ...fields,
  words: fields.words.trim(),
  startsAt: new Date(fields.startsAt).toISOString(),
  endsAt: new Date(fields.endsAt).toISOString(),
})

export type NoticesService = ReturnType<typeof createNoticesService>

/** What admins have every open app say. Devices hear that there is something, and find it in what they pull. */
export function createNoticesService(transact: Transact, journal: Journal) {
  async function assertFits(tx: Transaction, { siteId, startsAt, endsAt }: NoticeFields): Promise<void> {
    if (endsAt <= startsAt) throw refused('endsAt', 'Must be after it begins')
    if (Date.parse(endsAt) <= Date.now()) throw refused('endsAt', 'Is over already; choose a later time')
    if (siteId !== null && !(await createNoticesRepository(tx).hasSite(siteId)))
      throw refused('siteId', 'There is no such site')
  }

  async function hold(tx: Transaction, id: string): Promise<Notice> {
    const notice = await createNoticesRepository(tx).lock(id)
    if (!notice) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such notice')
    return notice
  }

  async function close(
    tx: Transaction,
    actor: Actor,
    deed: 'created' | 'updated' | 'withdrawn',
    before: Notice | null,
    after: Notice,
  ): Promise<void> {
    await journal.record(tx, actor, {
      action: `notice.${deed}`,
      feedId: actor.tenantId,
      entity: 'notice',
      entityId: after.id,
      ...(before && { oldValues: auditOf(before) }),
      ...(deed !== 'withdrawn' && { newValues: auditOf(after) }),
    })
    for (const notice of [before, after]) if (notice) tx.announce(notice.siteId ?? actor.tenantId)
  }

  return {
    inTransaction: {
      /** Those that the devices of somebody at these sites are to show. */
      shown: (tx: Transaction, siteIds: readonly string[]) =>
        createNoticesRepository(tx).shown(siteIds, new Date().toISOString()),
    },

    async list(actor: Actor): Promise<{ notices: Notice[]; asOf: string }> {
      const asOf = new Date().toISOString()
      const notices = await transact(scopeOf(actor), (tx) => createNoticesRepository(tx).list(asOf))
      return { notices, asOf }
    },

    /** The same again, under the same id, is answered as it is by now. */
    create: (actor: Actor, { id = uuidv7(), ...given }: NoticeFields & { id?: string }): Promise<Notice> =>
      transact(scopeOf(actor), async (tx) => {
        const notice: Notice = { id, ...tidy(given), withdrawnAt: null, version: 1 }
        const same = await createNoticesRepository(tx).find(id)
        if (same && isSame(same, notice)) return same
        await assertFits(tx, notice)
        if (same || !(await createNoticesRepository(tx).insert(notice)))
          throw new AppError('CONFLICT', 'There is another notice with this id')
        await close(tx, actor, 'created', null, notice)
        return notice
      }),

    update: (
      actor: Actor,
      id: string,
      { version, ...changes }: Partial<NoticeFields> & { version: number },
    ): Promise<Notice> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await hold(tx, id)
        const conflict = (message: string) => new AppError('CONFLICT', message, { current: before })
        if (isOver(before, Date.now())) throw conflict('The notice is over. Write a new one.')
        if (before.version !== version)
          throw conflict('The notice was changed meanwhile; look at it again and repeat your change')
        const after: Notice = { ...tidy({ ...before, ...changes }), version: version + 1 }
        if (isSame(before, after)) return before
        await assertFits(tx, after)
        await createNoticesRepository(tx).update(after)
        await close(tx, actor, 'updated', before, after)
        return after
      }),

    withdraw: (actor: Actor, id: string): Promise<Notice> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await hold(tx, id)
        const now = new Date()
        if (isOver(before, now.getTime())) return before
        const after: Notice = { ...before, withdrawnAt: now.toISOString(), version: before.version + 1 }
        await createNoticesRepository(tx).update(after)
        await close(tx, actor, 'withdrawn', before, after)
        return after
      }),
  }
}
