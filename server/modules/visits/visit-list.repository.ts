import type { Static } from 'typebox'
import type { listVisits } from '#common/contract/visits'
import { type ListedVisit } from '#common/contract/visits'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

export type VisitListQuery = Static<(typeof listVisits)['schema']['querystring']>

type Row = Omit<ListedVisit, 'startedAt' | 'completedAt'> & { startedAt: Date; completedAt: Date | null }

/** That a photo of the visit is marked, with something of which more is asked. */
const marked = (more = '') => `EXISTS (SELECT FROM photos p
  JOIN shelf_quadrants q ON q.tenant_id = p.tenant_id AND q.photo_id = p.id
  WHERE p.tenant_id = v.tenant_id AND p.visit_id = v.id${more})`

/** What each filter asks of a visit. */
const conditions: Partial<Record<keyof VisitListQuery, string>> = {
  siteId: 'v.site_id = :siteId',
  agentId: 'v.agent_id = :agentId',
  shopId: 'v.shop_id = :shopId',
  surveyId: 'v.survey_id = :surveyId',
  status: 'v.status = :status',
  from: 'v.started_at >= :from',
  to: 'v.started_at < :to',
  fromDay: 'v.day >= :fromDay',
  toDay: 'v.day <= :toDay',
  // A team that is not among one's own is told nothing of: it has nobody.
  teamId: `v.agent_id = ANY ((SELECT people_of_team(:teamId))::uuid[]) AND ((SELECT scope_may('visit.read'))
    OR :teamId = ANY ((SELECT scope_teams() || scope_memberships())::uuid[]))`,
  brandId: marked(' AND q.brand_id = :brandId'),
  marked: marked(),
  isFar: 'v.is_far',
  hasSurvey: 'v.survey_id IS NOT NULL',
}

/** Each word in the name of the agent or of the shop: these are looked up once, and not for every visit. */
const found = (_: string, index: number) => `(
  v.agent_id IN (SELECT id FROM users WHERE tenant_id = :tenantId AND name_key LIKE :term${index})
  OR v.shop_id IN (SELECT id FROM shops WHERE tenant_id = :tenantId AND name_key LIKE :term${index}))`

/** Counting stops here. */
const countCap = 1000

export interface VisitPage {
  visits: ListedVisit[]
  total: number
  totalIsCapped?: true
}

/** Those the scope's person may see, as row-level security has it; the latest first. */
export async function pageOfVisits(
  { db, scope }: Transaction,
  query: VisitListQuery,
  page: number,
  pageSize: number,
): Promise<VisitPage> {
  const terms = searchTerms(query.search ?? '').map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
  const filters = Object.entries(conditions).filter(
    ([name]) => query[name as keyof VisitListQuery] !== undefined,
  )
  const where = ['v.tenant_id = :tenantId', ...filters.map(([, sql]) => sql), ...terms.map(found)]
  const matching = `FROM visits v WHERE ${where.join(' AND ')}`
  const values = {
    tenantId: scope.tenantId,
    ...Object.fromEntries(filters.map(([name]) => [name, query[name as keyof VisitListQuery]])),
    ...Object.fromEntries(terms.map((term, index) => [`term${index}`, term])),
  }
  const rowsOf = async <R>(sql: string, more: object = {}): Promise<R[]> =>
    (await db.raw<{ rows: R[] }>(sql, { ...values, ...more } as never)).rows

  const [counted] = await rowsOf<{ total: number }>(
    `SELECT count(*)::int AS total FROM (SELECT ${matching} LIMIT :most) counted`,
    { most: countCap + 1 },
  )
  const rows = await rowsOf<Row>(
    `WITH page AS MATERIALIZED (
       SELECT v.* ${matching}
       ORDER BY v.started_at DESC, v.id DESC LIMIT :pageSize OFFSET :offset
     )
     SELECT v.id, v.site_id AS "siteId", site.name AS "siteName", v.agent_id AS "agentId",
       agent.display_name AS "agentName", v.shop_id AS "shopId", shop.name AS "shopName",
       survey.name AS "surveyName", v.visit_type AS "visitType", v.status, v.started_at AS "startedAt",
       v.completed_at AS "completedAt", v.timezone, v.distance, v.is_far AS "isFar",
       (SELECT count(*)::int FROM visit_answers a WHERE a.tenant_id = v.tenant_id AND a.visit_id = v.id) AS answers,
       sent.photos, sent.missing AS "photosMissing"
     FROM page v
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS photos, (count(*) FILTER (WHERE p.stored_at IS NULL))::int AS missing
       FROM pictures p WHERE p.tenant_id = v.tenant_id AND p.visit_id = v.id
     ) sent
     JOIN sites site ON site.tenant_id = v.tenant_id AND site.id = v.site_id
     JOIN users agent ON agent.tenant_id = v.tenant_id AND agent.id = v.agent_id
     LEFT JOIN shops shop ON shop.tenant_id = v.tenant_id AND shop.id = v.shop_id
     LEFT JOIN survey_versions survey ON survey.tenant_id = v.tenant_id AND survey.survey_id = v.survey_id
       AND survey.number = v.survey_number
     ORDER BY v.started_at DESC, v.id DESC`,
    { pageSize, offset: (page - 1) * pageSize },
  )
  const visits = rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
  }))
  const { total } = counted!
  return total > countCap ? { visits, total: countCap, totalIsCapped: true } : { visits, total }
}
