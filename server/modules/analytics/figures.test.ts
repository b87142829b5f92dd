import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Overview, SeriesUnit } from '#common/contract/analytics'
import { dateIn } from '#common/rules/calendar'
import { meanShare } from '#common/rules/goal-progress'
import { type Days, partsOf, timeBefore } from '#common/rules/series'
import { createFieldWork, question } from '../../test/field-work.ts'

/** What is answered is what a recount, here, of the visits one may see finds. */

interface Row {
  agentId: string
  siteId: string
  shopId: string | null
  status: string
  isFar: boolean
  surveyId: string | null
  day: string
  /** Each with its shares by brand, in ten-thousandths. */
  photos: Map<string, number>[]
}

const field = await createFieldWork()
const { server, sql, admin, site } = field
const { sites, tenants } = server.ids
const tenantId = tenants['Harbour & Vale']
type Person = Awaited<ReturnType<typeof field.person>>
let anna: Person, bert: Person, lea: Person, ara: Person, nat: Person
let team: string, nation: string
let shops: { id: string; name: string }[], brands: string[]
let rows: Row[]

beforeAll(async () => {
  anna = await field.person('anna', ['agent'], { [site]: 'viewer' })
  bert = await field.person('bert', ['agent'], { [site]: 'viewer', [sites.Sales]: 'viewer' })
  lea = await field.person('lea', ['team_leader'], { [site]: 'viewer' })
  ara = await field.person('ara', ['area_manager'], { [site]: 'viewer' })
  nat = await field.person('nat', ['national_manager'], { [site]: 'viewer' })
  const made = async (name: string, more: object) => {
    const body = { name, parentId: null, ...more }
    return (await admin.post<{ team: { id: string } }>('/teams', body)).body.team.id
  }
  nation = await made('North', { level: 'nation', leaderId: nat.id })
  const area = await made('Coast', { level: 'area', leaderId: ara.id, parentId: nation })
  team = await made('Pier', { level: 'team', leaderId: lea.id, parentId: area })
  await admin.post(`/teams/${team}/members`, { userId: anna.id })
  shops = [
    await field.shop({ name: 'Anchor' }),
    await field.shop({ name: 'Beacon' }),
    await field.shop({ name: 'Capstan' }, sites.Sales),
  ]
  brands = [(await field.brand('Alba')).id, (await field.brand('Bora')).id]
  const { id: surveyId } = await field.survey([question({ type: 'text', text: 'Anything?' })])
  await sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, survey_id, survey_number, visit_type, status,
       started_at, completed_at, timezone, is_far)
     SELECT $1, s.site_id, gen_random_uuid(), ($2::uuid[])[1 + a % 2], CASE WHEN b % 11 > 0 THEN s.id END,
       CASE WHEN c % 3 = 0 THEN $4::uuid END, CASE WHEN c % 3 = 0 THEN 1 END, 'routine', of.status, of.at,
       CASE WHEN of.status = 'completed' THEN of.at END,
       CASE WHEN d % 2 = 0 THEN 'Pacific/Auckland' ELSE 'America/New_York' END, d % 7 = 0
     FROM generate_series(1, 400) n
     -- As if thrown by dice, and the same each time.
     CROSS JOIN LATERAL (SELECT abs(hashint4(n)) AS a, abs(hashint4(n + 1000)) AS b, abs(hashint4(n + 2000)) AS c,
       abs(hashint4(n + 3000)) AS d, abs(hashint4(n + 4000)) AS e) dice
     JOIN shops s ON s.id = ($3::uuid[])[1 + b / 11 % 3]
     CROSS JOIN LATERAL (SELECT CASE e % 5 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'in_progress' ELSE 'completed' END AS status,
       timestamptz '2026-01-10T22:30:00Z' + e / 5 % 120 * interval '1 day' + e % 7 * interval '3 hours' AS at) of`,
    [tenantId, [anna.id, bert.id], shops.map(({ id }) => id), surveyId],
  )
  await sql(
    `WITH visit AS (SELECT *, row_number() OVER (ORDER BY started_at, id) AS n FROM visits),
     picture AS (
       INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
       SELECT $1, gen_random_uuid(), id, repeat('0', 64), 1, 'image/png', 1, 1
       FROM visit, generate_series(1, 2) WHERE n % 2 = 0 RETURNING id, visit_id)
     INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose)
     SELECT $1, p.id, v.site_id, v.id, 'shelf' FROM picture p JOIN visit v ON v.id = p.visit_id`,
    [tenantId],
  )
  await sql(
    `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
     SELECT $1, p.id, gen_random_uuid(), ($2::uuid[])[1 + (n + i) / 2 % 2], i, '[]', (n * 17 + i * 29) % 100 / 3.0
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM photos) p, generate_series(1, 3) i WHERE i <= n % 4`,
    [tenantId, brands],
  )
  const found = await sql<Row & { at: Date; timezone: string; marks: Record<string, number>[] }>(
    `SELECT agent_id AS "agentId", site_id AS "siteId", shop_id AS "shopId", status, is_far AS "isFar",
       survey_id AS "surveyId", started_at AS at, timezone,
       (SELECT coalesce(json_agg((SELECT json_agg(json_build_array(q.brand_id, q.area_percentage))
          FROM shelf_quadrants q WHERE q.photo_id = p.id)), '[]')
        FROM photos p WHERE p.visit_id = v.id) AS marks
     FROM visits v`,
  )
  rows = found.map(({ at, timezone, marks, ...row }) => ({
    ...row,
    day: dateIn(at.toISOString(), timezone),
    photos: (marks as unknown as ([string, number][] | null)[]).flatMap((marked) => {
      if (!marked) return []
      const shares = new Map<string, number>()
      for (const [brand, area] of marked)
        shares.set(brand, (shares.get(brand) ?? 0) + Math.round(area * 10_000))
      return [shares]
    }),
  }))
})

const within = ({ from, to }: Days) => rows.filter(({ day }) => day >= from && day <= to)
const completedOf = (of: readonly Row[]) => of.filter(({ status }) => status === 'completed')
const figuresOf = (of: readonly Row[]) => {
  const completed = completedOf(of)
  return {
    started: of.length,
    completed: completed.length,
    cancelled: of.filter(({ status }) => status === 'cancelled').length,
    far: completed.filter(({ isFar }) => isFar).length,
    surveys: completed.filter(({ surveyId }) => surveyId).length,
  }
}
function shelfOf(of: readonly Row[], brand: string) {
  const photos = completedOf(of).flatMap((row) => row.photos)
  const sum = photos.reduce((total, shares) => total + (shares.get(brand) ?? 0), 0)
  return { photos: photos.length, share: meanShare(sum, photos.length) }
}
const overviewOf = (of: readonly Row[], brand: string): Overview => ({
  ...figuresOf(of),
  conversion: of.length > 0 ? figuresOf(of).completed / of.length : null,
  shops: new Set(completedOf(of).flatMap(({ shopId }) => shopId ?? [])).size,
  agents: new Set(completedOf(of).map(({ agentId }) => agentId)).size,
  photos: shelfOf(of, brand).photos,
  shelfShare: shelfOf(of, brand).share,
})

/** Who sees what. */
const viewers: Record<string, () => { as: Pick<Person, 'get'>; sees(row: Row): boolean }> = {
  admin: () => ({ as: admin, sees: () => true }),
  'who leads the nation': () => ({ as: nat, sees: ({ agentId }) => agentId === anna.id }),
  'who leads an area': () => ({ as: ara, sees: ({ agentId }) => agentId === anna.id }),
  'who leads the team': () => ({ as: lea, sees: ({ agentId }) => agentId === anna.id }),
  'an agent, at sites they belong to': () => ({
    as: anna,
    sees: ({ agentId, siteId }) => agentId === anna.id && siteId === site,
  }),
  'who did none': () => ({ as: server.as('viewer', site), sees: () => false }),
}
const times: Days[] = [
  { from: '2026-01-01', to: '2026-12-31' },
  { from: '2026-02-01', to: '2026-02-28' },
  { from: '2026-01-20', to: '2026-04-05' },
  { from: '2026-03-30', to: '2026-03-30' },
]

async function read<T>(as: Pick<Person, 'get'>, path: string, query: Record<string, string>): Promise<T> {
  const answer = await as.get<T>(`/analytics/${path}?${new URLSearchParams(query).toString()}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

describe.each(Object.entries(viewers))('%s', (_, viewer) => {
  test.each(times)('from $from to $to', async (days) => {
    const { as, sees } = viewer()
    const before = timeBefore(days)
    const [now, then] = [within(days).filter(sees), within(before).filter(sees)]
    const brand = brands[0]!

    expect(await read(as, 'overview', { ...days, brandId: brand })).toEqual({
      ...days,
      asOf: expect.any(String) as string,
      figures: overviewOf(now, brand),
      before: { ...before, figures: overviewOf(then, brand) },
    })

    for (const unit of ['day', 'week', 'month'] as SeriesUnit[])
      expect(await read(as, 'visits', { ...days, unit })).toMatchObject({
        points: partsOf(days, unit).map((part) => ({
          ...part,
          ...figuresOf(now.filter(({ day }) => day >= part.from && day <= part.to)),
        })),
        total: figuresOf(now),
        before: { ...before, total: figuresOf(then) },
      })

    const visited = shops
      .map(({ id, name }) => ({ id, name, of: completedOf(now).filter(({ shopId }) => shopId === id) }))
      .filter(({ of }) => of.length > 0)
      .sort((one, other) => other.of.length - one.of.length || (one.id < other.id ? -1 : 1))
    expect(await read(as, 'shops', { ...days, pageSize: '2', page: '1' })).toMatchObject({
      shops: visited.slice(0, 2).map(({ id, name, of }) => ({
        id,
        name,
        visits: of.length,
        lastVisitOn: of
          .map(({ day }) => day)
          .sort()
          .at(-1),
      })),
      total: visited.length,
    })

    const inPart = (part: Days) => now.filter(({ day }) => day >= part.from && day <= part.to)
    const sharesOf = (of: readonly Row[]) =>
      brands.flatMap((brandId) => {
        const isThere = completedOf(of).some(({ photos }) => photos.some((marks) => marks.has(brandId)))
        return isThere ? { brandId, share: shelfOf(of, brandId).share! } : []
      })
    expect(await read(as, 'shelf_share', { ...days, unit: 'month' })).toMatchObject({
      photos: shelfOf(now, brand).photos,
      brands: brands
        .filter((id) => [now, then].some((of) => sharesOf(of).some(({ brandId }) => brandId === id)))
        .map((brandId) => ({
          brandId,
          share: shelfOf(now, brandId).share,
          before: shelfOf(then, brandId).share,
        }))
        .sort((one, other) => (other.share ?? 0) - (one.share ?? 0)),
      before: { ...before, photos: shelfOf(then, brand).photos },
      points: partsOf(days, 'month').map((part) => ({
        ...part,
        photos: shelfOf(inPart(part), brand).photos,
        shares: expect.toSatisfy(
          (shares: { brandId: string }[]) =>
            isDeepStrictEqual(
              shares.toSorted((one, other) => brands.indexOf(one.brandId) - brands.indexOf(other.brandId)),
              sharesOf(inPart(part)),
            ),
          JSON.stringify(sharesOf(inPart(part))),
        ) as unknown,
      })),
    })

    const measured = visited
      .map(({ id, name, of }) => ({ id, name, ...shelfOf(of, brand) }))
      .filter(({ photos }) => photos > 0)
      .sort((one, other) => one.share! - other.share! || (one.id < other.id ? -1 : 1))
    expect(await read(as, 'shelf_share/shops', { ...days, brandId: brand })).toMatchObject({
      shops: measured,
      total: measured.length,
    })
  })
})

test('of a team, a person or a site', async () => {
  const days = times[0]!
  const count = async (as: Pick<Person, 'get'>, query: Record<string, string>) =>
    (await read<{ figures: Overview }>(as, 'overview', { ...days, ...query })).figures.started
  const visits = (of: (row: Row) => boolean) => within(days).filter(of).length
  expect(await count(admin, { teamId: nation })).toBe(visits(({ agentId }) => agentId === anna.id))
  expect(await count(nat, { teamId: team })).toBe(visits(({ agentId }) => agentId === anna.id))
  expect(await count(admin, { agentId: bert.id, siteId: sites.Sales })).toBe(
    visits(({ agentId, siteId }) => agentId === bert.id && siteId === sites.Sales),
  )
})

test('what one may not see is not there', async () => {
  const days = times[0]!
  const status = async (as: Pick<Person, 'get'>, query: Record<string, string>) =>
    (await as.get(`/analytics/overview?${new URLSearchParams({ ...days, ...query }).toString()}`)).status
  for (const key of ['siteId', 'teamId', 'agentId', 'brandId'])
    expect([key, await status(admin, { [key]: randomUUID() })]).toEqual([key, 404])
  const outsider = server.as('outsider')
  for (const [key, id] of Object.entries({
    siteId: site,
    teamId: team,
    agentId: anna.id,
    brandId: brands[0]!,
  }))
    expect([key, await status(outsider, { [key]: id })]).toEqual([key, 404])
  for (const path of ['overview', 'visits', 'shops', 'shelf_share', 'interactions'])
    expect(
      JSON.stringify(await read(outsider, path, { ...days, ...(path === 'visits' && { unit: 'month' }) })),
    ).not.toMatch(/"(started|completed|total|photos|count|visits)":[1-9]/)
  expect(await status(lea, { teamId: nation })).toBe(404)
  expect(await status(lea, { agentId: bert.id })).toBe(404)
  expect(await status(lea, { siteId: sites.Sales })).toBe(200)
  expect(await status(anna, { siteId: sites.Sales })).toBe(404)
  expect(await status(anna, { agentId: bert.id })).toBe(404)
  expect(await status(anna, { teamId: team })).toBe(404)
  expect(await status(anna, { agentId: anna.id, siteId: site, brandId: brands[0]! })).toBe(200)
})

test('a time must be one, and a series has an end', async () => {
  const fields = async (path: string, query: Record<string, string>) => {
    const { status, error } = await admin.get(`/analytics/${path}?${new URLSearchParams(query).toString()}`)
    expect(status).toBe(400)
    return error.details!.map(({ field }) => field)
  }
  expect(await fields('overview', { from: '2026-02-02', to: '2026-02-01' })).toEqual(['to'])
  expect(await fields('overview', { from: '2020-01-01', to: '2026-02-01' })).toEqual(['to'])
  expect(await fields('visits', { from: '2024-01-01', to: '2026-02-01', unit: 'day' })).toEqual(['unit'])
  expect(await fields('interactions', { from: '2024-01-01', to: '2026-02-01', unit: 'day' })).toEqual([
    'unit',
  ])
})

test('interactions by type, lead, site and day, of sites one belongs to', async () => {
  const days = { from: '2025-03-03', to: '2025-03-16' }
  const create = (at: string, type: string, lead: string, start: string) =>
    server
      .as('admin', at)
      .create({ type, lead, startDateTime: start, endDateTime: start.replace(':00.000Z', ':30.000Z') })
  const first = await create(site, 'Meeting', 'Ana Jones', '2025-03-03T23:30:00.000Z')
  await create(site, 'Meeting', 'Ana Jones', '2025-03-10T12:00:00.000Z')
  await create(site, 'Call', 'Bo Lind', '2025-03-10T12:00:00.000Z')
  await create(sites.Sales, 'Call', 'Bo Lind', '2025-03-10T12:00:00.000Z')
  await create(site, 'Call', 'Bo Lind', '2025-02-20T12:00:00.000Z')
  const gone = await create(site, 'Call', 'Cy Moor', '2025-03-10T12:00:00.000Z')
  await server.as('admin', site).delete(`/interactions/${gone.id}?version=${gone.version}`)
  const before = { from: '2025-02-17', to: '2025-03-02' }

  expect(await read(anna, 'interactions', days)).toEqual({
    ...days,
    asOf: expect.any(String) as string,
    total: 3,
    before: { ...before, total: 1 },
    types: [
      { name: 'Meeting', count: 2, before: 0 },
      { name: 'Call', count: 1, before: 1 },
    ],
    leads: [
      { name: 'Ana Jones', count: 2, before: 0 },
      { name: 'Bo Lind', count: 1, before: 1 },
    ],
    leadsInAll: 2,
    sites: [{ id: site, name: 'Marketing', count: 3, before: 1 }],
    points: [
      { from: '2025-03-03', to: '2025-03-09', count: 1, types: [{ name: 'Meeting', count: 1 }] },
      {
        from: '2025-03-10',
        to: '2025-03-16',
        count: 2,
        types: expect.arrayContaining([{ name: 'Meeting', count: 1 }]) as unknown[],
      },
    ],
  })
  expect(await read(admin, 'interactions', days)).toMatchObject({ total: 4 })
  expect(await read(admin, 'interactions', { ...days, type: 'Call', lead: 'Bo Lind' })).toMatchObject({
    total: 2,
    before: { total: 1 },
    types: [{ name: 'Call', count: 2, before: 1 }],
    leads: [{ name: 'Bo Lind', count: 2, before: 1 }],
    sites: expect.arrayContaining([
      { id: site, name: 'Marketing', count: 1, before: 1 },
      { id: sites.Sales, name: 'Sales', count: 1, before: 0 },
    ]) as unknown[],
  })
  expect(await read(admin, 'interactions', { ...days, type: 'call' })).toMatchObject({ total: 0 })
  // In Berlin the first of them was on the 4th.
  const { startDateTime, timezone } = first
  expect(dateIn(startDateTime!, timezone!)).toBe('2025-03-04')
  expect(await read(admin, 'interactions', { from: '2025-03-03', to: '2025-03-03' })).toMatchObject({
    total: 0,
  })
})

test('one may choose among what one may ask for', async () => {
  const choices = async (as: Pick<Person, 'get'>) => {
    const body = await read<Record<'sites' | 'teams' | 'agents' | 'brands', { name: string }[]>>(
      as,
      'choices',
      {},
    )
    return Object.fromEntries(Object.entries(body).map(([what, all]) => [what, all.map(({ name }) => name)]))
  }
  expect(await choices(admin)).toEqual({
    sites: ['Marketing', 'Sales', 'Support'],
    teams: ['Coast', 'North', 'Pier'],
    agents: ['Anna Pier', 'Bert Pier'],
    brands: ['Alba', 'Bora'],
  })
  expect(await choices(lea)).toMatchObject({ teams: ['Pier'], agents: ['Anna Pier'] })
  expect(await choices(anna)).toEqual({
    sites: ['Marketing'],
    teams: [],
    agents: [],
    brands: ['Alba', 'Bora'],
  })
})
