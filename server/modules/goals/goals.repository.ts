import type { Static } from 'typebox'
import type { Assignee, Goal, GoalFields, listGoals } from '#common/contract/goals'
import type { GoalSums } from '#common/contract/plan'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

export type GoalListQuery = Static<(typeof listGoals)['schema']['querystring']>

/** A goal as it is kept, with whom it is for as far as the scope sees it. */
export interface KeptGoal extends Omit<Goal, 'mayManage'> {
  ownerId: string | null
}

export interface CountedAssignment {
  id: string
  goalId: string
  people: number
  sums: GoalSums
}

/** It is that day somewhere already, or still: a goal is over, or to come, once it is so everywhere. */
const states: Record<NonNullable<GoalListQuery['state']>, string> = {
  current: `g.starts_on <= (now() + interval '14 hours')::date AND g.ends_on >= (now() - interval '12 hours')::date`,
  upcoming: `g.starts_on > (now() + interval '14 hours')::date`,
  ended: `g.ends_on < (now() - interval '12 hours')::date`,
  all: 'true',
}

/** Completed visits of `people` in the days of a goal `w`, but for those that are left out. */
const counted = `v.tenant_id = :tenantId AND v.agent_id = ANY (w.people) AND v.status = 'completed'
  AND v.day BETWEEN w.starts_on AND w.ends_on
  AND NOT (v.agent_id = ANY (:without::uuid[]) AND v.site_id = ANY (:atSites::uuid[]))`

export const createGoalsRepository = ({ db, scope }: Transaction) => {
  const rowsOf = async <R>(sql: string, values: object = {}): Promise<R[]> =>
    (await db.raw<{ rows: R[] }>(sql, { tenantId: scope.tenantId, ...values } as never)).rows

  const read = (where: string, values: object, rest = ''): Promise<KeptGoal[]> =>
    rowsOf(
      `SELECT g.id, g.name, g.metric, g.target, g.brand_id AS "brandId", g.starts_on::text AS "startsOn",
         g.ends_on::text AS "endsOn", g.timezone, g.version, g.owner_id AS "ownerId",
         brand.name AS "brandName", owner.display_name AS "ownerName", coalesce(a.assignments, '[]') AS assignments
       FROM goals g
       LEFT JOIN brands brand ON brand.tenant_id = g.tenant_id AND brand.id = g.brand_id
       LEFT JOIN users owner ON owner.tenant_id = g.tenant_id AND owner.id = g.owner_id
       LEFT JOIN LATERAL (
         SELECT jsonb_agg(jsonb_build_object('id', a.id, 'userId', a.user_id, 'teamId', a.team_id,
           'name', coalesce(u.display_name, t.name)) ORDER BY coalesce(u.display_name, t.name), a.id) AS assignments
         FROM goal_assignments a
         LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.user_id
         LEFT JOIN teams t ON t.tenant_id = a.tenant_id AND t.id = a.team_id
         WHERE a.tenant_id = g.tenant_id AND a.goal_id = g.id
       ) a ON true
       WHERE g.tenant_id = :tenantId AND ${where} ${rest}`,
      values,
    )

  return {
    find: async (id: string): Promise<KeptGoal | null> => (await read('g.id = :id', { id }))[0] ?? null,

    /** Held until the transaction ends. */
    async lock(id: string): Promise<KeptGoal | null> {
      const found = await db('goals').where({ id }).forUpdate().first<{ id: string } | undefined>('id')
      return found ? ((await read('g.id = :id', { id }))[0] ?? null) : null
    },

    /** Those the scope sees; the first to end first. */
    async page(
      { state = 'current', search = '', userId, teamId }: GoalListQuery,
      page: number,
      pageSize: number,
    ): Promise<{ goals: KeptGoal[]; total: number }> {
      const terms = searchTerms(search).map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
      const forWhom = (column: string) => `EXISTS (SELECT FROM goal_assignments f
        WHERE f.tenant_id = g.tenant_id AND f.goal_id = g.id AND f.${column})`
      const where = [
        states[state],
        ...terms.map((_, index) => `folded(g.name) LIKE :term${index}`),
        ...(userId ? [forWhom('user_id = :userId')] : []),
        ...(teamId ? [forWhom('team_id = :teamId')] : []),
      ].join(' AND ')
      const values = {
        ...Object.fromEntries(terms.map((term, index) => [`term${index}`, term])),
        userId,
        teamId,
      }
      const [total] = await rowsOf<{ count: number }>(
        `SELECT count(*)::int AS count FROM goals g WHERE g.tenant_id = :tenantId AND ${where}`,
        values,
      )
      const goals = await read(
        where,
        { ...values, pageSize, offset: (page - 1) * pageSize },
        `ORDER BY g.ends_on ${state === 'ended' ? 'DESC' : ''}, folded(g.name), g.id LIMIT :pageSize OFFSET :offset`,
      )
      return { goals, total: total!.count }
    },

    /** Those that are for somebody, or for their teams, in these days. */
    ofScope: (from: string, to: string): Promise<KeptGoal[]> =>
      read(
        `g.starts_on <= :to AND g.ends_on >= :from AND EXISTS (
           SELECT FROM goal_assignments f WHERE f.tenant_id = g.tenant_id AND f.goal_id = g.id
             AND (f.user_id = scope_user() OR f.team_id = ANY ((SELECT scope_memberships())::uuid[])))`,
        { from, to },
        'ORDER BY g.ends_on, folded(g.name), g.id',
      ),

    /** False when the organisation has one under this id already, seen or not. */
    async insert(goal: GoalFields & { id: string; ownerId: string | null }): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT (tenant_id, id) DO NOTHING', [
        db('goals').insert({
          ...rowOf(goal),
          tenant_id: scope.tenantId,
          id: goal.id,
          owner_id: goal.ownerId,
        }),
      ])
      return rowCount > 0
    },

    async update(id: string, goal: GoalFields & { version: number }): Promise<void> {
      await db('goals')
        .where({ id })
        .update({ ...rowOf(goal), version: goal.version })
    },

    async remove(id: string): Promise<void> {
      await db('goals').where({ id }).delete()
    },

    async assign(goal: { id: string; ownerId: string | null }, id: string, to: Assignee): Promise<void> {
      await db('goal_assignments').insert({
        tenant_id: scope.tenantId,
        id,
        goal_id: goal.id,
        owner_id: goal.ownerId,
        user_id: to.userId,
        team_id: to.teamId,
      })
    },

    async unassign(id: string): Promise<void> {
      await db('goal_assignments').where({ id }).delete()
    },

    /** The teams the scope's person is in or leads, and those above. */
    memberships: async (): Promise<string[]> =>
      (await rowsOf<{ ids: string[] }>('SELECT scope_memberships() AS ids'))[0]!.ids,

    async hasBrand(id: string): Promise<boolean> {
      return (await db('brands').where({ id }).first<{ id: string } | undefined>('id')) !== undefined
    },

    /**
     * What goals count for those they are assigned to, in one statement; of a scope that sees all their visits. Of
     * people in `without`, visits at these sites are left out.
     */
    async count(
      assignmentIds: readonly string[],
      { without = [], atSites = [] }: { without?: readonly string[]; atSites?: readonly string[] } = {},
    ): Promise<CountedAssignment[]> {
      if (assignmentIds.length === 0) return []
      interface Row extends Omit<CountedAssignment, 'sums'> {
        visits: number
        surveys: number
        shopIds: string[]
        shareSum: string
        photos: number
      }
      const rows = await rowsOf<Row>(
        `WITH wanted AS MATERIALIZED (
           SELECT a.id, a.goal_id, g.metric, g.brand_id, g.starts_on, g.ends_on,
             CASE WHEN a.user_id IS NULL THEN people_of_team(a.team_id) ELSE ARRAY[a.user_id] END AS people
           FROM goal_assignments a JOIN goals g ON g.tenant_id = a.tenant_id AND g.id = a.goal_id
           WHERE a.tenant_id = :tenantId AND a.id = ANY (:assignmentIds::uuid[])
         )
         SELECT w.id, w.goal_id AS "goalId", cardinality(w.people) AS people, s.visits, s.surveys, s."shopIds",
           coalesce(m.share_sum, 0) AS "shareSum", coalesce(m.photos, 0) AS photos
         FROM wanted w
         CROSS JOIN LATERAL (
           SELECT count(*)::int AS visits, count(v.survey_id)::int AS surveys,
             coalesce(array_agg(DISTINCT v.shop_id) FILTER (WHERE w.metric = 'shops_covered' AND v.shop_id IS NOT NULL),
               '{}') AS "shopIds"
           FROM visits v WHERE ${counted}
         ) s
         LEFT JOIN LATERAL (
           SELECT count(DISTINCT p.id)::int AS photos,
             sum(floor(q.area_percentage * 10000 + 0.5)) FILTER (WHERE q.brand_id = w.brand_id)::bigint AS share_sum
           FROM visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id
           JOIN shelf_quadrants q ON q.tenant_id = p.tenant_id AND q.photo_id = p.id
           WHERE ${counted}
         ) m ON w.metric = 'shelf_share'`,
        { assignmentIds, without, atSites },
      )
      return rows.map(({ id, goalId, people, shareSum, ...sums }) => ({
        id,
        goalId,
        people,
        sums: { ...sums, shopIds: sums.shopIds.sort(), shareSum: Number(shareSum) },
      }))
    },
  }
}

const rowOf = ({ name, metric, target, brandId, startsOn, endsOn, timezone }: GoalFields) => ({
  name,
  metric,
  target,
  brand_id: brandId,
  starts_on: startsOn,
  ends_on: endsOn,
  timezone,
})

export const fieldsOf = ({
  name,
  metric,
  target,
  brandId,
  startsOn,
  endsOn,
  timezone,
}: GoalFields): GoalFields => ({
  name,
  metric,
  target,
  brandId,
  startsOn,
  endsOn,
  timezone,
})
