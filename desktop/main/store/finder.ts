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
import type { Connection, Statements } from './database.ts'

/** The row numbers a site's records have in every table of the cache. */
export interface SiteRange {
  site: number
  from: number
  to: number
}

/** Up to this many matches are ordered as they are read; more are met in order until the page is full. */
const few = 1000

/** For a short term so many places in the index are looked at before all texts are read. */
const fewPlaces = 4000

/** So many rows in order are looked at before all matches are sought: the first page is often among them. */
const firstRows = { short: 1000, long: 400 }
/** More terms than this seldom meet in the first rows. */
const termsOfFirstRows = 2

/** The last code point: no trigram that begins with a term comes after the term and this. */
const lastLetter = '\u{10ffff}'

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

/** Letters that SQLite reads as the first of them wherever it takes a text apart, as the index does. */
const alike = /[\ufffd-\uffff]/g
const asIndexed = (term: string) => term.replace(alike, '\ufffd')

/** A trigram index knows terms of three code points and more; it cannot tell some letters from each other. */
const isLong = ({ term }: TermCondition) => [...term].length >= 3 && term.search(alike) < 0

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

/** The full-text query for the long terms, each cut into `pieces`; null when there are none. */
function textQuery(terms: readonly TermCondition[], pieces: (term: string) => string[]): string | null {
  const parts = terms.filter(isLong).flatMap((condition) =>
    pieces(condition.term).map((piece) => {
      const phrase = `"${piece.replaceAll('"', '""')}"`
      return condition.kind === 'field-contains' ? `${columnOf(condition)} : ${phrase}` : phrase
    }),
  )
  return parts.length > 0 ? parts.join(' AND ') : null
}

const whole = (term: string) => [term]

/** The ends of the term. A text that has both need not have the term, but they are found much faster. */
function ends(term: string): string[] {
  const letters = [...term]
  return [...new Set([letters.slice(0, 3).join(''), letters.slice(-3).join('')])]
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

/** Where to read from: `r` is a row of `records`, `t` its texts. */
interface Source {
  from: string
  where: Sql
}

const uncovered = (rid: string) => sql(`NOT EXISTS (SELECT 1 FROM covered WHERE covered.rid = ${rid})`)

/** The server's copies of a site: in the order of an index, or as they lie, which is quicker where all are read. */
const siteCopies = ({ site, from, to }: SiteRange, inOrder: boolean, ...also: Sql[]): Source => ({
  from: 'records r',
  where: join(
    [inOrder ? sql('r.site = ?', site) : sql('r.rid BETWEEN ? AND ?', from, to), ...also, uncovered('r.rid')],
    ' AND ',
  ),
})

/**
 * The row numbers of the server's copies that meet the conditions and have nothing on top of them; with `among` only
 * those of them, whose texts are read. With `ends` for `pieces` some come along that do not meet them.
 */
function matching(
  conditions: readonly Condition[],
  { from, to }: SiteRange,
  among: readonly number[] | null = null,
  pieces = whole,
): Source & { rid: string } {
  const terms = conditions.filter(isTerm)
  const others = conditions.filter((condition) => !isTerm(condition))
  const query = among ? null : textQuery(terms, pieces)
  const read = among ? terms : terms.filter((condition) => !isLong(condition))
  const tables = [
    ...(query === null ? [] : ['words']),
    ...(others.length > 0 || terms.length === 0 ? ['records r'] : []),
    ...(read.length > 0 ? ['texts t'] : []),
  ]
  const rids = tables.map((table) => (table === 'words' ? 'words.rowid' : `${table.at(-1)}.rid`))
  const rid = rids[0]!
  const joined = tables.slice(1).map((table, index) => ` CROSS JOIN ${table} ON ${rids[index + 1]} = ${rid}`)
  return {
    rid,
    from: tables[0]! + joined.join(''),
    where: join(
      [
        ...(query === null ? [] : [sql('words MATCH ?', query)]),
        sql(`${rid} BETWEEN ? AND ?`, from, to),
        ...(among ? [isListed(rid, among)] : []),
        ...others.map(compare),
        ...read.map((condition) => occurs(condition, 't.')),
        uncovered(rid),
      ],
      ' AND ',
    ),
  }
}

const isListed = (rid: string, rids: readonly number[]) =>
  sql(`${rid} IN (SELECT value FROM json_each(?))`, JSON.stringify(rids))

const listed = (rids: readonly number[]): Source => ({ from: 'records r', where: isListed('r.rid', rids) })

export type Match = Pick<FinderQuery, 'siteId' | 'filter' | 'sort'>

/** The function of SQL that is true for the rows found; they are set for one query at a time. */
export function definedFound(db: Connection): (rids: readonly number[]) => void {
  let found = new Set<number>()
  db.function('found', (rid) => Number(found.has(rid as number)))
  return (rids) => {
    found = new Set(rids)
  }
}

/** What of the server's copies is asked for, and how many of them that is; null where that is not known. */
interface Copies {
  source: Source
  found: number | null
}

/**
 * Answers a Finder query from the server's copies with the queue's rows on top; what a query means is said in
 * `common/rules/finder-query.ts`. `indexed` are the sort columns that have an index; by others the matching rows, which
 * are short, are ordered as they are read.
 */
export class Finder {
  readonly #db: Connection
  readonly #sql: Statements
  readonly #match: Match
  /** With how many copies it has. */
  readonly #site: SiteRange & { records: number }
  readonly #setFound: (rids: readonly number[]) => void
  readonly #conditions: readonly Condition[]
  readonly #onTop: Source
  /** The copies can be read in the order asked for. */
  readonly #isInOrder: boolean

  constructor(
    db: Connection,
    statements: Statements,
    match: Match,
    site: SiteRange & { records: number },
    indexed: ReadonlySet<string>,
    setFound: (rids: readonly number[]) => void,
  ) {
    this.#db = db
    this.#sql = statements
    this.#match = match
    this.#site = site
    this.#setFound = setFound
    this.#conditions = conditionsOf(match.filter)
    this.#onTop = onTop(match.siteId, this.#conditions)
    this.#isInOrder = indexed.has(this.#columns[0]!)
  }

  /** `found` is null where the rows could be told without counting, which would take much longer. */
  page(offset: number, limit: number): FinderPage {
    const total = this.#total()
    const readRows = (copies: Source) =>
      this.#inOrder(copies, offset, limit).map(({ row }) => readRow(this.#sql, row))
    if (this.#conditions.length === 0) return { rows: readRows(this.#everything), found: total, total }
    const rare = this.#rareMatches()
    const { source, found } =
      (rare === null && (this.#firstMatches(offset + limit) ?? this.#likelyMatches())) || this.#matches(rare)
    return { rows: readRows(source), found: found === null ? null : found + this.#count(this.#onTop), total }
  }

  found(): number {
    if (this.#conditions.length === 0) return this.#total()
    const rids = this.#rareMatches() ?? this.#ridsOf(null)
    return rids.length + this.#count(this.#onTop)
  }

  ids(limit: number): string[] {
    const copies =
      this.#conditions.length === 0 ? this.#everything : this.#matches(this.#rareMatches()).source
    return this.#inOrder(copies, 0, limit).map(({ id }) => idText(id))
  }

  /** All whose title reads the same, whatever its accents and case, and that start between two moments. */
  sameTitle(title: string, from: number, to: number): LocalInteraction[] {
    const condition = sql('r.start_at BETWEEN ? AND ? AND r.title_key = ?', from, to, sortKey(title))
    const edited = onTop(this.#match.siteId, [])
    const rows = [
      ...this.#select('r.rid', siteCopies(this.#site, true, condition)),
      ...this.#select('-r.oid', { ...edited, where: join([edited.where, condition], ' AND ') }),
    ]
    const found = rows.map((row) => readRow(this.#sql, row))
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
    const { records, from, to } = this.#site
    return (
      records -
      this.#count({ from: 'covered', where: sql('rid BETWEEN ? AND ?', from, to) }) +
      this.#count(onTop(this.#match.siteId, []))
    )
  }

  get #everything(): Source {
    return siteCopies(this.#site, this.#isInOrder)
  }

  #matches(rare: readonly number[] | null): Copies {
    const rids = rare ?? this.#ridsOf(null)
    if (rids.length <= few || !this.#isInOrder) return { source: listed(rids), found: rids.length }
    this.#setFound(rids)
    return { source: siteCopies(this.#site, true, sql('found(r.rid)')), found: rids.length }
  }

  #ridsOf(among: readonly number[] | null): number[] {
    const source = matching(this.#conditions, this.#site, among)
    return this.#select(source.rid, source)
  }

  /** Short terms, where no long one narrows the search: the index cannot answer those. */
  get #shortTerms(): TermCondition[] {
    const terms = this.#conditions.filter(isTerm)
    return terms.some(isLong) ? [] : terms
  }

  /**
   * The matches, where one of the short terms hardly occurs: every place where a text has it begins a trigram, since
   * all texts end in `textEnd`. Null where there is no such term.
   */
  #rareMatches(): number[] | null {
    for (const { term } of this.#shortTerms) {
      const places = this.#sql.values<number>(
        'SELECT doc FROM places WHERE term >= ? AND term <= ? LIMIT ?',
        asIndexed(term),
        asIndexed(term) + lastLetter,
        fewPlaces,
      )
      if (places.length < fewPlaces) return this.#ridsOf([...new Set(places)])
    }
    return null
  }

  /** The first matches in order, where what is sought occurs so often that a few rows hold enough of them. */
  #firstMatches(enough: number): Copies | null {
    const [key, another] = this.#keys
    const terms = this.#conditions.filter(isTerm).length
    if (!this.#isInOrder || !key || another || terms === 0 || terms > termsOfFirstRows) return null
    const looked = this.#shortTerms.length > 0 ? firstRows.short : firstRows.long
    const direction = key.descending ? 'DESC' : 'ASC'
    const first = this.#select(
      'r.rid',
      siteCopies(this.#site, true),
      `ORDER BY r.${sortColumns[key.field]} ${direction}, r.id ${direction} LIMIT ${looked}`,
    )
    const rids = this.#ridsOf(first)
    return rids.length < enough ? null : { source: listed(rids), found: null }
  }

  /** Matches found by the ends of the terms, whose texts are read only as far as the rows are. */
  #likelyMatches(): Copies | null {
    const terms = this.#conditions.filter(isTerm)
    if (!this.#isInOrder || !terms.some(isLong)) return null
    const loosely = matching(this.#conditions, this.#site, null, ends)
    const likely = this.#select(loosely.rid, loosely)
    if (likely.length <= few) {
      const rids = this.#ridsOf(likely)
      return { source: listed(rids), found: rids.length }
    }
    this.#setFound(likely)
    const { text, params } = join(
      terms.map((term) => occurs(term, 't.')),
      ' AND ',
    )
    const isSo = sql(`EXISTS (SELECT 1 FROM texts t WHERE t.rid = r.rid AND ${text})`, ...params)
    return { source: siteCopies(this.#site, true, sql('found(r.rid)'), isSo), found: null }
  }

  #inOrder(copied: Source, offset: number, limit: number): { row: number; id: Uint8Array }[] {
    const selected = this.#columns.map((column, index) => `r.${column} AS k${index}`).join(', ')
    const direction = (descending: boolean) => (descending ? 'DESC' : 'ASC')
    const order = this.#keys.map(({ descending }, index) => `k${index} ${direction(descending)}`)
    const top = this.#onTop
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
function readRow(statements: Statements, row: number): LocalInteraction {
  if (row < 0) {
    const data = statements.value<string>('SELECT data FROM overlay WHERE oid = ?', -row)!
    return JSON.parse(data) as LocalInteraction
  }
  const data = statements.value<string>('SELECT data FROM bodies WHERE rid = ?', row)!
  return { ...(JSON.parse(data) as Interaction), unsent: false, needsAttention: false }
}
