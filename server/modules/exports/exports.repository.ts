import type { Export } from '#common/contract/exports'
import type { Actor } from '../../shared/scope.ts'
import type { Transaction } from '../../shared/transaction.ts'

export interface StoredExport extends Omit<Export, 'expiresAt'> {
  /** When it is removed, file and all. */
  keepUntil: string
  /** Goes up when a job takes it up. */
  attempt: number
  /** Where the request came from. */
  origin: Pick<Actor, 'requestId' | 'address' | 'device'>
}

interface ExportRow extends Pick<
  StoredExport,
  | 'id'
  | 'state'
  | 'format'
  | 'filter'
  | 'sort'
  | 'columns'
  | 'done'
  | 'total'
  | 'problem'
  | 'attempt'
  | 'origin'
> {
  file_name: string
  size: string | null
  created_at: Date
  keep_until: Date
}

const columns = [
  'id',
  'state',
  'format',
  'filter',
  'sort',
  'columns',
  'file_name',
  'done',
  'total',
  'size',
  'problem',
  'attempt',
  'origin',
  'created_at',
  'keep_until',
] as const satisfies readonly (keyof ExportRow)[]

const toExport = ({ file_name, size, created_at, keep_until, ...row }: ExportRow): StoredExport => ({
  ...row,
  fileName: file_name,
  size: size === null ? null : Number(size),
  createdAt: created_at.toISOString(),
  keepUntil: keep_until.toISOString(),
})

const unfinished = ['waiting', 'running']

/** So much of a file is kept in one row, and held in memory while it is sent. */
const chunkSize = 1024 * 1024

/** The exports of the scope's person at its site; to everybody else they are not there. */
export const createExportsRepository = ({ db, scope }: Transaction) => {
  const own = () => db('exports').where({ site_id: scope.siteId, owner_id: scope.userId })
  const chunks = (id: string) => db('export_chunks').where({ site_id: scope.siteId, export_id: id })

  return {
    async find(id: string): Promise<StoredExport | null> {
      const row = await own()
        .where({ id })
        .whereRaw('keep_until > now()')
        .first<ExportRow | undefined>(...columns)
      return row ? toExport(row) : null
    },

    /** Held until the transaction ends. */
    async lock(id: string): Promise<StoredExport | null> {
      const row = await own()
        .where({ id })
        .whereRaw('keep_until > now()')
        .forUpdate()
        .first<ExportRow | undefined>(...columns)
      return row ? toExport(row) : null
    },

    /** False when there is one under this id already, seen or not. */
    async insert({ fileName, createdAt, keepUntil, ...given }: StoredExport): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT DO NOTHING', [
        db('exports').insert({
          ...given,
          tenant_id: scope.tenantId,
          site_id: scope.siteId,
          owner_id: scope.userId,
          filter: JSON.stringify(given.filter),
          sort: JSON.stringify(given.sort),
          columns: JSON.stringify(given.columns),
          origin: JSON.stringify(given.origin),
          file_name: fileName,
          created_at: createdAt,
          keep_until: keepUntil,
        }),
      ])
      return rowCount > 0
    },

    async countUnfinished(): Promise<number> {
      const [row] = await own().whereIn('state', unfinished).count<{ count: string }[]>('* as count')
      return Number(row!.count)
    },

    /** Begins it, or begins it anew; answers with the attempt this is. */
    async begin(id: string): Promise<number> {
      await chunks(id).delete()
      const [row] = await own()
        .where({ id })
        .update({ state: 'running', done: 0, attempt: db.raw('attempt + 1') })
        .returning<{ attempt: number }[]>('attempt')
      return row!.attempt
    },

    /** False, and nothing is written, when it was stopped, or taken up by somebody else. */
    async advance(id: string, attempt: number, done: number): Promise<boolean> {
      const count = await own()
        .where({ id, attempt, state: 'running' })
        .update({ done, total: db.raw('greatest(total, ?)', [done]) })
      return count > 0
    },

    /** Adds to its file; answers with the position for what comes next. */
    async append(id: string, position: number, bytes: Uint8Array): Promise<number> {
      for (let start = 0; start < bytes.length; start += chunkSize) {
        await db('export_chunks').insert({
          tenant_id: scope.tenantId,
          site_id: scope.siteId,
          owner_id: scope.userId,
          export_id: id,
          position: position++,
          bytes: Buffer.from(bytes.subarray(start, start + chunkSize)),
        })
      }
      return position
    },

    async chunk(id: string, position: number): Promise<Buffer | null> {
      const row = await chunks(id).where({ position }).first<{ bytes: Buffer } | undefined>('bytes')
      return row?.bytes ?? null
    },

    async finish(id: string, done: number, size: number, keepUntil: string): Promise<void> {
      await own().where({ id }).update({ state: 'done', done, total: done, size, keep_until: keepUntil })
    },

    /** It will not be done, or its file is not wanted any more. */
    async end(id: string, state: 'cancelled' | 'failed', problem: string | null): Promise<void> {
      await chunks(id).delete()
      await own().where({ id }).update({ state, problem, size: null })
    },

    /** One that has expired, whosesoever; false when there is none. */
    async removeExpired(): Promise<boolean> {
      const one = db('exports')
        .where({ site_id: scope.siteId })
        .whereRaw('keep_until <= now()')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .select('id')
      return (await db('exports').where({ site_id: scope.siteId }).where('id', 'in', one).delete()) > 0
    },

    /** What people are called, by id. */
    async names(ids: readonly string[]): Promise<Record<string, string>> {
      const rows = await db('users')
        .whereIn('id', ids)
        .select<{ id: string; display_name: string }[]>('id', 'display_name')
      return Object.fromEntries(rows.map((row) => [row.id, row.display_name]))
    },

    /** Whether an export by a device was reported under this id; whoever asks later waits for this transaction. */
    async reported(id: string): Promise<boolean> {
      await db.raw(`SELECT pg_advisory_xact_lock(hashtextextended('export.reported ' || ?, 0))`, [id])
      const entry = { feed_id: scope.siteId, entity_id: id, action: 'export.reported' }
      return (await db('audit_logs').where(entry).first('id')) !== undefined
    },
  }
}
