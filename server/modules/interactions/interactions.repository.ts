import type { Knex } from 'knex'
import {
  type Interaction,
  type InteractionFields,
  type SortField,
  type Status,
  statuses,
} from '#common/contract/interactions'
import { type Condition, likePattern, type SortKey, tieBreakDescending } from '#common/rules/finder-query'
import { fieldSeparator, searchText, sortKey } from '#common/rules/folding'
import { mayBecome } from '#common/rules/interaction-rules'
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

const columns = {
  id: 'id',
  siteId: 'site_id',
  title: 'title',
  type: 'type',
  lead: 'lead',
  startDateTime: 'start_at',
  endDateTime: 'end_at',
  timezone: 'timezone',
  location: 'location',
  description: 'description',
  notes: 'notes',
  status: 'status',
  version: 'version',
  createdBy: 'created_by',
  createdAt: 'created_at',
  updatedBy: 'updated_by',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof Interaction, keyof InteractionRow>

export const interactionColumns = Object.values(columns)

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
        query.whereIn(columns[condition.field], condition.values)
        break
      case 'from':
        query.where(columns[condition.field], '>=', condition.instant)
        break
      case 'before':
        query.where(columns[condition.field], '<', condition.instant)
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
function ordered(column: string, descending: boolean, as = column): string {
  const direction = descending ? 'DESC' : 'ASC'
  if (!mayBeNull.includes(column)) return `${as} ${direction}`
  return `${as} ${direction} NULLS ${descending ? 'LAST' : 'FIRST'}`
}

/** Where a row stands in an order: its sort keys as they are stored, and its id. */
export interface Position {
  keys: readonly (string | null)[]
  id: string
}

interface Sql {
  text: string
  values: readonly string[]
}

interface Key {
  column: string
  descending: boolean
  nullable: boolean
  value: string | null
}

/** What comes after a position, in parts that follow each other; an index on the first key can find where each begins. */
function partsAfter(sort: readonly SortKey[], { keys, id }: Position): Sql[] {
  const all = sort.map(({ field, descending }, index): Key => {
    const column = sortColumns[field]
    return { column, descending, nullable: mayBeNull.includes(column), value: keys[index]! }
  })
  all.push({ column: 'id', descending: tieBreakDescending(sort), nullable: false, value: id })
  const [first, ...rest] = all as [Key, ...Key[]]
  const { column, descending, nullable, value } = first
  if (value === null) {
    const among = after(rest)
    const part = { text: `${column} IS NULL AND ${among.text}`, values: among.values }
    return descending ? [part] : [part, { text: `${column} IS NOT NULL`, values: [] }]
  }
  const among = after([{ ...first, nullable: false }, ...rest])
  const part = {
    text: `${column} ${descending ? '<=' : '>='} ? AND ${among.text}`,
    values: [value, ...among.values],
  }
  return nullable && descending ? [part, { text: `${column} IS NULL`, values: [] }] : [part]
}

function after(keys: readonly Key[]): Sql {
  const [first, ...rest] = keys as [Key, ...Key[]]
  const { column, descending, nullable, value } = first
  const sign = descending ? '<' : '>'
  if (keys.every((key) => key.descending === descending && !key.nullable && key.value !== null)) {
    const slots = keys.map(() => '?').join(', ')
    return {
      text: `(${keys.map((key) => key.column).join(', ')}) ${sign} (${slots})`,
      values: keys.map((key) => key.value!),
    }
  }
  const among = after(rest)
  if (value === null) {
    const beyond = descending ? '' : `${column} IS NOT NULL OR `
    return { text: `(${beyond}${column} IS NULL AND ${among.text})`, values: among.values }
  }
  const orNull = nullable && descending ? ` OR ${column} IS NULL` : ''
  return {
    text: `(${column} ${sign} ?${orNull} OR ${column} = ? AND ${among.text})`,
    values: [value, value, ...among.values],
  }
}

/** The id and these properties, of a row that has no more. */
function some(row: InteractionRow, fields: readonly (keyof Interaction)[]): Interaction {
  const read = (value: unknown) => (value instanceof Date ? value.toISOString() : value)
  const names = ['id', ...fields] as const
  return Object.fromEntries(names.map((name) => [name, read(row[columns[name]])])) as unknown as Interaction
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

/** A record of the site, whether it is still there or not. */
export interface Known {
  record: Interaction
  deleted: { at: string; by: string } | null
}

type KnownRow = InteractionRow & { deleted_at: Date | null; deleted_by: string | null }

const knownColumns = [...interactionColumns, 'deleted_at', 'deleted_by']

const toKnown = (row: KnownRow): Known => ({
  record: toInteraction(row),
  deleted: row.deleted_at && { at: row.deleted_at.toISOString(), by: row.deleted_by! },
})

export interface PageQuery {
  conditions: readonly Condition[]
  sort: readonly SortKey[]
  /** Rows to pass over, or the one to go on after. */
  from: number | Position
  limit: number
  /** All, where none are named. */
  fields: readonly (keyof Interaction)[] | null
}

export interface Page {
  interactions: Interaction[]
  /** Where to go on; null when there is nothing more. */
  next: Position | null
}

/** A row of a page, with its sort keys as they are stored. */
type PageRow = InteractionRow & Record<string, string | Date | null>

const keyName = (index: number) => `key_${index}`

/** With `as` by the names columns have in a page. */
const orderOf = (sort: readonly SortKey[], as?: typeof keyName): string =>
  [
    ...sort.map(({ field, descending }, index) =>
      ordered(sortColumns[field], descending, as?.(index) ?? sortColumns[field]),
    ),
    ordered('id', tieBreakDescending(sort)),
  ].join(', ')

function toPage({ sort, limit, fields }: PageQuery, rows: readonly PageRow[]): Page {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const keyOf = (value: string | Date | null | undefined) =>
    value instanceof Date ? value.toISOString() : (value ?? null)
  return {
    interactions: page.map((row) => (fields ? some(row, fields) : toInteraction(row))),
    next:
      last && rows.length > limit
        ? { keys: sort.map((_, index) => keyOf(last[keyName(index)])), id: last.id }
        : null,
  }
}

interface Written {
  by: string
  at: string
}

export const createInteractionsRepository = (tx: Transaction) => {
  const { db, scope } = tx
  const byId = (id: string) => db('interactions').where({ site_id: scope.siteId, id })

  /** A page of the rows that `match` leaves; each has its sort keys, and `part` where it goes on after a row. */
  function pageOf(
    { sort, from, limit, fields }: PageQuery,
    match: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  ) {
    const wanted = fields
      ? [...new Set(['id', ...fields.map((field) => columns[field])])]
      : interactionColumns
    const select = () =>
      match(live(tx))
        .select(wanted)
        .select(sort.map(({ field }, index) => `${sortColumns[field]} as ${keyName(index)}`))
        .orderByRaw(orderOf(sort))
        .limit(limit + 1)
    if (typeof from === 'number') return { rows: select().offset(from), order: orderOf(sort, keyName) }
    const parts = partsAfter(sort, from).map(({ text, values }, part) =>
      select()
        .whereRaw(text, values)
        .select(db.raw('? ::integer AS part', [part])),
    )
    const order = `part, ${orderOf(sort, keyName)}`
    const rows = db
      .select('*')
      .from(db.unionAll(parts, true).as('parts'))
      .orderByRaw(order)
      .limit(limit + 1)
    return { rows, order }
  }

  return {
    async page(query: PageQuery): Promise<Page> {
      const { rows } = pageOf(query, (all) => narrow(all, query.conditions))
      return toPage(query, (await rows) as PageRow[])
    },

    /** How many match, counted no further than `cap` where one is given. */
    async count(conditions: readonly Condition[], cap: number | null): Promise<number> {
      const matches = narrow(live(tx).select(db.raw('1')), conditions)
      if (cap !== null) matches.limit(cap)
      const [row] = await db.count<{ count: string }[]>('* as count').from(matches.as('matches'))
      return Number(row!.count)
    },

    /**
     * Both at once where no more than `most` match, otherwise null. Whoever counts to the end has seen every match, and
     * the page is taken from those: where no index helps to find them, all of a site is looked through once, not twice.
     */
    async pageOfFew(query: PageQuery, most: number): Promise<{ page: Page; count: number } | null> {
      const matches = narrow(live(tx).select('id'), query.conditions).limit(most + 1)
      const counted = db.select(db.raw('count(*)::integer, array_agg(id) AS ids')).from('matches')
      const few = 'id = ANY ((SELECT ids FROM counted WHERE count <= ?)::uuid[])'
      const { rows, order } = pageOf(query, (all) => all.whereRaw(few, [most]))
      const found: (PageRow & { count: number })[] = await db
        .withMaterialized('matches', matches)
        .withMaterialized('counted', counted)
        .select('page.*', 'counted.count')
        .from('counted')
        .leftJoin(rows.as('page'), (join) => void join.on(db.raw('true')))
        .orderByRaw(order)
      // Where the page has no row there is still one, with the count.
      const rowsOfPage = found.filter(({ id }) => id !== null)
      const { count } = found[0]!
      return count <= most ? { page: toPage(query, rowsOfPage), count } : null
    },

    async find(id: string): Promise<Interaction | null> {
      const row = await byId(id).whereNull('deleted_at').first<InteractionRow | undefined>(interactionColumns)
      return row ? toInteraction(row) : null
    },

    async findMany(ids: readonly string[]): Promise<Interaction[]> {
      const rows = await live(tx).whereIn('id', ids).select<InteractionRow[]>(interactionColumns)
      return rows.map(toInteraction)
    },

    async findKnown(id: string): Promise<Known | null> {
      const row = await byId(id).first<KnownRow | undefined>(knownColumns)
      return row ? toKnown(row) : null
    },

    /** Deleted ones too; by id. */
    async findManyKnown(ids: readonly string[]): Promise<Map<string, Known>> {
      const rows = await db('interactions')
        .where({ site_id: scope.siteId })
        .whereIn('id', ids)
        .select<KnownRow[]>(knownColumns)
      return new Map(rows.map((row) => [row.id, toKnown(row)]))
    },

    /** Held until the transaction ends, so that two edits of a record take turns. Deleted ones are found too. */
    async lock(id: string): Promise<Known | null> {
      const row = await byId(id).forUpdate().first<KnownRow | undefined>(knownColumns)
      return row ? toKnown(row) : null
    },

    /** The same for many, always in one order, so that nobody waits for each other; by id. */
    async lockMany(ids: readonly string[]): Promise<Map<string, Known>> {
      const rows = await db('interactions')
        .where({ site_id: scope.siteId })
        .whereIn('id', ids)
        .orderBy('id')
        .forUpdate()
        .select<KnownRow[]>(knownColumns)
      return new Map(rows.map((row) => [row.id, toKnown(row)]))
    },

    /** What was deleted since then, the latest first. */
    async deleted(
      terms: readonly string[],
      since: string,
      offset: number,
      limit: number,
    ): Promise<{ found: Known[]; total: number }> {
      const query = db('interactions').where({ site_id: scope.siteId }).where('deleted_at', '>=', since)
      for (const term of terms) query.whereRaw(`search_text LIKE ? ESCAPE '\\'`, [likePattern(term)])
      const [counted] = await query.clone().count<{ count: string }[]>('* as count')
      const rows = await query
        .orderByRaw('deleted_at DESC, id DESC')
        .offset(offset)
        .limit(limit)
        .select<KnownRow[]>(knownColumns)
      return { found: rows.map(toKnown), total: Number(counted!.count) }
    },

    /** Whether the feed's last word of a record is that it is gone; of one that was purged nothing else is left. */
    async wasRemoved(id: string): Promise<boolean> {
      const row = await db('feed_changes')
        .where({ feed_id: scope.siteId, entity: 'interaction', entity_id: id })
        .first<{ removed: boolean } | undefined>('removed')
      return row?.removed ?? false
    },

    /** False when there is a record with this id, deleted or not. */
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
      const rows = records.map((record) => ({
        ...fieldColumns(record),
        tenant_id: scope.tenantId,
        site_id: scope.siteId,
        id: record.id,
        version: record.version,
        created_by: record.createdBy,
        created_at: record.createdAt,
        updated_by: record.updatedBy,
        updated_at: record.updatedAt,
      }))
      // No statement may take long.
      for (let start = 0; start < rows.length; start += 250) {
        await db('interactions').insert(rows.slice(start, start + 250))
      }
    },

    async update(id: string, version: number, fields: InteractionFields, { by, at }: Written): Promise<void> {
      await byId(id).update({ ...fieldColumns(fields), version, updated_by: by, updated_at: at })
    },

    async remove(id: string, version: number, { by, at }: Written): Promise<void> {
      await byId(id).update({ version, updated_by: by, updated_at: at, deleted_by: by, deleted_at: at })
    },

    async removeMany(ids: readonly string[], { by, at }: Written): Promise<void> {
      const gone = { updated_by: by, updated_at: at, deleted_by: by, deleted_at: at }
      await db('interactions')
        .where({ site_id: scope.siteId })
        .whereIn('id', ids)
        .update({ version: db.raw('version + 1'), ...gone })
    },

    /** Writes records there are over what is there of them; one that was deleted is back. */
    async replaceMany(records: readonly Interaction[]): Promise<void> {
      for (let start = 0; start < records.length; start += 100) {
        const rows = records.slice(start, start + 100).map((record) => ({
          ...fieldColumns(record),
          version: record.version,
          updated_by: record.updatedBy,
          updated_at: record.updatedAt,
          deleted_by: null,
          deleted_at: null,
        }))
        const values = rows.map((row, index) => ({ id: records[start + index]!.id, ...row }))
        const changed = Object.keys(rows[0]!).map((column) => `${column} = new.${column}`)
        await db.raw(
          `UPDATE interactions old SET ${changed.join(', ')}
           FROM jsonb_populate_recordset(NULL::interactions, ?::jsonb) new
           WHERE old.site_id = ? AND old.id = new.id`,
          [JSON.stringify(values), scope.siteId],
        )
      }
    },

    /** Removes for good what was deleted before then, at most so many; answers with how many. */
    async purge(before: string, limit: number): Promise<number> {
      const ids = (await db('interactions')
        .where({ site_id: scope.siteId })
        .where('deleted_at', '<', before)
        .orderBy('deleted_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .pluck('id')) as string[]
      return db('interactions').where({ site_id: scope.siteId }).whereIn('id', ids).delete()
    },

    /** Locks those that may be archived and have not changed since then, at most so many. */
    async lockStale(before: string, limit: number): Promise<Interaction[]> {
      const rows = await db('interactions')
        .where({ site_id: scope.siteId })
        .whereNull('deleted_at')
        .where('updated_at', '<', before)
        .whereIn(
          'status',
          statuses.filter((status) => status !== 'archived' && mayBecome(status, 'archived')),
        )
        .orderByRaw('updated_at, id')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .select<InteractionRow[]>(interactionColumns)
      return rows.map(toInteraction)
    },

    /** Whether the organisation has such a type and offers it; it keeps its name until the transaction ends. */
    async typeExists(name: string, { active }: { active?: true } = {}): Promise<boolean> {
      const query = db('interaction_types').where({ name, ...(active && { active }) })
      return (await query.forKeyShare().first('id')) !== undefined
    },

    /** The types the organisation offers; they keep their names until the transaction ends. */
    typeNames: (): Promise<string[]> =>
      db('interaction_types')
        .where({ active: true })
        .orderByRaw('position, name')
        .forKeyShare()
        .pluck('name'),

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
