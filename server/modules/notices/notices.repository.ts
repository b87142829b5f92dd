import {
  mostPastNotices,
  mostShownNotices,
  type Notice,
  noticeKinds,
  type ShownNotice,
} from '#common/contract/notices'
import type { Transaction } from '../../shared/transaction.ts'

type Row<N> = Omit<N, 'startsAt' | 'endsAt' | 'withdrawnAt'> & {
  startsAt: Date
  endsAt: Date
  withdrawnAt: Date | null
}

const columns = {
  id: 'id',
  kind: 'kind',
  words: 'words',
  startsAt: 'starts_at',
  endsAt: 'ends_at',
  version: 'version',
}
const allColumns = { ...columns, siteId: 'site_id', withdrawnAt: 'withdrawn_at' }

const toNotice = (row: Row<Notice>): Notice => ({
  ...row,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
})

/** As the index has it. */
const over = 'least(ends_at, withdrawn_at)'

export const createNoticesRepository = ({ db, scope }: Transaction) => ({
  /** All that are not over, and the last of the others; the last to begin first. */
  async list(now: string): Promise<Notice[]> {
    const past = db('notices')
      .select('id')
      .whereRaw(`${over} <= ?`, [now])
      .orderByRaw(`${over} DESC`)
      .limit(mostPastNotices)
    const rows = await db('notices')
      .where((where) => void where.whereRaw(`${over} > ?`, [now]).orWhereIn('id', past))
      .orderBy([
        { column: 'starts_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .select<Row<Notice>[]>(allColumns)
    return rows.map(toNotice)
  },

  /** Those that devices at these sites are to show, now or later; the gravest first. */
  async shown(siteIds: readonly string[], now: string): Promise<ShownNotice[]> {
    const rows = await db('notices')
      .whereRaw(`${over} > ?`, [now])
      .where((where) => void where.whereNull('site_id').orWhereIn('site_id', siteIds))
      .orderByRaw('array_position(?::text[], kind), starts_at, id', [[...noticeKinds]])
      .limit(mostShownNotices)
      .select<Row<ShownNotice>[]>(columns)
    return rows.map((row) => ({
      ...row,
      startsAt: row.startsAt.toISOString(),
      endsAt: row.endsAt.toISOString(),
    }))
  },

  async find(id: string): Promise<Notice | null> {
    const row = await db('notices').where({ id }).first<Row<Notice> | undefined>(allColumns)
    return row ? toNotice(row) : null
  },

  /** Held until the transaction ends. */
  async lock(id: string): Promise<Notice | null> {
    const row = await db('notices').where({ id }).forUpdate().first<Row<Notice> | undefined>(allColumns)
    return row ? toNotice(row) : null
  },

  async hasSite(id: string): Promise<boolean> {
    return (await db('sites').where({ id }).first<{ id: string } | undefined>('id')) !== undefined
  },

  /** False where there is one of this id. */
  async insert({ id, siteId, kind, words, startsAt, endsAt }: Notice): Promise<boolean> {
    const added = await db('notices')
      .insert({
        tenant_id: scope.tenantId,
        id,
        site_id: siteId,
        kind,
        words,
        starts_at: startsAt,
        ends_at: endsAt,
      })
      .onConflict(['tenant_id', 'id'])
      .ignore()
      .returning('id')
    return added.length > 0
  },

  async update({ id, siteId, kind, words, startsAt, endsAt, withdrawnAt, version }: Notice): Promise<void> {
    await db('notices').where({ id }).update({
      site_id: siteId,
      kind,
      words,
      starts_at: startsAt,
      ends_at: endsAt,
      withdrawn_at: withdrawnAt,
      version,
    })
  },
})
