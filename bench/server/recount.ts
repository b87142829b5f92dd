import { type Adherence, slotStatuses } from '#common/contract/call-cycles'
import { adherenceOf, noSlots, type SlotCounts } from '#common/rules/call-cycle'
import { dateIn } from '#common/rules/calendar'
import { meanShare } from '#common/rules/goal-progress'
import { type Days, partsOf, timeBefore } from '#common/rules/series'

/** What is asked of the API, and the same recounted from the tables themselves. */

export type Rows = <R>(sql: string, values: unknown[]) => Promise<R[]>

export interface Measured {
  what: string
  path: string
  query: Record<string, string>
  /** Of an answer, what the recount finds too. */
  of(answer: never): unknown
  recount(rows: Rows, tenantId: string, days: Days): Promise<unknown>
  /** Of how many days it is asked for, where that is not a month and a year; and only of those who lead others. */
  lengths?: readonly number[]
  isOfLeaders?: true
}

interface Figures {
  started: number
  completed: number
  cancelled: number
  far: number
  surveys: number
}
const figures = `count(*)::int AS started, count(*) FILTER (WHERE status = 'completed')::int AS completed,
  count(*) FILTER (WHERE status = 'cancelled')::int AS cancelled,
  count(*) FILTER (WHERE status = 'completed' AND is_far)::int AS far,
  count(survey_id) FILTER (WHERE status = 'completed')::int AS surveys`
const inTime = `tenant_id = $1 AND day BETWEEN $2 AND $3`
const completed = `v.tenant_id = $1 AND v.day BETWEEN $2 AND $3 AND v.status = 'completed'`
const marked = `visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id
  JOIN shelf_quadrants q ON q.tenant_id = p.tenant_id AND q.photo_id = p.id`
const share = 'sum(floor(q.area_percentage * 10000 + 0.5))'
const only = ({ started, completed, cancelled, far, surveys }: Figures): Figures => ({
  started,
  completed,
  cancelled,
  far,
  surveys,
})
const sum = (all: readonly Figures[]): Figures =>
  all.reduce(
    (total, each) => ({
      started: total.started + each.started,
      completed: total.completed + each.completed,
      cancelled: total.cancelled + each.cancelled,
      far: total.far + each.far,
      surveys: total.surveys + each.surveys,
    }),
    { started: 0, completed: 0, cancelled: 0, far: 0, surveys: 0 },
  )

async function overview(rows: Rows, tenantId: string, { from, to }: Days, brandId: string) {
  const values = [tenantId, from, to]
  const [counted] = await rows<Figures & { shops: number; agents: number }>(
    `SELECT ${figures}, count(DISTINCT shop_id) FILTER (WHERE status = 'completed')::int AS shops,
       count(DISTINCT agent_id) FILTER (WHERE status = 'completed')::int AS agents FROM visits WHERE ${inTime}`,
    values,
  )
  const [shelf] = await rows<{ photos: number; share: string | null }>(
    `SELECT count(DISTINCT p.id)::int AS photos, ${share} FILTER (WHERE q.brand_id = $4) AS share
     FROM ${marked} WHERE ${completed}`,
    [...values, brandId],
  )
  const { photos } = shelf!
  return {
    ...counted!,
    conversion: counted!.started > 0 ? counted!.completed / counted!.started : null,
    photos,
    shelfShare: meanShare(Number(shelf!.share ?? 0), photos),
  }
}

const shelfOf = async (rows: Rows, tenantId: string, { from, to }: Days) => {
  const values = [tenantId, from, to]
  const [counted] = await rows<{ photos: number }>(
    `SELECT count(DISTINCT p.id)::int AS photos FROM ${marked} WHERE ${completed}`,
    values,
  )
  const brands = await rows<{ brandId: string; share: string }>(
    `SELECT q.brand_id AS "brandId", ${share} AS share FROM ${marked} WHERE ${completed} GROUP BY 1`,
    values,
  )
  const { photos } = counted!
  return {
    photos,
    shares: new Map(brands.map((each) => [each.brandId, meanShare(Number(each.share), photos)])),
  }
}

interface Volume {
  name: string
  count: number
}
const byName = (all: readonly Volume[]) =>
  Object.fromEntries(all.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]))

async function interactions(rows: Rows, tenantId: string, { from, to }: Days, sites: readonly string[]) {
  const counted = await rows<{ type: string | null; site: string | null; count: number }>(
    `SELECT type, lead, site_id AS site, count(*)::int AS count FROM interactions
     WHERE tenant_id = $1 AND site_id = ANY ($4) AND deleted_at IS NULL
       AND (start_at AT TIME ZONE timezone)::date BETWEEN $2 AND $3
     GROUP BY GROUPING SETS ((type), (lead), (site_id))`,
    [tenantId, from, to, sites],
  )
  const types = counted.flatMap(({ type, count }) => (type === null ? [] : { name: type, count }))
  const bySite = counted.flatMap(({ site, count }) => (site === null ? [] : count))
  return {
    total: types.reduce((total, { count }) => total + count, 0),
    types: byName(types),
    sites: bySite.sort(),
  }
}

/**
 * The visits that were due, of cycles as the bench makes them: a visit a week to each shop, on any day, and without
 * reasons. $4 is today there.
 */
const due = `WITH due AS (
    SELECT c.user_id, u.display_name AS name, l.id AS location_id, l.position, c.id AS cycle_id,
      (c.starts_on + 7 * week + 6) AS due_on,
      CASE WHEN EXISTS (
        SELECT FROM visits v WHERE v.tenant_id = $1 AND v.agent_id = c.user_id AND v.shop_id = l.shop_id
          AND v.status = 'completed' AND v.day BETWEEN c.starts_on + 7 * week AND c.starts_on + 7 * week + 6
      ) THEN 'covered' WHEN c.starts_on + 7 * week + 6 > $4::date THEN 'planned'
        WHEN c.starts_on + 7 * week + 6 = $4::date THEN 'due' ELSE 'missed' END AS status
    FROM call_cycles c JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
    JOIN call_cycle_locations l ON l.tenant_id = c.tenant_id AND l.cycle_id = c.id
    CROSS JOIN generate_series(0, 200) week
    WHERE c.tenant_id = $1 AND c.name = 'Round' AND c.starts_on + 7 * week + 6 BETWEEN $2 AND $3)`
const counts = slotStatuses
  .map((status) => `count(*) FILTER (WHERE status = '${status}')::int AS "${status}"`)
  .join(', ')
const todayInBerlin = () => dateIn(new Date().toISOString(), 'Europe/Berlin')

async function coverageBetween(rows: Rows, tenantId: string, { from, to }: Days) {
  const found = await rows<SlotCounts & { userId: string; name: string; day: string }>(
    `${due} SELECT user_id AS "userId", name, due_on::text AS day, ${counts} FROM due GROUP BY 1, 2, 3`,
    [tenantId, from, to, todayInBerlin()],
  )
  const total = (of: readonly SlotCounts[]) => {
    const sum = noSlots()
    for (const each of of) for (const status of slotStatuses) sum[status] += each[status]
    return adherenceOf(sum)
  }
  return { found, total }
}

export const measures = (brandId: string, sites: readonly string[]): Measured[] => [
  {
    what: 'overview',
    path: 'overview',
    query: { brandId },
    of: ({ figures, before }: { figures: object; before: { figures: object } }) => [figures, before.figures],
    recount: async (rows, tenantId, days) => [
      await overview(rows, tenantId, days, brandId),
      await overview(rows, tenantId, timeBefore(days), brandId),
    ],
  },
  {
    what: 'visits by week',
    path: 'visits',
    query: { unit: 'week' },
    of: ({ points, before }: { points: (Days & Figures)[]; before: { total: Figures } }) => [
      points.map((point) => ({ from: point.from, ...only(point) })),
      before.total,
    ],
    async recount(rows, tenantId, days) {
      const { from, to } = timeBefore(days)
      const found = await rows<Figures & { day: string }>(
        `SELECT day::text, ${figures} FROM visits WHERE ${inTime} GROUP BY day`,
        [tenantId, days.from, days.to],
      )
      const before = await rows<Figures>(`SELECT ${figures} FROM visits WHERE ${inTime}`, [
        tenantId,
        from,
        to,
      ])
      return [
        partsOf(days, 'week').map((part) => ({
          from: part.from,
          ...sum(found.filter(({ day }) => day >= part.from && day <= part.to)),
        })),
        before[0],
      ]
    },
  },
  {
    what: 'shops, a page',
    path: 'shops',
    query: {},
    of: ({
      shops,
      total,
    }: {
      shops: { id: string; visits: number; lastVisitOn: string }[]
      total: number
    }) => [shops.map(({ id, visits, lastVisitOn }) => ({ id, visits, lastVisitOn })), total],
    async recount(rows, tenantId, { from, to }) {
      const found = await rows<{ id: string; visits: number; lastVisitOn: string; total: number }>(
        `SELECT v.shop_id AS id, count(*)::int AS visits, max(v.day)::text AS "lastVisitOn",
           count(*) OVER ()::int AS total
         FROM visits v WHERE ${completed} GROUP BY v.shop_id ORDER BY visits DESC, v.shop_id LIMIT 25`,
        [tenantId, from, to],
      )
      return [found.map(({ id, visits, lastVisitOn }) => ({ id, visits, lastVisitOn })), found[0]?.total ?? 0]
    },
  },
  {
    what: 'shelf share by brand',
    path: 'shelf_share',
    query: {},
    of: ({
      photos,
      brands,
      before,
    }: {
      photos: number
      brands: { brandId: string; share: number; before: number }[]
      before: { photos: number }
    }) => [
      photos,
      before.photos,
      Object.fromEntries(brands.map(({ brandId, share, before }) => [brandId, [share, before]])),
    ],
    async recount(rows, tenantId, days) {
      const now = await shelfOf(rows, tenantId, days)
      const then = await shelfOf(rows, tenantId, timeBefore(days))
      const brands = [...now.shares].map(([id, share]) => [id, [share, then.shares.get(id)]] as const)
      return [now.photos, then.photos, Object.fromEntries(brands)]
    },
  },
  {
    what: 'shelf share by shop, a page',
    path: 'shelf_share/shops',
    query: { brandId },
    of: ({ shops, total }: { shops: { id: string; photos: number; share: number }[]; total: number }) => [
      shops.map(({ id, photos, share }) => ({ id, photos, share })),
      total,
    ],
    async recount(rows, tenantId, { from, to }) {
      const found = await rows<{ id: string; photos: number; sum: string; total: number }>(
        `SELECT m.*, count(*) OVER ()::int AS total FROM (
           SELECT v.shop_id AS id, count(DISTINCT p.id)::int AS photos,
             coalesce(${share} FILTER (WHERE q.brand_id = $4), 0) AS sum
           FROM ${marked} WHERE ${completed} GROUP BY 1) m
         ORDER BY m.sum::numeric / m.photos, m.id LIMIT 25`,
        [tenantId, from, to, brandId],
      )
      const shops = found.map(({ id, photos, sum }) => ({
        id,
        photos,
        share: meanShare(Number(sum), photos),
      }))
      return [shops, found[0]?.total ?? 0]
    },
  },
  {
    what: 'coverage by week, a page',
    path: 'call_cycle_coverage',
    query: {},
    lengths: [30, 184],
    isOfLeaders: true,
    of: ({
      rows,
      totals,
      all,
      before,
      total,
    }: {
      rows: { id: string; total: Adherence }[]
      totals: Adherence[]
      all: Adherence
      before: { all: Adherence }
      total: number
    }) => [rows.map(({ id, total }) => [id, total]), totals, all, before.all, total],
    async recount(rows, tenantId, days) {
      const { found, total } = await coverageBetween(rows, tenantId, days)
      const then = await coverageBetween(rows, tenantId, timeBefore(days))
      const owners = [...Map.groupBy(found, ({ userId }) => userId)]
        .map(([id, of]) => ({ id, name: of[0]!.name, total: total(of) }))
        .sort(
          (one, other) =>
            (one.total.adherence ?? 2) - (other.total.adherence ?? 2) ||
            one.name.localeCompare(other.name) ||
            (one.id < other.id ? -1 : 1),
        )
      return [
        owners.slice(0, 25).map(({ id, total }) => [id, total]),
        partsOf(days, 'week').map(({ from, to }) =>
          total(found.filter(({ day }) => day >= from && day <= to)),
        ),
        total(found),
        then.total(then.found),
        owners.length,
      ]
    },
  },
  {
    what: 'visits behind coverage, a page',
    path: 'call_cycle_coverage/slots',
    query: {},
    lengths: [30, 184],
    isOfLeaders: true,
    of: ({
      slots,
      total,
    }: {
      slots: { locationId: string; dueOn: string; status: string }[]
      total: number
    }) => [slots.map(({ locationId, dueOn, status }) => ({ locationId, dueOn, status })), total],
    async recount(rows, tenantId, { from, to }) {
      const found = await rows<{ locationId: string; dueOn: string; status: string; total: number }>(
        `${due} SELECT location_id AS "locationId", due_on::text AS "dueOn", status, count(*) OVER ()::int AS total
         FROM due ORDER BY due_on, position, cycle_id, location_id LIMIT 25`,
        [tenantId, from, to, todayInBerlin()],
      )
      return [
        found.map(({ locationId, dueOn, status }) => ({ locationId, dueOn, status })),
        found[0]?.total ?? 0,
      ]
    },
  },
  {
    what: 'interactions by week',
    path: 'interactions',
    query: {},
    of: ({
      total,
      before,
      types,
      sites: of,
    }: {
      total: number
      before: { total: number }
      types: (Volume & { before: number })[]
      sites: (Volume & { before: number })[]
    }) => [
      { total, types: byName(types), sites: Object.values(byName(of)).sort() },
      {
        total: before.total,
        types: byName(types.map((type) => ({ ...type, count: type.before }))),
        sites: Object.values(byName(of.map((site) => ({ ...site, count: site.before })))).sort(),
      },
    ],
    recount: async (rows, tenantId, days) => [
      await interactions(rows, tenantId, days, sites),
      await interactions(rows, tenantId, timeBefore(days), sites),
    ],
  },
]
