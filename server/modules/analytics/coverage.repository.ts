import type { CallCycle, CycleVisit, Miss } from '#common/contract/call-cycles'
import type { Days } from '#common/rules/series'
import type { Transaction } from '../../shared/transaction.ts'
import type { OfWhat } from './figures.repository.ts'

export type CoveredCycle = Pick<
  CallCycle,
  'id' | 'name' | 'userId' | 'teamId' | 'recurrence' | 'startsOn' | 'endsOn' | 'timezone' | 'locations'
> & { ownerName: string }

/** A team and those below it. */
const teamsBelow = `
  WITH RECURSIVE below AS (
    SELECT id FROM teams WHERE tenant_id = :tenantId AND id = :teamId
    UNION SELECT t.id FROM below JOIN teams t ON t.tenant_id = :tenantId AND t.parent_id = below.id
  ) SELECT id FROM below`

export const createCoverageRepository = ({ db, scope }: Transaction) => {
  const rowsOf = async <R>(sql: string, values: object = {}): Promise<R[]> =>
    (await db.raw<{ rows: R[] }>(sql, { tenantId: scope.tenantId, ...values } as never)).rows

  return {
    /** The cycles the scope sees that run in these days. */
    cycles: ({ from, to }: Days, { siteId, teamId, agentId }: OfWhat): Promise<CoveredCycle[]> =>
      rowsOf(
        `SELECT c.id, c.name, c.user_id AS "userId", c.team_id AS "teamId",
           jsonb_build_object('every', c.every, 'unit', c.unit) AS recurrence, c.starts_on::text AS "startsOn",
           c.ends_on::text AS "endsOn", c.timezone, coalesce(u.display_name, t.name) AS "ownerName",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'shopId', l.shop_id, 'day', l.day,
              'position', l.position, 'visitsPerCycle', l.visits_per_cycle, 'since', l.since, 'until', l.until)), '[]')
            FROM call_cycle_locations l WHERE l.tenant_id = c.tenant_id AND l.cycle_id = c.id) AS locations
         FROM call_cycles c
         LEFT JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
         LEFT JOIN teams t ON t.tenant_id = c.tenant_id AND t.id = c.team_id
         WHERE c.tenant_id = :tenantId AND c.starts_on <= :to AND (c.ends_on IS NULL OR c.ends_on >= :from)
           ${siteId ? 'AND c.site_id = :siteId' : ''} ${agentId ? 'AND c.user_id = :agentId' : ''}
           ${teamId ? `AND (c.user_id = ANY (people_of_team(:teamId)) OR c.team_id IN (${teamsBelow}))` : ''}
         ORDER BY folded(c.name), c.id`,
        { from, to, siteId, teamId, agentId },
      ),

    misses: (cycleIds: readonly string[], { from, to }: Days): Promise<(Miss & { cycleId: string })[]> =>
      rowsOf(
        `SELECT cycle_id AS "cycleId", location_id AS "locationId", period::text, slot, reason FROM call_cycle_misses
         WHERE tenant_id = :tenantId AND cycle_id = ANY (:cycleIds::uuid[]) AND period BETWEEN :from AND :to`,
        { cycleIds, from, to },
      ),

    /** Who makes the visits of cycles, by their ids: somebody, or who is in a team or in those below it. */
    async peopleOf(
      cycles: readonly Pick<CoveredCycle, 'id' | 'userId' | 'teamId'>[],
    ): Promise<Map<string, string[]>> {
      const rows = await rowsOf<{ id: string; people: string[] }>(
        'SELECT id, people_of_team(id) AS people FROM unnest(:teamIds::uuid[]) AS id',
        { teamIds: [...new Set(cycles.flatMap(({ teamId }) => teamId ?? []))] },
      )
      const teams = new Map(rows.map(({ id, people }) => [id, people]))
      return new Map(cycles.map(({ id, userId, teamId }) => [id, userId ? [userId] : teams.get(teamId!)!]))
    },

    /** On which days, since 1970, people completed visits to shops, by `agent shop`; of a scope that sees them. */
    async visited(agentIds: readonly string[], { from, to }: Days): Promise<Map<string, number[]>> {
      const rows = await rowsOf<{ agentId: string; shopId: string; days: number[] }>(
        `SELECT agent_id AS "agentId", shop_id AS "shopId", array_agg(DISTINCT day - date '1970-01-01') AS days
         FROM visits WHERE tenant_id = :tenantId AND status = 'completed' AND shop_id IS NOT NULL
           AND agent_id = ANY (:agentIds::uuid[]) AND day BETWEEN :from AND :to
         GROUP BY agent_id, shop_id`,
        { agentIds, from, to },
      )
      return new Map(rows.map(({ agentId, shopId, days }) => [`${agentId} ${shopId}`, days]))
    },

    /** Of slots that are covered, by their index, the visit it is by: of a day to a shop that with the least id. */
    async visitIds(
      slots: readonly { visit: CycleVisit | null; cycle: { id: string } }[],
      peopleOf: ReadonlyMap<string, string[]>,
    ): Promise<Map<number, string>> {
      const covered = slots.flatMap(({ visit, cycle }, index) =>
        visit ? [{ index, shop_id: visit.shopId, day: visit.date, people: peopleOf.get(cycle.id)! }] : [],
      )
      const rows = await rowsOf<{ id: string; index: number }>(
        `SELECT DISTINCT ON (c.index) v.id, c.index
         FROM jsonb_to_recordset(:covered::jsonb) AS c(index int, shop_id uuid, day date, people uuid[])
         JOIN visits v ON v.tenant_id = :tenantId AND v.status = 'completed' AND v.shop_id = c.shop_id
           AND v.day = c.day AND v.agent_id = ANY (c.people)
         ORDER BY c.index, v.id`,
        { covered: JSON.stringify(covered) },
      )
      return new Map(rows.map(({ id, index }) => [index, id]))
    },
  }
}
