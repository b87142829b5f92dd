import type { SurveyCompletion } from '#common/contract/reports'
import type { Transaction } from '../../shared/transaction.ts'

export interface VisitsAsked {
  from: string
  to: string
  siteId?: string | null | undefined
  teamId?: string | null | undefined
}

export interface AgentVisits {
  name: string
  started: number
  completed: number
  cancelled: number
  shops: number
  surveys: number
}

/** Of the visits that began in the time, as the scope sees them. */
const asked = `v.day BETWEEN :from AND :to
  AND (:siteId::uuid IS NULL OR v.site_id = :siteId::uuid)
  AND (:teamId::uuid IS NULL OR v.agent_id = ANY ((SELECT people_of_team(:teamId::uuid))::uuid[]))`
const valuesOf = ({ siteId = null, teamId = null, ...days }: VisitsAsked) => ({ ...days, siteId, teamId })

export const createReportsRepository = ({ db }: Transaction) => ({
  /** By name: those that are in use, and those with visits. */
  async surveyCompletion(query: VisitsAsked): Promise<SurveyCompletion[]> {
    const { rows } = await db.raw<{ rows: Omit<SurveyCompletion, 'rate'>[] }>(
      `SELECT s.id AS "surveyId", s.name, count(v.id)::int AS started,
         count(*) FILTER (WHERE v.status = 'completed')::int AS completed,
         count(*) FILTER (WHERE v.status = 'cancelled')::int AS cancelled,
         count(*) FILTER (WHERE v.status = 'in_progress')::int AS open,
         count(DISTINCT v.agent_id) FILTER (WHERE v.status = 'completed')::int AS agents
       FROM surveys s
       LEFT JOIN visits v ON v.tenant_id = s.tenant_id AND v.survey_id = s.id AND ${asked}
       GROUP BY s.tenant_id, s.id
       HAVING count(v.id) > 0 OR s.active AND s.published_number IS NOT NULL
       ORDER BY lower(s.name), s.id`,
      valuesOf(query),
    )
    return rows.map((row) => ({ ...row, rate: row.started > 0 ? row.completed / row.started : null }))
  },

  /** By name. */
  async visitsByAgent(query: VisitsAsked): Promise<AgentVisits[]> {
    const { rows } = await db.raw<{ rows: AgentVisits[] }>(
      `SELECT u.display_name AS name, count(*)::int AS started,
         count(*) FILTER (WHERE v.status = 'completed')::int AS completed,
         count(*) FILTER (WHERE v.status = 'cancelled')::int AS cancelled,
         count(DISTINCT v.shop_id) FILTER (WHERE v.status = 'completed')::int AS shops,
         count(v.survey_id) FILTER (WHERE v.status = 'completed')::int AS surveys
       FROM visits v JOIN users u ON u.tenant_id = v.tenant_id AND u.id = v.agent_id
       WHERE ${asked}
       GROUP BY u.tenant_id, u.id ORDER BY lower(u.display_name), u.id`,
      valuesOf(query),
    )
    return rows
  },
})
