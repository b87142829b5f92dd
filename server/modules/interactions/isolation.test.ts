import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import { type Answer, type Client, createTestApp, meeting, type TestApp } from '../../test/app.ts'

let server: TestApp
let editor: Client
/** Records that exist, but not for the editor at Marketing. */
let foreign: Record<
  'of another site of theirs' | 'of a site of others' | 'of another organisation',
  Interaction
>
beforeAll(async () => {
  server = await createTestApp()
  const { Marketing, Sales, Support } = server.ids.sites
  editor = server.as('editor', Marketing)
  foreign = {
    'of another site of theirs': await server.as('editor', Sales).create({ title: 'Treasure in Sales' }),
    'of a site of others': await server.as('admin', Support).create({ title: 'Treasure in Support' }),
    'of another organisation': await server.as('outsider').create({ title: 'Treasure of Brightmart' }),
  }
})
afterAll(() => server.close())

const kinds = ['of another site of theirs', 'of a site of others', 'of another organisation'] as const
const attempts: [string, (id: string) => Promise<Answer<unknown>>][] = [
  ['reading', (id) => editor.get(`/interactions/${id}`)],
  ['updating', (id) => editor.put(`/interactions/${id}`, { title: 'Taken', version: 1 })],
  ['deleting', (id) => editor.delete(`/interactions/${id}`)],
]

/** Journalled after the answer is out; of two that come one after the other, in any order. */
const refusals = async () => {
  const { rows } = await server.database.owner.query<{
    actor_id: string
    new_values: { method: string; url: string; status: number }
  }>(`SELECT actor_id, new_values FROM audit_logs WHERE action = 'access.refused' ORDER BY position`)
  return rows
}

describe.each(attempts)('%s', (_, attempt) => {
  test.each(kinds)('a record %s answers as a missing one does, and is journalled', async (kind) => {
    const record = foreign[kind]
    const before = (await refusals()).length
    const [found, missing] = [await attempt(record.id), await attempt(randomUUID())]
    expect(found.status).toBe(404)
    const same = ({ status, text, headers }: Answer<unknown>) => [
      status,
      text.replace(/"requestId":"[^"]+"/, ''),
      { ...headers, 'x-request-id': '', date: '', 'x-ratelimit-remaining': '' },
    ]
    expect(same(found)).toEqual(same(missing))

    await expect.poll(async () => (await refusals()).length).toBe(before + 2)
    expect((await refusals()).slice(before)).toContainEqual({
      actor_id: server.ids.users.editor,
      new_values: expect.objectContaining({
        url: `/api/v1/interactions/${record.id}`,
        status: 404,
      }) as unknown,
    })
  })
})

test('nothing of what is foreign changed', async () => {
  const clients = {
    Sales: server.as('editor', server.ids.sites.Sales),
    Support: server.as('admin', server.ids.sites.Support),
  }
  const read = async (client: Client, { id }: Interaction) =>
    (await client.get<{ interaction: Interaction }>(`/interactions/${id}`)).body.interaction
  expect(await read(clients.Sales, foreign['of another site of theirs'])).toEqual(
    foreign['of another site of theirs'],
  )
  expect(await read(clients.Support, foreign['of a site of others'])).toEqual(foreign['of a site of others'])
  expect(await read(server.as('outsider'), foreign['of another organisation'])).toEqual(
    foreign['of another organisation'],
  )
})

test('a search finds what is in the site, and nothing of what is not', async () => {
  const mine = await editor.create({ title: 'Treasure at home' })
  expect((await editor.list({ search: 'treasure' })).body.interactions).toEqual([mine])
  const theirs = await server.as('outsider').list({ search: 'treasure' })
  expect(theirs.body.interactions.map(({ title }) => title)).toEqual(['Treasure of Brightmart'])
})

test('an id that another site has is free here: nothing tells that it is taken there', async () => {
  for (const kind of kinds) {
    const answer = await editor.post<{ interaction: Interaction }>('/interactions', {
      ...meeting,
      id: foreign[kind].id,
      title: 'Mine',
    })
    expect(answer.status).toBe(201)
    expect(answer.body.interaction).toMatchObject({ title: 'Mine', version: 1 })
    await editor.delete(`/interactions/${foreign[kind].id}`)
  }
})

test('a site of another organisation is not found, whatever the role at home', async () => {
  const outsider = server.as('outsider', server.ids.sites.Marketing)
  for (const answer of [
    await outsider.list(),
    await outsider.post('/interactions', meeting),
    await outsider.get(`/interactions/${randomUUID()}`),
    await server.as('root', server.ids.sites.Marketing).list(),
  ]) {
    expect(answer).toMatchObject({ status: 404, error: { message: 'There is no such site among yours' } })
  }
})

test('the organisation hears of refusals to its own people, and not of those to others', async () => {
  await server.as('outsider', server.ids.sites.Marketing).list()
  const { tenants, users } = server.ids
  const heard = async () => {
    const { rows } = await server.database.owner.query(
      `SELECT DISTINCT tenant_id, actor_id FROM audit_logs WHERE action = 'access.refused'`,
    )
    return rows as unknown[]
  }
  await expect.poll(heard).toContainEqual({ tenant_id: tenants.Brightmart, actor_id: users.outsider })
  expect(await heard()).toContainEqual({ tenant_id: tenants['Harbour & Vale'], actor_id: users.editor })
  expect(await heard()).not.toContainEqual({ tenant_id: tenants['Harbour & Vale'], actor_id: users.outsider })
})
