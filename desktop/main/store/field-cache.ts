import type { Brand } from '#common/contract/brands'
import type { Photo } from '#common/contract/photos'
import type { Plan } from '#common/contract/plan'
import type { Shop } from '#common/contract/shops'
import type { SurveyHead, SurveyVersion } from '#common/contract/surveys'
import type { Change, Removal } from '#common/contract/sync'
import type { Visit } from '#common/contract/visits'
import { fold, searchTerms, sortKey } from '#common/rules/folding'
import type { Statements } from './database.ts'

/** In `cache.db`: documents as the server wrote them, with what they are looked up and ordered by. */
export const fieldTables = `
  CREATE TABLE shops (
    id TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    name_key TEXT NOT NULL,
    search_text TEXT NOT NULL,
    active INTEGER NOT NULL,
    latitude REAL,
    longitude REAL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  );
  CREATE INDEX shops_by_name ON shops (site_id, active, name_key, id);
  CREATE TABLE brands (id TEXT PRIMARY KEY, name_key TEXT NOT NULL, data TEXT NOT NULL);
  CREATE TABLE surveys (id TEXT PRIMARY KEY, name_key TEXT NOT NULL, data TEXT NOT NULL);
  CREATE TABLE survey_versions (
    id TEXT PRIMARY KEY,
    survey_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (survey_id, number)
  );
  CREATE TABLE visits (
    id TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    shop_id TEXT,
    started_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  );
  CREATE INDEX visits_latest ON visits (site_id, started_at, id, status, shop_id);
  CREATE INDEX visits_of_shop ON visits (shop_id, started_at);
  CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  );
  CREATE INDEX photos_of_visit ON photos (visit_id, id);
`

/** What there is to do (`Plan`), as it was fetched, and the clock that was told since. */
export const planTable = `
  CREATE TABLE plan (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    told INTEGER,
    clock INTEGER,
    data TEXT
  );
  INSERT INTO plan (one) VALUES (1);
`

/** Of a site, and of the whole organisation. */
const ofSite = ['shops', 'visits', 'photos']
const ofAll = ['brands', 'surveys', 'survey_versions']

type FieldChange = Exclude<Change, { entity: 'interaction' | 'person' | 'interactionType' }>
export type FieldEntity = FieldChange['entity']

const tables: Record<FieldEntity, string> = {
  shop: 'shops',
  brand: 'brands',
  survey: 'surveys',
  surveyVersion: 'survey_versions',
  visit: 'visits',
  photo: 'photos',
}

export const isFieldEntity = (entity: Removal['entity']): entity is FieldEntity =>
  Object.hasOwn(tables, entity)

/** What a shop is found by. */
export const shopText = ({ name, address, reference }: Pick<Shop, 'name' | 'address' | 'reference'>) =>
  [name, address, reference ?? ''].map(fold).join(' ')

/** A visit as far as it takes to find and order it. */
export interface VisitRow {
  id: string
  startedAt: number
}

export interface VisitQuery {
  siteId: string
  search: string
  status: Visit['status'] | null
  /** Milliseconds since 1970; `to` is the first moment after. */
  from: number
  to: number
}

/** Shops, brands, surveys, and the person's visits with their photos. Its methods are parts of the cache's transactions. */
export class FieldCache {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** How many rows that changes. What is of a site comes only where that site is there to be seen. */
  put(change: FieldChange): number {
    const { record } = change
    const data = JSON.stringify(record)
    switch (change.entity) {
      case 'shop': {
        const { id, siteId, name, active, latitude, longitude, version } = change.record
        return this.#replace('shops', version, {
          id,
          site_id: siteId,
          name_key: sortKey(name),
          search_text: shopText(change.record),
          active: Number(active),
          latitude,
          longitude,
          version,
          data,
        })
      }
      case 'visit': {
        const { id, siteId, shopId, startedAt, status, version } = change.record
        const row = { id, site_id: siteId, shop_id: shopId, started_at: Date.parse(startedAt) }
        return this.#replace('visits', version, { ...row, status, version, data })
      }
      case 'photo': {
        const { id, siteId, visitId, version } = change.record
        return this.#replace('photos', version, { id, site_id: siteId, visit_id: visitId, version, data })
      }
      case 'surveyVersion': {
        const { id, surveyId, number } = change.record
        return this.#replace('survey_versions', null, { id, survey_id: surveyId, number, data })
      }
      default:
        return this.#replace(tables[change.entity], null, {
          id: record.id,
          name_key: sortKey(change.record.name),
          data,
        })
    }
  }

  /** The site it was of, null for what is of all; undefined when it is not here. */
  remove({ entity, id }: Pick<Removal, 'id'> & { entity: FieldEntity }): string | null | undefined {
    const table = tables[entity]
    const site = ofSite.includes(table) ? 'site_id' : 'NULL'
    return this.#sql.value<string | null>(`DELETE FROM ${table} WHERE id = ? RETURNING ${site}`, id)
  }

  /** Returns the sites of which something is gone. */
  dropSitesOutside(siteIds: readonly string[]): string[] {
    const outside = 'site_id NOT IN (SELECT value FROM json_each(?))'
    const sites = JSON.stringify(siteIds)
    const gone = ofSite.flatMap((table) =>
      this.#sql.values(`SELECT DISTINCT site_id FROM ${table} WHERE ${outside}`, sites),
    )
    if (gone.length > 0)
      for (const table of ofSite) this.#sql.run(`DELETE FROM ${table} WHERE ${outside}`, sites)
    return [...new Set(gone)]
  }

  /** Returns the sites of which something is gone. */
  clear(): string[] {
    const gone = this.dropSitesOutside([])
    for (const table of ofAll) this.#sql.run(`DELETE FROM ${table}`)
    this.#sql.run('UPDATE plan SET told = NULL, clock = NULL, data = NULL')
    return gone
  }

  plan(): Plan | null {
    return JSON.parse(this.#sql.value<string | null>('SELECT data FROM plan') ?? 'null') as Plan | null
  }

  putPlan(plan: Plan) {
    this.#sql.run('UPDATE plan SET clock = ?, data = ?', plan.clock, JSON.stringify(plan))
  }

  notePlanClock(clock: number) {
    this.#sql.run('UPDATE plan SET told = ?', clock)
  }

  /** There is none, or the server has told of another since. */
  isPlanOld(): boolean {
    return this.#sql.value<number>('SELECT data IS NULL OR told IS NOT clock FROM plan') === 1
  }

  /** How much of sites is here. */
  count(): number {
    return ofSite.reduce((sum, table) => sum + this.#sql.value<number>(`SELECT count(*) FROM ${table}`)!, 0)
  }

  shop(id: string): Shop | null {
    return this.#read('SELECT data FROM shops WHERE id = ?', id)
  }

  survey(id: string): SurveyHead | null {
    return this.#read('SELECT data FROM surveys WHERE id = ?', id)
  }

  surveyVersion(surveyId: string, number: number): SurveyVersion | null {
    return this.#read('SELECT data FROM survey_versions WHERE survey_id = ? AND number = ?', surveyId, number)
  }

  visit(id: string): Visit | null {
    return this.#read('SELECT data FROM visits WHERE id = ?', id)
  }

  photo(id: string): Photo | null {
    return this.#read('SELECT data FROM photos WHERE id = ?', id)
  }

  photosOf(visitId: string): Photo[] {
    return this.#all('SELECT data FROM photos WHERE visit_id = ? ORDER BY id', visitId)
  }

  brands(): Brand[] {
    return this.#all('SELECT data FROM brands ORDER BY name_key, id')
  }

  surveys(): SurveyHead[] {
    return this.#all('SELECT data FROM surveys ORDER BY name_key, id')
  }

  /** A person's name, where it is known. */
  personName(id: string): string | null {
    return this.#sql.value<string>('SELECT name FROM people WHERE id = ?', id) ?? null
  }

  /** Shops in use that have all words, by name: where they are, and from which row to read them. */
  findShops(
    siteId: string,
    search: string,
  ): ({ row: number } & { latitude: number | null; longitude: number | null })[] {
    const terms = searchTerms(search)
    return this.#sql.all(
      `SELECT rowid AS row, latitude, longitude FROM shops
       WHERE site_id = ? AND active = 1 ${terms.map(() => 'AND instr(search_text, ?) > 0').join(' ')}
       ORDER BY name_key, id`,
      siteId,
      ...terms,
    )
  }

  shopAt(row: number): Shop {
    return this.#read<Shop>('SELECT data FROM shops WHERE rowid = ?', row)!
  }

  /** When a shop was last visited, in milliseconds since 1970. */
  lastVisitAt(shopId: string, except: readonly string[]): number | null {
    return (
      this.#sql.value<number | null>(
        `SELECT max(started_at) FROM visits
         WHERE shop_id = ? AND status <> 'cancelled' AND id NOT IN (SELECT value FROM json_each(?))`,
        shopId,
        JSON.stringify(except),
      ) ?? null
    )
  }

  /** Visits of a site that meet a query, but for `except`, in no order. */
  findVisits({ siteId, search, status, from, to }: VisitQuery, except: readonly string[]): VisitRow[] {
    const terms = searchTerms(search)
    const shops = terms.length > 0 ? 'JOIN shops ON shops.id = visits.shop_id' : ''
    return this.#sql.all(
      `SELECT visits.id, started_at AS startedAt FROM visits ${shops}
       WHERE visits.site_id = ? AND started_at >= ? AND started_at < ? ${status ? 'AND status = ?' : ''}
       ${terms.map(() => 'AND instr(search_text, ?) > 0').join(' ')}
       AND visits.id NOT IN (SELECT value FROM json_each(?))`,
      ...[siteId, from, to],
      ...(status ? [status] : []),
      ...terms,
      JSON.stringify(except),
    )
  }

  completedVisits(siteId: string, from: number, except: readonly string[]): Visit[] {
    return this.#all(
      `SELECT data FROM visits WHERE site_id = ? AND started_at >= ? AND status = 'completed'
       AND id NOT IN (SELECT value FROM json_each(?))`,
      siteId,
      from,
      JSON.stringify(except),
    )
  }

  /** Passed over when the one here is newer. */
  #replace(table: string, version: number | null, row: Record<string, unknown>): number {
    const names = Object.keys(row)
    const changes = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`)
    const isNew = version === null ? `excluded.data <> ${table}.data` : `excluded.version >= ${table}.version`
    return this.#sql.run(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})
       ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')} WHERE ${isNew}`,
      row,
    ).changes
  }

  #read<T>(text: string, ...params: unknown[]): T | null {
    const data = this.#sql.value<string>(text, ...params)
    return data === undefined ? null : (JSON.parse(data) as T)
  }

  #all<T>(text: string, ...params: unknown[]): T[] {
    return this.#sql.values(text, ...params).map((data) => JSON.parse(data) as T)
  }
}
