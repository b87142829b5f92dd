import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Adherence,
  type CallCycle,
  type CycleSlot,
  type ListedCycle,
  type LocationInput,
  mostLocations,
  type WholeCycle,
} from '#common/contract/call-cycles'
import { dateIn, dateOfDay, dayNumber } from '#common/rules/calendar'
import { createFieldWork } from '../../test/field-work.ts'
import { asApp } from '../../test/scoped.ts'

const field = await createFieldWork()
const { server, admin, sql, site, person, pastVisit, tenantId } = field
type Person = Awaited<ReturnType<typeof person>>
type Asking = Pick<Person, 'call' | 'get' | 'put' | 'delete'> & {
  post: <T>(url: string, payload: object) => ReturnType<typeof admin.post<T>>
}

/** Anna and Alan are in Pier, which Lea leads; Hedda is above them, and Otto leads Bert in Quay. */
let anna: Person, alan: Person, bert: Person, lea: Person, hedda: Person, otto: Person
let area: string, pier: string, quay: string
let anchor: string, beacon: string, closed: string, elsewhere: string

const timezone = 'Europe/Berlin'
const today = dateIn(new Date().toISOString(), timezone)
const day = (offset: number) => dateOfDay(dayNumber(today) + offset)
const plain = {
  name: 'Round',
  userId: null,
  teamId: null,
  recurrence: { every: 1, unit: 'week' },
  startsOn: day(7),
  endsOn: null,
  timezone,
} as const
const stop = (shopId: string, more: Partial<LocationInput> = {}): LocationInput => ({
  shopId,
  day: null,
  position: 0,
  visitsPerCycle: 1,
  ...more,
})

const create = (by: Asking, given: object = {}) =>
  by.post<{ cycle: CallCycle }>('/call_cycles', { ...plain, ...given })
async function made(by: Asking, given: object = {}): Promise<CallCycle> {
  const { status, body, text } = await create(by, given)
  expect(status, text).toBe(201)
  return body.cycle
}
const change = (by: Asking, { id, version }: CallCycle, changes: object) =>
  by.put<{ cycle: CallCycle }>(`/call_cycles/${id}`, { version, ...changes })
const add = (by: Asking, { id, version }: CallCycle, locations: object[]) =>
  by.post<{ cycle: CallCycle }>(`/call_cycles/${id}/locations`, { version, locations })
const explain = (by: Asking, id: string, miss: object) => by.put<object>(`/call_cycles/${id}/misses`, miss)
interface Status {
  from: string
  to: string
  slots: CycleSlot[]
  periods: ({ start: string; end: string } & Adherence)[]
  total: Adherence
  next: CycleSlot[]
}
const askStatus = (by: Asking, id: string, query: Record<string, string> = {}) =>
  by.call<Status>('GET', `/call_cycles/${id}/status`, { query })
async function statusOf(by: Asking, id: string, query: Record<string, string> = {}): Promise<Status> {
  const { status, body, text } = await askStatus(by, id, query)
  expect(status, text).toBe(200)
  return body
}
const auditOf = (id: string) =>
  sql<{ action: string }>(
    `SELECT action, actor_id, feed_id, old_values, new_values FROM audit_logs
     WHERE entity = 'callCycle' AND entity_id = $1 ORDER BY position`,
    [id],
  )
const only = (of: Pick<CallCycle, 'locations'>) =>
  of.locations
    .filter(({ until }) => until === null)
    .map(({ since: _, until: __, ...location }): LocationInput => location)

beforeAll(async () => {
  const at = { [site]: 'viewer' } as const
  anna = await person('anna', ['agent'], at)
  alan = await person('alan', ['agent'], at)
  bert = await person('bert', ['agent'], at)
  lea = await person('lea', ['team_leader'], at)
  hedda = await person('hedda', ['area_manager'], at)
  otto = await person('otto', ['team_leader'], at)
  area = (await field.team({ level: 'area', leaderId: hedda.id })).id
  pier = (await field.team({ parentId: area, leaderId: lea.id, members: [anna.id, alan.id] })).id
  quay = (await field.team({ leaderId: otto.id, members: [bert.id] })).id
  anchor = (await field.shop({ name: 'Anchor' })).id
  beacon = (await field.shop({ name: 'Beacon' })).id
  closed = (await field.shop({ name: 'Closed' })).id
  await admin.put(`/shops/${closed}`, { active: false, version: 1 })
  elsewhere = (await field.shop({ name: 'Elsewhere' }, server.ids.sites.Sales)).id
})

describe('who', () => {
  let cycles: Record<'annas' | 'piers' | 'areas' | 'berts' | 'quays', CallCycle>
  beforeAll(async () => {
    const locations = [stop(anchor)]
    cycles = {
      annas: await made(lea, { name: 'annas', userId: anna.id, locations }),
      piers: await made(lea, { name: 'piers', teamId: pier, locations }),
      areas: await made(hedda, { name: 'areas', teamId: area, locations }),
      berts: await made(admin, { name: 'berts', userId: bert.id, locations }),
      quays: await made(otto, { name: 'quays', teamId: quay, locations }),
    }
  })

  test('sees which, and may change which', async () => {
    const seen: [string, Asking, Record<string, boolean>][] = [
      ['anna', anna, { annas: false, areas: false, piers: false }],
      ['alan', alan, { areas: false, piers: false }],
      ['lea', lea, { annas: true, areas: false, piers: true }],
      ['hedda', hedda, { annas: true, areas: true, piers: true }],
      ['bert', bert, { berts: false, quays: false }],
      ['otto', otto, { berts: false, quays: true }],
      ['admin', admin, { annas: true, areas: true, berts: true, piers: true, quays: true }],
      ['viewer', server.as('viewer'), {}],
      ['outsider', server.as('outsider'), {}],
    ]
    for (const [name, client, may] of seen) {
      const { body } = await client.get<{ cycles: ListedCycle[]; total: number }>('/call_cycles')
      expect([name, body.cycles.map((cycle) => cycle.name), body.total]).toEqual([
        name,
        Object.keys(may),
        Object.keys(may).length,
      ])
      await Promise.all(
        Object.values(cycles).map(async (cycle) => {
          const isSeen = cycle.name in may
          const read = await client.get<WholeCycle>(`/call_cycles/${cycle.id}`)
          const told = [name, cycle.name, read.status, read.body.mayManage]
          expect(told).toEqual([name, cycle.name, isSeen ? 200 : 404, may[cycle.name]])
          if (may[cycle.name] === true) return
          // An agent changes none, whether there is one or not.
          const isLeader = ['lea', 'hedda', 'otto', 'outsider'].includes(name)
          const { status } = await change(client, cycle, { name: 'Mine' })
          expect([name, cycle.name, status]).toEqual([name, cycle.name, isLeader && !isSeen ? 404 : 403])
        }),
      )
    }
    for (const [client, cycle, status] of [
      [lea, cycles.areas, 403],
      [anna, cycles.annas, 403],
      [otto, cycles.annas, 404],
    ] as const) {
      expect((await client.delete(`/call_cycles/${cycle.id}`)).status).toBe(status)
      expect((await add(client, cycle, [stop(beacon)])).status).toBe(status)
    }
    expect((await askStatus(otto, cycles.annas.id)).status).toBe(404)
    expect((await create(anna, { userId: anna.id })).status).toBe(403)
    expect(await auditOf(cycles.areas.id)).toMatchObject([{ action: 'callCycle.created' }])
  })

  test('is for whom, what it is called, and whether it is over narrow a list, which has pages', async () => {
    const names = async (query: Record<string, string>) =>
      (await admin.call<{ cycles: ListedCycle[] }>('GET', '/call_cycles', { query })).body.cycles.map(
        ({ name }) => name,
      )
    await made(admin, { name: 'Over', userId: anna.id, startsOn: '2024-01-01', endsOn: '2024-01-31' })
    expect(await names({ userId: anna.id })).toEqual(['annas'])
    expect(await names({ userId: anna.id, state: 'all' })).toEqual(['annas', 'Over'])
    expect(await names({ state: 'ended' })).toEqual(['Over'])
    expect(await names({ teamId: pier })).toEqual(['piers'])
    expect(await names({ search: 'ÅREA' })).toEqual(['areas'])
    expect(await names({ search: '_' })).toEqual([])
    expect(await names({ siteId: server.ids.sites.Sales, state: 'all' })).toEqual([])
    expect(await names({ state: 'all', page: '3', pageSize: '2' })).toEqual(['piers', 'quays'])
    const { body } = await admin.get<{ cycles: ListedCycle[] }>('/call_cycles?search=annas')
    expect(body.cycles).toMatchObject([{ siteName: 'Marketing', ownerName: 'Anna Pier', shops: 1 }])
  })

  test('belongs to its site no more does not see it there, and works on nothing', async () => {
    const mobile = await person('mobile', ['agent'], { [site]: 'viewer' })
    const { id } = await made(admin, { userId: mobile.id })
    expect((await mobile.get(`/call_cycles/${id}`)).status).toBe(200)
    await sql('DELETE FROM user_sites WHERE user_id = $1', [mobile.id])
    expect((await mobile.get(`/call_cycles/${id}`)).status).toBe(404)
  })

  test('row-level security tells and lets change the same', async () => {
    const asked = (tenant: string, userId: string, roles: ['agent' | 'team_leader'], text: string) =>
      asApp(
        server.database,
        { tenantId: tenant, siteId: site, userId, by: { id: userId, roles, sites: [] } },
        async (client) => (await client.query(text)).rowCount,
      )
    await sql(
      `INSERT INTO call_cycle_misses (tenant_id, cycle_id, location_id, period, slot, reason)
       SELECT tenant_id, cycle_id, id, '2900-01-01', 0, 'x' FROM call_cycle_locations WHERE cycle_id = ANY ($1)`,
      [Object.values(cycles).map(({ id }) => id)],
    )
    const ids = Object.values(cycles)
      .map(({ id }) => `'${id}'`)
      .join()
    for (const table of ['call_cycles', 'call_cycle_locations', 'call_cycle_misses']) {
      const key = table === 'call_cycles' ? 'id' : 'cycle_id'
      const among = `SELECT FROM ${table} WHERE ${key} IN (${ids})`
      expect(await asked(server.ids.tenants.Brightmart, anna.id, ['team_leader'], among)).toBe(0)
      expect(await asked(tenantId, bert.id, ['agent'], among)).toBe(2)
      expect(await asked(tenantId, anna.id, ['agent'], among)).toBe(3)
      expect(await asked(tenantId, otto.id, ['team_leader'], among)).toBe(2)
    }
    await expect(asked(tenantId, anna.id, ['agent'], `UPDATE call_cycles SET name = 'x'`)).rejects.toThrow()
    expect(await asked(tenantId, anna.id, ['agent'], 'DELETE FROM call_cycles')).toBe(0)
    const given = `UPDATE call_cycles SET user_id = '${bert.id}' WHERE id = '${cycles.annas.id}'`
    await expect(asked(tenantId, lea.id, ['team_leader'], given)).rejects.toThrow('row-level security')
  })
})

describe('a cycle', () => {
  test('made again under its id is the same, and another one is not', async () => {
    const id = randomUUID()
    const body = { id, userId: anna.id, locations: [stop(anchor), stop(beacon, { day: 2, position: 1 })] }
    const both = await Promise.all([made(lea, body), made(lea, body)])
    expect(both[0]).toEqual(both[1])
    expect(both[0].locations).toMatchObject([
      { ...stop(anchor), since: null, until: null },
      { shopId: beacon, day: 2 },
    ])
    const other = await create(lea, { ...body, name: 'Other' })
    expect([other.status, other.error.current]).toEqual([409, both[0]])
    const hidden = await create(otto, { ...body, userId: bert.id })
    expect([hidden.status, hidden.error.details?.[0]?.field, hidden.error.current]).toEqual([
      400,
      'id',
      undefined,
    ])
    expect(await auditOf(id)).toMatchObject([{ action: 'callCycle.created', feed_id: site }])
    const taken = [{ ...stop(anchor), id: both[0].locations[0]!.id }]
    expect((await create(lea, { userId: anna.id, locations: taken })).error.details).toMatchObject([
      { field: 'locations' },
    ])
    // Told in another order it is the same.
    expect((await made(lea, { ...body, locations: body.locations.toReversed() })).version).toBe(1)
  })

  test('is changed by those who looked at it as it is', async () => {
    const cycle = await made(lea, { userId: anna.id, locations: [stop(anchor)] })
    const { body } = await change(lea, cycle, { name: ' Renamed ', userId: alan.id })
    expect(body.cycle).toMatchObject({ name: 'Renamed', userId: alan.id, version: 2 })
    for (const stale of [
      await change(hedda, cycle, { name: 'Late' }),
      await add(hedda, cycle, [stop(beacon)]),
    ])
      expect([stale.status, stale.error.current]).toEqual([409, body.cycle])
    expect((await change(hedda, body.cycle, { name: 'Renamed' })).body.cycle).toEqual(body.cycle)
    expect((await auditOf(cycle.id)).map(({ action }) => action)).toEqual([
      'callCycle.created',
      'callCycle.updated',
    ])
  })

  test('is for those one leads, and a team of theirs; of admins anybody', async () => {
    const unled = 'There is no such person who can sign in among those you lead'
    const cycle = await made(lea, { userId: lea.id })
    for (const [whom, field, message] of [
      [{ userId: bert.id, teamId: null }, 'userId', unled],
      [{ userId: hedda.id, teamId: null }, 'userId', unled],
      [{ userId: server.ids.users.outsider, teamId: null }, 'userId', unled],
      [{ userId: null, teamId: quay }, 'teamId', 'There is no such team in use among yours'],
      [{ userId: null, teamId: null }, 'userId', 'Choose a person or a team, and not both'],
      [{ userId: anna.id, teamId: pier }, 'userId', 'Choose a person or a team, and not both'],
    ] as const)
      for (const { status, error } of [await create(lea, whom), await change(lea, cycle, whom)])
        expect([status, error.details]).toEqual([400, [{ field, message }]])
    expect((await create(admin, { userId: bert.id })).status).toBe(201)
    // Not at a site one does not belong to.
    const other = { 'x-site-id': server.ids.sites.Sales }
    const away = await lea.call('POST', '/call_cycles', {
      payload: { ...plain, userId: anna.id },
      headers: other,
    })
    expect(away.status).toBe(404)
  })

  test('names each shop that it cannot have', async () => {
    const shops = [anchor, elsewhere, randomUUID(), closed, anchor]
    const { status, error } = await create(lea, { userId: anna.id, locations: shops.map((id) => stop(id)) })
    expect([status, error.details]).toEqual([
      400,
      [
        { field: 'locations.1.shopId', message: 'There is no such shop at this site' },
        { field: 'locations.2.shopId', message: 'There is no such shop at this site' },
        { field: 'locations.3.shopId', message: 'The shop is out of use' },
      ],
    ])
    // Twice is two visits to make, and one that went out of use meanwhile stays.
    const twice = await made(lea, { userId: anna.id, locations: [stop(anchor), stop(anchor, { day: 3 })] })
    expect(
      (await statusOf(lea, twice.id)).slots.filter(({ period }) => period === twice.startsOn),
    ).toHaveLength(2)
    await sql('UPDATE call_cycle_locations SET shop_id = $2 WHERE cycle_id = $1', [twice.id, closed])
    const now = await lea.get<WholeCycle>(`/call_cycles/${twice.id}`)
    expect((await change(lea, twice, { name: 'Both', locations: only(now.body.cycle) })).status).toBe(200)
  })

  test.each<[string, object, string]>([
    ['a day that is none', { startsOn: '2027-02-31' }, 'startsOn'],
    ['an end before the start', { startsOn: '2027-02-02', endsOn: '2027-02-01' }, 'endsOn'],
    ['an unknown zone', { timezone: 'Europe/Atlantis' }, 'timezone'],
    ['every 53 weeks', { recurrence: { every: 53, unit: 'week' } }, 'recurrence.every'],
    ['every 0 days', { recurrence: { every: 0, unit: 'day' } }, 'recurrence.every'],
    ['no such unit', { recurrence: { every: 1, unit: 'year' } }, 'recurrence.unit'],
    ['a name of spaces', { name: ' ' }, 'name'],
    ['a day beyond its period', { locations: [stop(randomUUID(), { day: 8 })] }, 'locations.0.day'],
    ['32 visits', { locations: [stop(randomUUID(), { visitsPerCycle: 32 })] }, 'locations.0.visitsPerCycle'],
    [
      'a place before the first',
      { locations: [stop(randomUUID(), { position: -1 })] },
      'locations.0.position',
    ],
    [
      'too many shops',
      { locations: Array.from({ length: mostLocations + 1 }, () => stop(randomUUID())) },
      'locations',
    ],
    [
      'too many visits in a period',
      { locations: Array.from({ length: 65 }, () => stop(randomUUID(), { visitsPerCycle: 31 })) },
      'locations',
    ],
    [
      'a location twice',
      { locations: [1, 2].map(() => stop(randomUUID(), { id: '019ac000-0000-7000-8000-000000000001' })) },
      'locations.1.id',
    ],
  ])('is not made with %s', async (_, given, name) => {
    const { status, error } = await create(admin, { userId: anna.id, ...given })
    expect([status, error.details?.map(({ field }) => field)]).toEqual([400, expect.arrayContaining([name])])
  })

  test('at all its limits is made, and what is due of it told', async () => {
    const locations = Array.from({ length: mostLocations }, (_, index) =>
      stop(index % 2 ? anchor : beacon, {
        day: 1612,
        position: 100_000,
        visitsPerCycle: index === 0 ? 31 : 1,
      }),
    )
    const recurrence = { every: 52, unit: 'month' }
    const cycle = await made(admin, { teamId: area, recurrence, name: 'ß'.repeat(200), locations })
    // Whole periods, which are longer than what can be asked for.
    const { slots, periods } = await statusOf(hedda, cycle.id, { from: plain.startsOn, to: day(1836) })
    expect(periods).toHaveLength(2)
    expect(slots.length).toBeGreaterThanOrEqual(mostLocations - 1 + 31)
    const more = await add(admin, cycle, [stop(anchor)])
    expect([more.status, more.error.details]).toMatchObject([400, [{ field: 'locations' }]])
  })

  test('tells no more visits at once than can be read', async () => {
    const locations = Array.from({ length: mostLocations }, () => stop(anchor))
    const cycle = await made(admin, { userId: anna.id, recurrence: { every: 1, unit: 'day' }, locations })
    expect(
      (await statusOf(admin, cycle.id, { from: plain.startsOn, to: day(20) })).slots.length,
    ).toBeGreaterThan(0)
    const message = 'Ask for fewer days: these may have more than 20000 visits'
    const refusal = async (days: string) => {
      const { status, error } = await admin.get(`/call_cycles/${cycle.id}/status?${days}`)
      return [status, error.details]
    }
    expect(await refusal(`from=${plain.startsOn}&to=${day(60)}`)).toEqual([400, [{ field: 'to', message }]])
    const old = await made(admin, {
      userId: anna.id,
      recurrence: { every: 1, unit: 'day' },
      startsOn: day(-100),
      locations,
    })
    const { status, error } = await admin.get(`/call_cycles/${old.id}/status?from=${day(-100)}`)
    expect([status, error.details]).toEqual([400, [{ field: 'from', message }]])
  })

  test('keeps the shop from being deleted', async () => {
    const shop = await field.shop()
    const cycle = await made(lea, { userId: anna.id, locations: [stop(shop.id)] })
    const message = 'The shop was visited or is in a call cycle; take it out of use instead'
    expect(await admin.delete(`/shops/${shop.id}`)).toMatchObject({ status: 409, error: { message } })
    expect((await lea.delete(`/call_cycles/${cycle.id}`)).status).toBe(200)
    expect((await admin.delete(`/shops/${shop.id}`)).status).toBe(200)
  })
})

describe('that has begun', () => {
  const startsOn = day(-21)
  const past = { from: startsOn, to: day(-1) }
  async function begun() {
    const cycle = await made(lea, {
      userId: anna.id,
      startsOn,
      locations: [stop(anchor, { visitsPerCycle: 2 }), stop(beacon, { day: 1, position: 1 })],
    })
    await pastVisit(anna.id, { shopId: beacon, day: day(-14) })
    return cycle
  }

  test('keeps whose it is, how often and from when, and is ended, not deleted', async () => {
    const cycle = await begun()
    const message = 'The cycle has begun: end it, and make another'
    for (const [changes, field, words = message] of [
      [{ userId: alan.id }, 'userId'],
      [{ userId: null, teamId: pier }, 'teamId'],
      [{ recurrence: { every: 2, unit: 'week' } }, 'recurrence'],
      [{ startsOn: day(-20) }, 'startsOn'],
      [{ endsOn: day(-1) }, 'endsOn', 'Must be today or later: what is over stays as it was'],
    ] as [object, string, string?][]) {
      const { status, error } = await change(lea, cycle, changes)
      expect(status).toBe(400)
      expect(error.details).toContainEqual({ field, message: words })
    }
    const refused = await lea.delete(`/call_cycles/${cycle.id}`)
    expect([refused.status, refused.error.message, refused.error.current]).toEqual([
      409,
      'The call cycle has begun; end it instead',
      cycle,
    ])
    const before = await statusOf(anna, cycle.id, past)
    const ended = await change(lea, cycle, { endsOn: today, name: 'Ended' })
    expect(ended.body.cycle).toMatchObject({ endsOn: today, name: 'Ended', version: 2 })
    const after = await statusOf(anna, cycle.id, past)
    expect([after.slots, after.total]).toEqual([before.slots, before.total])
    expect((await statusOf(anna, cycle.id)).next).toEqual([])
  })

  test('has shops come and go from today on, and its past stays', async () => {
    const cycle = await begun()
    const before = await statusOf(anna, cycle.id, past)
    expect(before.total).toMatchObject({ covered: 1, missed: 8 })
    const kept = cycle.locations.find(({ shopId }) => shopId === beacon)!
    const later = await field.shop()
    const { body } = await change(lea, cycle, {
      locations: [stop(later.id), { ...only({ locations: [kept] })[0]!, position: 7 }],
    })
    const byShop = new Map(body.cycle.locations.map((location) => [location.shopId, location]))
    expect(byShop.get(anchor)).toMatchObject({ since: null, until: today })
    expect(byShop.get(beacon)).toMatchObject({ id: kept.id, position: 7, until: null })
    expect(byShop.get(later.id)).toMatchObject({ since: today, until: null })
    const after = await statusOf(anna, cycle.id, past)
    const placeless = (slots: CycleSlot[]) =>
      slots.map(({ position: _, ...slot }) => JSON.stringify(slot)).sort()
    expect(placeless(after.slots)).toEqual(placeless(before.slots))
    expect(after.total).toEqual(before.total)
    const coming = await statusOf(anna, cycle.id, { from: today, to: day(30) })
    const due = new Set(coming.slots.filter(({ dueOn }) => dueOn >= today).map(({ shopId }) => shopId))
    expect(due).toEqual(new Set([beacon, later.id]))

    // What was added today goes without a trace; what is asked for otherwise ends and goes on as another.
    const next = await change(lea, body.cycle, {
      locations: [{ ...only({ locations: [kept] })[0]!, day: 3 }],
    })
    const left = next.body.cycle.locations
    expect(left.map(({ shopId, until }) => [shopId, until]).sort()).toEqual(
      [
        [anchor, today],
        [beacon, today],
        [beacon, null],
      ].sort(),
    )
    expect((await statusOf(anna, cycle.id, past)).total).toEqual(before.total)
  })

  test('takes further shops, of which each is new', async () => {
    const cycle = await begun()
    const { status, body } = await add(lea, cycle, [stop(beacon, { position: 5 })])
    expect([status, body.cycle.version, body.cycle.locations.length]).toEqual([201, 2, 3])
    const [first] = body.cycle.locations
    const again = await add(lea, body.cycle, [{ ...stop(anchor), id: first!.id }])
    expect(again.error.details).toEqual([
      { field: 'locations.0.id', message: 'The cycle has this location already' },
    ])
    expect((await add(lea, body.cycle, [stop(closed)])).error.details).toMatchObject([
      { field: 'locations.0.shopId' },
    ])
  })
})

describe('what became of it', () => {
  test('is told of the days asked for, in whole periods', async () => {
    const startsOn = '2025-01-06'
    const cycle = await made(lea, {
      teamId: pier,
      startsOn,
      locations: [stop(anchor, { visitsPerCycle: 2 })],
    })
    await pastVisit(anna.id, { shopId: anchor, day: '2025-01-06' })
    await pastVisit(lea.id, { shopId: anchor, day: '2025-01-11' })
    // Somebody of another team, another shop, cancelled, and a day too late.
    await pastVisit(bert.id, { shopId: anchor, day: '2025-01-14' })
    await pastVisit(anna.id, { shopId: beacon, day: '2025-01-14' })
    await pastVisit(anna.id, { shopId: anchor, day: '2025-01-15', status: 'cancelled' })
    await pastVisit(alan.id, { shopId: anchor, day: '2025-01-20' })
    const status = await statusOf(alan, cycle.id, { from: '2025-01-08', to: '2025-01-15' })
    expect(status.periods).toMatchObject([
      { start: '2025-01-06', end: '2025-01-12', covered: 2, missed: 0, adherence: 1 },
      { start: '2025-01-13', end: '2025-01-19', covered: 0, missed: 2, adherence: 0 },
    ])
    expect(status.slots.map(({ dueOn, status }) => [dueOn, status])).toEqual([
      ['2025-01-08', 'covered'],
      ['2025-01-12', 'covered'],
      ['2025-01-15', 'missed'],
    ])
    // The agent sees that it was covered, and not by whom.
    const { visit } = status.slots[1]!
    expect((await alan.get(`/visits/${visit!.id}`)).status).toBe(404)
    for (const [query, name] of [
      [{ from: '2025-02-30' }, 'from'],
      [{ from: '2025-02-01', to: '2025-01-31' }, 'to'],
      [{ from: '2020-01-01', to: '2025-01-05' }, 'to'],
    ] as const) {
      const { status, error } = await askStatus(lea, cycle.id, query)
      expect([status, error.details?.[0]?.field]).toEqual([400, name])
    }
  })
})

describe('a reason', () => {
  let cycle: CallCycle
  const startsOn = day(-14)
  let miss: { locationId: string; period: string; slot: number }
  const reasons = async () =>
    (await statusOf(lea, cycle.id)).slots.flatMap(({ reason, period }) => (reason ? [[period, reason]] : []))
  beforeAll(async () => {
    cycle = await made(lea, { teamId: pier, startsOn, locations: [stop(anchor, { visitsPerCycle: 2 })] })
    miss = { locationId: cycle.locations[0]!.id, period: startsOn, slot: 0 }
  })

  test('for a missed visit is given by whoever sees the cycle; the last word counts', async () => {
    const unexplained = (await statusOf(lea, cycle.id)).total
    for (const [by, reason] of [
      [anna, ' Closed for stocktaking '],
      [anna, 'Closed for stocktaking'],
      [lea, 'Closed'],
    ] as const)
      expect((await explain(by, cycle.id, { ...miss, reason })).status).toBe(200)
    expect(await reasons()).toEqual([[startsOn, 'Closed']])
    expect((await statusOf(lea, cycle.id)).total).toEqual({ ...unexplained, excused: 1 })
    const said = (await auditOf(cycle.id)).slice(1)
    expect(said).toMatchObject([
      { action: 'callCycle.missExplained', actor_id: anna.id, old_values: null },
      {
        actor_id: lea.id,
        old_values: { reason: 'Closed for stocktaking' },
        new_values: { ...miss, reason: 'Closed' },
      },
    ])
    expect(said).toHaveLength(2)
    // That of a visit which is still to be made, too.
    expect(
      (await explain(alan, cycle.id, { ...miss, period: day(7), slot: 1, reason: 'On leave' })).status,
    ).toBe(200)
    for (let twice = 0; twice < 2; twice++)
      expect((await explain(alan, cycle.id, { ...miss, reason: null })).status).toBe(200)
    expect(await reasons()).toEqual([[day(7), 'On leave']])
    expect(await auditOf(cycle.id)).toHaveLength(5)
  })

  test('is given for a shop that came in the middle of a period', async () => {
    const recurrence = { every: 4, unit: 'week' }
    const begun = await made(lea, { userId: anna.id, startsOn, recurrence })
    const { body } = await add(lea, begun, [stop(anchor, { visitsPerCycle: 2 })])
    const visit = { locationId: body.cycle.locations[0]!.id, period: startsOn, reason: 'On leave' }
    const given = async (slot: number) => (await explain(anna, begun.id, { ...visit, slot })).status
    expect([await given(0), await given(1)]).toEqual([400, 200])
  })

  test('is not given for years ahead', async () => {
    const { status, error } = await explain(anna, cycle.id, { ...miss, period: '2900-01-01', reason: 'x' })
    expect([status, error.details]).toEqual([
      400,
      [
        {
          field: 'period',
          message: 'Too far ahead: say why for visits of this period, the next, or before',
        },
      ],
    ])
  })

  test('for others, or for no visit of the cycle, is none', async () => {
    expect((await explain(bert, cycle.id, { ...miss, reason: 'x' })).status).toBe(404)
    expect((await explain(otto, cycle.id, { ...miss, reason: 'x' })).status).toBe(404)
    expect((await explain(server.as('outsider'), cycle.id, { ...miss, reason: 'x' })).status).toBe(404)
    for (const wrong of [
      { locationId: randomUUID() },
      { slot: 2 },
      { period: day(-13) },
      { period: day(-21) },
      { period: '1900-01-01' },
    ]) {
      const { status, error } = await explain(anna, cycle.id, { ...miss, reason: 'x', ...wrong })
      expect([status, error.details]).toEqual([
        400,
        [{ field: 'slot', message: 'The call cycle has no such visit' }],
      ])
    }
    for (const [wrong, name] of [
      [{ reason: ' ' }, 'reason'],
      [{ reason: 'x'.repeat(301) }, 'reason'],
      [{ slot: 31 }, 'slot'],
      [{ period: '2027-02-31' }, 'period'],
    ] as const) {
      const { status, error } = await explain(anna, cycle.id, { ...miss, reason: 'x', ...wrong })
      expect([status, error.details?.[0]?.field]).toEqual([400, name])
    }
  })
})
