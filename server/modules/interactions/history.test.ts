import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { type Client } from '../../test/app.ts'
import { createPushing } from '../../test/pushing.ts'

const pushing = await createPushing()
const { server, site, editor, colleague, device, one, sql } = pushing
const manager = server.as('manager', site)
const viewer = server.as('viewer', site)

const historyOf = async (id: string, client: Client = editor, query = '') => {
  const answer = await client.get<{ entries: HistoryEntry[]; hasMore: boolean }>(
    `/interactions/${id}/history${query}`,
  )
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
const entriesOf = async (id: string, client?: Client) => (await historyOf(id, client)).entries
const edith = { id: server.ids.users.editor, displayName: 'Edith Vale' }
const cora = { id: server.ids.users.colleague, displayName: 'Cora Lane' }

test('tells who did what, when and where, the latest first', async () => {
  const created = await editor.create({ title: 'One', location: 'Berlin' })
  const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36' }
  await colleague.put(`/interactions/${created.id}`, { title: 'Two', version: 1 }, headers)
  const [updated, first, ...more] = await entriesOf(created.id, viewer)
  expect(more).toEqual([])
  expect(updated).toMatchObject({
    action: 'updated',
    actor: cora,
    device: 'Chrome on Windows',
    version: 2,
    before: { title: 'One' },
    after: { title: 'Two' },
  })
  expect(first).toEqual({
    id: expect.stringMatching(/-/) as string,
    at: created.createdAt.slice(0, 10) + first!.at.slice(10),
    action: 'created',
    actor: edith,
    device: 'lightMyRequest',
    version: 1,
    before: {},
    after: {
      title: 'One',
      type: 'Meeting',
      lead: 'Ana Jones',
      location: 'Berlin',
      startDateTime: created.startDateTime,
      endDateTime: created.endDateTime,
      timezone: 'Europe/Berlin',
      status: 'complete',
    },
  })
})

test('a field that was emptied, and one that was filled in', async () => {
  const draft = await editor.create({ status: 'draft', title: null, location: 'Here' })
  await editor.update(draft, { title: 'Now named', location: '' })
  expect((await entriesOf(draft.id))[0]).toMatchObject({
    before: { title: null, location: 'Here' },
    after: { title: 'Now named', location: '' },
  })
})

test('calls a device by the name it signed in with', async () => {
  const { user, ...session } = await signIn('Edith’s laptop')
  const client = server.anonymous(session.token)
  const headers = { 'x-site-id': site, 'user-agent': 'node' }
  const { body } = await client.post<{ interaction: Interaction }>(
    '/interactions',
    { title: 'From the laptop', status: 'draft' },
    headers,
  )
  expect(user.id).toBe(edith.id)
  expect((await entriesOf(body.interaction.id))[0]).toMatchObject({ device: 'Edith’s laptop', actor: edith })
})

test('edits that a device brought are in it like any other', async () => {
  const create = device.create({ title: 'Offline' })
  await one(create)
  const record = await pushing.read(create.entityId)
  await one(device.update(record!, { title: 'Offline, later' }))
  // It comes to nothing, and so it is nothing in the life of the record.
  await one(device.update(record!, { title: 'A third' }))
  expect((await entriesOf(create.entityId)).map(({ action, after }) => [action, after.title])).toEqual([
    ['updated', 'Offline, later'],
    ['created', 'Offline'],
  ])
})

describe('a conflict that was settled is one entry', () => {
  const conflicting = async () => {
    const seen = await editor.create({ title: 'Base', location: 'Base' })
    const theirs = await colleague.update(seen, { title: 'Theirs', location: 'Theirs' })
    const lost = device.update(seen, { title: 'Mine', location: 'Mine' })
    expect(await one(lost)).toMatchObject({ status: 'conflict' })
    const settle = (title: string, location: string) => {
      const wanted = Object.fromEntries(
        Object.entries({ title, location }).filter(
          ([name]) => theirs[name as 'title'] !== { title, location }[name as 'title'],
        ),
      )
      return one({
        ...device.update(theirs, wanted),
        resolves: {
          mutationId: lost.mutationId,
          mine: { title: 'Mine', location: 'Mine' },
          theirs: { title: 'Theirs', location: 'Theirs' },
        },
      })
    }
    return { id: seen.id, settle }
  }

  test('with what was decided and what was not kept', async () => {
    const { id, settle } = await conflicting()
    expect(await settle('Mine', 'Between')).toMatchObject({ status: 'applied' })
    const [merged, ...rest] = await entriesOf(id)
    expect(merged).toMatchObject({
      action: 'merged',
      actor: edith,
      version: 3,
      before: { title: 'Theirs', location: 'Theirs' },
      after: { title: 'Mine', location: 'Between' },
      lost: { mine: { location: 'Mine' }, theirs: { title: 'Theirs', location: 'Theirs' } },
    })
    expect(merged!.lost!.mine).toEqual({ location: 'Mine' })
    expect(rest.map(({ action }) => action)).toEqual(['updated', 'created'])
    expect(rest.every((entry) => !('lost' in entry))).toBe(true)
  })

  test('also where the other side was taken as it is', async () => {
    const { id, settle } = await conflicting()
    expect(await settle('Theirs', 'Theirs')).toMatchObject({ status: 'applied' })
    const [merged, ...rest] = await entriesOf(id)
    expect(merged).toMatchObject({
      action: 'merged',
      version: null,
      before: {},
      after: {},
      lost: { mine: { title: 'Mine', location: 'Mine' }, theirs: {} },
    })
    expect(rest).toHaveLength(2)
  })
})

test('of a deleted record is for those who may see it, of a purged one for nobody', async () => {
  const { id } = await editor.create()
  await editor.delete(`/interactions/${id}`)
  for (const client of [editor, viewer]) {
    expect(await client.get(`/interactions/${id}/history`)).toMatchObject({
      status: 404,
      error: { message: 'There is no such interaction at this site' },
    })
  }
  expect(
    (await entriesOf(id, manager)).map(({ action, version, before, after }) => [
      action,
      version,
      before,
      after,
    ]),
  ).toEqual([
    ['deleted', 2, {}, {}],
    ['created', 1, {}, expect.anything()],
  ])
  await manager.post(`/interactions/${id}/restore`, {})
  expect((await entriesOf(id, viewer))[0]).toMatchObject({
    action: 'restored',
    version: 3,
    before: {},
    after: {},
  })

  await editor.delete(`/interactions/${id}`)
  await sql(`UPDATE interactions SET deleted_at = now() - interval '40 days' WHERE id = $1`, [id])
  await sql('DELETE FROM interactions WHERE id = $1', [id])
  expect((await manager.get(`/interactions/${id}/history`)).status).toBe(404)
})

test('of another site, or of nothing, is not found', async () => {
  const { id } = await editor.create()
  for (const [client, which] of [
    [server.as('editor', server.ids.sites.Sales), id],
    [server.as('outsider'), id],
    [editor, randomUUID()],
  ] as const) {
    expect((await client.get(`/interactions/${which}/history`)).status).toBe(404)
  }
})

test('comes in pages, each entry once', async () => {
  let record = await editor.create({ title: '0' })
  for (let n = 1; n <= 6; n++) record = await editor.update(record, { title: String(n) })
  const whole = await historyOf(record.id)
  expect(whole.hasMore).toBe(false)
  const met: HistoryEntry[] = []
  for (let more = true; more;) {
    const before = met.at(-1)?.id
    const page = await historyOf(record.id, editor, `?limit=3${before ? `&before=${before}` : ''}`)
    met.push(...page.entries)
    more = page.hasMore
  }
  expect(met).toEqual(whole.entries)
  expect(met).toHaveLength(7)
  const other = await editor.create()
  const [entry] = await entriesOf(other.id)
  for (const before of [entry!.id, randomUUID()]) {
    expect(await editor.get(`/interactions/${record.id}/history?before=${before}`)).toMatchObject({
      status: 400,
      error: { details: [{ field: 'before' }] },
    })
  }
})

async function signIn(deviceName: string) {
  const { body } = await server.anonymous().post<{ token: string; user: { id: string } }>('/auth/login', {
    username: 'editor',
    password: 'Fieldbook!2026',
    deviceName,
  })
  return body
}
