import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TenantRole } from '#common/contract/auth'
import { type Team, type TeamLevel, teamLevels } from '#common/contract/teams'
import { teamsAtOrBelow } from '#common/rules/team-tree'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import type { PersonName } from '../../test/fixture.ts'
import { asApp } from '../../test/scoped.ts'
import { systemScope } from '../../shared/scope.ts'

let server: TestApp
let admin: Client
let harbour: string
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  harbour = server.ids.tenants['Harbour & Vale']
})
afterAll(() => server.close())
beforeEach(async () => {
  const { owner } = server.database
  await owner.query('TRUNCATE user_teams, teams CASCADE')
  await owner.query(`DELETE FROM user_roles WHERE role NOT IN ('admin', 'super_admin')`)
})

async function create(
  name: string,
  level: TeamLevel = 'team',
  parent: Team | null = null,
  leader: PersonName | null = null,
  client = admin,
): Promise<Team> {
  const answer = await client.post<{ team: Team }>('/teams', {
    name,
    level,
    parentId: parent?.id ?? null,
    leaderId: leader && server.ids.users[leader],
  })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.team
}

const list = async (client: Client) => (await client.get<{ teams: Team[] }>('/teams')).body.teams
const names = async (client: Client) => (await list(client)).map(({ name }) => name)
const change = (client: Client, { id, version }: Team, changes: object) =>
  client.put<{ team: Team }>(`/teams/${id}`, { ...changes, version })
const add = (client: Client, { id }: Team, person: PersonName) =>
  client.post(`/teams/${id}/members`, { userId: server.ids.users[person] })
const remove = (client: Client, { id }: Team, person: PersonName) =>
  client.delete(`/teams/${id}/members?userId=${server.ids.users[person]}`)
const membersOf = async ({ id }: Team, query = '') =>
  (await admin.get<{ users: { username: string }[]; total: number }>(`/teams/${id}/members${query}`)).body

async function give(person: PersonName, role: TenantRole): Promise<Client> {
  await server.database.owner.query('INSERT INTO user_roles VALUES ($1, $2, $3)', [
    harbour,
    server.ids.users[person],
    role,
  ])
  return server.as(person)
}

const scope = (sql: string, person: PersonName, tenantId = harbour) =>
  asApp(
    server.database,
    { tenantId, siteId: null, userId: server.ids.users[person] },
    async (client) => (await client.query<{ ids: string[] }>(`SELECT ${sql} AS ids`)).rows[0]!.ids,
  )
const peopleOf = async (person: PersonName, tenantId?: string) => {
  const ids = await scope('(SELECT scope_people())', person, tenantId)
  return Object.entries(server.ids.users)
    .filter(([, id]) => ids.includes(id))
    .map(([name]) => name)
    .sort()
}

const audited = async () => {
  const { rows } = await server.database.owner.query<{
    action: string
    entity_id: string
    old_values: unknown
    new_values: unknown
  }>(
    `SELECT action, entity_id, old_values, new_values FROM audit_logs WHERE action LIKE 'team.%' ORDER BY position`,
  )
  return rows
}

describe('the tree', () => {
  test('a team is made, told, and audited; the same again under the same id is answered the same', async () => {
    const before = (await audited()).length
    const nation = await create('Germany', 'nation', null, 'manager')
    expect(nation).toMatchObject({ leaderName: 'Mona Pier', active: true, members: 0, version: 1 })
    expect(await list(admin)).toEqual([nation])
    const body = {
      ...nation,
      leaderName: undefined,
      active: undefined,
      members: undefined,
      version: undefined,
    }
    expect((await admin.post<{ team: Team }>('/teams', body)).body.team).toEqual(nation)
    expect(await admin.post('/teams', { ...body, name: 'Other' })).toMatchObject({
      status: 409,
      error: { current: nation },
    })
    expect((await audited()).slice(before)).toEqual([
      {
        action: 'team.created',
        entity_id: nation.id,
        old_values: null,
        new_values: {
          id: nation.id,
          name: 'Germany',
          level: 'nation',
          parentId: null,
          leaderId: server.ids.users.manager,
          active: true,
          version: 1,
        },
      },
    ])
  })

  test('a name is there once, whatever its case', async () => {
    await create('North')
    const answer = await admin.post('/teams', {
      name: ' NORTH ',
      level: 'team',
      parentId: null,
      leaderId: null,
    })
    expect(answer.error.details).toEqual([{ field: 'name', message: 'There is a team of this name already' }])
  })

  test.each(teamLevels.flatMap((upper) => teamLevels.map((lower) => [upper, lower] as const)))(
    'below a %s, a %s stands only where its level is lower',
    async (upper, lower) => {
      const fits = teamLevels.indexOf(lower) < teamLevels.indexOf(upper)
      const parent = await create('Upper', upper)
      const answer = await admin.post('/teams', {
        name: 'Lower',
        level: lower,
        parentId: parent.id,
        leaderId: null,
      })
      expect(answer.status).toBe(fits ? 201 : 400)
      if (!fits) expect(answer.error.details).toMatchObject([{ field: 'parentId' }])
    },
  )

  test('moving, renaming and another leader act at once, with the version that was seen', async () => {
    const [north, south] = [await create('North', 'area'), await create('South', 'area')]
    const team = await create('Harrow', 'team', north, 'editor')
    const moved = await change(admin, team, { parentId: south.id, name: 'Harrow two', leaderId: null })
    expect(moved.body.team).toMatchObject({
      parentId: south.id,
      name: 'Harrow two',
      leaderName: null,
      version: 2,
    })
    expect(await change(admin, team, { name: 'Late' })).toMatchObject({
      status: 409,
      error: { current: moved.body.team },
    })
    // What changes nothing is no change.
    expect((await change(admin, moved.body.team, { name: 'Harrow two' })).body.team.version).toBe(2)
    expect((await audited()).at(-1)).toMatchObject({
      action: 'team.updated',
      old_values: { name: 'Harrow', parentId: north.id },
      new_values: { name: 'Harrow two', parentId: south.id },
    })
  })

  test('a level that does not fit what is above or below is refused, and says what to do', async () => {
    const region = await create('West', 'region')
    const area = await create('Coast', 'area', region)
    const team = await create('Harbour', 'team', area)
    const refused = async (of: Team, changes: object) => (await change(admin, of, changes)).error.details
    expect(await refused(area, { level: 'team' })).toEqual([
      { field: 'level', message: 'Harbour, below it, is a team; move that or change its level first' },
    ])
    expect(await refused(area, { level: 'region' })).toEqual([
      { field: 'parentId', message: 'A region belongs below a nation, and this is a region' },
    ])
    expect(await refused(region, { parentId: region.id })).toEqual([
      { field: 'parentId', message: 'A team cannot be below itself' },
    ])
    expect(await refused(region, { parentId: team.id })).toEqual([
      { field: 'parentId', message: 'A region belongs below a nation, and this is a team' },
    ])
    // The level above that changes takes those below with it.
    expect((await change(admin, region, { level: 'nation' })).status).toBe(200)
    expect((await change(admin, area, { level: 'region' })).status).toBe(200)
  })

  test('two who move at once cannot close a circle, nor write one around the server', async () => {
    const [one, two] = [await create('One', 'region'), await create('Two', 'region')]
    const answers = await Promise.all([
      change(admin, one, { level: 'area', parentId: two.id }),
      change(admin, two, { level: 'area', parentId: one.id }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])

    const write = (id: string, parent: Team, level: TeamLevel) =>
      asApp(server.database, systemScope(harbour), (client) =>
        client.query('UPDATE teams SET parent_id = $1, parent_level = $2 WHERE id = $3', [
          parent.id,
          level,
          id,
        ]),
      )
    const [a, b] = [await create('A', 'region'), await create('B', 'region')]
    await expect(write(a.id, b, 'region')).rejects.toMatchObject({ constraint: 'teams_levels_in_order' })
    await expect(write(a.id, b, 'nation')).rejects.toMatchObject({ code: '23503' })
    await expect(write(a.id, a, 'region')).rejects.toMatchObject({ constraint: 'teams_levels_in_order' })
  })

  test('only a person of the organisation who can sign in leads or joins', async () => {
    const team = await create('North')
    const { outsider, viewer } = server.ids.users
    for (const leaderId of [outsider, randomUUID()]) {
      const answer = await change(admin, team, { leaderId })
      expect(answer).toMatchObject({ status: 400, error: { details: [{ field: 'leaderId' }] } })
    }
    await server.database.owner.query('UPDATE users SET active = false WHERE id = $1', [viewer])
    for (const userId of [outsider, randomUUID(), viewer]) {
      const answer = await admin.post(`/teams/${team.id}/members`, { userId })
      expect(answer).toMatchObject({ status: 400, error: { details: [{ field: 'userId' }] } })
    }
    await server.database.owner.query('UPDATE users SET active = true WHERE id = $1', [viewer])
  })

  test('a team out of use has none in use below it, and takes in neither people nor teams', async () => {
    const area = await create('North', 'area')
    const team = await create('Harrow', 'team', area)
    const refused = await change(admin, area, { active: false })
    expect(refused.error.details).toEqual([
      { field: 'active', message: 'Harrow is below it; move that or take it out of use first' },
    ])
    const stopped = (await change(admin, team, { active: false })).body.team
    const stoppedArea = (await change(admin, area, { active: false })).body.team
    expect((await add(admin, team, 'editor')).status).toBe(400)
    expect(await change(admin, stopped, { active: true })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'parentId', message: 'This team is out of use' }] },
    })
    await change(admin, stoppedArea, { active: true })
    expect((await change(admin, stopped, { active: true })).status).toBe(200)
  })
})

describe('the people of a team', () => {
  test('are added once, told by pages, found, and removed; each step is audited', async () => {
    const team = await create('North')
    const before = (await audited()).length
    expect((await add(admin, team, 'editor')).status).toBe(201)
    expect((await add(admin, team, 'editor')).status).toBe(201)
    await add(admin, team, 'colleague')
    expect(await membersOf(team)).toMatchObject({
      users: [{ username: 'colleague' }, { username: 'editor' }],
      total: 2,
      page: 1,
    })
    expect(await membersOf(team, '?page=2&pageSize=1')).toMatchObject({
      users: [{ username: 'editor' }],
      total: 2,
    })
    expect(await membersOf(team, '?search=LANE%20cora')).toMatchObject({
      users: [{ username: 'colleague' }],
      total: 1,
    })
    expect((await list(admin))[0]!.members).toBe(2)
    expect((await remove(admin, team, 'editor')).status).toBe(200)
    expect((await remove(admin, team, 'editor')).status).toBe(404)
    expect((await audited()).slice(before)).toMatchObject([
      { action: 'team.memberAdded', entity_id: team.id, new_values: { userId: server.ids.users.editor } },
      { action: 'team.memberAdded', new_values: { userId: server.ids.users.colleague } },
      { action: 'team.memberRemoved', old_values: { userId: server.ids.users.editor } },
    ])
  })

  test('the search for more offers who is not in it, of this organisation, and takes % for a percent sign', async () => {
    const team = await create('North')
    await add(admin, team, 'viewer')
    const found = async (search: string) => {
      const url = `/teams/${team.id}/candidates?search=${encodeURIComponent(search)}`
      return (await admin.get<{ users: { username: string }[] }>(url)).body.users.map(
        ({ username }) => username,
      )
    }
    expect(await found('lane')).toEqual(['colleague'])
    expect(await found('bright')).toEqual([])
    expect(await found('%')).toEqual([])
  })
})

describe('a leader', () => {
  /** Two branches under a nation; `manager` leads the northern area, `editor` the team in it. */
  async function plant() {
    const nation = await create('Germany', 'nation')
    const north = await create('North', 'area', nation, 'manager')
    const south = await create('South', 'area', nation)
    const harrow = await create('Harrow', 'team', north, 'editor')
    const bow = await create('Bow', 'team', south)
    await add(admin, harrow, 'colleague')
    await add(admin, bow, 'viewer')
    return { nation, north, south, harrow, bow }
  }

  test('sees the teams at or below theirs and their people, from the next request on', async () => {
    const { bow, harrow, north, south } = await plant()
    const area = await give('manager', 'area_manager')
    expect(await names(area)).toEqual(['Harrow', 'North'])
    expect(await peopleOf('manager')).toEqual(['colleague', 'editor', 'manager'])
    expect(await peopleOf('editor')).toEqual(['colleague', 'editor'])
    expect(await peopleOf('colleague')).toEqual([])
    expect(await peopleOf('manager', server.ids.tenants.Brightmart)).toEqual([])

    await change(admin, bow, { parentId: north.id })
    expect(await names(area)).toEqual(['Bow', 'Harrow', 'North'])
    expect(await peopleOf('manager')).toEqual(['colleague', 'editor', 'manager', 'viewer'])
    await change(admin, harrow, { active: false })
    expect(await peopleOf('manager')).toEqual(['manager', 'viewer'])
    await change(admin, north, { leaderId: null })
    expect(await names(area)).toEqual([])
    expect(await peopleOf('manager')).toEqual([])
    expect(south.id).toBeTruthy()
  })

  test('of teams takes people in and out at or below theirs, and makes none', async () => {
    const { bow, harrow, north } = await plant()
    const leader = await give('editor', 'team_leader')
    expect(await names(leader)).toEqual(['Harrow'])
    expect((await add(leader, harrow, 'siteless')).status).toBe(201)
    expect((await remove(leader, harrow, 'colleague')).status).toBe(200)
    for (const other of [bow, north, { ...bow, id: randomUUID() }]) {
      expect((await add(leader, other, 'siteless')).error.message).toBe('There is no such team among yours')
      expect((await remove(leader, other, 'viewer')).status).toBe(404)
      expect((await leader.get(`/teams/${other.id}/members`)).status).toBe(404)
      expect((await leader.get(`/teams/${other.id}/candidates?search=a`)).status).toBe(404)
    }
    expect((await change(leader, harrow, { name: 'Mine' })).status).toBe(403)
    expect((await membersOf(bow)).total).toBe(1)
  })

  test.each(['area_manager', 'regional_manager', 'national_manager'] as const)(
    '%s makes and moves teams at or below theirs, and nothing at the top',
    async (role) => {
      const { bow, harrow, north, south } = await plant()
      const manager = await give('manager', role)
      const made = await create('Wood', 'team', north, null, manager)
      expect((await change(manager, made, { name: 'Woods' })).status).toBe(200)
      const refused = async (body: object) =>
        (await manager.post('/teams', { name: 'X', level: 'team', leaderId: null, ...body })).error.details
      expect(await refused({ parentId: null })).toMatchObject([{ field: 'parentId' }])
      expect(await refused({ parentId: south.id })).toEqual(await refused({ parentId: randomUUID() }))
      expect((await change(manager, harrow, { parentId: south.id })).status).toBe(400)
      expect((await change(manager, harrow, { parentId: null })).status).toBe(400)
      expect((await change(manager, bow, { parentId: north.id })).status).toBe(404)
      expect((await change(manager, north, { parentId: null })).status).toBe(400)
      // Its own place stays as it is while something else changes.
      expect((await change(manager, north, { name: 'North end' })).status).toBe(200)
    },
  )

  test('a taken id of a team out of reach is told without the team', async () => {
    const { bow, north } = await plant()
    const manager = await give('manager', 'area_manager')
    const answer = await manager.post('/teams', { ...bow, id: bow.id, parentId: north.id, name: 'Y' })
    expect(answer.text).not.toContain('Bow')
  })

  test('without a leading role sees nothing of it', async () => {
    await plant()
    expect((await server.as('manager').get('/teams')).status).toBe(403)
    expect((await server.as('outsider').get<{ teams: Team[] }>('/teams')).body.teams).toEqual([])
  })
})

describe('in SQL, as the application', () => {
  test('the functions find what the shared rule finds, in any tree', async () => {
    const { owner } = server.database
    const people = ['admin', 'editor', 'colleague', 'viewer', 'manager'] as const
    let seed = 7
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
    for (let tree = 0; tree < 8; tree++) {
      await owner.query('TRUNCATE user_teams, teams CASCADE')
      const made: {
        id: string
        name: string
        level: TeamLevel
        parentId: string | null
        active: boolean
        leaderId: string | null
      }[] = []
      for (const level of teamLevels.toReversed()) {
        for (let n = 0; n < 4; n++) {
          const above = made.filter((team) => teamLevels.indexOf(team.level) > teamLevels.indexOf(level))
          const parent = random(5) ? above[random(above.length || 1)] : undefined
          const leader = random(3) ? null : server.ids.users[people[random(people.length)]!]
          const team = {
            id: randomUUID(),
            name: `${level} ${n}`,
            level,
            parentId: parent?.id ?? null,
            active: random(6) > 0,
            leaderId: leader,
          }
          made.push(team)
          await owner.query(
            'INSERT INTO teams (tenant_id, id, name, level, parent_id, parent_level, leader_id, active) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
            [harbour, team.id, team.name, level, team.parentId, parent?.level ?? null, leader, team.active],
          )
        }
      }
      for (const person of people) {
        const byRule = teamsAtOrBelow(made, ({ id }) =>
          made.some((t) => t.id === id && t.leaderId === server.ids.users[person]),
        )
        expect((await scope('(SELECT scope_teams())', person)).sort()).toEqual([...byRule].sort())
      }
    }
  })

  test('are called once for a statement, not for each row', async () => {
    const plan = await asApp(
      server.database,
      { tenantId: harbour, siteId: null, userId: server.ids.users.manager },
      async (client) => {
        const sql =
          'EXPLAIN (COSTS OFF) SELECT id FROM users WHERE id = ANY ((SELECT scope_people())::uuid[])'
        return (await client.query<{ 'QUERY PLAN': string }>(sql)).rows
          .map((row) => row['QUERY PLAN'])
          .join('\n')
      },
    )
    expect(plan).toContain('InitPlan')
  })

  test('rows of another organisation are neither there nor written', async () => {
    const team = await create('Canary 4711')
    await add(admin, team, 'editor')
    const brightmart = server.ids.tenants.Brightmart
    await asApp(server.database, systemScope(brightmart), async (client) => {
      expect((await client.query('SELECT FROM teams')).rowCount).toBe(0)
      expect((await client.query('SELECT FROM user_teams')).rowCount).toBe(0)
      expect((await client.query(`UPDATE teams SET name = 'x'`)).rowCount).toBe(0)
      expect((await client.query('DELETE FROM user_teams')).rowCount).toBe(0)
    })
    for (const [sql, values] of [
      [
        `INSERT INTO teams (tenant_id, id, name, level) VALUES ($1, gen_random_uuid(), 'x', 'team')`,
        [harbour],
      ],
      [
        'INSERT INTO user_teams (tenant_id, team_id, user_id) VALUES ($1, $2, $3)',
        [harbour, team.id, server.ids.users.viewer],
      ],
    ] as const) {
      await expect(
        asApp(server.database, systemScope(brightmart), (client) => client.query(sql, [...values])),
      ).rejects.toMatchObject({ code: '42501' })
    }
    // Nor does a row point across, whoever writes it.
    await expect(
      server.database.owner.query(
        'INSERT INTO user_teams (tenant_id, team_id, user_id) VALUES ($1, $2, $3)',
        [harbour, team.id, server.ids.users.outsider],
      ),
    ).rejects.toMatchObject({ code: '23503' })
  })
})
