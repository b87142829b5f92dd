import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ManagedType } from '#common/contract/interaction-types'
import { standardTypes } from '#db/seeds/demo'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createReplica } from '../../test/replica.ts'

let server: TestApp
let admin: Client
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin', server.ids.sites.Marketing)
})
afterAll(() => server.close())
beforeEach(async () => {
  await sql('UPDATE interactions SET type = $1, deleted_at = NULL', ['Meeting'])
  await sql('DELETE FROM interaction_types WHERE NOT name = ANY ($1)', [standardTypes])
  for (const [position, name] of standardTypes.entries())
    await sql('UPDATE interaction_types SET position = $1, active = true WHERE name = $2', [position, name])
})

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]
const list = async () => (await admin.get<{ types: ManagedType[] }>('/interaction-types')).body.types
const names = async () => (await list()).map(({ name }) => name)
const find = async (name: string) => (await list()).find((type) => type.name === name)!
const add = (name: string, id?: string) =>
  admin.post<{ type: ManagedType }>('/interaction-types', { name, ...(id && { id }) })
const change = (id: string, changes: object) =>
  admin.put<{ type: ManagedType }>(`/interaction-types/${id}`, changes)
const remove = (id: string) => admin.delete(`/interaction-types/${id}`)
const offered = async (replica: ReturnType<typeof createReplica>) => {
  await replica.catchUp()
  return [...replica.types.values()].sort((a, b) => a.position - b.position).map(({ name }) => name)
}

test('all are listed in order, with how many have them in all sites, deleted ones too', async () => {
  expect(await names()).toEqual(standardTypes)
  const { Marketing, Sales } = server.ids.sites
  await server.as('editor', Marketing).create({ type: 'Review' })
  await server.as('editor', Sales).create({ type: 'Review' })
  const deleted = await server.as('editor', Sales).create({ type: 'Review' })
  await server.as('editor', Sales).delete(`/interactions/${deleted.id}`)
  await server.as('outsider').create({ type: 'Review' })
  expect(await find('Review')).toMatchObject({ position: 4, active: true, used: 3 })
  expect((await find('Training')).used).toBe(0)
})

describe('adding', () => {
  test('puts it at the end, and devices offer it', async () => {
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    const { status, body } = await add('  Site tour ')
    expect(status).toBe(201)
    expect(body.type).toMatchObject({ name: 'Site tour', position: 8, active: true, used: 0 })
    expect(await names()).toEqual([...standardTypes, 'Site tour'])
    expect(await offered(replica)).toEqual([...standardTypes, 'Site tour'])
    expect(await admin.create({ type: 'Site tour' })).toMatchObject({ type: 'Site tour' })
  })

  test('again under the same id is answered the same', async () => {
    const id = randomUUID()
    await add('Once', id)
    expect(await add('Once', id)).toMatchObject({ status: 201, body: { type: { id, name: 'Once' } } })
    expect(await add('Twice', id)).toMatchObject({ status: 409 })
    expect((await names()).filter((name) => name === 'Once')).toHaveLength(1)
  })

  test('a name there is, however it is written, or that cannot be one, is refused', async () => {
    for (const name of ['Meeting', 'MEETING', ' Mééting']) {
      expect(await add(name)).toMatchObject({
        status: 400,
        error: { details: [{ field: 'name', message: 'There is a type of this name already' }] },
      })
    }
    for (const name of ['', '  ', 'a,b', ',', 'x'.repeat(51)])
      expect((await add(name)).status, name).toBe(400)
  })

  test('many at once gives each a place of its own', async () => {
    await Promise.all(['A1', 'A2', 'A3', 'A4'].map((name) => add(name)))
    const positions = (await list()).map(({ position }) => position)
    expect(positions).toEqual([...positions.keys()])
  })
})

describe('changing', () => {
  test('the position moves the others, for devices too', async () => {
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    const { body } = await change((await find('Other')).id, { position: 1 })
    expect(body.type).toMatchObject({ name: 'Other', position: 1 })
    const moved = ['Meeting', 'Other', ...standardTypes.slice(1, -1)]
    expect(await names()).toEqual(moved)
    expect(await offered(replica)).toEqual(moved)
    await change(body.type.id, { position: 1000 })
    expect(await names()).toEqual(standardTypes)
    expect(await brokenChains(sql)).toEqual([])
    await change((await find('Meeting')).id, { position: 2 })
    expect((await names()).slice(0, 3)).toEqual(['Call', 'Email', 'Meeting'])
  })

  test('taken out of use it is offered no more, and records keep it', async () => {
    const record = await admin.create({ type: 'Training' })
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    const { id } = await find('Training')
    await change(id, { active: false })
    expect(await offered(replica)).not.toContain('Training')
    expect(await names()).toContain('Training')
    expect(await admin.post('/interactions', { ...fieldsOfMeeting, type: 'Training' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'type' }] },
    })
    expect(await admin.update(record, { title: 'Still a training' })).toMatchObject({ type: 'Training' })
    await change(id, { active: true })
    expect(await offered(replica)).toEqual(standardTypes)
  })

  test('the name only as long as nothing has it', async () => {
    const { id } = (await add('Tour')).body.type
    expect(await change(id, { name: 'Guided tour' })).toMatchObject({
      body: { type: { name: 'Guided tour' } },
    })
    expect(await change(id, { name: 'call' })).toMatchObject({ status: 400 })
    expect((await change(id, { name: 'GUIDED tour' })).status).toBe(200)
    const record = await admin.create({ type: 'GUIDED tour' })
    await admin.delete(`/interactions/${record.id}`)
    expect(await change(id, { name: 'Another' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'name', message: expect.stringContaining('keep its name') as string }] },
    })
  })

  test('nothing writes nothing', async () => {
    const before = await sql('SELECT FROM audit_logs')
    expect((await change((await find('Call')).id, { name: 'Call', active: true })).status).toBe(200)
    expect((await change((await find('Call')).id, {})).status).toBe(200)
    expect(await sql('SELECT FROM audit_logs')).toHaveLength(before.length)
  })

  test('while somebody begins to use it, one of them wins and nothing breaks', async () => {
    const { id } = (await add('Contested')).body.type
    const [created, renamed] = await Promise.all([
      admin.post('/interactions', { ...fieldsOfMeeting, type: 'Contested' }),
      change(id, { name: 'Renamed' }),
    ])
    expect([created.status, renamed.status].sort()).not.toContain(500)
    expect([created.status === 201, renamed.status === 200].filter(Boolean)).toHaveLength(1)
  })
})

describe('deleting', () => {
  test('is for what nothing has', async () => {
    const { id } = (await add('Unused')).body.type
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    expect(await offered(replica)).toContain('Unused')
    expect((await remove(id)).status).toBe(200)
    expect(await offered(replica)).not.toContain('Unused')
    expect((await remove(id)).status).toBe(404)

    const used = await find('Visit')
    await server.as('editor', server.ids.sites.Sales).create({ type: 'Visit' })
    expect(await remove(used.id)).toMatchObject({
      status: 409,
      error: { message: expect.stringContaining('take it out of use') as string },
    })
  })
})

test('is for admins of the organisation, within it', async () => {
  const { id } = await find('Call')
  for (const client of [server.as('manager', server.ids.sites.Marketing), server.as('editor')]) {
    expect(await client.get('/interaction-types')).toMatchObject({
      status: 403,
      error: { message: 'Your role in the organisation does not allow this' },
    })
    expect((await client.post('/interaction-types', { name: 'X' })).status).toBe(403)
    expect((await client.put(`/interaction-types/${id}`, { active: false })).status).toBe(403)
    expect((await client.delete(`/interaction-types/${id}`)).status).toBe(403)
  }
  const outsider = server.as('outsider')
  expect((await outsider.put(`/interaction-types/${id}`, { active: false })).status).toBe(404)
  expect((await outsider.delete(`/interaction-types/${id}`)).status).toBe(404)
})

const fieldsOfMeeting = {
  title: 'A meeting',
  lead: 'Ana Jones',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Europe/Berlin',
}
