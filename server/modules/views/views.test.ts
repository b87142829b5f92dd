import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { View, ViewInput } from '#common/contract/views'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { listenTo } from '../../test/listener.ts'

let server: TestApp
let editor: Client
let colleague: Client
let manager: Client
let viewer: Client
beforeAll(async () => {
  server = await createTestApp()
  const site = server.ids.sites.Marketing
  ;[editor, colleague, manager, viewer] = (['editor', 'colleague', 'manager', 'viewer'] as const).map(
    (name) => server.as(name, site),
  ) as [Client, Client, Client, Client]
})
afterAll(() => server.close())

const input: ViewInput = {
  name: 'Open calls',
  shared: false,
  filter: { search: 'harbour', type: ['Call'], status: ['active'], createdFrom: '2026-01-01T00:00:00Z' },
  sort: [
    { field: 'lead', descending: false },
    { field: 'startDateTime', descending: true },
  ],
  columns: [
    { name: 'title', width: 300, pinned: 'left' },
    { name: 'notes', hidden: true },
  ],
}
const save = (client: Client, changes: Partial<ViewInput> = {}, id: string = randomUUID()) =>
  client.put<{ view: View }>(`/views/${id}`, { ...input, ...changes })
const list = async (client: Client) => (await client.get<{ views: View[] }>('/views')).body.views
const namesFor = async (client: Client) => (await list(client)).map(({ name }) => name)
const has = async (client: Client, id: string) => (await list(client)).some((view) => view.id === id)
const auditOf = async (id: string) =>
  (
    await server.database.owner.query<{ action: string }>(
      'SELECT action FROM audit_logs WHERE entity_id = $1 ORDER BY position',
      [id],
    )
  ).rows.map(({ action }) => action)

test('saved many times at once it is there once, and everybody is told so', async () => {
  const id = randomUUID()
  const answers = await Promise.all(Array.from({ length: 5 }, () => save(editor, {}, id)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(await auditOf(id)).toEqual(['view.created'])
})

test('a view is kept as it was saved, and is its owner’s alone', async () => {
  const id = randomUUID()
  const { status, body } = await save(editor, {}, id)
  expect(status).toBe(200)
  expect(body.view).toEqual({
    id,
    siteId: server.ids.sites.Marketing,
    ownerId: server.ids.users.editor,
    ...input,
    updatedAt: body.view.updatedAt,
  })
  expect((await list(editor)).find((view) => view.id === id)).toEqual(body.view)
  for (const other of [colleague, manager, viewer]) expect(await has(other, id)).toBe(false)
  expect(await has(server.as('editor', server.ids.sites.Sales), id)).toBe(false)
})

test('a shared one is everybody’s at the site, in the order of names', async () => {
  const id = randomUUID()
  await save(editor, { name: 'zebra', shared: true }, id)
  await save(editor, { name: 'Aardvark', shared: true })
  expect(await namesFor(viewer)).toEqual(['Aardvark', 'zebra'])
  expect(await has(server.as('admin', server.ids.sites.Sales), id)).toBe(false)
  expect(await has(server.as('outsider'), id)).toBe(false)
  await save(editor, { name: 'zebra', shared: false }, id)
  expect(await namesFor(viewer)).toEqual(['Aardvark'])
})

test('saving and deleting may be repeated; only what changes is journalled', async () => {
  const id = randomUUID()
  const first = (await save(editor, {}, id)).body.view
  expect((await save(editor, {}, id)).body.view).toEqual(first)
  await save(editor, { name: 'Other' }, id)
  for (let n = 0; n < 2; n++) expect((await editor.delete(`/views/${id}`)).status).toBe(200)
  expect(await auditOf(id)).toEqual(['view.created', 'view.updated', 'view.deleted'])
  expect((await editor.delete(`/views/${randomUUID()}`)).status).toBe(200)
})

describe('who may', () => {
  test('a viewer keeps views, and shares none', async () => {
    const id = randomUUID()
    expect((await save(viewer, {}, id)).status).toBe(200)
    expect((await save(viewer, { shared: true }, id)).status).toBe(403)
    expect((await save(viewer, { shared: true })).status).toBe(403)
    expect((await viewer.delete(`/views/${id}`)).status).toBe(200)
  })

  test('a shared one is changed by its owner and by administrators, who cannot take it for anybody alone', async () => {
    const id = randomUUID()
    await save(editor, { shared: true }, id)
    expect((await save(colleague, { shared: true, name: 'Mine' }, id)).status).toBe(403)
    expect((await colleague.delete(`/views/${id}`)).status).toBe(403)
    expect((await save(manager, { shared: false }, id)).status).toBe(403)
    const { body } = await save(manager, { shared: true, name: 'Better' }, id)
    expect(body.view).toMatchObject({ name: 'Better', ownerId: server.ids.users.editor })
    expect((await manager.delete(`/views/${id}`)).status).toBe(200)
    expect(await has(editor, id)).toBe(false)
  })

  test('a private one of somebody else cannot be told from none', async () => {
    const id = randomUUID()
    await save(editor, {}, id)
    for (const other of [colleague, manager]) {
      expect((await save(other, {}, id)).status).toBe(404)
      expect((await other.delete(`/views/${id}`)).status).toBe(200)
    }
    expect(await has(editor, id)).toBe(true)
  })

  test('nobody from another site or organisation', async () => {
    const id = randomUUID()
    await save(editor, { shared: true }, id)
    const outsider = server.as('outsider', server.ids.sites.Marketing)
    expect((await outsider.get('/views')).status).toBe(404)
    // The same id there is another view.
    expect((await save(server.as('outsider'), { name: 'Theirs' }, id)).status).toBe(200)
    expect(await has(editor, id)).toBe(true)
  })
})

test('what makes no sense is refused', async () => {
  for (const changes of [
    { name: ' ' },
    { name: 'x'.repeat(101) },
    { sort: [{ field: 'notes', descending: true }] },
    { filter: { colour: 'red' } },
    { columns: [{ name: 'title', width: 1 }] },
    { extra: 1 },
  ]) {
    expect((await save(editor, changes as Partial<ViewInput>)).status, JSON.stringify(changes)).toBe(400)
  }
})

test('devices are told that a shared one changed', async () => {
  const listener = await listenTo(server.app, inject('sessions').viewer.token)
  const told = listener.nextMessage()
  await save(editor, { shared: true })
  await told
  listener.socket.close()
  await listener.closed
})
