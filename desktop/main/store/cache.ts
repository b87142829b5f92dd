import { hkdfSync } from 'node:crypto'
import type { Interaction } from '#common/contract/interactions'
import type { ShownNotice } from '#common/contract/notices'
import type { Change, PullPage } from '#common/contract/sync'
import type { Answer, FinderPage, FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import {
  findColumns,
  findColumnTypes,
  findValues,
  idBytes,
  idText,
  textColumns,
  textValues,
} from './columns.ts'
import { compact, type Connection, openDatabase, type Place, Statements } from './database.ts'
import { type DatabaseFigures, figuresOf } from './figures.ts'
import { FieldCache, fieldTables, isFieldEntity, planTable } from './field-cache.ts'
import { definedFound, Finder, type Match, type SiteRange } from './finder.ts'

const texts = textColumns.join(', ')

/** `cache.db`, one step per version of it. Steps already shipped never change. */
export const cacheSteps: readonly string[] = [
  `
  CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE sites (site INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, records INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE types (id TEXT PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE records (
    rid INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    site INTEGER NOT NULL REFERENCES sites,
    version INTEGER NOT NULL,
    ${findColumnTypes}
  );
  CREATE INDEX records_by_start_at ON records (site, start_at, id);
  CREATE TABLE bodies (rid INTEGER PRIMARY KEY, data TEXT NOT NULL);
  CREATE TABLE texts (rid INTEGER PRIMARY KEY, ${textColumns.map((column) => `${column} TEXT NOT NULL`).join(', ')});
  CREATE VIRTUAL TABLE words USING fts5(
    ${texts}, content = 'texts', content_rowid = 'rid', columnsize = 0, tokenize = 'trigram case_sensitive 1'
  );
  `,
  // Texts end in `textEnd`.
  `
  UPDATE texts SET (${texts}) = (${textColumns.map((column) => `iif(${column} = '', '', ${column} || char(31, 31))`).join(', ')});
  INSERT INTO words (words) VALUES ('rebuild');
  `,
  // Field work. All is fetched once more, since none of that has come; what is here meanwhile stays, and at the end what
  // did not come again is gone.
  `
  ${fieldTables}
  CREATE TABLE unconfirmed (id BLOB PRIMARY KEY) WITHOUT ROWID;
  INSERT INTO unconfirmed SELECT id FROM records;
  DELETE FROM state WHERE name <> 'compact';
  `,
  planTable,
]

/** What the queue puts on top of the copies; it lives in memory and is made anew from the queue on every open. */
const overlayTables = `
  CREATE TEMP TABLE overlay (
    oid INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    site_id TEXT NOT NULL,
    data TEXT NOT NULL,
    ${findColumnTypes},
    ${textColumns.map((column) => `text_${column} TEXT NOT NULL`).join(', ')}
  );
  CREATE TEMP TABLE covered (rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
`

/** Where every trigram of the texts occurs. */
const placesTable = `CREATE VIRTUAL TABLE temp.places USING fts5vocab(main, words, instance)`

/**
 * Columns with enough different values for an index to order by (`lead`: to list). The others are ordered by reading a
 * site's rows. All but the first are built when the first sync is over: keeping them up meanwhile would double its time.
 */
const indexedColumns = [
  'start_at',
  'end_at',
  'created_at',
  'updated_at',
  'title_key',
  'lead_key',
  'location_key',
  'lead',
]

/** From lead to lead of a site through its index, past all that have the same. */
const eachLead = `
  WITH RECURSIVE leads (lead) AS (
    SELECT min(lead) FROM records WHERE site = :site
    UNION ALL
    SELECT (SELECT min(lead) FROM records WHERE site = :site AND lead > leads.lead) FROM leads WHERE lead IS NOT NULL
  )
  SELECT lead FROM leads WHERE lead IS NOT NULL`

const listTables = { person: 'people', interactionType: 'types' } as const

/** Row numbers of a site are `site * span` and up, so that a range of numbers is a site, in every table and index. */
const span = 2 ** 32

export interface Progress {
  cursor: string | null
  /** The last page was not the end of its run. */
  more: boolean
  /** While the first sync goes on: what is stored and what is still to come. */
  firstSync: { stored: number; remaining: number } | null
}

/** One key is never used by two ciphers. */
const keyed = (place: Place): Place =>
  place === 'memory'
    ? place
    : {
        ...place,
        key: Buffer.from(hkdfSync('sha256', Buffer.from(place.key, 'hex'), '', 'cache.db', 32)).toString(
          'hex',
        ),
      }

/** `cache.db`: the server's copies for the sites the person may see. It holds nothing the server has not said. */
export class Cache {
  readonly #db: Connection
  readonly #sql: Statements
  readonly #setFound: (rids: readonly number[]) => void
  readonly field: FieldCache
  #indexed: ReadonlySet<string> = new Set()
  #hasUnconfirmed = false

  constructor(place: Place) {
    this.#db = openDatabase(keyed(place), { cipher: 'aegis', synchronous: 'NORMAL', steps: cacheSteps })
    this.#db.pragma('cache_size = -16384')
    // What is deleted is overwritten; what that leaves, `compact` takes.
    this.#db.pragma('secure_delete = ON')
    this.#db.pragma('wal_autocheckpoint = 8000')
    this.#db.exec(overlayTables)
    this.#db.exec(placesTable)
    this.#sql = new Statements(this.#db)
    this.field = new FieldCache(this.#sql)
    this.#setFound = definedFound(this.#db)
    this.#noteIndexes()
  }

  close() {
    this.#db.close()
  }

  figures(): DatabaseFigures {
    return figuresOf(this.#db)
  }

  progress(): Progress {
    const cursor = this.#read('cursor')
    const more = this.#read('more') === 'yes'
    if (this.#read('complete') !== null) return { cursor, more, firstSync: null }
    const stored =
      this.#sql.value<number>('SELECT coalesce(sum(records), 0) FROM sites')! + this.field.count()
    return { cursor, more, firstSync: { stored, remaining: Number(this.#read('remaining') ?? 0) } }
  }

  /**
   * Stores a page that was asked for with the cursor kept here: rows, removals and the next cursor in one
   * transaction. Copies of sites the page does not name are dropped. Returns the sites whose records changed.
   */
  store(page: PullPage): Set<string> {
    return this.#db
      .transaction(() => {
        const changed = new Set<string>()
        this.#hasUnconfirmed = this.#sql.value('SELECT 1 FROM unconfirmed LIMIT 1') !== undefined
        if (page.reset) this.#clear(changed)
        this.#dropSitesOutside(
          page.sites.map(({ id }) => id),
          changed,
        )
        const allowed = new Set(page.sites.map(({ id }) => id))
        let listsChanged = 0
        for (const change of page.changes) {
          if (change.entity === 'interaction') {
            if (allowed.has(change.record.siteId) && this.#put(change.record))
              changed.add(change.record.siteId)
          } else if (change.entity === 'shop' || change.entity === 'visit' || change.entity === 'photo') {
            const { siteId } = change.record
            if (allowed.has(siteId) && this.field.put(change) > 0) changed.add(siteId)
          } else listsChanged += this.#putListed(change)
        }
        for (const { entity, id } of page.removals) {
          if (entity === 'interaction') this.#remove(id, changed)
          else if (isFieldEntity(entity)) {
            const siteId = this.field.remove({ entity, id })
            if (siteId) changed.add(siteId)
            else if (siteId === null) listsChanged++
          } else listsChanged += this.#sql.run(`DELETE FROM ${listTables[entity]} WHERE id = ?`, id).changes
        }
        // The names of people and types show with the records of every site.
        if (listsChanged > 0) for (const id of allowed) changed.add(id)
        this.#write('notices', JSON.stringify(page.notices))
        this.field.notePlanClock(page.plan)
        this.#write('cursor', page.cursor)
        this.#write('more', page.hasMore ? 'yes' : 'no')
        this.#write('remaining', String(page.remaining))
        if (!page.hasMore) {
          this.#write('complete', 'yes')
          this.#removeUnconfirmed(changed)
        }
        return changed
      })
      .immediate()
  }

  /** Those to be shown, now or later, as the server last said. */
  notices(): ShownNotice[] {
    return JSON.parse(this.#read('notices') ?? '[]') as ShownNotice[]
  }

  /** Builds one of the indexes that were put off during the first sync; false when there is none left to build. */
  buildIndex(): boolean {
    const column = this.#read('complete') !== null && indexedColumns.find((name) => !this.#indexed.has(name))
    if (!column) return false
    this.#db.exec(`CREATE INDEX records_by_${column} ON records (site, ${column}, id)`)
    this.#noteIndexes()
    return true
  }

  /** Makes the file anew if a site was dropped, so that it is nowhere any more. */
  compact(): void {
    if (this.#read('compact') === null) return
    compact(this.#db)
    this.#sql.run(`DELETE FROM state WHERE name = 'compact'`)
  }

  /** Forgets all copies and the cursor: the next sync is a first one. */
  clear() {
    this.#db.transaction(() => this.#clear(new Set())).immediate()
  }

  find(id: string): Interaction | null {
    const data = this.#sql.value<string>(
      'SELECT data FROM bodies WHERE rid = (SELECT rid FROM records WHERE id = ?)',
      idBytes(id),
    )
    return data === undefined ? null : (JSON.parse(data) as Interaction)
  }

  /** Lays rows over the copies with their ids, or only hides such a copy (`null`), or takes both away (`undefined`). */
  cover(rows: readonly [id: string, row: LocalInteraction | null | undefined][]) {
    this.#db.transaction(() => {
      for (const [id, row] of rows) this.#cover(id, row)
    })()
  }

  #cover(id: string, row: LocalInteraction | null | undefined) {
    const bytes = idBytes(id)
    this.#sql.run('DELETE FROM overlay WHERE id = ?', bytes)
    this.#sql.run('DELETE FROM covered WHERE id = ?', bytes)
    if (row === undefined) return
    this.#sql.run('INSERT INTO covered SELECT rid, id FROM records WHERE id = ?', bytes)
    if (row === null) return
    const values = [bytes, row.siteId, JSON.stringify(row), ...findValues(row), ...textValues(row)]
    const names = ['id', 'site_id', 'data', ...findColumns, ...textColumns.map((column) => `text_${column}`)]
    this.#sql.run(
      `INSERT INTO overlay (${names.join(', ')}) VALUES (${values.map(() => '?').join(', ')})`,
      ...values,
    )
  }

  uncoverAll() {
    this.#db.exec('DELETE FROM overlay; DELETE FROM covered')
  }

  page(query: FinderQuery): FinderPage {
    return this.#finder(query).page(query.offset, query.limit)
  }

  /** How many records match. */
  found(query: Match): number {
    return this.#finder(query).found()
  }

  /** Ids of all that match, in order. */
  ids(query: Match, limit: number): string[] {
    return this.#finder(query).ids(limit)
  }

  /** Records as they are shown, in the order asked for; those that are not there are left out. */
  rows(ids: readonly string[]): LocalInteraction[] {
    return ids.flatMap((id) => {
      const bytes = idBytes(id)
      const onTop = this.#sql.value<string>('SELECT data FROM overlay WHERE id = ?', bytes)
      if (onTop !== undefined) return [JSON.parse(onTop) as LocalInteraction]
      if (this.#sql.value('SELECT 1 FROM covered WHERE id = ?', bytes) !== undefined) return []
      const copy = this.find(id)
      return copy ? [{ ...copy, unsent: false, needsAttention: false }] : []
    })
  }

  /** Records, other than `id`, whose title reads the same and which start between two moments (milliseconds). */
  sameTitle(siteId: string, id: string | null, title: string, from: number, to: number): LocalInteraction[] {
    const finder = this.#finder({ siteId, filter: {}, sort: [] })
    return finder.sameTitle(title, from, to).filter((row) => row.id !== id)
  }

  lookups(siteId: string): Answer<'lookups.read'> {
    const column = (text: string, ...params: unknown[]) => this.#sql.values(text, ...params)
    const { site, from, to } = this.#range(this.#siteNumber(siteId))
    const leads = [
      ...(this.#indexed.has('lead')
        ? column(eachLead, { site })
        : column(
            'SELECT DISTINCT lead FROM records WHERE rid BETWEEN ? AND ? AND lead IS NOT NULL',
            from,
            to,
          )),
      ...column('SELECT DISTINCT lead FROM overlay WHERE site_id = ? AND lead IS NOT NULL', siteId),
    ]
    const people = this.#db.prepare('SELECT id, name FROM people').raw().all() as [string, string][]
    return {
      types: column('SELECT name FROM types ORDER BY position, name'),
      leads: [...new Set(leads)].sort((a, b) => a.localeCompare(b)),
      people: Object.fromEntries(people),
    }
  }

  #finder(match: Match): Finder {
    const [here] = this.#sql.all<{ site: number; records: number }>(
      'SELECT site, records FROM sites WHERE id = ?',
      match.siteId,
    )
    const site = { ...this.#range(here?.site ?? 0), records: here?.records ?? 0 }
    return new Finder(this.#db, this.#sql, match, site, this.#indexed, this.#setFound)
  }

  #read(name: string): string | null {
    return this.#sql.value<string>('SELECT value FROM state WHERE name = ?', name) ?? null
  }

  #write(name: string, value: string) {
    this.#sql.run(
      'INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      value,
    )
  }

  #noteIndexes() {
    const names = this.#db.prepare(`SELECT name FROM pragma_index_list('records')`).pluck().all() as string[]
    this.#indexed = new Set(indexedColumns.filter((column) => names.includes(`records_by_${column}`)))
  }

  /** 0, which no site has, for one that has no records here. */
  #siteNumber(siteId: string): number {
    return this.#sql.value<number>('SELECT site FROM sites WHERE id = ?', siteId) ?? 0
  }

  #addSite(siteId: string): number {
    return Number(this.#sql.run('INSERT INTO sites (id) VALUES (?)', siteId).lastInsertRowid)
  }

  #range(site: number): SiteRange {
    return { site, from: site * span, to: (site + 1) * span - 1 }
  }

  /** How many rows that changes. */
  #putListed(change: Exclude<Change, { entity: 'interaction' }>): number {
    if (change.entity !== 'person' && change.entity !== 'interactionType') return this.field.put(change)
    const { entity, record } = change
    if (entity === 'person')
      return this.#sql.run(
        `INSERT INTO people VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name`,
        record.id,
        record.displayName,
      ).changes
    return this.#sql.run(
      `INSERT INTO types VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position
       WHERE name <> excluded.name OR position <> excluded.position`,
      record.id,
      record.name,
      record.position,
    ).changes
  }

  /** False when the copy here is newer. */
  #put(record: Interaction): boolean {
    const id = idBytes(record.id)
    if (this.#hasUnconfirmed) this.#sql.run('DELETE FROM unconfirmed WHERE id = ?', id)
    const [here] = this.#sql.all<{ rid: number; version: number }>(
      'SELECT rid, version FROM records WHERE id = ?',
      id,
    )
    if (here && here.version > record.version) return false
    const site = this.#siteNumber(record.siteId) || this.#addSite(record.siteId)
    const rid = here?.rid ?? this.#nextRow(site)
    const columns = ['version', ...findColumns]
    const values = [record.version, ...findValues(record)]
    const slots = columns.map(() => '?').join(', ')
    // Not OR REPLACE: before a statement of several writes the full-text index writes out all it has gathered.
    if (here)
      this.#sql.run(`UPDATE records SET (${columns.join(', ')}) = (${slots}) WHERE rid = ?`, ...values, rid)
    else {
      this.#sql.run(
        `INSERT INTO records (rid, id, site, ${columns.join(', ')}) VALUES (?, ?, ?, ${slots})`,
        ...[rid, id, site, ...values],
      )
      this.#sql.run('UPDATE sites SET records = records + 1 WHERE site = ?', site)
    }
    this.#sql.run('INSERT OR REPLACE INTO bodies VALUES (?, ?)', rid, JSON.stringify(record))
    this.#putTexts(rid, textValues(record), here !== undefined)
    return true
  }

  #putTexts(rid: number, values: string[], replaces: boolean) {
    if (replaces) {
      const before = this.#sql.row(`SELECT ${texts} FROM texts WHERE rid = ?`, rid)!
      if (before.every((text, index) => text === values[index])) return
      this.#forgetWords('rid = ?', rid)
    }
    const slots = textColumns.map(() => '?').join(', ')
    this.#sql.run(`INSERT OR REPLACE INTO texts VALUES (?, ${slots})`, rid, ...values)
    this.#sql.run(`INSERT INTO words (rowid, ${texts}) VALUES (?, ${slots})`, rid, ...values)
  }

  /** The index has to be told what it is to forget, while the texts are still there. */
  #forgetWords(where: string, ...params: unknown[]) {
    this.#sql.run(
      `INSERT INTO words (words, rowid, ${texts}) SELECT 'delete', rid, ${texts} FROM texts WHERE ${where}`,
      ...params,
    )
  }

  #nextRow(site: number): number {
    const { from, to } = this.#range(site)
    return this.#sql.value<number>(
      'SELECT coalesce(max(rid), ?) + 1 FROM records WHERE rid BETWEEN ? AND ?',
      from,
      from,
      to,
    )!
  }

  /** Once everything has come: what did not is not there any more. */
  #removeUnconfirmed(changed: Set<string>) {
    if (!this.#hasUnconfirmed) return
    for (const id of this.#sql.values<Buffer>('SELECT id FROM unconfirmed')) this.#remove(idText(id), changed)
    this.#sql.run('DELETE FROM unconfirmed')
  }

  #remove(id: string, changed: Set<string>) {
    const [row] = this.#sql.all<{ rid: number; site: number; siteId: string }>(
      'SELECT rid, site, sites.id AS siteId FROM records JOIN sites USING (site) WHERE records.id = ?',
      idBytes(id),
    )
    if (!row) return
    this.#forgetWords('rid = ?', row.rid)
    for (const table of ['texts', 'bodies', 'records'])
      this.#sql.run(`DELETE FROM ${table} WHERE rid = ?`, row.rid)
    this.#sql.run('UPDATE sites SET records = records - 1 WHERE site = ?', row.site)
    changed.add(row.siteId)
  }

  #dropSitesOutside(siteIds: readonly string[], changed: Set<string>) {
    const gone = this.#sql.all<{ site: number; id: string }>(
      'SELECT site, id FROM sites WHERE id NOT IN (SELECT value FROM json_each(?))',
      JSON.stringify(siteIds),
    )
    for (const { site, id } of gone) {
      const { from, to } = this.#range(site)
      this.#forgetWords('rid BETWEEN ? AND ?', from, to)
      for (const table of ['texts', 'bodies', 'records'])
        this.#sql.run(`DELETE FROM ${table} WHERE rid BETWEEN ? AND ?`, from, to)
      this.#sql.run('DELETE FROM sites WHERE site = ?', site)
      changed.add(id)
    }
    const elsewhere = this.field.dropSitesOutside(siteIds)
    for (const id of elsewhere) changed.add(id)
    if (gone.length + elsewhere.length === 0) return
    // Merges the index, which until then only marks words as forgotten.
    this.#sql.run(`INSERT INTO words (words) VALUES ('optimize')`)
    this.#write('compact', 'due')
  }

  #clear(changed: Set<string>) {
    for (const id of this.#db.prepare('SELECT id FROM sites').pluck().all() as string[]) changed.add(id)
    for (const id of this.field.clear()) changed.add(id)
    this.#sql.run(`INSERT INTO words (words) VALUES ('delete-all')`)
    for (const table of ['texts', 'bodies', 'records', 'sites', 'people', 'types', 'state', 'unconfirmed'])
      this.#sql.run(`DELETE FROM ${table}`)
    this.#hasUnconfirmed = false
    this.#write('compact', 'due')
  }
}
