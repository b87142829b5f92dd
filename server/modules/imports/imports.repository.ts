import type { AuditAction } from '#common/contract/audit-actions'
import type {
  Import,
  ImportCounts,
  ImportInput,
  ImportOptions,
  ImportProblem,
} from '#common/contract/imports'
import type { Interaction } from '#common/contract/interactions'
import type { Transaction } from '../../shared/transaction.ts'

/** Where a request came from, kept for the audit of what is done after it. */
export interface RequestOrigin {
  requestId: string
  address: string
  device: string | null
}

/** An import with what only the server needs to know of it. */
export interface KeptImport extends Omit<Import, 'state'> {
  /** `removed` is there for nobody any more. */
  state: Import['state'] | 'removed'
  turn: number
  /** Cells of the longest row. */
  width: number
  /** Who asked for what is going on. */
  startedBy: string
  origin: RequestOrigin
  /** What it did before this position in the audit is still to be undone; null is all. */
  undoBefore: number | null
}

interface ImportRow {
  id: string
  site_id: string
  state: KeptImport['state']
  file_name: string
  digest: string | null
  headers: string[]
  options: ImportOptions
  rows: number
  received: number
  progress: number
  checked: ImportCounts | null
  result: ImportCounts | null
  undone: Import['undone']
  created_at: Date
  created_by: string
  ended_at: Date | null
  problem: string | null
  turn: number
  width: number
  started_by: string
  origin: RequestOrigin
  undo_before: string | null
}

const columns = {
  id: 'id',
  siteId: 'site_id',
  state: 'state',
  fileName: 'file_name',
  digest: 'digest',
  headers: 'headers',
  options: 'options',
  rows: 'rows',
  received: 'received',
  progress: 'progress',
  checked: 'checked',
  result: 'result',
  undone: 'undone',
  createdAt: 'created_at',
  createdBy: 'created_by',
  endedAt: 'ended_at',
  problem: 'problem',
  turn: 'turn',
  width: 'width',
  startedBy: 'started_by',
  origin: 'origin',
  undoBefore: 'undo_before',
} as const satisfies Record<keyof KeptImport, keyof ImportRow>

const importColumns = Object.values(columns)

const toImport = (row: ImportRow): KeptImport => ({
  id: row.id,
  siteId: row.site_id,
  state: row.state,
  fileName: row.file_name,
  ...(row.digest !== null && { digest: row.digest }),
  headers: row.headers,
  options: row.options,
  rows: row.rows,
  received: row.received,
  progress: row.progress,
  checked: row.checked,
  result: row.result,
  undone: row.undone,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  endedAt: row.ended_at?.toISOString() ?? null,
  problem: row.problem,
  turn: row.turn,
  width: row.width,
  startedBy: row.started_by,
  origin: row.origin,
  undoBefore: row.undo_before === null ? null : Number(row.undo_before),
})

/** What is written as JSON; the driver would take an array for one of PostgreSQL's. */
const asStored = (value: unknown) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value

/** A part of the table: rows, of which the first is the so-manieth, from 0. */
export interface Part {
  first: number
  rows: string[][]
}

/** What a part of a run did: the records before and after, each with the row it came from; and where the audit has it. */
export interface DonePart {
  position: number
  deeds: ({ row: number } & (
    { before: Interaction; after: Interaction } | { before: null; after: Interaction }
  ))[]
}

/** Beside the last entry of a part: which row each of the entries before it comes from. */
export interface PartOutcome extends ImportCounts {
  rows: number[]
}

export const createImportsRepository = ({ db, scope }: Transaction) => {
  const imports = () => db('imports').where({ tenant_id: scope.tenantId, site_id: scope.siteId })
  const own = { tenant_id: scope.tenantId, site_id: scope.siteId }
  const of = (table: string, importId: string) => db(table).where({ ...own, import_id: importId })

  return {
    /** False when there is one under this id. */
    async insert(input: ImportInput & { id: string }, by: string, origin: RequestOrigin): Promise<boolean> {
      const inserted = (await db('imports')
        .insert({
          ...own,
          id: input.id,
          state: 'receiving',
          file_name: input.fileName,
          digest: input.digest ?? null,
          headers: JSON.stringify(input.headers),
          options: JSON.stringify(input.options),
          rows: input.rows,
          width: input.headers.length,
          created_by: by,
          started_by: by,
          origin: JSON.stringify(origin),
        })
        .onConflict(['tenant_id', 'site_id', 'id'])
        .ignore()
        .returning('id')) as unknown[]
      return inserted.length > 0
    },

    async find(id: string): Promise<KeptImport | null> {
      const row = await imports().where({ id }).first<ImportRow | undefined>(importColumns)
      return row ? toImport(row) : null
    },

    /** Held until the transaction ends. */
    async lock(id: string): Promise<KeptImport | null> {
      const row = await imports().where({ id }).forUpdate().first<ImportRow | undefined>(importColumns)
      return row ? toImport(row) : null
    },

    /** The latest first. */
    async list(limit: number): Promise<KeptImport[]> {
      const rows = await imports()
        .whereNot({ state: 'removed' })
        .orderByRaw('created_at DESC, id DESC')
        .limit(limit)
        .select<ImportRow[]>(importColumns)
      return rows.map(toImport)
    },

    async change(id: string, changes: Partial<KeptImport>): Promise<void> {
      const values = Object.entries(changes).map(([name, value]) => [
        columns[name as keyof KeptImport],
        asStored(value),
      ])
      await imports()
        .where({ id })
        .update({ ...(Object.fromEntries(values) as object), touched_at: db.fn.now() })
    },

    /** Imports into a site take turns, so that two never make a record each of the same reference. */
    async takeTurns(): Promise<void> {
      await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`imports of ${scope.siteId}`])
    },

    async insertPart(importId: string, { first, rows }: Part): Promise<void> {
      await db('import_rows').insert({ ...own, import_id: importId, first, rows: JSON.stringify(rows) })
    },

    /** Rows from one on to before another. */
    async rowsBetween(importId: string, from: number, to: number): Promise<string[][]> {
      const parts = await of('import_rows', importId)
        .whereRaw(
          `first >= (SELECT max(first) FROM import_rows
            WHERE tenant_id = ? AND site_id = ? AND import_id = ? AND first <= ?)`,
          [own.tenant_id, own.site_id, importId, from],
        )
        .where('first', '<', to)
        .orderBy('first')
        .select<Part[]>('first', 'rows')
      return parts.flatMap(({ first, rows }) => rows.slice(Math.max(0, from - first), to - first))
    },

    /** The records these references mean, whether they are there or not. */
    async references(references: readonly string[]): Promise<Map<string, string>> {
      const rows = await db('import_references')
        .where(own)
        .whereIn('reference', references)
        .select<{ reference: string; interaction_id: string }[]>('reference', 'interaction_id')
      return new Map(rows.map((row) => [row.reference, row.interaction_id]))
    },

    /** One that meant a record that is gone means this one now. */
    async refer(importId: string, references: readonly { reference: string; to: string }[]): Promise<void> {
      if (references.length === 0) return
      await db('import_references')
        .insert(
          references.map(({ reference, to }) => ({
            ...own,
            reference,
            interaction_id: to,
            import_id: importId,
          })),
        )
        .onConflict(['tenant_id', 'site_id', 'reference'])
        .merge(['interaction_id', 'import_id'])
    },

    /** Forgets the references an import gave to these records. */
    async unrefer(importId: string, interactionIds: readonly string[]): Promise<void> {
      await of('import_references', importId).whereIn('interaction_id', interactionIds).delete()
    },

    /** Keeps the rows of keys nobody claimed before; answers with the row that has each. */
    async claim(importId: string, rowsByKey: ReadonlyMap<string, number>): Promise<Map<string, number>> {
      const keys = [...rowsByKey].map(([key, row]) => ({ key, row }))
      await db.raw(
        `INSERT INTO import_keys (tenant_id, site_id, import_id, key, row)
         SELECT ?, ?, ?, key, row FROM jsonb_to_recordset(?::jsonb) AS claimed (key text, row integer)
         ON CONFLICT DO NOTHING`,
        [own.tenant_id, own.site_id, importId, JSON.stringify(keys)],
      )
      const rows = await of('import_keys', importId)
        .whereIn('key', [...rowsByKey.keys()])
        .select<{ key: string; row: number }[]>('key', 'row')
      return new Map(rows.map(({ key, row }) => [key, row]))
    },

    /** Says anew what is wrong with these rows, the last of which is `to`. */
    async replaceProblems(
      importId: string,
      [from, to]: readonly [number, number],
      problems: readonly ImportProblem[],
    ): Promise<void> {
      await of('import_problems', importId)
        .where({ of_undoing: false })
        .whereBetween('row', [from, to])
        .delete()
      await this.insertProblems(importId, problems, { ofUndoing: false })
    },

    async insertProblems(
      importId: string,
      problems: readonly ImportProblem[],
      { ofUndoing }: { ofUndoing: boolean },
    ): Promise<void> {
      if (problems.length === 0) return
      const rows = problems.map((problem) => ({
        ...own,
        import_id: importId,
        of_undoing: ofUndoing,
        ...problem,
      }))
      await db('import_problems').insert(rows)
    },

    /** In the order of their rows. */
    problems: (
      importId: string,
      { ofUndoing, after, limit }: { ofUndoing: boolean; after: number; limit: number },
    ): Promise<ImportProblem[]> =>
      of('import_problems', importId)
        .where({ of_undoing: ofUndoing })
        .where('row', '>', after)
        .orderBy('row')
        .limit(limit)
        .select<ImportProblem[]>('row', 'title', 'reason'),

    async countProblems(importId: string, { ofUndoing }: { ofUndoing: boolean }): Promise<number> {
      const [row] = await of('import_problems', importId)
        .where({ of_undoing: ofUndoing })
        .count<{ count: string }[]>('* as count')
      return Number(row!.count)
    },

    /** The latest part of a run before a position in the audit; null when there is none. */
    async lastPart(importId: string, before: number | null): Promise<DonePart | null> {
      const query = db('audit_logs').where({
        feed_id: scope.siteId,
        entity: 'import',
        entity_id: importId,
        action: 'import.part-done' satisfies AuditAction,
      })
      if (before !== null) query.where('position', '<', before)
      const last = await query
        .orderBy('position', 'desc')
        .first<{ position: string; new_values: PartOutcome } | undefined>('position', 'new_values')
      if (!last) return null
      const position = Number(last.position)
      const { rows } = last.new_values
      const entries = await db('audit_logs')
        .where({ feed_id: scope.siteId })
        .whereBetween('position', [position - rows.length, position - 1])
        .orderBy('position')
        .select<{ old_values: Interaction | null; new_values: Interaction }[]>('old_values', 'new_values')
      return {
        position,
        deeds: entries.map((entry, index) => ({
          row: rows[index]!,
          before: entry.old_values,
          after: entry.new_values,
        })),
      }
    },

    /** Forgets what an earlier check found, at most so much of it; false when there is nothing left. */
    async forgetCheck(importId: string, limit: number): Promise<boolean> {
      for (const table of ['import_keys', 'import_problems']) {
        if ((await removeSome(table, [importId], limit)) > 0) return true
      }
      return false
    },

    /**
     * Removes imports nobody touched since then, and those that were given up, with their rows: a bounded amount of
     * them; false when there is nothing left.
     */
    async sweep(before: string): Promise<boolean> {
      const over = imports().whereRaw(`(state = 'removed' OR touched_at < ?)`, [before])
      const ids = (await over.orderBy('id').limit(10).forUpdate().skipLocked().pluck('id')) as string[]
      if (ids.length === 0) return false
      for (const [table, limit] of [
        ['import_keys', 5000],
        ['import_problems', 5000],
        ['import_rows', 20],
      ] as const) {
        if ((await removeSome(table, ids, limit)) > 0) return true
      }
      await imports().whereIn('id', ids).delete()
      return true
    },
  }

  async function removeSome(table: string, importIds: string[], limit: number): Promise<number> {
    const { rowCount } = await db.raw<{ rowCount: number }>(
      `DELETE FROM ?? WHERE ctid IN (
         SELECT ctid FROM ?? WHERE tenant_id = ? AND site_id = ? AND import_id = ANY (?) LIMIT ?)`,
      [table, table, own.tenant_id, own.site_id, importIds, limit],
    )
    return rowCount
  }
}
