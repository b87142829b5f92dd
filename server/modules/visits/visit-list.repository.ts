import type { Static } from 'typebox'
import type { listVisits } from '#common/contract/visits'
import { type ListedVisit } from '#common/contract/visits'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

export type VisitListQuery = Static<(typeof listVisits)['schema']['querystring']>

type Row = Omit<ListedVisit, 'startedAt' | 'completedAt'> & { startedAt: Date; completedAt: Date | null }

/** What each filter asks of a visit. */
const conditions: Partial<Record<keyof VisitListQuery, string>> = {
  siteId: 'v.site_id = :siteId',
  agentId: 'v.agent_id = :agentId',
  shopId: 'v.shop_id = :shopId',
  surveyId: 'v.survey_id = :surveyId',
  status: 'v.status = :status',
  from: 'v.started_at >= :from',
  to: 'v.started_at < :to',
}

const search = `
  JOIN users who ON who.tenant_id = v.tenant_id AND who.id = v.agent_id
  LEFT JOIN shops place ON place.tenant_id = v.tenant_id AND place.id = v.shop_id`
const found = `(who.name_key || chr(31) || coalesce(place.name_key, '')) LIKE ALL (:terms::text[])`

/** Those the scope's person may see, as row-level security has it; the latest first. */
export async function pageOfVisits(
  { db, scope }: Transaction,
  query: VisitListQuery,
  page: number,
  pageSize: number,
): Promise<{ visits: ListedVisit[]; total: number }> {
  const terms = searchTerms(query.search ?? '').map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
  const filters = Object.entries(conditions).filter(
    ([name]) => query[name as keyof VisitListQuery] !== undefined,
  )
  const from = `FROM visits v ${terms.length > 0 ? search : ''}`
  const where = [
    'v.tenant_id = :tenantId',
    ...filters.map(([, sql]) => sql),
    ...(terms.length > 0 ? [found] : []),
  ]
  const values = {
    tenantId: scope.tenantId,
    ...Object.fromEntries(filters.map(([name]) => [name, query[name as keyof VisitListQuery]])),
    ...(terms.length > 0 && { terms }),
  }
  const rowsOf = async <R>(sql: string, more: object = {}): Promise<R[]> =>
    (await db.raw<{ rows: R[] }>(sql, { ...values, ...more } as never)).rows

  const [counted] = await rowsOf<{ total: number }>(
    `SELECT count(*)::int AS total ${from} WHERE ${where.join(' AND ')}`,
  )
  const rows = await rowsOf<Row>(
    `WITH page AS MATERIALIZED (
       SELECT v.* ${from} WHERE ${where.join(' AND ')}
       ORDER BY v.started_at DESC, v.id DESC LIMIT :pageSize OFFSET :offset
     )
     SELECT v.id, v.site_id AS "siteId", site.name AS "siteName", v.agent_id AS "agentId",
       agent.display_name AS "agentName", v.shop_id AS "shopId", shop.name AS "shopName",
       survey.name AS "surveyName", v.visit_type AS "visitType", v.status, v.started_at AS "startedAt",
       v.completed_at AS "completedAt", v.timezone, v.distance, v.is_far AS "isFar",
       (SELECT count(*)::int FROM visit_answers a WHERE a.tenant_id = v.tenant_id AND a.visit_id = v.id) AS answers,
       (SELECT count(*)::int FROM photos p WHERE p.tenant_id = v.tenant_id AND p.visit_id = v.id) AS photos
     FROM page v
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
  return { visits, total: counted!.total }
}
