import type { Knex } from 'knex'
import type { Interaction, InteractionFields, SortField, Status } from '#common/contract/interactions'
import { type Condition, likePattern, type SortKey, tieBreakDescending } from '#common/rules/finder-query'
import { fieldSeparator, searchText, sortKey } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

export interface InteractionRow {
  id: string
  site_id: string
  title: string | null
  type: string | null
  lead: string | null
  start_at: Date | null
  end_at: Date | null
  timezone: string | null
  location: string
  description: string
  notes: string
  status: Status
  version: number
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

export const interactionColumns = [
  'id',
  'site_id',
  'title',
  'type',
  'lead',
  'start_at',
  'end_at',
  'timezone',
  'location',
  'description',
  'notes',
  'status',
  'version',
  'created_by',
  'created_at',
  'updated_by',
  'updated_at',
] as const satisfies readonly (keyof InteractionRow)[]

/** Sorted by what folding made of them, so that the order is the device's. */
const sortColumns: Record<SortField, string> = {
  title: 'title_key',
  type: 'type_key',
  lead: 'lead_key',
  location: 'location_key',
  startDateTime: 'start_at',
  endDateTime: 'end_at',
  timezone: 'timezone',
  status: 'status',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}

const filterColumns = {
  type: 'type',
  status: 'status',
  timezone: 'timezone',
  startDateTime: 'start_at',
  endDateTime: 'end_at',
} as const

/** The live records of the scope, through the view in which a search may use its index. */
const live = ({ db, scope }: Transaction) => db('interactions_in_scope').where({ site_id: scope.siteId })

function narrow(query: Knex.QueryBuilder, conditions: readonly Condition[]): Knex.QueryBuilder {
  for (const condition of conditions) {
    switch (condition.kind) {
      case 'contains':
        query.whereRaw(`search_text LIKE ? ESCAPE '\\'`, [likePattern(condition.term)])
        break
      case 'field-contains':
        // The first test lets the index narrow the rows, the second looks at the one field.
        query.whereRaw(`search_text LIKE ? ESCAPE '\\'`, [likePattern(condition.term)])
        query.whereRaw(`split_part(search_text, ?, ?) LIKE ? ESCAPE '\\'`, [
          fieldSeparator,
          condition.position,
          likePattern(condition.term),
        ])
        break
      case 'one-of':
        query.whereIn(filterColumns[condition.field], condition.values)
        break
      case 'from':
        query.where(filterColumns[condition.field], '>=', condition.instant)
        break
      case 'before':
        query.where(filterColumns[condition.field], '<', condition.instant)
        break
    }
  }
  return query
}

const mayBeNull = ['start_at', 'end_at', 'timezone']

/**
 * Nothing sorts before everything, as in SQLite. Where there is always something, NULLS must not be mentioned: an
 * index that was made without it would not be used.
 */
function ordered(column: string, descending: boolean): string {
  const direction = descending ? 'DESC' : 'ASC'
  if (!mayBeNull.includes(column)) return `${column} ${direction}`
  return `${column} ${direction} NULLS ${descending ? 'LAST' : 'FIRST'}`
}

export function toInteraction(row: InteractionRow): Interaction {
  return {
    id: row.id,
    siteId: row.site_id,
    title: row.title,
    type: row.type,
    lead: row.lead,
    startDateTime: row.start_at?.toISOString() ?? null,
    endDateTime: row.end_at?.toISOString() ?? null,
    timezone: row.timezone,
    location: row.location,
    description: row.description,
    notes: row.notes,
    status: row.status,
    version: row.version,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedBy: row.updated_by,
    updatedAt: row.updated_at.toISOString(),
  }
}

/** The columns of what a person fills in, with what searching and sorting need beside them. */
const fieldColumns = (fields: InteractionFields) => ({
  title: fields.title,
  type: fields.type,
  lead: fields.lead,
  start_at: fields.startDateTime,
  end_at: fields.endDateTime,
  timezone: fields.timezone,
  location: fields.location,
  description: fields.description,
  notes: fields.notes,
  status: fields.status,
  search_text: searchText(fields),
  title_key: sortKey(fields.title),
  type_key: sortKey(fields.type),
  lead_key: sortKey(fields.lead),
  location_key: sortKey(fields.location),
})

type LockedRow = InteractionRow & { deleted_at: Date | null }

interface Written {
  by: string
  at: string
}

export const createInteractionsRepository = (tx: Transaction) => {
  const { db, scope } = tx
  const byId = (id: string) => db('interactions').where({ site_id: scope.siteId, id })

  return {
    async page(
      conditions: readonly Condition[],
      sort: readonly SortKey[],
      offset: number,
      limit: number,
    ): Promise<Interaction[]> {
      const order = [
        ...sort.map(({ field, descending }) => ordered(sortColumns[field], descending)),
        ordered('id', tieBreakDescending(sort)),
      ]
      const rows = (await narrow(live(tx), conditions)
        .select(interactionColumns)
        .orderByRaw(order.join(', '))
        .offset(offset)
        .limit(limit)) as InteractionRow[]
      return rows.map(toInteraction)
    },

    /** How many match, counted no further than `cap` where one is given. */
    async count(conditions: readonly Condition[], cap: number | null): Promise<number> {
      const matches = narrow(live(tx).select(db.raw('1')), conditions)
      if (cap !== null) matches.limit(cap)
      const [row] = await db.count<{ count: string }[]>('* as count').from(matches.as('matches'))
      return Number(row!.count)
    },

    async find(id: string): Promise<Interaction | null> {
      const row = await byId(id).whereNull('deleted_at').first<InteractionRow | undefined>(interactionColumns)
      return row ? toInteraction(row) : null
    },

    async findMany(ids: readonly string[]): Promise<Interaction[]> {
      const rows = await live(tx).whereIn('id', ids).select<InteractionRow[]>(interactionColumns)
      return rows.map(toInteraction)
    },

    /** Held until the transaction ends, so that two edits of a record take turns. Deleted ones are found too. */
    async lock(id: string): Promise<{ record: Interaction; deleted: boolean } | null> {
      const row = await byId(id)
        .forUpdate()
        .first<LockedRow | undefined>([...interactionColumns, 'deleted_at'])
      return row ? { record: toInteraction(row), deleted: row.deleted_at !== null } : null
    },

    /** False when the site already has, or had, a record with this id. */
    async insert(id: string, fields: InteractionFields, { by, at }: Written): Promise<boolean> {
      const inserted = (await db('interactions')
        .insert({
          ...fieldColumns(fields),
          tenant_id: scope.tenantId,
          site_id: scope.siteId,
          id,
          created_by: by,
          created_at: at,
          updated_by: by,
          updated_at: at,
        })
        .onConflict(['site_id', 'id'])
        .ignore()
        .returning('id')) as unknown[]
      return inserted.length > 0
    },

    /** Many new records at once, for imports; every id must be new. */
    async insertMany(records: readonly Interaction[]): Promise<void> {
      await db('interactions').insert(
        records.map((record) => ({
          ...fieldColumns(record),
          tenant_id: scope.tenantId,
          site_id: scope.siteId,
          id: record.id,
          version: record.version,
          created_by: record.createdBy,
          created_at: record.createdAt,
          updated_by: record.updatedBy,
          updated_at: record.updatedAt,
        })),
      )
    },

    async update(id: string, version: number, fields: InteractionFields, { by, at }: Written): Promise<void> {
      await byId(id).update({ ...fieldColumns(fields), version, updated_by: by, updated_at: at })
    },

    async remove(id: string, version: number, { by, at }: Written): Promise<void> {
      await byId(id).update({ version, updated_by: by, updated_at: at, deleted_by: by, deleted_at: at })
    },

    async typeExists(name: string): Promise<boolean> {
      return (await db('interaction_types').where({ name, active: true }).first('id')) !== undefined
    },

    /** A page of a first sync: newest first, after the record the last page ended with. */
    async newest(after: { start: string | null; id: string } | null, limit: number): Promise<Interaction[]> {
      const query = live(tx)
        .select(interactionColumns)
        .orderByRaw('start_at DESC NULLS LAST, id DESC')
        .limit(limit)
      if (after?.start != null) {
        query.whereRaw('((start_at, id) < (?, ?) OR start_at IS NULL)', [after.start, after.id])
      } else if (after) {
        query.whereNull('start_at').where('id', '<', after.id)
      }
      return ((await query) as InteractionRow[]).map(toInteraction)
    },
  }
}
