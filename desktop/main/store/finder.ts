import { type Condition, conditionsOf, tieBreakDescending } from '#common/rules/finder-query'
import type { Interaction } from '#common/contract/interactions'
import type { FinderPage, FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import { sortColumns, textColumns } from './columns.ts'
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

const momentColumns = { startDateTime: 'start_at', endDateTime: 'end_at' } as const

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
    case 'one-of':
      return sql(
        `r.${condition.field} IN (${condition.values.map(() => '?').join(', ')})`,
        ...condition.values,
      )
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

/**
 * Answers a Finder query from the server's copies with the queue's rows on top; what a query means is said in
 * `common/rules/finder-query.ts`. `indexed` are the sort columns that have an index; by others the matching rows,
 * which are short, are ordered as they are read.
 */
export function findPage(
  db: Connection,
  query: FinderQuery,
  range: SiteRange,
  indexed: ReadonlySet<string>,
): FinderPage {
  const conditions = conditionsOf(query.filter)
  const select = (what: string, { from, where }: Source, rest = '') =>
    db
      .prepare(`SELECT ${what} FROM ${from} WHERE ${where.text} ${rest}`)
      .pluck()
      .all(...where.params) as number[]
  const count = (source: Source) => select('count(*)', source)[0]!

  const onTop: Source = {
    from: 'overlay r',
    where: join(
      [
        sql('r.site_id = ?', query.siteId),
        ...conditions.map((condition) =>
          isTerm(condition) ? occurs(condition, 'r.text_') : compare(condition),
        ),
      ],
      ' AND ',
    ),
  }
  const numbers = sql('rid BETWEEN ? AND ?', range.from, range.to)
  const total =
    count({ from: 'records', where: numbers }) -
    count({ from: 'covered', where: numbers }) +
    count({ from: 'overlay', where: sql('site_id = ?', query.siteId) })

  const keys = query.sort.length > 0 ? query.sort : ([{ field: 'startDateTime', descending: true }] as const)
  const columns = keys.map(({ field }) => sortColumns[field])

  const { anyOrder, inOrder } = copies(conditions, range)
  const first = conditions.length > 0 ? select('r.rid', anyOrder, `LIMIT ${few + 1}`) : null
  const areFew = first !== null && first.length <= few
  const source = areFew ? listed(first) : indexed.has(columns[0]!) ? inOrder : anyOrder
  const found = first === null ? total : (areFew ? first.length : count(anyOrder)) + count(onTop)

  const selected = columns.map((column, index) => `r.${column} AS k${index}`).join(', ')
  const direction = (descending: boolean) => (descending ? 'DESC' : 'ASC')
  const order = keys.map(({ descending }, index) => `k${index} ${direction(descending)}`)
  const rows = db
    .prepare(
      `SELECT r.rid AS row, r.id AS id, ${selected} FROM ${source.from} WHERE ${source.where.text}
       UNION ALL
       SELECT -r.oid, r.id, ${selected} FROM ${onTop.from} WHERE ${onTop.where.text}
       ORDER BY ${order.join(', ')}, id ${direction(tieBreakDescending(keys))} LIMIT ? OFFSET ?`,
    )
    .pluck()
    .all(...source.where.params, ...onTop.where.params, query.limit, query.offset) as number[]
  return { rows: rows.map((row) => readRow(db, row)), found, total }
}

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
