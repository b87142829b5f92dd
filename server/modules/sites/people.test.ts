import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Site, SiteUser } from '#common/contract/sites'
import { type Answer, type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { listenTo } from '../../test/listener.ts'
import { writingTogether } from '../../test/together.ts'

let server: TestApp
let admin: Client
let manager: Client
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  manager = server.as('manager')
})
afterAll(() => server.close())

const entriesOf = async (id: string) =>
  (
    await server.database.owner.query<{ action: string; feed_id: string }>(
      'SELECT action, feed_id, old_values, new_values FROM audit_logs WHERE entity_id = $1 ORDER BY position',
      [id],
    )
  ).rows
async function create(name: string): Promise<Site> {
  const answer = await admin.post<{ site: Site }>('/sites', { id: randomUUID(), name })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.site
}
const change = ({ id, version }: Site, changes: object) =>
  admin.put<{ site: Site }>(`/sites/${id}`, { ...changes, version })
const assign = (site: string, userId: string, role: string, client = admin) =>
  client.post<{ user: SiteUser }>(`/sites/${site}/users`, { userId, role })
const remove = (site: string, userId: string, client = admin) =>
  client.delete(`/sites/${site}/users?userId=${userId}`)
const members = async (site: string, query = '', client = admin) =>
  (await client.get<{ users: SiteUser[]; total: number }>(`/sites/${site}/users${query}`)).body

test('a site is added once, changed by version, and told to the audit and to devices', async () => {
  const id = randomUUID()
  const given = { id, name: ' North ', description: 'Up there' }
  const listener = await listenTo(server.app, inject('sessions').admin.token)
  const told = listener.nextMessage()
  const { status, body } = await admin.post<{ site: Site }>('/sites', given)
  await told
  listener.socket.close()
  await listener.closed
  expect([status, body.site]).toEqual([
    201,
    { id, name: 'North', description: 'Up there', settings: {}, active: true, version: 1 },
  ])
  expect((await admin.post('/sites', given)).body).toEqual(body)
  expect((await admin.post('/sites', { ...given, name: 'South' })).status).toBe(409)
  expect((await admin.pull()).sites.map((site) => site.name)).toContain('North')

  const changed = await change(body.site, { name: 'Norden', description: null })
  expect(changed.body.site).toMatchObject({ name: 'Norden', description: null, version: 2 })
  expect(await change(body.site, { name: 'Late' })).toMatchObject({
    status: 409,
    error: { current: { name: 'Norden' } },
  })
  expect(await entriesOf(id)).toMatchObject([
    { action: 'site.created' },
    {
      action: 'site.updated',
      old_values: { name: 'North', description: 'Up there' },
      new_values: { name: 'Norden', description: null },
    },
  ])
  for (const name of ['MARKETING', ' märketing']) {
    const again = await admin.post('/sites', { name })
    expect(again).toMatchObject({ status: 400, error: { details: [{ field: 'name' }] } })
  }
  const foreign = await admin.post('/sites', { id: server.ids.sites['Head office'], name: 'Mine' })
  expect(foreign).toMatchObject({ status: 400, error: { details: [{ field: 'id' }] } })
})

test('admins see all sites with how many belong to them, others their own', async () => {
  const out = await create('Closed')
  await change(out, { active: false })
  const { sites } = (await admin.get<{ sites: Site[] }>('/sites')).body
  expect(sites.find(({ id }) => id === out.id)).toMatchObject({ active: false, users: 0 })
  expect(sites.find(({ name }) => name === 'Sales')).toMatchObject({ active: true, users: 1 })
  const own = (await manager.get<{ sites: Site[] }>('/sites')).body.sites
  expect(own.map(({ name }) => name)).toEqual(['Marketing'])
  expect((await manager.get(`/sites/${out.id}`)).status).toBe(404)
  expect((await manager.post('/sites', { name: 'Mine' })).status).toBe(403)
  expect((await manager.put(`/sites/${out.id}`, { name: 'Mine', version: 1 })).status).toBe(403)
})

test('a membership counts with the next request and the next pull, and its end too', async () => {
  const { id } = await create('West')
  const viewer = server.as('viewer', id)
  const user = server.ids.users.viewer
  expect((await viewer.list()).status).toBe(404)
  const listener = await listenTo(server.app, inject('sessions').viewer.token)
  const told = listener.nextMessage()
  const { body } = await assign(id, user, 'viewer')
  await told
  listener.socket.close()
  await listener.closed
  expect(body.user).toMatchObject({ id: user, username: 'viewer', role: 'viewer', active: true })
  expect((await viewer.list()).status).toBe(200)
  expect((await viewer.pull()).sites.map((site) => site.name)).toContain('West')
  const refused = await viewer.post('/interactions', { title: 'No' })
  expect(refused.status).toBe(403)

  await assign(id, user, 'editor')
  const created = await viewer.post('/interactions', { title: 'Yes', status: 'draft' })
  expect(created.status, created.text).toBe(201)
  expect((await members(id)).users).toMatchObject([{ id: user, role: 'editor' }])

  expect((await remove(id, user)).status).toBe(200)
  expect((await viewer.list()).status).toBe(404)
  expect((await viewer.pull()).sites.map((site) => site.name)).not.toContain('West')
  expect((await remove(id, user)).status).toBe(404)
  expect((await entriesOf(user)).filter(({ feed_id }) => feed_id === id)).toMatchObject([
    { action: 'site.user_added', old_values: null, new_values: { role: 'viewer' } },
    { action: 'site.user_role_changed', old_values: { role: 'viewer' }, new_values: { role: 'editor' } },
    { action: 'site.user_removed', old_values: { role: 'editor' }, new_values: null },
  ])
})

test('an administrator of a site keeps its people, and of no other', async () => {
  const { Marketing, Sales } = server.ids.sites
  const { siteless, outsider } = server.ids.users
  expect((await assign(Marketing, siteless, 'viewer', manager)).status).toBe(200)
  const found = await members(Marketing, '?search=sid&pageSize=5', manager)
  expect([found.total, found.users.map(({ username }) => username)]).toEqual([1, ['siteless']])
  for (const userId of [outsider, randomUUID()]) {
    expect((await assign(Marketing, userId, 'viewer', manager)).status).toBe(404)
    expect((await remove(Marketing, userId, manager)).status).toBe(404)
  }
  for (const site of [Sales, server.ids.sites['Head office'], randomUUID()]) {
    const answers = [
      await manager.get(`/sites/${site}/users`),
      await assign(site, siteless, 'viewer', manager),
      await remove(site, siteless, manager),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  }
  for (const site of [server.ids.sites['Head office'], randomUUID()]) {
    const answers = [
      await admin.get(`/sites/${site}/users`),
      await admin.get(`/sites/${site}`),
      await assign(site, siteless, 'viewer'),
      await remove(site, siteless),
      await admin.put(`/sites/${site}`, { name: 'Mine', version: 1 }),
    ]
    expect(answers.map(({ status, error }) => [status, error.message])).toEqual([
      ...Array.from({ length: 5 }, () => [404, 'There is no such site among yours']),
    ])
  }
  expect((await server.as('editor').get(`/sites/${Marketing}/users`)).status).toBe(403)
})

test('nobody is left without a site, by one request or by two at once', async () => {
  const [one, other] = [await create('One'), await create('Other')]
  const user = server.ids.users.colleague
  await assign(one.id, user, 'editor')
  await assign(other.id, user, 'editor')
  await remove(server.ids.sites.Marketing, user)
  const answers = await writingTogether<Answer<object>>(server.database, 'user_sites', [
    () => remove(one.id, user),
    () => remove(other.id, user),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  const refused = answers.find(({ status }) => status === 400)!
  expect(refused.error.details).toMatchObject([{ field: 'sites' }])

  const left = answers[0]!.status === 400 ? one : other
  const closing = await change(left, { active: false })
  expect(closing).toMatchObject({ status: 400, error: { details: [{ field: 'active' }] } })
  await assign(server.ids.sites.Marketing, user, 'editor')
  expect((await change(left, { active: false })).status).toBe(200)
  expect((await assign(left.id, user, 'viewer')).status).toBe(400)
})
