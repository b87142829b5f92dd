import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Adherence, CallCycle, CycleSlot } from '#common/contract/call-cycles'
import { type AssignmentProgress, type Goal, goalMetrics } from '#common/contract/goals'
import type { Plan } from '#common/contract/plan'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import { type OwnVisit, planToday } from '#common/rules/plan'
import { createFieldWork, question } from '../../test/field-work.ts'

const field = await createFieldWork()
const { server, admin, sql, site, person, pastVisit } = field
const left = server.ids.sites.Sales

/** Anna and Alan are in Pier, which Lea leads; Hedda is above them, and Bert is in no team. */
let anna: Awaited<ReturnType<typeof person>>
let people: string[]
let area: string, pier: string
let shops: string[], elsewhere: string, brands: string[], surveyId: string

beforeAll(async () => {
  const at = { [site]: 'viewer' } as const
  anna = await person('anna', ['agent'], at)
  const [alan, bert] = [await person('alan', ['agent'], at), await person('bert', ['agent'], at)]
  const lea = await person('lea', ['team_leader'], at)
  const hedda = await person('hedda', ['area_manager'], at)
  people = [anna.id, anna.id, alan.id, lea.id, hedda.id, bert.id]
  area = (await field.team({ level: 'area', leaderId: hedda.id })).id
  pier = (await field.team({ parentId: area, leaderId: lea.id, members: [anna.id, alan.id] })).id
  shops = []
  for (let n = 0; n < 4; n++) shops.push((await field.shop()).id)
  elsewhere = (await field.shop({}, left)).id
  brands = [(await field.brand('Northwind')).id, (await field.brand('Southwind')).id]
  surveyId = (await field.survey([question({ type: 'text', text: 'Anything?' })])).id
})

const readPlan = async () => {
  const { status, body, text } = await anna.get<Plan>('/plan')
  expect(status, text).toBe(200)
  return body
}

/** From 0 to below 1, the same for the same world. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const now = dayNumber(new Date().toISOString().slice(0, 10))
const zones = ['Europe/Berlin', 'Pacific/Auckland', 'Pacific/Honolulu']

/** Call cycles, goals and visits, however they come; and Anna's own, as her device has them. */
async function world(seed: number) {
  const random = chance(seed)
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const one = <T>(of: readonly T[]): T => of[whole(0, of.length - 1)]!
  const day = (least: number, most: number) => dateOfDay(now + whole(least, most))
  await sql('DELETE FROM goals')
  await sql('DELETE FROM call_cycles')
  await sql('DELETE FROM shelf_quadrants')
  for (const table of ['photos', 'pictures', 'visits']) await sql(`DELETE FROM ${table}`)

  const visits = Array.from({ length: 40 }, () => {
    const isAway = random() < 0.2
    return {
      agentId: one(people),
      siteId: isAway ? left : site,
      shopId: random() < 0.1 ? null : isAway ? elsewhere : one(shops),
      surveyId: random() < 0.4 ? surveyId : null,
      status: one(['completed', 'completed', 'completed', 'in_progress', 'cancelled'] as const),
      day: day(-45, 0),
      photos: Array.from({ length: whole(0, 2) }, () =>
        Array.from({ length: whole(0, 2) }, () => [one(brands), random() * 50] as const),
      ),
    }
  })
  const ids = await Promise.all(visits.map((visit) => pastVisit(visit.agentId, visit)))
  const own = visits.flatMap((visit, index): OwnVisit[] => {
    if (visit.agentId !== anna.id || visit.siteId !== site || visit.status !== 'completed') return []
    const photos = visit.photos.filter((marks) => marks.length > 0)
    return [
      {
        id: ids[index]!,
        siteId: site,
        shopId: visit.shopId,
        surveyId: visit.surveyId,
        date: visit.day,
        photos: photos.map((marks) =>
          marks.map(([brandId, areaPercentage]) => ({ brandId, areaPercentage })),
        ),
      },
    ]
  })

  const owners = [
    { userId: anna.id, teamId: null },
    { userId: null, teamId: pier },
    { userId: null, teamId: area },
  ]
  const stop = () => ({
    shopId: one(shops),
    day: random() < 0.5 ? null : whole(1, 7),
    position: whole(0, 3),
    visitsPerCycle: whole(1, 3),
  })
  const cycles = await Promise.all(
    owners.map(async (owner) => {
      const unit = one(['day', 'week', 'month'] as const)
      const fields = {
        name: randomUUID(),
        ...owner,
        recurrence: { every: unit === 'day' ? whole(7, 20) : 1, unit },
        startsOn: day(-60, 20),
        endsOn: random() < 0.3 ? day(20, 40) : null,
        timezone: one(zones),
        locations: [stop(), stop(), stop()],
      }
      const made = await admin.post<{ cycle: CallCycle }>('/call_cycles', fields)
      expect(made.status, made.text).toBe(201)
      const [first, second] = made.body.cycle.locations
      const kept = { id: first!.id, shopId: first!.shopId, day: first!.day, position: 9 }
      const locations = [{ ...kept, visitsPerCycle: first!.visitsPerCycle }, stop()]
      const { id, version } = made.body.cycle
      if (second && fields.startsOn > dateOfDay(now - 30))
        expect((await admin.put(`/call_cycles/${id}`, { version, locations })).status).toBe(200)
      return id
    }),
  )
  const goals = await Promise.all(
    goalMetrics.map(async (metric) => {
      const startsOn = day(-50, 10)
      const made = await admin.post<{ goal: Goal }>('/goals', {
        name: metric,
        metric,
        target: whole(1, 20),
        brandId: metric === 'shelf_share' ? one(brands) : null,
        startsOn,
        endsOn: dateOfDay(Math.max(now - 20, dayNumber(startsOn)) + whole(0, 40)),
        timezone: one(zones),
        assignTo: owners,
      })
      expect(made.status, made.text).toBe(201)
      return made.body.goal.id
    }),
  )
  return { own, cycles, goals, random }
}

interface Status {
  today: string
  slots: CycleSlot[]
  periods: ({ start: string; end: string } & Adherence)[]
  next: CycleSlot[]
}

describe('what a device reckons', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('is what the server tells (%i)', async (seed) => {
    const { own, cycles, goals, random } = await world(seed)
    const statusOf = async (id: string) => (await anna.get<Status>(`/call_cycles/${id}/status`)).body
    await Promise.all(
      cycles.map(async (id) => {
        const { slots } = await statusOf(id)
        for (const { locationId, period, slot } of slots.filter(() => random() < 0.2).slice(0, 3)) {
          const miss = { locationId, period, slot, reason: 'Closed' }
          expect((await anna.put(`/call_cycles/${id}/misses`, miss)).status).toBe(200)
        }
      }),
    )
    const plan = await readPlan()
    expect(plan.cycles.map(({ cycle }) => cycle.id).sort()).toEqual([...cycles].sort())
    expect(plan.goals).toHaveLength(3 * goals.length)
    const theirs = new Set(own.map(({ id }) => id))
    expect(plan.cycles.flatMap(({ others }) => others).filter(({ id }) => theirs.has(id))).toEqual([])
    const days = new Map<string, string>()
    const statuses = new Map<string, Status>()
    for (const { cycle } of plan.cycles) {
      const status = await statusOf(cycle.id)
      statuses.set(cycle.id, status)
      days.set(cycle.timezone, status.today)
    }
    const reached: { goal: string; value: number | null; state: string }[] = []
    for (const id of goals) {
      const { body } = await anna.get<{ goal: Goal; today: string; progress: AssignmentProgress[] }>(
        `/goals/${id}/progress`,
      )
      days.set(body.goal.timezone, body.today)
      for (const { assignment, progress } of body.progress)
        reached.push({ goal: `${id} ${assignment.userId ?? assignment.teamId}`, ...progress })
    }

    const today = planToday(plan, own, (timezone) => days.get(timezone)!)
    for (const { cycle, slots, kept, period, next } of today.cycles) {
      const told = statuses.get(cycle.id)!
      expect(slots).toEqual(told.slots)
      expect(next).toEqual(told.next)
      const {
        start: _,
        end: __,
        ...adherence
      } = told.periods.find(({ start }) => start === period?.start) ?? {}
      if (period) expect(kept).toEqual(adherence)
      expect(slots.length).toBeGreaterThan(0)
    }
    const byName = (one: { goal: string }, other: { goal: string }) => (one.goal < other.goal ? -1 : 1)
    const reckoned = today.goals.map(({ goal: { id, assignee }, progress }) => ({
      goal: `${id} ${assignee.userId ?? assignee.teamId}`,
      ...progress,
    }))
    expect(reckoned.sort(byName)).toEqual(reached.sort(byName))
  })
})

test('whoever is in no team and has nothing to do has an empty plan', async () => {
  const { body } = await server.as('viewer').get<Plan>('/plan')
  expect(body).toMatchObject({ cycles: [], goals: [] })
  expect((await server.anonymous().get('/plan')).status).toBe(401)
})

test('is told anew once a goal, a cycle or a team changed, and not for a visit', async () => {
  const clock = async () => (await anna.pull()).plan
  let before = await clock()
  expect((await readPlan()).clock).toBe(before)
  const visit = await field.start(anna, { shopId: shops[0] })
  await anna.put(`/visits/${visit.id}/complete`, { version: 1 })
  expect(await clock()).toBe(before)

  const fields = { name: 'x', startsOn: dateOfDay(now), endsOn: dateOfDay(now), timezone: 'UTC' }
  const goal = { ...fields, metric: 'visits_completed', target: 1, brandId: null }
  const made = await admin.post<{ goal: Goal }>('/goals', goal)
  const cycle = { ...fields, recurrence: { every: 1, unit: 'week' }, userId: anna.id, teamId: null }
  const changes: (() => Promise<{ status: number }>)[] = [
    () => admin.put(`/goals/${made.body.goal.id}`, { version: 1, target: 2 }),
    () => admin.post(`/goals/${made.body.goal.id}/assign`, { userId: anna.id, teamId: null }),
    () => admin.delete(`/goals/${made.body.goal.id}`),
    () => admin.post('/call_cycles', cycle),
    () => admin.delete(`/teams/${pier}/members?userId=${anna.id}`),
  ]
  for (const change of changes) {
    expect((await change()).status).toBeLessThan(300)
    const after = await clock()
    expect(after).toBeGreaterThan(before)
    before = after
  }
  // Another organisation is told nothing of it.
  expect((await server.as('outsider').pull()).plan).toBe(0)
})
