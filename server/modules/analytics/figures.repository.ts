import type { VisitFigures } from '#common/contract/analytics'
import { grantsOf } from '#common/rules/permissions'
import { type Days, wholeMonths } from '#common/rules/series'
import { system } from '../../shared/scope.ts'
import type { Transaction } from '../../shared/transaction.ts'

/** What of the figures one sees is asked for. */
export interface OfWhat {
  siteId?: string | undefined
  teamId?: string | undefined
  agentId?: string | undefined
}

export interface ShelfSums {
  brandId: string
  share: number
}

interface Counted {
  key: string
  count: number
}

export interface InteractionCounts {
  leads: Counted[]
  sites: Counted[]
  types: (Counted & { day: string })[]
}

export interface FiguresOfDay extends VisitFigures {
  day: string
}

interface VisitedShop {
  id: string
  visits: number
  lastVisitOn: string
}

/** `sum` is of the shares of a brand, in whole ten-thousandths. */
interface MeasuredShop {
  id: string
  photos: number
  sum: number
}

interface PageOf<Shop> {
  shops: Shop[]
  total: number
}

/** Of rows that have the total, one without a shop where the page is empty. */
const pageOf = <Shop extends { id: string; total: number }>(rows: readonly Shop[]) => ({
  shops: rows.filter(({ id }) => id !== null),
  total: rows[0]!.total,
})

const none = `'00000000-0000-0000-0000-000000000000'`
const sums = `coalesce(sum(started), 0)::int AS started, coalesce(sum(completed), 0)::int AS completed,
  coalesce(sum(cancelled), 0)::int AS cancelled, coalesce(sum(far), 0)::int AS far, coalesce(sum(surveys), 0)::int AS surveys`

/** Of interactions, those alone; empty: those without any. */
export interface OfInteractions {
  type?: string
  lead?: string
}

/** What the scope sees, read from the ledgers; the days at the ends of a time, of shops, from the visits themselves. */
export const createFiguresRepository = (
  { db, scope }: Transaction,
  { siteId, teamId, agentId }: OfWhat = {},
) => {
  const seesAll = scope.by === system || (scope.by && grantsOf(scope.by, scope.siteId).includes('visit.read'))
  const filter = [
    // As row-level security says; said again so that indexes, which begin with the agent, find it.
    ...(seesAll ? [] : ['AND agent_id = ANY ((SELECT scope_people() || scope_user())::uuid[])']),
    ...(siteId ? ['AND site_id = :siteId'] : []),
    ...(agentId ? ['AND agent_id = :agentId'] : []),
    ...(teamId ? ['AND agent_id = ANY ((SELECT people_of_team(:teamId))::uuid[])'] : []),
  ].join(' ')
  const rowsOf = async <R>(sql: string, values: object = {}): Promise<R[]> =>
    (
      await db.raw<{ rows: R[] }>(sql, {
        tenantId: scope.tenantId,
        siteId,
        teamId,
        agentId,
        ...values,
      } as never)
    ).rows
  const ofDays = `tenant_id = :tenantId AND day BETWEEN :from AND :to ${filter}`

  /** Whole months, and the days before and after them; what there is none of is a time without days. */
  function asMonths(days: Days, more: object = {}) {
    const { months, ends } = wholeMonths(days)
    const [first, last] = ends
    const none = { from: '9999-12-31', to: '0001-01-01' }
    return {
      monthFrom: (months ?? none).from,
      monthTo: (months ?? none).to,
      firstFrom: (first ?? none).from,
      firstTo: (first ?? none).to,
      lastFrom: (last ?? none).from,
      lastTo: (last ?? none).to,
      ...more,
    }
  }
  const inMonths = `tenant_id = :tenantId AND month BETWEEN :monthFrom AND :monthTo ${filter}`
  const inEnds = (['first', 'last'] as const).map(
    (end) => `tenant_id = :tenantId AND day BETWEEN :${end}From AND :${end}To ${filter}`,
  )
  /** Figures of a time from as few rows as there can be. */
  const figuresOf = (brand: string) =>
    [
      `SELECT * FROM visit_months WHERE ${inMonths} ${brand}`,
      ...inEnds.map((days) => `SELECT * FROM visit_days WHERE ${days} ${brand}`),
    ].join(' UNION ALL ')
  /** Completed visits to shops, for which there is no ledger of days: that would have about a row for each. */
  const visitsInEnds = inEnds
    .map(
      (days) => `SELECT shop_id FROM visits WHERE ${days} AND status = 'completed' AND shop_id IS NOT NULL`,
    )
    .join(' UNION ALL ')
  const shopsOf = `
    SELECT shop_id, sum(completed) AS visits FROM shop_months
    WHERE ${inMonths} AND brand_id = ${none} GROUP BY shop_id HAVING sum(completed) > 0
    UNION ALL SELECT shop_id, count(*) FROM (${visitsInEnds}) ends GROUP BY shop_id`

  return {
    /** Until the transaction ends: what is read here takes no longer than workers would take to begin. */
    withoutWorkers: () => rowsOf(`SELECT set_config('max_parallel_workers_per_gather', '0', true)`),

    /** By agent, those with anything at all. */
    byAgent: (days: Days): Promise<(VisitFigures & { agentId: string; photos: number })[]> =>
      rowsOf(
        `SELECT agent_id AS "agentId", ${sums}, sum(photos)::int AS photos
         FROM (${figuresOf(`AND brand_id = ${none}`)}) figures GROUP BY agent_id`,
        asMonths(days),
      ),

    /** By day, those with anything at all. */
    byDay: (days: Days): Promise<FiguresOfDay[]> =>
      rowsOf(
        `SELECT day::text, ${sums} FROM visit_days WHERE ${ofDays} AND brand_id = ${none} GROUP BY day ORDER BY day`,
        days,
      ),

    async countShops(days: Days): Promise<number> {
      const [row] = await rowsOf<{ count: number }>(
        `SELECT count(DISTINCT shop_id)::int AS count FROM (${shopsOf}) shops`,
        asMonths(days),
      )
      return row!.count
    },

    /** The shops visited most first, and how many there are. */
    async shops(days: Days, page: number, pageSize: number): Promise<PageOf<VisitedShop>> {
      const rows = await rowsOf<VisitedShop & { total: number }>(
        `WITH counted AS MATERIALIZED (
           SELECT shop_id, sum(visits)::int AS visits FROM (${shopsOf}) shops GROUP BY shop_id),
         page AS MATERIALIZED (
           SELECT * FROM counted ORDER BY visits DESC, shop_id LIMIT :pageSize OFFSET :offset)
         SELECT t.total, p.shop_id AS id, p.visits,
           (SELECT max(v.day)::text FROM visits v WHERE v.tenant_id = :tenantId AND v.shop_id = p.shop_id
              AND v.status = 'completed' AND v.day BETWEEN :from AND :to ${filter}) AS "lastVisitOn"
         FROM (SELECT count(*)::int AS total FROM counted) t LEFT JOIN page p ON true
         ORDER BY p.visits DESC, p.shop_id`,
        asMonths(days, { ...days, pageSize, offset: (page - 1) * pageSize }),
      )
      return pageOf(rows)
    },

    /** In whole ten-thousandths, by brand and by photos in all. */
    async shelf(days: Days, brandId?: string): Promise<{ photos: number; brands: ShelfSums[] }> {
      const rows = await rowsOf<{ brandId: string; photos: string; share: string }>(
        `SELECT brand_id AS "brandId", sum(photos) AS photos, sum(share) AS share
         FROM (${figuresOf(brandId ? `AND brand_id IN (:brandId, ${none})` : '')}) figures
         GROUP BY brand_id HAVING sum(photos) <> 0 OR sum(share) <> 0`,
        asMonths(days, { brandId }),
      )
      const brands = rows.filter(({ brandId }) => !none.includes(brandId))
      return {
        photos: Number(rows.find(({ brandId }) => none.includes(brandId))?.photos ?? 0),
        brands: brands.map(({ brandId, share }) => ({ brandId, share: Number(share) })),
      }
    },

    async shelfByDay(
      days: Days,
    ): Promise<{ day: string; brandId: string | null; photos: number; share: number }[]> {
      const rows = await rowsOf<{ day: string; brandId: string; photos: string; share: string }>(
        `SELECT day::text, brand_id AS "brandId", sum(photos) AS photos, sum(share) AS share FROM visit_days
         WHERE ${ofDays} GROUP BY day, brand_id HAVING sum(photos) <> 0 OR sum(share) <> 0`,
        days,
      )
      return rows.map(({ day, brandId, photos, share }) => ({
        day,
        brandId: none.includes(brandId) ? null : brandId,
        photos: Number(photos),
        share: Number(share),
      }))
    },

    /** The share of a brand by shop, the smallest first, and how many shops there are. */
    async shelfByShop(
      days: Days,
      brandId: string,
      page: number,
      pageSize: number,
    ): Promise<PageOf<MeasuredShop>> {
      const rows = await rowsOf<MeasuredShop & { total: number }>(
        `WITH measured AS MATERIALIZED (
           SELECT shop_id, sum(photos)::int AS photos, sum(share)::float AS sum FROM (
             ${['shop_months WHERE ' + inMonths, ...inEnds.map((days) => 'shelf_days WHERE ' + days)]
               .map((of) => `SELECT shop_id, photos, share FROM ${of} AND brand_id IN (${none}, :brandId)`)
               .join(' UNION ALL ')}
           ) each GROUP BY shop_id HAVING sum(photos) > 0),
         page AS (SELECT * FROM measured ORDER BY sum::numeric / photos, shop_id LIMIT :pageSize OFFSET :offset)
         SELECT t.total, p.shop_id AS id, p.photos, p.sum
         FROM (SELECT count(*)::int AS total FROM measured) t LEFT JOIN page p ON true
         ORDER BY p.sum::numeric / p.photos, p.shop_id`,
        asMonths(days, { brandId, pageSize, offset: (page - 1) * pageSize }),
      )
      return pageOf(rows)
    },

    brands: (): Promise<{ id: string; name: string; colour: string }[]> =>
      rowsOf(`SELECT id, name, colour FROM brands WHERE tenant_id = :tenantId ORDER BY folded(name), id`),

    /** Of the sites the scope sees; by lead, type and site, and by type on each day. */
    async interactions(days: Days, of: OfInteractions = {}): Promise<InteractionCounts> {
      const rows = await rowsOf<{
        type: string | null
        lead: string | null
        siteId: string | null
        day: string | null
        count: number
      }>(
        `SELECT type, lead, site_id AS "siteId", day::text, sum(interactions)::int AS count FROM interaction_days
         WHERE tenant_id = :tenantId AND day BETWEEN :from AND :to ${siteId ? 'AND site_id = :siteId' : ''}
           ${seesAll ? '' : 'AND site_id = ANY ((SELECT scope_sites())::uuid[])'}
           ${of.type === undefined ? '' : 'AND type = :type'} ${of.lead === undefined ? '' : 'AND lead = :lead'}
         GROUP BY GROUPING SETS ((lead), (site_id), (type, day)) HAVING sum(interactions) <> 0
         ORDER BY count DESC, type, lead, site_id`,
        { ...days, ...of },
      )
      return {
        leads: rows.flatMap(({ lead, count }) => (lead === null ? [] : { key: lead, count })),
        sites: rows.flatMap(({ siteId: key, count }) => (key === null ? [] : { key, count })),
        types: rows.flatMap(({ type, day, count }) => (type === null ? [] : { key: type, day: day!, count })),
      }
    },

    sites: (): Promise<{ id: string; name: string }[]> =>
      rowsOf('SELECT id, name FROM sites WHERE tenant_id = :tenantId ORDER BY folded(name), id'),

    /** Teams in use that the scope leads or, with `all`, that there are. */
    teams: (all: boolean): Promise<{ id: string; name: string }[]> =>
      rowsOf(
        `SELECT id, name FROM teams WHERE tenant_id = :tenantId AND active
         ${all ? '' : 'AND id = ANY ((SELECT scope_teams())::uuid[])'} ORDER BY folded(name), id`,
      ),

    /** Who began a visit that the scope sees. */
    agents: (most: number): Promise<{ id: string; name: string }[]> =>
      rowsOf(
        `SELECT u.id, u.display_name AS name FROM users u WHERE u.tenant_id = :tenantId
           AND EXISTS (SELECT FROM visits v WHERE v.tenant_id = :tenantId AND v.agent_id = u.id)
         ORDER BY u.name_key, u.id LIMIT :most`,
        { most },
      ),

    /** What of this is not there, or not for the scope; `all` says that all teams and people are, `leads` that all sites. */
    async unknown({ all, leads, brandId }: { all: boolean; leads: boolean; brandId?: string | undefined }) {
      const [row] = await rowsOf<{ what: 'site' | 'team' | 'person' | 'brand' | null }>(
        `SELECT CASE
           WHEN :siteId::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM sites WHERE tenant_id = :tenantId AND id = :siteId
             AND (:leads OR id = ANY (scope_sites()))) THEN 'site'
           WHEN :teamId::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM teams WHERE tenant_id = :tenantId AND id = :teamId
             AND active AND (:all OR id = ANY (scope_teams()))) THEN 'team'
           WHEN :agentId::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE tenant_id = :tenantId AND id = :agentId
             AND (:all OR id = scope_user() OR :leads AND id = ANY (scope_people()))) THEN 'person'
           WHEN :brandId::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM brands WHERE tenant_id = :tenantId AND id = :brandId)
             THEN 'brand'
         END AS what`,
        {
          all,
          leads,
          siteId: siteId ?? null,
          teamId: teamId ?? null,
          agentId: agentId ?? null,
          brandId: brandId ?? null,
        },
      )
      return row!.what
    },
  }
}
