import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import type { User, UserPage } from '#common/contract/users'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { password } from '../../test/fixture.ts'
import { listenTo } from '../../test/listener.ts'
import { asApp } from '../../test/scoped.ts'
import { writingTogether } from '../../test/together.ts'
import { indexes, kinds, nodes, type PlanNode, relations } from '../../test/plans.ts'

let server: TestApp
let admin: Client
let harbour: string
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  harbour = server.ids.tenants['Harbour & Vale']
})
afterAll(() => server.close())

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]
const entriesOf = (id: string) =>
  sql<{ action: string; old_values: unknown; new_values: unknown }>(
    'SELECT action, old_values, new_values, actor_id FROM audit_logs WHERE entity_id = $1 ORDER BY position',
    [id],
  )
const mailsTo = async (id: string) =>
  (
    await sql<{ kind: string }>('SELECT kind FROM mails WHERE user_id = $1 ORDER BY created_at, id', [id])
  ).map(({ kind }) => kind)

let count = 0
const draft = (more: object = {}) => {
  const name = `person${++count}`
  return {
    id: randomUUID(),
    username: name,
    email: `${name}@harbour-vale.example`,
    displayName: `Person ${count}`,
    sites: [{ siteId: server.ids.sites.Marketing, role: 'viewer' }],
    ...more,
  }
}
async function create(more: object = {}): Promise<User> {
  const answer = await admin.post<{ user: User }>('/users', draft(more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body.user
}
const read = async (id: string) => (await admin.get<{ user: User }>(`/users/${id}`)).body.user
const change = ({ id, version }: User, changes: object, client = admin) =>
  client.put<{ user: User }>(`/users/${id}`, { ...changes, version })
const give = (id: string, roles: string[], client = admin) =>
  client.post<{ user: User }>(`/users/${id}/roles`, { roles })
const signIn = (username: string, secret = password) =>
  server.anonymous().post<SignedIn>('/auth/login', { username, password: secret })
const list = async (query: Record<string, string>, client = admin) => {
  const answer = await client.call<UserPage>('GET', '/users', { query })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
const names = async (query: Record<string, string>, client = admin) =>
  (await list(query, client)).users.map(({ username }) => username)

describe('adding people', () => {
  test('invites them by mail, tells the audit and the devices, and comes once however often it is sent', async () => {
    const cursor = (await server.as('viewer').pull()).cursor
    const given = draft({ roles: ['agent'], displayName: '  Zoë Quay ' })
    const answer = await admin.post<{ user: User }>('/users', given)
    expect(answer.status, answer.text).toBe(201)
    expect(answer.body.user).toMatchObject({
      id: given.id,
      displayName: 'Zoë Quay',
      status: 'invited',
      roles: ['agent'],
      sites: [{ id: server.ids.sites.Marketing, name: 'Marketing', role: 'viewer' }],
      version: 1,
    })
    const again = await admin.post<{ user: User }>('/users', given)
    expect([again.status, again.body]).toEqual([201, answer.body])
    expect(await mailsTo(given.id)).toEqual(['invitation'])
    expect(await entriesOf(given.id)).toMatchObject([
      { action: 'user.created', new_values: { username: given.username, roles: ['agent'], invited: true } },
    ])
    const page = await server.as('viewer').pull({ cursor })
    expect(page.changes).toContainEqual({
      entity: 'person',
      record: { id: given.id, displayName: 'Zoë Quay' },
    })

    const other = await admin.post('/users', { ...given, displayName: 'Somebody else' })
    expect([other.status, other.error.code]).toEqual([409, 'CONFLICT'])
  })

  test('with a first password lets them in, to choose another', async () => {
    const { id, username, status } = await create({ password: 'Harbour-7-Lights' })
    expect([status, await mailsTo(id)]).toEqual(['active', []])
    const { body } = await signIn(username, 'Harbour-7-Lights')
    expect(body.user.mustChangePassword).toBe(true)
    expect(JSON.stringify(await entriesOf(id))).not.toContain('Lights')
  })

  test.each([
    [{ password: 'short' }, 'password'],
    [{ sites: [] }, 'sites'],
    [{ sites: [{ siteId: randomUUID(), role: 'viewer' }] }, 'sites'],
    [{ username: 'with@sign' }, 'username'],
    [{ email: 'nowhere' }, 'email'],
    [{ displayName: '  ' }, 'displayName'],
    [{ roles: ['super_admin'] }, 'roles.0'],
    [{ roles: ['king'] }, 'roles.0'],
    [{ username: 'EDITOR' }, 'username'],
    [{ email: 'Editor@Harbour-Vale.example' }, 'email'],
  ])('is refused by name: %j', async (more, field) => {
    const answer = await admin.post('/users', draft(more))
    expect([answer.status, answer.error.details?.[0]?.field], answer.text).toEqual([400, field])
  })

  test('does not tell who is in another organisation', async () => {
    const words = async (more: object) => (await admin.post('/users', draft(more))).error
    const own = await words({ email: 'editor@harbour-vale.example' })
    const foreign = await words({ email: 'outsider@brightmart.example' })
    expect({ ...foreign, requestId: '' }).toEqual({ ...own, requestId: '' })
    expect((await words({ username: 'outsider' })).details).toEqual(
      (await words({ username: 'editor' })).details,
    )
    expect((await words({ id: server.ids.users.outsider })).details).toMatchObject([{ field: 'id' }])
    const site = { siteId: server.ids.sites['Head office'], role: 'viewer' }
    expect((await words({ sites: [site] })).details).toEqual(
      (await words({ sites: [{ ...site, siteId: randomUUID() }] })).details,
    )
  })
})

describe('changing people', () => {
  test('writes down what was and what is, and devices learn the name', async () => {
    const user = await create()
    const { cursor } = await server.as('viewer').pull()
    const answer = await change(user, { displayName: 'Anew', email: 'anew@harbour-vale.example' })
    expect(answer.body.user).toMatchObject({ displayName: 'Anew', version: 2 })
    expect((await entriesOf(user.id)).at(-1)).toMatchObject({
      action: 'user.updated',
      old_values: { displayName: user.displayName, email: user.email },
      new_values: { displayName: 'Anew', email: 'anew@harbour-vale.example' },
    })
    const { changes } = await server.as('viewer').pull({ cursor })
    expect(changes).toEqual([{ entity: 'person', record: { id: user.id, displayName: 'Anew' } }])

    const stale = await change(user, { displayName: 'Late' })
    expect(stale).toMatchObject({ status: 409, error: { current: { displayName: 'Anew', version: 2 } } })
    const same = await change(answer.body.user, { displayName: 'Anew' })
    expect(same.body.user.version).toBe(2)
  })

  test('of oneself changes name and address, and no more', async () => {
    const id = server.ids.users.colleague
    const me = server.as('colleague')
    const user = (await me.get<{ user: User }>(`/users/${id}`)).body.user
    const renamed = await change(user, { displayName: 'Cora Pier' }, me)
    expect(renamed.status, renamed.text).toBe(200)
    for (const more of [{ active: false }, { username: 'other' }, { defaultSiteId: null }]) {
      const answer = await change(renamed.body.user, more, me)
      expect([answer.status, answer.error.details?.[0]?.field]).toEqual([403, Object.keys(more)[0]])
    }
    // Of others nothing, whether there are any or not.
    for (const other of [server.ids.users.editor, server.ids.users.outsider, randomUUID()]) {
      expect((await me.get(`/users/${other}`)).status).toBe(403)
      expect((await change({ ...user, id: other }, { displayName: 'X' }, me)).status).toBe(403)
    }
    expect((await me.get('/users')).status).toBe(403)
    expect((await me.get('/roles')).status).toBe(403)
  })

  test('gives them a default site of their own', async () => {
    const user = await create()
    const { Marketing, Sales, 'Head office': office } = server.ids.sites
    for (const defaultSiteId of [Sales, office]) {
      expect(await change(user, { defaultSiteId })).toMatchObject({
        status: 400,
        error: { details: [{ field: 'defaultSiteId' }] },
      })
    }
    expect((await change(user, { defaultSiteId: Marketing })).body.user.defaultSiteId).toBe(Marketing)
  })
})

describe('disabling', () => {
  test('ends what is open at once, keeps the person, and can be taken back', async () => {
    const user = await create({ password: 'Harbour-7-Lights' })
    const { token, refreshToken } = (await signIn(user.username, 'Harbour-7-Lights')).body
    const me = server.anonymous(token)
    expect((await me.get('/auth/me')).status).toBe(200)
    const listener = await listenTo(server.app, inject('sessions').viewer.token)
    const told = listener.nextMessage()
    expect((await admin.delete(`/users/${user.id}`)).status).toBe(200)
    await told
    listener.socket.close()
    await listener.closed
    expect((await me.get('/auth/me')).status).toBe(401)
    expect((await server.anonymous().post('/auth/refresh', { refreshToken })).status).toBe(401)
    expect((await signIn(user.username, 'Harbour-7-Lights')).status).toBe(401)
    const disabled = await read(user.id)
    expect(disabled).toMatchObject({ status: 'disabled', version: 2 })
    expect((await admin.delete(`/users/${user.id}`)).status).toBe(200)
    expect((await entriesOf(user.id)).filter(({ action }) => action === 'user.disabled')).toHaveLength(1)

    for (const path of ['invite', 'reset-password']) {
      expect((await admin.post(`/users/${user.id}/${path}`, {})).status).toBe(400)
    }
    expect((await change(disabled, { active: true })).body.user.status).toBe('active')
    // Sessions that were ended stay so.
    expect((await me.get('/auth/me')).status).toBe(401)
    expect((await signIn(user.username, 'Harbour-7-Lights')).status).toBe(200)
  })

  test('spares the last admin, and oneself', async () => {
    const last = server.ids.users.admin
    const answer = await give(last, [])
    expect(answer).toMatchObject({ status: 400, error: { details: [{ field: 'roles' }] } })
    expect((await admin.delete(`/users/${last}`)).status).toBe(400)
    expect((await change(await read(last), { active: false })).status).toBe(400)
    expect((await read(last)).roles).toEqual(['admin'])
  })

  test.each([
    ['the role taken from both', 'user_roles', (id: string) => give(id, [])],
    [
      'one disabled, and the role taken from the other',
      'users, user_roles',
      (id: string) => admin.delete(`/users/${id}`),
    ],
  ])('leaves one admin where there were two: %s at once', async (_, tables, demote) => {
    const me = server.ids.users.admin
    // Else they would be refused for being left without a site.
    await sql(
      `INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, 'editor') ON CONFLICT DO NOTHING`,
      [harbour, me, server.ids.sites.Marketing],
    )
    const other = await create({ roles: ['admin'], password: 'Harbour-7-Lights' })
    const answers = await writingTogether<{ status: number }>(server.database, tables, [
      () => demote(other.id),
      () => give(me, []),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    const left = await sql(
      `SELECT FROM user_roles r JOIN users u ON u.id = r.user_id AND u.active
       WHERE r.tenant_id = $1 AND r.role = 'admin'`,
      [harbour],
    )
    expect(left).toHaveLength(1)
    await sql(`INSERT INTO user_roles VALUES ($1, $2, 'admin') ON CONFLICT DO NOTHING`, [harbour, me])
    await sql(`DELETE FROM user_roles WHERE user_id = $1`, [other.id])
    await sql(`DELETE FROM user_sites WHERE user_id = $1`, [me])
  })
})

describe('roles', () => {
  test('are replaced, count with the next request, and are told with what they were', async () => {
    const { id } = await create()
    expect((await give(id, ['team_leader', 'agent'])).body.user.roles).toEqual(['agent', 'team_leader'])
    expect((await give(id, ['admin'])).body.user.roles).toEqual(['admin'])
    expect((await entriesOf(id)).at(-1)).toMatchObject({
      action: 'user.roles_changed',
      old_values: { roles: ['agent', 'team_leader'] },
      new_values: { roles: ['admin'] },
    })
    expect((await give(id, [])).status).toBe(200)
    const { body } = await admin.get<{ roles: { name: string; users: number }[] }>('/roles')
    expect(body.roles.find(({ name }) => name === 'admin')).toEqual({ name: 'admin', users: 1 })
    expect(body.roles.map(({ name }) => name)).not.toContain('super_admin')
    expect((await give(id, ['super_admin'])).status).toBe(400)
  })

  test('nobody who belongs to no site loses the role that opens all of them', async () => {
    const { id } = await create({ roles: ['admin'] })
    await sql('DELETE FROM user_sites WHERE user_id = $1', [id])
    expect(await give(id, ['agent'])).toMatchObject({ status: 400, error: { details: [{ field: 'roles' }] } })
    await sql('DELETE FROM user_roles WHERE user_id = $1', [id])
  })
})

describe('letting people in again', () => {
  test('unlocks who typed wrong passwords', async () => {
    const user = await create({ password: 'Harbour-7-Lights' })
    for (let failures = 0; failures < 5; failures++) await signIn(user.username, 'wrong')
    expect((await signIn(user.username, 'Harbour-7-Lights')).status).toBe(423)
    expect(await read(user.id)).toMatchObject({ status: 'locked' })
    expect(await names({ status: 'locked' })).toEqual([user.username])
    const { body } = await admin.post<{ user: User }>(`/users/${user.id}/unlock`, {})
    expect(body.user.status).toBe('active')
    expect((await signIn(user.username, 'Harbour-7-Lights')).status).toBe(200)
    expect((await entriesOf(user.id)).at(-1)).toMatchObject({ action: 'user.unlocked' })
  })

  test('mails a code for another password, or the invitation again', async () => {
    const invited = await create()
    expect((await admin.post(`/users/${invited.id}/invite`, {})).status).toBe(200)
    expect((await admin.post(`/users/${invited.id}/reset-password`, {})).status).toBe(200)
    expect(await mailsTo(invited.id)).toEqual(['invitation', 'invitation', 'invitation'])
    const active = await create({ password: 'Harbour-7-Lights' })
    expect((await admin.post(`/users/${active.id}/invite`, {})).status).toBe(400)
    expect((await admin.post(`/users/${active.id}/reset-password`, {})).status).toBe(200)
    expect(await mailsTo(active.id)).toEqual(['passwordReset'])
    expect((await entriesOf(active.id)).at(-1)).toMatchObject({ action: 'user.password_reset_mailed' })
  })
})

describe('another organisation', () => {
  test('has nobody one could read or change: its people are as if they were not', async () => {
    const outsider = server.ids.users.outsider
    const attempts: [method: 'GET' | 'PUT' | 'DELETE' | 'POST', path: string, payload?: object][] = [
      ['GET', ''],
      ['PUT', '', { displayName: 'Mine', version: 1 }],
      ['DELETE', ''],
      ['POST', '/roles', { roles: [] }],
      ['POST', '/unlock', {}],
      ['POST', '/reset-password', {}],
      ['POST', '/invite', {}],
    ]
    for (const [method, path, payload] of attempts) {
      const [foreign, missing] = await Promise.all(
        [outsider, randomUUID()].map((id) =>
          admin.call(method, `/users/${id}${path}`, payload ? { payload } : {}),
        ),
      )
      expect(foreign!.status, method + path).toBe(404)
      expect({ ...foreign!.error, requestId: '' }).toEqual({ ...missing!.error, requestId: '' })
    }
    expect(await entriesOf(outsider)).toEqual([])
    expect(await names({ search: 'outsider' })).toEqual([])
    expect(await names({ site: server.ids.sites['Head office'] })).toEqual([])
  })
})

describe('the list', () => {
  test('finds without accents or case, in names, user names and addresses', async () => {
    const { username } = await create({ displayName: 'Łukasz Ødegård-Müller' })
    for (const search of ['odegard', 'ŁUKASZ mull', 'Müller', username, `${username}@harbour`]) {
      expect(await names({ search }), search).toEqual([username])
    }
    for (const search of ['%', '_', '\\', 'nobody at all']) expect(await names({ search })).toEqual([])
  })

  test('filters by role, site and status, sorts and pages', async () => {
    expect(await names({ role: 'admin' })).toEqual(['admin'])
    expect(await names({ site: server.ids.sites.Sales })).toEqual(['editor'])
    const { id, username } = await create()
    await admin.delete(`/users/${id}`)
    const disabled = await list({ status: 'disabled', pageSize: '100' })
    expect(disabled.users.map((user) => user.username)).toContain(username)
    expect(disabled.users.filter(({ status }) => status !== 'disabled')).toEqual([])
    const all = await list({ pageSize: '100', sort: 'username' })
    expect(all.total).toBe(all.users.length)
    const usernames = all.users.map(({ username }) => username)
    expect(usernames).toEqual([...usernames].sort())
    const backwards = await names({ pageSize: '100', sort: '-username' })
    expect(backwards).toEqual([...usernames].reverse())
    const second = await list({ pageSize: '5', page: '2', sort: 'username' })
    expect(second).toMatchObject({ total: all.total, page: 2, pageSize: 5 })
    expect(second.users).toEqual(all.users.slice(5, 10))
    for (const sort of ['displayName', 'email', 'lastLoginAt', '-lastLoginAt', 'createdAt']) {
      expect((await list({ sort })).total).toBe(all.total)
    }
    expect((await admin.get('/users?sort=password')).status).toBe(400)
  })

  test('is for a leader of a team the people of that team', async () => {
    const [leader, member] = [server.ids.users.manager, server.ids.users.editor]
    await give(leader, ['team_leader'])
    const manager = server.as('manager')
    expect(await names({}, manager)).toEqual([])
    const team = await admin.post<{ team: { id: string } }>('/teams', {
      name: 'North',
      level: 'team',
      parentId: null,
      leaderId: leader,
    })
    const { id } = team.body.team
    await admin.post(`/teams/${id}/members`, { userId: member })
    expect(await names({}, manager)).toEqual(['editor', 'manager'])
    expect(await names({ team: id })).toEqual(['editor'])
    expect((await manager.get(`/users/${member}`)).status).toBe(200)
    const refusals = await Promise.all(
      [server.ids.users.viewer, server.ids.users.outsider, randomUUID()].map((other) =>
        manager.get(`/users/${other}`),
      ),
    )
    expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404])
    expect((await manager.post('/users', draft())).status).toBe(403)
    expect((await manager.delete(`/users/${member}`)).status).toBe(403)
    await give(leader, [])
  })

  test('of ten thousand reads what it shows, and no other organisation', async () => {
    await sql(
      `INSERT INTO users (tenant_id, id, username, email, display_name)
       SELECT $1, gen_random_uuid(), 'crowd' || n, 'crowd' || n || '@brightmart.example', 'Crowd ' || n
       FROM generate_series(1, 10000) n`,
      [server.ids.tenants.Brightmart],
    )
    await sql('ANALYZE users')
    const statements = countStatements()
    const page = await list({ pageSize: '100' }, server.as('outsider'))
    expect(page).toMatchObject({ total: 10_001, users: { length: 100 } })
    // Not one a person: the session, the scope, how many, which, who, and what the scope begins and ends with.
    expect(statements()).toBeLessThan(12)
    expect(await names({ search: 'crowd 5555 ' }, server.as('outsider'))).toEqual(['crowd5555'])

    const explained = async (tenantId: string, query: string) =>
      asApp(server.database, { tenantId, siteId: null }, async (client) => {
        const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${query}`,
          [tenantId],
        )
        return nodes(rows[0]!['QUERY PLAN'][0].Plan)
      })
    const first = await explained(
      server.ids.tenants.Brightmart,
      'SELECT u.id FROM users u WHERE u.tenant_id = $1 ORDER BY u.name_key ASC NULLS LAST, u.id ASC LIMIT 25',
    )
    expect(indexes(first)).toContain('users_by_name')
    expect(kinds(first)).not.toContain('Sort')
    const small = await explained(
      harbour,
      `SELECT FROM users u WHERE u.tenant_id = $1 AND u.search_text LIKE '%zz%'`,
    )
    expect(relations(small)).toEqual(['users'])
    expect(kinds(small)).not.toContain('Seq Scan')
  })
})

/** How many statements the application has sent since. */
function countStatements(): () => number {
  let sent = 0
  const count = () => sent++
  server.app.knex.on('query', count)
  return () => {
    server.app.knex.removeListener('query', count)
    return sent
  }
}
