import type { Static } from 'typebox'
import type {
  CallCycle,
  CallCycleFields,
  CallCycleLocation,
  CycleVisit,
  listCallCycles,
  ListedCycle,
  Miss,
  WholeCycle,
} from '#common/contract/call-cycles'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

export type CycleListQuery = Static<(typeof listCallCycles)['schema']['querystring']>

/** A cycle as it is kept. */
export interface KeptCycle extends CallCycle {
  ownerId: string | null
}

/** Still running or to come somewhere, or over everywhere. */
const states: Record<NonNullable<CycleListQuery['state']>, string> = {
  current: `(c.ends_on IS NULL OR c.ends_on >= (now() - interval '12 hours')::date)`,
  ended: `c.ends_on < (now() - interval '12 hours')::date`,
  all: 'true',
}

const cycleColumns = `c.id, c.site_id AS "siteId", c.name, c.user_id AS "userId", c.team_id AS "teamId",
  jsonb_build_object('every', c.every, 'unit', c.unit) AS recurrence, c.starts_on::text AS "startsOn",
  c.ends_on::text AS "endsOn", c.timezone, c.version`

interface Row extends Omit<KeptCycle, 'updatedAt'> {
  updatedAt: Date
}

export const createCallCyclesRepository = ({ db, scope }: Transaction) => {
  const rowsOf = async <R>(sql: string, values: object = {}): Promise<R[]> =>
    (await db.raw<{ rows: R[] }>(sql, { tenantId: scope.tenantId, ...values } as never)).rows

  async function read(where: string, values: object): Promise<KeptCycle[]> {
    const rows = await rowsOf<Row>(
      `SELECT ${cycleColumns}, c.owner_id AS "ownerId", c.updated_at AS "updatedAt",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'shopId', l.shop_id, 'day', l.day,
            'position', l.position, 'visitsPerCycle', l.visits_per_cycle, 'since', l.since, 'until', l.until)
            ORDER BY l.position, l.id), '[]')
          FROM call_cycle_locations l WHERE l.tenant_id = c.tenant_id AND l.cycle_id = c.id) AS locations
       FROM call_cycles c WHERE c.tenant_id = :tenantId AND ${where}`,
      values,
    )
    return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }))
  }

  const locationRow = (cycle: Pick<CallCycle, 'id' | 'siteId'>, location: CallCycleLocation) => ({
    tenant_id: scope.tenantId,
    site_id: cycle.siteId,
    cycle_id: cycle.id,
    id: location.id,
    shop_id: location.shopId,
    day: location.day,
    position: location.position,
    visits_per_cycle: location.visitsPerCycle,
    since: location.since,
    until: location.until,
  })

  return {
    find: async (id: string): Promise<KeptCycle | null> => (await read('c.id = :id', { id }))[0] ?? null,

    /** Held until the transaction ends. */
    async lock(id: string): Promise<KeptCycle | null> {
      const found = await db('call_cycles').where({ id }).forUpdate().first<{ id: string } | undefined>('id')
      return found ? ((await read('c.id = :id', { id }))[0] ?? null) : null
    },

    /** Those the scope sees, by name. */
    async page(
      { state = 'current', search = '', siteId, userId, teamId }: CycleListQuery,
      page: number,
      pageSize: number,
    ): Promise<{ cycles: ListedCycle[]; total: number }> {
      const terms = searchTerms(search).map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
      const where = [
        states[state],
        ...terms.map((_, index) => `folded(c.name) LIKE :term${index}`),
        ...(siteId ? ['c.site_id = :siteId'] : []),
        ...(userId ? ['c.user_id = :userId'] : []),
        ...(teamId ? ['c.team_id = :teamId'] : []),
      ].join(' AND ')
      const values = {
        ...Object.fromEntries(terms.map((term, index) => [`term${index}`, term])),
        siteId,
        userId,
        teamId,
      }
      const [total] = await rowsOf<{ count: number }>(
        `SELECT count(*)::int AS count FROM call_cycles c WHERE c.tenant_id = :tenantId AND ${where}`,
        values,
      )
      const cycles = await rowsOf<ListedCycle>(
        `SELECT ${cycleColumns}, site.name AS "siteName", coalesce(person.display_name, team.name) AS "ownerName",
           (SELECT count(DISTINCT l.shop_id)::int FROM call_cycle_locations l
            WHERE l.tenant_id = c.tenant_id AND l.cycle_id = c.id AND l.until IS NULL) AS shops
         FROM call_cycles c
         JOIN sites site ON site.tenant_id = c.tenant_id AND site.id = c.site_id
         LEFT JOIN users person ON person.tenant_id = c.tenant_id AND person.id = c.user_id
         LEFT JOIN teams team ON team.tenant_id = c.tenant_id AND team.id = c.team_id
         WHERE c.tenant_id = :tenantId AND ${where}
         ORDER BY folded(c.name), c.id LIMIT :pageSize OFFSET :offset`,
        { ...values, pageSize, offset: (page - 1) * pageSize },
      )
      return { cycles, total: total!.count }
    },

    /** Those that are for somebody, or for their teams, at sites they belong to, and run in these days. */
    ofScope: (from: string, to: string): Promise<KeptCycle[]> =>
      read(
        `c.starts_on <= :to AND (c.ends_on IS NULL OR c.ends_on >= :from)
         AND (c.user_id = scope_user() OR c.team_id = ANY ((SELECT scope_memberships())::uuid[]))
         AND c.site_id = ANY ((SELECT scope_sites())::uuid[])`,
        { from, to },
      ),

    async names({ siteId, userId, teamId }: CallCycle): Promise<Pick<WholeCycle, 'siteName' | 'ownerName'>> {
      const [names] = await rowsOf<Pick<WholeCycle, 'siteName' | 'ownerName'>>(
        `SELECT name AS "siteName", coalesce(
           (SELECT display_name FROM users WHERE tenant_id = :tenantId AND id = :userId),
           (SELECT name FROM teams WHERE tenant_id = :tenantId AND id = :teamId)) AS "ownerName"
         FROM sites WHERE tenant_id = :tenantId AND id = :siteId`,
        { siteId, userId, teamId },
      )
      return names!
    },

    /** Shops of the scope's site, by name. */
    shops: (ids: readonly string[]): Promise<WholeCycle['shops']> =>
      rowsOf(
        `SELECT id, name, address, active FROM shops
         WHERE tenant_id = :tenantId AND site_id = :siteId AND id = ANY (:ids::uuid[]) ORDER BY name_key, id`,
        { siteId: scope.siteId, ids },
      ),

    /** False when the organisation has one under this id already, seen or not. */
    async insert(cycle: KeptCycle): Promise<boolean> {
      const row = {
        ...rowOf(cycle),
        tenant_id: scope.tenantId,
        site_id: cycle.siteId,
        id: cycle.id,
        owner_id: cycle.ownerId,
      }
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT (tenant_id, id) DO NOTHING', [
        db('call_cycles').insert(row),
      ])
      return rowCount > 0
    },

    async update(cycle: KeptCycle): Promise<void> {
      await db('call_cycles')
        .where({ id: cycle.id })
        .update({ ...rowOf(cycle), version: cycle.version, updated_at: cycle.updatedAt })
    },

    async remove(id: string): Promise<void> {
      await db('call_cycles').where({ id }).delete()
    },

    /** False where the organisation has something else under one of the ids. */
    async addLocations(
      cycle: Pick<CallCycle, 'id' | 'siteId'>,
      locations: readonly CallCycleLocation[],
    ): Promise<boolean> {
      if (locations.length === 0) return true
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT (tenant_id, id) DO NOTHING', [
        db('call_cycle_locations').insert(locations.map((location) => locationRow(cycle, location))),
      ])
      return rowCount === locations.length
    },

    /** What of a location changes: its place in the day, and its end. */
    async changeLocation({ id, position, until }: CallCycleLocation): Promise<void> {
      await db('call_cycle_locations').where({ id }).update({ position, until })
    },

    async removeLocations(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await db('call_cycle_locations').whereIn('id', ids).delete()
    },

    misses: (cycleIds: readonly string[]): Promise<(Miss & { cycleId: string })[]> =>
      rowsOf(
        `SELECT cycle_id AS "cycleId", location_id AS "locationId", period::text, slot, reason
         FROM call_cycle_misses WHERE tenant_id = :tenantId AND cycle_id = ANY (:cycleIds::uuid[])
         ORDER BY period, slot, location_id`,
        { cycleIds },
      ),

    async explain(cycleId: string, miss: Miss, saidBy: string | null): Promise<void> {
      const row = {
        tenant_id: scope.tenantId,
        cycle_id: cycleId,
        location_id: miss.locationId,
        period: miss.period,
        slot: miss.slot,
        reason: miss.reason,
        said_by: saidBy,
        said_at: new Date().toISOString(),
      }
      await db('call_cycle_misses')
        .insert(row)
        .onConflict(['tenant_id', 'cycle_id', 'location_id', 'period', 'slot'])
        .merge(['reason', 'said_by', 'said_at'])
    },

    async takeBack(cycleId: string, { locationId, period, slot }: Omit<Miss, 'reason'>): Promise<void> {
      await db('call_cycle_misses')
        .where({ cycle_id: cycleId, location_id: locationId, period, slot })
        .delete()
    },

    /**
     * Completed visits, of those whose cycle it is, to its shops in these days; of a scope that sees them. Those of
     * `without` are left out.
     */
    visits: (
      { userId, teamId, locations }: Pick<CallCycle, 'userId' | 'teamId' | 'locations'>,
      { from, to }: { from: string; to: string },
      without: string | null = null,
    ): Promise<CycleVisit[]> =>
      rowsOf(
        `SELECT v.id, v.shop_id AS "shopId", v.day::text AS date FROM visits v
         WHERE v.tenant_id = :tenantId AND v.status = 'completed' AND v.day BETWEEN :from AND :to
           AND v.agent_id = ANY (CASE WHEN :userId::uuid IS NULL THEN people_of_team(:teamId) ELSE ARRAY[:userId::uuid] END)
           AND v.shop_id = ANY (:shopIds::uuid[]) AND v.agent_id IS DISTINCT FROM :without::uuid`,
        { userId, teamId, from, to, shopIds: [...new Set(locations.map(({ shopId }) => shopId))], without },
      ),
  }
}

const rowOf = ({ name, userId, teamId, recurrence, startsOn, endsOn, timezone }: CallCycleFields) => ({
  name,
  user_id: userId,
  team_id: teamId,
  every: recurrence.every,
  unit: recurrence.unit,
  starts_on: startsOn,
  ends_on: endsOn,
  timezone,
})
