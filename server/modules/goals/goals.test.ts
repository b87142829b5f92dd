import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AssignmentProgress, Goal, GoalMetric } from '#common/contract/goals'
import type { Team } from '#common/contract/teams'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import { createFieldWork, question } from '../../test/field-work.ts'
import { asApp } from '../../test/scoped.ts'
import { writingTogether } from '../../test/together.ts'

const field = await createFieldWork()
const { server, admin, sql, site, person, pastVisit, tenantId } = field
type Person = Awaited<ReturnType<typeof person>>
type Asking = Pick<Person, 'call' | 'get' | 'put' | 'delete'> & {
  post: <T>(url: string, payload: object) => ReturnType<typeof admin.post<T>>
}

/** Anna and Alan are in Pier, which Lea leads; Hedda is above them, and Otto leads Bert in Quay. */
let anna: Person, alan: Person, bert: Person, lea: Person, hedda: Person, otto: Person
let area: string, pier: string, quay: string
let brand: string, rival: string

const day = (offset: number) => dateOfDay(dayNumber(new Date().toISOString().slice(0, 10)) + offset)
const fields = {
  name: 'Visits this month',
  metric: 'visits_completed',
  target: 20,
  brandId: null,
  startsOn: day(-10),
  endsOn: day(10),
  timezone: 'Europe/Berlin',
} as const
const to = (userId: string) => ({ userId, teamId: null })
const toTeam = (teamId: string) => ({ userId: null, teamId })

const create = (by: Asking, given: object = {}) => by.post<{ goal: Goal }>('/goals', { ...fields, ...given })
async function made(by: Asking, given: object = {}): Promise<Goal> {
  const { status, body, text } = await create(by, given)
  expect(status, text).toBe(201)
  return body.goal
}
const change = (by: Asking, { id, version }: Goal, changes: object) =>
  by.put<{ goal: Goal }>(`/goals/${id}`, { version, ...changes })
const assign = (by: Asking, id: string, whom: object) => by.post<{ goal: Goal }>(`/goals/${id}/assign`, whom)
const list = (by: Asking, query: Record<string, string> = {}) =>
  by.call<{ goals: (Goal & { progress: AssignmentProgress[] })[]; total: number }>('GET', '/goals', { query })
const progressOf = async (by: Asking, id: string) => {
  const { status, body, text } = await by.get<{ goal: Goal; progress: AssignmentProgress[] }>(
    `/goals/${id}/progress`,
  )
  expect(status, text).toBe(200)
  return body.progress
}
const auditOf = (id: string) =>
  sql<{ action: string }>(
    `SELECT action, old_values, new_values FROM audit_logs WHERE entity = 'goal' AND entity_id = $1 ORDER BY position`,
    [id],
  )

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
  brand = (await field.brand('Northwind')).id
  rival = (await field.brand('Southwind')).id
})

describe('who', () => {
  let goals: Record<'annas' | 'piers' | 'areas' | 'admins' | 'quays', Goal>
  beforeAll(async () => {
    goals = {
      annas: await made(lea, { name: 'annas', assignTo: [to(anna.id), to(alan.id)] }),
      piers: await made(lea, { name: 'piers', assignTo: [toTeam(pier)] }),
      areas: await made(hedda, { name: 'areas', assignTo: [toTeam(area)] }),
      admins: await made(admin, { name: 'admins' }),
      quays: await made(otto, { name: 'quays', assignTo: [toTeam(quay)] }),
    }
  })

  test('sees which, and may change which', async () => {
    const seen: [string, Asking, Record<string, boolean>][] = [
      ['anna', anna, { annas: false, areas: false, piers: false }],
      ['alan', alan, { annas: false, areas: false, piers: false }],
      ['lea', lea, { annas: true, areas: false, piers: true }],
      ['hedda', hedda, { annas: true, areas: true, piers: true }],
      ['bert', bert, { quays: false }],
      ['otto', otto, { quays: true }],
      ['admin', admin, { admins: true, annas: true, areas: true, piers: true, quays: true }],
      ['viewer', server.as('viewer'), {}],
      ['outsider', server.as('outsider'), {}],
    ]
    for (const [name, client, may] of seen) {
      const { body } = await list(client)
      const told = Object.fromEntries(body.goals.map((goal) => [goal.name, goal.mayManage]))
      expect([name, told, body.total]).toEqual([name, may, Object.keys(may).length])
      await Promise.all(
        Object.values(goals).map(async (goal) => {
          const isSeen = goal.name in may
          expect([name, (await client.get(`/goals/${goal.id}`)).status]).toEqual([name, isSeen ? 200 : 404])
          if (may[goal.name] === true) return
          // An agent changes none, whether there is one or not.
          const isLeader = ['lea', 'hedda', 'otto', 'outsider'].includes(name)
          const { status } = await change(client, goal, { name: 'Mine' })
          expect([name, goal.name, status]).toEqual([name, goal.name, isLeader && !isSeen ? 404 : 403])
        }),
      )
    }
    for (const [client, { id }, status] of [
      [lea, goals.areas, 403],
      [anna, goals.annas, 403],
      [otto, goals.annas, 404],
    ] as const)
      for (const refused of [
        await client.delete(`/goals/${id}`),
        await assign(client, id, to(client.id)),
        await client.delete(`/goals/${id}/assign?assignmentId=${randomUUID()}`),
      ])
        expect(refused.status).toBe(status)
    expect((await otto.get(`/goals/${goals.annas.id}/progress`)).status).toBe(404)
    expect(await auditOf(goals.areas.id)).toMatchObject([{ action: 'goal.created' }])
  })

  test('those it is assigned to see themselves in it, and those above them all', async () => {
    const names = async (by: Asking) =>
      (await by.get<{ goal: Goal }>(`/goals/${goals.annas.id}`)).body.goal.assignments.map(({ name }) => name)
    expect(await names(anna)).toEqual(['Anna Pier'])
    expect(await names(lea)).toEqual(['Alan Pier', 'Anna Pier'])
    expect((await progressOf(anna, goals.annas.id)).map(({ assignment }) => assignment.name)).toEqual([
      'Anna Pier',
    ])
  })

  test('a person, a team, words and time narrow a list, which has pages', async () => {
    const names = async (query: Record<string, string>) =>
      (await list(admin, query)).body.goals.map(({ name }) => name)
    expect(await names({ userId: anna.id })).toEqual(['annas'])
    expect(await names({ teamId: pier })).toEqual(['piers'])
    expect(await names({ search: 'ÅREA' })).toEqual(['areas'])
    expect(await names({ search: '%' })).toEqual([])
    await made(admin, { name: 'Over', startsOn: '2024-01-01', endsOn: '2024-01-31' })
    await made(admin, { name: 'To come', startsOn: day(5), endsOn: day(5) })
    expect(await names({ state: 'ended' })).toEqual(['Over'])
    expect(await names({ state: 'upcoming' })).toEqual(['To come'])
    expect(await names({ state: 'all', pageSize: '2' })).toEqual(['Over', 'To come'])
    expect((await list(admin, { state: 'all', page: '2', pageSize: '5' })).body).toMatchObject({
      total: 7,
      goals: { length: 2 },
    })
  })

  test('row-level security tells and lets change the same', async () => {
    const asked = (tenant: string, userId: string, roles: ['agent' | 'team_leader'], text: string) =>
      asApp(
        server.database,
        { tenantId: tenant, siteId: null, userId, by: { id: userId, roles, sites: [] } },
        async (client) => (await client.query(text)).rowCount,
      )
    const outside = server.ids.tenants.Brightmart
    for (const table of ['goals', 'goal_assignments']) {
      expect(await asked(outside, anna.id, ['team_leader'], `SELECT FROM ${table}`)).toBe(0)
      expect(await asked(tenantId, bert.id, ['agent'], `SELECT FROM ${table}`)).toBe(1)
      expect(await asked(tenantId, anna.id, ['agent'], `SELECT FROM ${table}`)).toBe(3)
    }
    await expect(asked(tenantId, anna.id, ['agent'], `UPDATE goals SET target = 1`)).rejects.toThrow()
    expect(await asked(tenantId, anna.id, ['agent'], 'DELETE FROM goals')).toBe(0)
    const foreign = `INSERT INTO goal_assignments (tenant_id, id, goal_id, owner_id, user_id)
      SELECT tenant_id, gen_random_uuid(), id, owner_id, '${bert.id}' FROM goals WHERE name = 'piers'`
    await expect(asked(tenantId, lea.id, ['team_leader'], foreign)).rejects.toThrow('row-level security')
  })
})

describe('assigning', () => {
  const unled = 'There is no such person who can sign in among those you lead'

  test('reaches those one leads, and oneself; admins anybody', async () => {
    const goal = await made(lea)
    for (const [by, whom, field, message] of [
      [lea, to(bert.id), 'userId', unled],
      [lea, to(hedda.id), 'userId', unled],
      [lea, toTeam(quay), 'teamId', 'There is no such team in use among yours'],
      [lea, toTeam(area), 'teamId', 'There is no such team in use among yours'],
      [lea, to(randomUUID()), 'userId', unled],
      [lea, { userId: null, teamId: null }, 'userId', 'Choose a person or a team, and not both'],
      [lea, { userId: anna.id, teamId: pier }, 'userId', 'Choose a person or a team, and not both'],
      [admin, to(server.ids.users.outsider), 'userId', unled],
    ] as const) {
      const { status, error } = await assign(by, goal.id, whom)
      expect([status, error.details]).toEqual([400, [{ field, message }]])
    }
    for (const whom of [to(lea.id), to(anna.id), toTeam(pier), toTeam(pier)])
      expect((await assign(lea, goal.id, whom)).status).toBe(201)
    const { body } = await assign(admin, goal.id, to(bert.id))
    expect(body.goal.assignments.map(({ userId, teamId }) => userId ?? teamId).sort()).toEqual(
      [lea.id, anna.id, pier, bert.id].sort(),
    )
    expect((await auditOf(goal.id)).map(({ action }) => action)).toEqual([
      'goal.created',
      ...Array<string>(4).fill('goal.assigned'),
    ])

    const { assignments } = body.goal
    const berts = assignments.find(({ userId }) => userId === bert.id)!
    const gone = await admin.delete(`/goals/${goal.id}/assign?assignmentId=${berts.id}`)
    expect([gone.status, (await bert.get(`/goals/${goal.id}`)).status]).toEqual([200, 404])
    expect((await admin.delete(`/goals/${goal.id}/assign?assignmentId=${berts.id}`)).status).toBe(404)
  })

  test('of a goal that is made is all or nothing, and says whom it cannot be for', async () => {
    const id = randomUUID()
    const { status, error } = await create(lea, { id, assignTo: [to(anna.id), to(bert.id)] })
    expect([status, error.details]).toEqual([400, [{ field: 'assignTo.1.userId', message: unled }]])
    expect(await sql('SELECT FROM goals WHERE id = $1', [id])).toEqual([])
  })

  test('does not get in the way of whoever changes the team', async () => {
    const { teams } = (await admin.get<{ teams: Team[] }>('/teams')).body
    const { version } = teams.find(({ id }) => id === pier)!
    const goal = async () => (await create(lea, { assignTo: [toTeam(pier)] })).status
    const rename = async () =>
      (await admin.put(`/teams/${pier}`, { name: `Pier ${version}`, version })).status
    expect(await writingTogether(server.database, 'plan_clocks', [goal, goal, rename, goal, goal])).toEqual([
      201, 201, 200, 201, 201,
    ])
  })

  test('is not for whom cannot sign in, nor a team out of use', async () => {
    const [gone, closed] = [await person('gone', ['agent']), await field.team({})]
    await sql('UPDATE users SET active = false WHERE id = $1', [gone.id])
    await sql('UPDATE teams SET active = false WHERE id = $1', [closed.id])
    const goal = await made(admin)
    expect((await assign(admin, goal.id, to(gone.id))).error.details).toMatchObject([{ field: 'userId' }])
    expect((await assign(admin, goal.id, toTeam(closed.id))).error.details).toMatchObject([
      { field: 'teamId' },
    ])
  })
})

describe('a goal', () => {
  test('made again under its id is the same, and another one is not', async () => {
    const id = randomUUID()
    const body = { id, assignTo: [to(anna.id)] }
    const both = await Promise.all([made(lea, body), made(lea, body)])
    expect(both[0]).toEqual(both[1])
    const other = await create(lea, { ...body, target: 21 })
    expect([other.status, other.error.current]).toEqual([409, both[0]])
    const hidden = await create(otto, { ...body, assignTo: [] })
    expect([hidden.status, hidden.error.details?.[0]?.field, hidden.error.current]).toEqual([
      400,
      'id',
      undefined,
    ])
    expect((await create(server.as('outsider'), { id })).status).toBe(201)
    expect(await auditOf(id)).toHaveLength(2)
  })

  test('is changed by those who looked at it as it is', async () => {
    const goal = await made(lea)
    const { body } = await change(lea, goal, { name: ' Renamed ', target: 30 })
    expect(body.goal).toEqual({ ...goal, name: 'Renamed', target: 30, version: 2 })
    const stale = await change(hedda, goal, { target: 40 })
    expect([stale.status, stale.error.current]).toEqual([409, body.goal])
    // Nothing changed: nothing is written.
    expect((await change(hedda, body.goal, { target: 30 })).body.goal).toEqual(body.goal)
    expect(await auditOf(goal.id)).toMatchObject([
      { action: 'goal.created' },
      { action: 'goal.updated', old_values: { target: 20 }, new_values: { name: 'Renamed', target: 30 } },
    ])
    expect((await hedda.delete(`/goals/${goal.id}`)).status).toBe(200)
    expect((await lea.get(`/goals/${goal.id}`)).status).toBe(404)
  })

  test.each<[string, object, string, string]>([
    ['an end before the start', { startsOn: day(1), endsOn: day(0) }, 'endsOn', 'Must not be before'],
    ['a day that is none', { endsOn: '2027-02-31' }, 'endsOn', 'day'],
    ['an unknown zone', { timezone: 'Europe/Atlantis' }, 'timezone', 'time zone'],
    ['a target of nothing', { target: 0 }, 'target', 'more than 0'],
    ['part of a visit', { target: 1.5 }, 'target', 'Must be a whole number'],
    ['more than all of a shelf', { metric: 'shelf_share', target: 100.5 }, 'target', 'Must be 100 percent'],
    ['a shelf share of no brand', { metric: 'shelf_share' }, 'brandId', 'Choose the brand'],
    [
      'an unknown brand',
      { metric: 'shelf_share', brandId: randomUUID() },
      'brandId',
      'There is no such brand',
    ],
    ['a brand of visits', { brandId: randomUUID() }, 'brandId', 'Only a goal for a shelf share'],
    ['a name of spaces', { name: '  ' }, 'name', ''],
    ['a name without end', { name: 'x'.repeat(201) }, 'name', '200'],
    ['no such metric', { metric: 'money' }, 'metric', ''],
    ['a time without end', { startsOn: '1900-01-01', endsOn: '2999-12-31' }, 'endsOn', 'days'],
    ['too many for whom it is', { assignTo: Array(101).fill(to(randomUUID())) }, 'assignTo', '100'],
    ['somebody who is no id', { assignTo: [to("' OR 1=1")] }, 'assignTo.0.userId', ''],
  ])('is not made with %s', async (_, given, name, message) => {
    const { status, error } = await create(admin, given)
    expect([status, error.details]).toEqual([400, expect.anything()])
    expect(error.details).toContainEqual({
      field: name,
      message: expect.stringContaining(message) as string,
    })
  })

  test('at all its limits is made, and read', async () => {
    const goal = await made(admin, {
      name: 'ß'.repeat(200),
      target: 1_000_000,
      startsOn: '1900-01-01',
      endsOn: dateOfDay(dayNumber('1900-01-01') + 1829),
    })
    expect((await admin.get<{ goal: Goal }>(`/goals/${goal.id}`)).body.goal).toEqual(goal)
  })
})

describe('what is counted', () => {
  const [startsOn, endsOn] = ['2025-03-10', '2025-03-14']
  const days = ['2025-03-09', startsOn, endsOn, '2025-03-15']
  interface Made {
    agentId: string
    day: string
    shopId: string | null
    surveyId: string | null
    status: 'completed' | 'in_progress' | 'cancelled'
    photos: [string, number][][]
  }
  const visits: Made[] = []
  beforeAll(async () => {
    const shops = [await field.shop(), await field.shop()]
    const survey = await field.survey([question({ type: 'text', text: 'Anything?' })])
    for (const agent of [anna, alan, lea, bert])
      for (const [index, on] of days.entries())
        for (const status of ['completed', 'completed', 'in_progress', 'cancelled'] as const) {
          const n = visits.length
          const visit: Made = {
            agentId: agent.id,
            day: on,
            status,
            shopId: n % 5 === 0 ? null : shops[index % 2]!.id,
            surveyId: n % 3 === 0 ? survey.id : null,
            // Areas that are no whole ten-thousandths, of a brand twice on a photo, and photos with nothing on them.
            photos: [
              [],
              [[rival, 100 / 3]],
              [
                [brand, (n * 7.77777) % 50],
                [brand, 2 / 3],
                [rival, 2],
              ],
            ].slice(0, n % 7) as Made['photos'],
          }
          visits.push(visit)
        }
    await Promise.all(visits.map((visit) => pastVisit(visit.agentId, visit)))
  })

  const plainly = (metric: GoalMetric, people: string[]) => {
    const counted = visits.filter(
      (visit) =>
        people.includes(visit.agentId) &&
        visit.status === 'completed' &&
        visit.day >= startsOn &&
        visit.day <= endsOn,
    )
    if (metric === 'visits_completed') return counted.length
    if (metric === 'shops_covered') return new Set(counted.flatMap(({ shopId }) => shopId ?? [])).size
    if (metric === 'surveys_completed') return counted.filter(({ surveyId }) => surveyId).length
    const shares = counted
      .flatMap(({ photos }) => photos.filter((marks) => marks.length > 0))
      .map((marks) => marks.flatMap(([id, area]) => (id === brand ? Math.round(area * 10_000) : [])))
    const sum = shares.flat().reduce((total, share) => total + share, 0)
    return Math.round(sum / shares.length) / 10_000
  }

  test.each(['visits_completed', 'shops_covered', 'surveys_completed', 'shelf_share'] as const)(
    'of %s is what a plain count finds, for each person and all together',
    async (metric) => {
      const goal = await made(lea, {
        metric,
        target: 10,
        brandId: metric === 'shelf_share' ? brand : null,
        startsOn,
        endsOn,
        assignTo: [to(anna.id), to(alan.id), toTeam(pier)],
      })
      const together = plainly(metric, [anna.id, alan.id, lea.id])
      const expected = new Map([
        [anna.id, [1, plainly(metric, [anna.id])]],
        [alan.id, [1, plainly(metric, [alan.id])]],
        [pier, [3, together]],
      ])
      const found = await progressOf(lea, goal.id)
      const told = found.map(({ assignment: { userId, teamId }, people, progress }) => [
        userId ?? teamId!,
        [people, progress.value],
      ])
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected))
      expect(together).toBeGreaterThan(0)
      for (const { progress } of found)
        expect(progress.state).toBe(progress.value! >= 10 ? 'reached' : 'missed')
      const { body } = await list(lea, { state: 'ended', search: goal.name, pageSize: '100' })
      expect(body.goals.find(({ id }) => id === goal.id)!.progress).toEqual(found)

      // Who is in the team sees what all reached, and nobody's visits.
      const seen = await progressOf(alan, goal.id)
      expect(seen.find(({ assignment }) => assignment.teamId === pier)!.progress.value).toBe(together)
      expect(seen).toHaveLength(2)
    },
  )

  test('tells a member nothing of whose visits they were', async () => {
    const { body } = await alan.get<{ visits: { agentId: string }[] }>('/visits?pageSize=100')
    expect(new Set(body.visits.map(({ agentId }) => agentId))).toEqual(new Set([alan.id]))
  })

  test('of a team are those who are in it now, and nobody while it is out of use', async () => {
    const goal = await made(admin, { startsOn, endsOn, assignTo: [toTeam(quay)] })
    const told = async () =>
      (await progressOf(admin, goal.id)).map(({ people, progress }) => [people, progress.value])
    const berts = plainly('visits_completed', [bert.id])
    expect(await told()).toEqual([[2, berts]])
    await admin.post(`/teams/${quay}/members`, { userId: anna.id })
    expect(await told()).toEqual([[3, berts + plainly('visits_completed', [anna.id])]])
    await admin.delete(`/teams/${quay}/members?userId=${anna.id}`)
    await sql('UPDATE teams SET active = false WHERE id = $1', [quay])
    expect(await told()).toEqual([[0, 0]])
    await sql('UPDATE teams SET active = true WHERE id = $1', [quay])
  })

  test('without any mark is not nothing, but unknown', async () => {
    const unseen = (await field.brand('Unseen')).id
    const goal = { metric: 'shelf_share', target: 10, startsOn: '2025-06-01', endsOn: '2025-06-02' }
    const { id } = await made(lea, { ...goal, brandId: unseen, assignTo: [to(anna.id)] })
    expect((await progressOf(lea, id))[0]!.progress).toMatchObject({ value: null, state: 'missed' })
    const marked = await made(lea, { ...goal, startsOn, endsOn, brandId: unseen, assignTo: [to(anna.id)] })
    expect((await progressOf(lea, marked.id))[0]!.progress.value).toBe(0)
  })
})

test('a list of many takes no more statements than one of a few', async () => {
  const statements = async () => {
    let sent = 0
    const count = () => sent++
    server.app.knex.on('query', count)
    const { body } = await list(hedda, { pageSize: '100' })
    server.app.knex.removeListener('query', count)
    return { goals: body.goals.length, sent }
  }
  const few = await statements()
  for (let n = 0; n < 12; n++) await made(lea, { assignTo: [to(anna.id), toTeam(pier)] })
  expect(await statements()).toEqual({ goals: few.goals + 12, sent: few.sent })
})
