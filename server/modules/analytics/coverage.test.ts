import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { Adherence, CycleSlot } from '#common/contract/call-cycles'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import { createFieldWork } from '../../test/field-work.ts'

const field = await createFieldWork()
const { server, sql, admin, site } = field
const tenantId = server.ids.tenants['Harbour & Vale']
type Person = Awaited<ReturnType<typeof field.person>>
let anna: Person, bert: Person, lea: Person, other: Person
let team: string, nation: string, otherTeam: string
let [anchor, beacon] = ['', '']
let [annas, teams] = ['', '']

async function cycle(name: string, owner: { userId?: string; teamId?: string }, more: object = {}) {
  const { every, unit, startsOn, shops } = {
    every: 1,
    unit: 'week',
    startsOn: '2026-01-05',
    shops: [[anchor, 1]] as (readonly [string, number])[],
    ...more,
  }
  const id = randomUUID()
  await sql(
    `INSERT INTO call_cycles (tenant_id, site_id, id, name, user_id, team_id, every, unit, starts_on, timezone)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'Europe/Berlin')`,
    [tenantId, site, id, name, owner.userId ?? null, owner.teamId ?? null, every, unit, startsOn],
  )
  for (const [shopId, visitsPerCycle] of shops)
    await sql(
      `INSERT INTO call_cycle_locations (tenant_id, site_id, cycle_id, id, shop_id, position, visits_per_cycle)
       VALUES ($1, $2, $3, gen_random_uuid(), $4, 0, $5)`,
      [tenantId, site, id, shopId, visitsPerCycle],
    )
  return id
}
const visit = (agent: { id: string }, shopId: string, day: string, status = 'completed') =>
  sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, visit_type, status, started_at, completed_at, timezone)
     SELECT $1, $2, gen_random_uuid(), $3, $4, 'routine', $5, at, CASE WHEN $5 = 'completed' THEN at END, 'Europe/Berlin'
     FROM (SELECT ($6 || 'T10:00:00Z')::timestamptz AS at) began`,
    [tenantId, site, agent.id, shopId, status, day],
  )

/** Four weeks from Monday, 5 January; long over, so that what is not covered is missed. */
const days = { from: '2026-01-05', to: '2026-02-01' }
beforeAll(async () => {
  const at = { [site]: 'viewer' } as const
  anna = await field.person('anna', ['agent'], at)
  bert = await field.person('bert', ['agent'], at)
  lea = await field.person('lea', ['team_leader'], at)
  other = await field.person('other', ['team_leader'], at)
  const made = async (name: string, level: string, more: object) => {
    const answer = await admin.post<{ team: { id: string } }>('/teams', {
      name,
      level,
      parentId: null,
      ...more,
    })
    return answer.body.team.id
  }
  nation = await made('North', 'nation', { leaderId: null })
  team = await made('Pier', 'team', { leaderId: lea.id, parentId: nation })
  otherTeam = await made('Quay', 'team', { leaderId: other.id })
  await admin.post(`/teams/${team}/members`, { userId: anna.id })
  await admin.post(`/teams/${otherTeam}/members`, { userId: bert.id })
  anchor = (await field.shop({ name: 'Anchor' })).id
  beacon = (await field.shop({ name: 'Beacon' })).id
  annas = await cycle(
    'Weekly',
    { userId: anna.id },
    {
      shops: [
        [anchor, 1],
        [beacon, 2],
      ],
    },
  )
  teams = await cycle('Together', { teamId: team }, { shops: [[beacon, 1]] })
  await cycle('Elsewhere', { userId: bert.id })
  // Anchor in two of four weeks, once twice; Beacon in the first half of one week, and as the leader in another.
  await visit(anna, anchor, '2026-01-06')
  await visit(anna, anchor, '2026-01-08')
  await visit(anna, anchor, '2026-01-25')
  await visit(anna, anchor, '2026-01-13', 'cancelled')
  await visit(anna, beacon, '2026-01-12')
  await visit(lea, beacon, '2026-01-20')
  await visit(bert, beacon, '2026-01-28')
  // What was due in the four weeks before the cycle is nothing; after them it may be anything.
  await sql(
    `INSERT INTO call_cycle_misses (tenant_id, cycle_id, location_id, period, slot, reason)
     SELECT $1, $2, id, '2026-01-12', 0, 'Closed' FROM call_cycle_locations WHERE cycle_id = $2 AND shop_id = $3`,
    [tenantId, annas, anchor],
  )
})

interface HeatMap {
  columns: object[]
  rows: { id: string; name: string; total: Adherence; cells: Adherence[] }[]
  totals: Adherence[]
  all: Adherence
  before: { all: Adherence }
  total: number
}
type Slot = CycleSlot & { cycleId: string; cycleName: string; ownerName: string; shopName: string }

async function read<T>(
  as: Pick<Person, 'get'>,
  path: string,
  query: Record<string, string> = {},
): Promise<T> {
  const asked = new URLSearchParams({ ...days, ...query }).toString()
  const answer = await as.get<T>(`/analytics/call_cycle_coverage${path}?${asked}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
const kept = (covered: number, missed: number, excused = 0): Adherence => ({
  covered,
  missed,
  excused,
  planned: 0,
  due: 0,
  adherence: covered + missed > 0 ? covered / (covered + missed) : null,
})

test('by whose they are, the worst kept first, week by week', async () => {
  const map = await read<HeatMap>(lea, '')
  expect(map.columns).toEqual([
    { from: '2026-01-05', to: '2026-01-11' },
    { from: '2026-01-12', to: '2026-01-18' },
    { from: '2026-01-19', to: '2026-01-25' },
    { from: '2026-01-26', to: '2026-02-01' },
  ])
  expect(map.rows).toEqual([
    {
      id: anna.id,
      name: 'Anna Pier',
      total: kept(3, 9, 1),
      cells: [kept(1, 2), kept(1, 2, 1), kept(1, 2), kept(0, 3)],
    },
    {
      id: team,
      name: 'Pier',
      // That of the leader too, and not that of somebody of another team.
      total: kept(2, 2),
      cells: [kept(0, 1), kept(1, 0), kept(1, 0), kept(0, 1)],
    },
  ])
  expect(map).toMatchObject({ all: kept(5, 11, 1), before: { all: kept(0, 0) }, total: 2 })
  expect(map.totals).toEqual([kept(1, 3), kept(2, 2, 1), kept(2, 2), kept(0, 4)])
})

test('by cycle, by shop and by month', async () => {
  const byCycle = await read<HeatMap>(admin, '', { rows: 'cycle', unit: 'month' })
  expect(byCycle.rows.map(({ name, total, cells }) => [name, total.covered, cells.length])).toEqual([
    ['Elsewhere', 0, 2],
    ['Weekly', 3, 2],
    ['Together', 2, 2],
  ])
  const byShop = await read<HeatMap>(lea, '', { rows: 'shop' })
  expect(byShop.rows.map(({ name, total }) => [name, total])).toEqual([
    ['Beacon', kept(3, 9)],
    ['Anchor', kept(2, 2, 1)],
  ])
  const page = await read<HeatMap>(lea, '', { rows: 'shop', page: '2', pageSize: '1' })
  expect(page.rows.map(({ name }) => name)).toEqual(['Anchor'])
  expect(page).toMatchObject({ total: 2, all: byShop.all, totals: byShop.totals })
})

test('the time before is beside it', async () => {
  const map = await read<HeatMap>(lea, '', { from: '2026-01-19', to: '2026-02-01' })
  expect([map.all, map.before.all]).toEqual([kept(2, 6), kept(3, 5, 1)])
})

test('what is behind a figure', async () => {
  const { slots, total } = await read<{ slots: Slot[]; total: number }>(lea, '/slots', { pageSize: '100' })
  expect(total).toBe(16)
  expect(slots.map(({ dueOn }) => dueOn)).toEqual(slots.map(({ dueOn }) => dueOn).sort())
  expect(slots.filter(({ reason }) => reason)).toMatchObject([
    { cycleId: annas, status: 'missed', reason: 'Closed', shopName: 'Anchor', ownerName: 'Anna Pier' },
  ])
  const covered = await read<{ slots: Slot[]; total: number }>(lea, '/slots', {
    rows: 'cycle',
    rowId: teams,
    status: 'covered',
  })
  const ids = await sql<{ id: string }>(
    'SELECT id FROM visits WHERE shop_id = $1 AND agent_id = ANY ($2) ORDER BY day',
    [beacon, [anna.id, lea.id]],
  )
  expect(covered.slots.map(({ visit: by }) => by?.id)).toEqual(ids.map(({ id }) => id))
  const pages = await Promise.all(
    [1, 2, 3, 4].map((page) => read<{ slots: Slot[] }>(lea, '/slots', { page: String(page), pageSize: '5' })),
  )
  expect(pages.flatMap((page) => page.slots)).toEqual(slots)
})

test('each is as its cycle tells it', async () => {
  const by = (one: CycleSlot, other: CycleSlot) =>
    one.dueOn.localeCompare(other.dueOn) || one.locationId.localeCompare(other.locationId)
  for (const rowId of [annas, teams]) {
    const asked = new URLSearchParams(days).toString()
    const { body } = await lea.get<{ slots: CycleSlot[]; total: Adherence }>(
      `/call_cycles/${rowId}/status?${asked}`,
    )
    expect(body.slots.length).toBeGreaterThan(3)
    const behind = await read<{ slots: Slot[] }>(lea, '/slots', { rows: 'cycle', rowId, pageSize: '100' })
    expect(
      behind.slots
        .map(({ cycleId: _, cycleName: _name, ownerName: _owner, shopName: _shop, ...slot }) => slot)
        .sort(by),
    ).toEqual(body.slots.sort(by))
    const { rows } = await read<HeatMap>(lea, '', { rows: 'cycle' })
    expect(rows.find(({ id }) => id === rowId)!.total).toEqual(body.total)
  }
})

test('of a team with those below it, of a person, and of nobody else', async () => {
  const names = async (as: Pick<Person, 'get'>, query: Record<string, string> = {}) =>
    (await read<HeatMap>(as, '', query)).rows.map(({ name }) => name)
  expect(await names(admin)).toEqual(['Bert Pier', 'Anna Pier', 'Pier'])
  expect(await names(admin, { teamId: nation })).toEqual(['Anna Pier', 'Pier'])
  expect(await names(admin, { agentId: anna.id })).toEqual(['Anna Pier'])
  expect(await names(admin, { siteId: server.ids.sites.Sales })).toEqual([])
  expect(await names(other)).toEqual(['Bert Pier'])
  const status = async (as: Pick<Person, 'get'>, query: Record<string, string> = {}) =>
    (await as.get(`/analytics/call_cycle_coverage?${new URLSearchParams({ ...days, ...query }).toString()}`))
      .status
  expect(await status(other, { teamId: team })).toBe(404)
  expect(await status(anna)).toBe(403)
  expect(await status(admin, { to: '2026-07-08' })).toBe(400)
})

test('however long a period is, and what is not over yet', async () => {
  const today = new Date().toISOString().slice(0, 10)
  const soon = (more: number) => dateOfDay(dayNumber(today) + more)
  await cycle(
    'Seldom',
    { userId: bert.id },
    { every: 52, unit: 'month', startsOn: `${Number(today.slice(0, 4)) - 9}${today.slice(4)}` },
  )
  await cycle('Daily', { userId: bert.id }, { unit: 'day', startsOn: soon(-400), shops: [[beacon, 1]] })
  const map = await read<HeatMap>(other, '', { rows: 'cycle', from: soon(-90), to: soon(90) })
  const daily = map.rows.find(({ name }) => name === 'Daily')!.total
  expect(daily.planned).toBeGreaterThanOrEqual(89)
  expect(daily.missed + daily.due + daily.planned + daily.covered).toBe(181)
})

test('what is asked of the database does not grow with the cycles and visits there are', async () => {
  const statements = async (path: string) => {
    let count = 0
    const note = () => count++
    server.app.knex.on('query', note)
    await read(other, path, { rows: 'shop' })
    server.app.knex.off('query', note)
    return count
  }
  const [heatMap, slots] = [await statements(''), await statements('/slots')]
  for (const day of ['2026-01-07', '2026-01-14', '2026-01-21']) {
    await cycle(`From ${day}`, { userId: bert.id }, { startsOn: day, shops: [[anchor, 2]] })
    await cycle(`Together from ${day}`, { teamId: otherTeam }, { startsOn: day, shops: [[beacon, 1]] })
    await visit(bert, anchor, day)
    await visit(bert, beacon, day)
  }
  expect([await statements(''), await statements('/slots')]).toEqual([heatMap, slots])
})
