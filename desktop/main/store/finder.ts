import type { Interaction } from '#common/contract/interactions'
import {
  type Condition,
  conditionsOf,
  type ListedField,
  type MomentField,
  tieBreakDescending,
} from '#common/rules/finder-query'
import { fold, sortKey } from '#common/rules/folding'
import type { FinderPage, FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import { idBytes, idText, sortColumns, textColumns } from './columns.ts'
import type { Connection } from './database.ts'

/** The row numbers a site's records have in every table of the cache. */
export interface SiteRange {
  site: number
  from: number
  to: number
}

/** Up to this many matches are collected first and then ordered; more are met in order until the page is full. */
const few = 1000

interface Sql {
  text: string
  params: unknown[]
}

const sql = (text: string, ...params: unknown[]): Sql => ({ text, params })

const join = (parts: readonly Sql[], separator: string): Sql => ({
  text: parts.map(({ text }) => text).join(separator),
  params: parts.flatMap(({ params }) => params),
})

type TermCondition = Extract<Condition, { term: string }>
const isTerm = (condition: Condition): condition is TermCondition => 'term' in condition

/** A trigram index knows terms of three code points and more. */
const isLong = ({ term }: TermCondition) => [...term].length >= 3

const columnOf = ({ position }: { position: number }) => textColumns[position - 1]!

const momentColumns: Record<MomentField, string> = {
  startDateTime: 'start_at',
  endDateTime: 'end_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}

const asWritten = (value: string) => value
const listedColumns: Record<ListedField, [column: string, toValue: (value: string) => unknown]> = {
  type: ['type', asWritten],
  status: ['status', asWritten],
  timezone: ['timezone', asWritten],
  createdBy: ['created_by', idBytes],
  updatedBy: ['updated_by', idBytes],
}

/** The full-text query for the long terms; null when there are none. */
function phrases(terms: readonly TermCondition[]): string | null {
  const parts = terms.filter(isLong).map((condition) => {
    const phrase = `"${condition.term.replaceAll('"', '""')}"`
    return condition.kind === 'field-contains' ? `${columnOf(condition)} : ${phrase}` : phrase
  })
  return parts.length > 0 ? parts.join(' AND ') : null
}

/** Looks into the texts letter by letter, which the columns `prefix` + field hold. */
function occurs(condition: TermCondition, prefix: string): Sql {
  const columns = condition.kind === 'field-contains' ? [columnOf(condition)] : textColumns
  const { text, params } = join(
    columns.map((column) => sql(`instr(${prefix}${column}, ?) > 0`, condition.term)),
    ' OR ',
  )
  return sql(`(${text})`, ...params)
}

function compare(condition: Exclude<Condition, TermCondition>): Sql {
  switch (condition.kind) {
    case 'one-of': {
      const [column, toValue] = listedColumns[condition.field]
      const slots = condition.values.map(() => '?').join(', ')
      return sql(`r.${column} IN (${slots})`, ...condition.values.map(toValue))
    }
    case 'from':
      return sql(`r.${momentColumns[condition.field]} >= ?`, Date.parse(condition.instant))
    case 'before':
      return sql(`r.${momentColumns[condition.field]} < ?`, Date.parse(condition.instant))
  }
}

/** Where to read matching copies from: `r` is a row of `records`, `t` its texts. */
interface Source {
  from: string
  where: Sql
}

const uncovered = sql('NOT EXISTS (SELECT 1 FROM covered WHERE covered.rid = r.rid)')

/** The server's copies that meet the conditions and have nothing on top of them. */
function copies(conditions: readonly Condition[], { site, from, to }: SiteRange) {
  const terms = conditions.filter(isTerm)
  const query = phrases(terms)
  const short = terms.filter((condition) => !isLong(condition))
  const tests = [
    ...conditions.flatMap((condition) => (isTerm(condition) ? [] : compare(condition))),
    ...short.map((condition) => occurs(condition, 't.')),
    uncovered,
  ]
  const texts = short.length > 0 ? ' CROSS JOIN texts t ON t.rid = r.rid' : ''
  const found = query === null ? null : sql('words MATCH ? AND words.rowid BETWEEN ? AND ?', query, from, to)
  return {
    /** Row by row of the site, or from the full-text index, in no order. */
    anyOrder: {
      from: `${found ? 'words CROSS JOIN records r ON r.rid = words.rowid' : 'records r'}${texts}`,
      where: join([found ?? sql('r.rid BETWEEN ? AND ?', from, to), ...tests], ' AND '),
    },
    /** As the index of a column has them. */
    inOrder: {
      from: `records r${texts}`,
      where: join(
        [
          sql('r.site = ?', site),
          ...(found ? [sql(`+r.rid IN (SELECT rowid FROM words WHERE ${found.text})`, ...found.params)] : []),
          ...tests,
        ],
        ' AND ',
      ),
    },
  } satisfies Record<string, Source>
}

const listed = (rids: readonly number[]): Source => ({
  from: 'records r',
  where: sql('r.rid IN (SELECT value FROM json_each(?))', JSON.stringify(rids)),
})

export type Match = Pick<FinderQuery, 'siteId' | 'filter' | 'sort'>

/**
 * Answers a Finder query from the server's copies with the queue's rows on top; what a query means is said in
 * `common/rules/finder-query.ts`. `indexed` are the sort columns that have an index; by others the matching rows,
 * which are short, are ordered as they are read.
 */
export class Finder {
  readonly #db: Connection
  readonly #match: Match
  readonly #range: SiteRange
  readonly #source: Source
  readonly #onTop: Source
  /** Matching copies; null where nothing is asked, so that all match. */
  readonly #countCopies: (() => number) | null

  constructor(db: Connection, match: Match, range: SiteRange, indexed: ReadonlySet<string>) {
    this.#db = db
    this.#match = match
    this.#range = range
    const conditions = conditionsOf(match.filter)
    const { anyOrder, inOrder } = copies(conditions, range)
    const first = conditions.length > 0 ? this.#select('r.rid', anyOrder, `LIMIT ${few + 1}`) : null
    const areFew = first !== null && first.length <= few
    this.#source = areFew ? listed(first) : indexed.has(this.#columns[0]!) ? inOrder : anyOrder
    this.#onTop = onTop(match.siteId, conditions)
    this.#countCopies = first && (() => (areFew ? first.length : this.#count(anyOrder)))
  }

  page(offset: number, limit: number): FinderPage {
    const total = this.#total()
    const found = this.#countCopies === null ? total : this.#countCopies() + this.#count(this.#onTop)
    const rows = this.#inOrder(offset, limit).map(({ row }) => readRow(this.#db, row))
    return { rows, found, total }
  }

  ids(limit: number): string[] {
    return this.#inOrder(0, limit).map(({ id }) => idText(id))
  }

  /** All whose title reads the same, whatever its accents and case, and that start between two moments. */
  sameTitle(title: string, from: number, to: number): LocalInteraction[] {
    const condition = sql('r.start_at BETWEEN ? AND ? AND r.title_key = ?', from, to, sortKey(title))
    const also = ({ from: place, where }: Source) => ({
      from: place,
      where: join([where, condition], ' AND '),
    })
    const { inOrder } = copies([], this.#range)
    const rows = [
      ...this.#select('r.rid', also(inOrder)),
      ...this.#select('-r.oid', also(onTop(this.#match.siteId, []))),
    ]
    const found = rows.map((row) => readRow(this.#db, row))
    return found.filter((row) => fold(row.title ?? '') === fold(title))
  }

  get #keys() {
    const { sort } = this.#match
    return sort.length > 0 ? sort : ([{ field: 'startDateTime', descending: true }] as const)
  }

  get #columns(): string[] {
    return this.#keys.map(({ field }) => sortColumns[field])
  }

  #select(what: string, { from, where }: Source, rest = ''): number[] {
    const statement = this.#db.prepare(`SELECT ${what} FROM ${from} WHERE ${where.text} ${rest}`)
    return statement.pluck().all(...where.params) as number[]
  }

  #count(source: Source): number {
    return this.#select('count(*)', source)[0]!
  }

  /** All rows of the site. */
  #total(): number {
    const numbers = sql('rid BETWEEN ? AND ?', this.#range.from, this.#range.to)
    return (
      this.#count({ from: 'records', where: numbers }) -
      this.#count({ from: 'covered', where: numbers }) +
      this.#count(onTop(this.#match.siteId, []))
    )
  }

  #inOrder(offset: number, limit: number): { row: number; id: Uint8Array }[] {
    const selected = this.#columns.map((column, index) => `r.${column} AS k${index}`).join(', ')
    const direction = (descending: boolean) => (descending ? 'DESC' : 'ASC')
    const order = this.#keys.map(({ descending }, index) => `k${index} ${direction(descending)}`)
    const [copied, top] = [this.#source, this.#onTop]
    const rows = this.#db
      .prepare(
        `SELECT r.rid AS row, r.id AS id, ${selected} FROM ${copied.from} WHERE ${copied.where.text}
         UNION ALL
         SELECT -r.oid, r.id, ${selected} FROM ${top.from} WHERE ${top.where.text}
         ORDER BY ${order.join(', ')}, id ${direction(tieBreakDescending(this.#keys))} LIMIT ? OFFSET ?`,
      )
      .raw()
      .all(...copied.where.params, ...top.where.params, limit, offset) as [number, Uint8Array][]
    return rows.map(([row, id]) => ({ row, id }))
  }
}

/** What the queue puts on top that meets the conditions. */
const onTop = (siteId: string, conditions: readonly Condition[]): Source => ({
  from: 'overlay r',
  where: join(
    [
      sql('r.site_id = ?', siteId),
      ...conditions.map((condition) =>
        isTerm(condition) ? occurs(condition, 'r.text_') : compare(condition),
      ),
    ],
    ' AND ',
  ),
})

/** Rows on top have negative numbers. */
function readRow(db: Connection, row: number): LocalInteraction {
  if (row < 0) {
    return JSON.parse(
      db.prepare('SELECT data FROM overlay WHERE oid = ?').pluck().get(-row) as string,
    ) as LocalInteraction
  }
  const copy = JSON.parse(
    db.prepare('SELECT data FROM bodies WHERE rid = ?').pluck().get(row) as string,
  ) as Interaction
  return { ...copy, unsent: false, needsAttention: false }
}
