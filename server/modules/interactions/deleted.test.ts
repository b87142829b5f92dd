import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { DeletedInteraction } from '#common/contract/record-keeping'
import type { Client } from '../../test/app.ts'
import { createPushing } from '../../test/pushing.ts'
import { createReplica } from '../../test/replica.ts'

const pushing = await createPushing()
const { server, site, editor, device, one, sql } = pushing
const manager = server.as('manager', site)

interface List {
  interactions: DeletedInteraction[]
  total: number
}
const deleted = async (query = '', client: Client = manager) =>
  (await client.get<List>(`/interactions/deleted${query}`)).body
const deleteNew = async (fields: Partial<Interaction> = {}) => {
  const record = await editor.create(fields)
  await editor.delete(`/interactions/${record.id}`)
  return record
}
const restore = (id: string, client: Client = manager) =>
  client.post<{ interaction: Interaction }>(`/interactions/${id}/restore`, {})
const age = (id: string, days: number) =>
  sql(`UPDATE interactions SET deleted_at = now() - make_interval(days => $2) WHERE id = $1`, [id, days])

describe('the list of what was deleted', () => {
  test('has the latest first, with when and by whom, for 30 days', async () => {
    const first = await deleteNew({ title: 'Gone first' })
    const second = await deleteNew({ title: 'Gone second' })
    const old = await deleteNew({ title: 'Gone long ago' })
    await editor.create({ title: 'Not gone' })
    await age(old.id, 31)
    const { interactions, total } = await deleted('?search=go')
    expect(interactions.map(({ title }) => title)).toEqual(['Gone second', 'Gone first'])
    expect(total).toBe(2)
    expect(interactions[1]).toEqual({
      ...first,
      version: 2,
      updatedAt: interactions[1]!.deletedAt,
      deletedAt: expect.stringMatching(/Z$/) as string,
      deletedBy: server.ids.users.editor,
    })
    expect(interactions[0]!.id).toBe(second.id)
  })

  test('is searched as Finder is, and paged', async () => {
    for (let n = 0; n < 5; n++) await deleteNew({ title: `Müller 50% ${n}` })
    const { interactions, total } = await deleted('?search=MULLER%2050%25&pageSize=2&page=3')
    expect(total).toBe(5)
    expect(interactions.map(({ title }) => title)).toEqual(['Müller 50% 0'])
    expect((await deleted('?search=500')).total).toBe(0)
  })

  test('is for administrators of the site, and shows that site only', async () => {
    for (const client of [editor, server.as('viewer', site)])
      expect((await client.get('/interactions/deleted')).status).toBe(403)
    expect((await deleted('', server.as('admin', server.ids.sites.Support))).total).toBe(0)
    expect((await server.as('outsider').get<List>('/interactions/deleted')).body.total).toBe(0)
  })
})

describe('restoring', () => {
  test('brings the record back as it was, and devices get it again', async () => {
    const record = await editor.create({ title: 'Back again', notes: 'All of it' })
    const replica = createReplica(editor)
    await replica.catchUp()
    await editor.delete(`/interactions/${record.id}`)
    await replica.catchUp()
    expect(replica.records.has(record.id)).toBe(false)

    const { status, body } = await restore(record.id)
    expect(status).toBe(200)
    const { updatedAt } = body.interaction
    expect(body.interaction).toEqual({
      ...record,
      version: 3,
      updatedBy: server.ids.users.manager,
      updatedAt,
    })
    await replica.catchUp()
    expect(replica.records.get(record.id)).toEqual(body.interaction)
    expect(await pushing.read(record.id)).toEqual(body.interaction)
    expect((await editor.list({ search: 'back again' })).body.total).toBe(1)
    expect((await deleted('?search=back')).total).toBe(0)
    const audit = await sql<{ action: string; actor_id: string }>(
      'SELECT action, actor_id FROM audit_logs WHERE entity_id = $1 ORDER BY position',
      [record.id],
    )
    expect(audit.map(({ action }) => action)).toEqual([
      'interaction.created',
      'interaction.deleted',
      'interaction.restored',
    ])
    expect(audit[2]!.actor_id).toBe(server.ids.users.manager)
  })

  test('again, or what was never deleted, changes nothing', async () => {
    const { id } = await deleteNew()
    const first = (await restore(id)).body.interaction
    expect((await restore(id)).body.interaction).toEqual(first)
    const live = await editor.create()
    expect((await restore(live.id)).body.interaction).toEqual(live)
  })

  test('twice at once restores once', async () => {
    const { id } = await deleteNew()
    const answers = await Promise.all([restore(id), restore(id), restore(id)])
    expect(answers.map(({ body }) => body.interaction.version)).toEqual([3, 3, 3])
  })

  test('a type that is not offered any more stays', async () => {
    const record = await deleteNew({ type: 'Email' })
    await sql(`UPDATE interaction_types SET active = false WHERE name = 'Email'`)
    expect((await restore(record.id)).body.interaction).toMatchObject({ type: 'Email' })
    await sql(`UPDATE interaction_types SET active = true WHERE name = 'Email'`)
  })

  test('is not possible after 30 days, in another site, without a record or by others', async () => {
    const { id } = await deleteNew()
    for (const client of [editor, server.as('viewer', site)])
      expect((await restore(id, client)).status).toBe(403)
    expect((await restore(id, server.as('admin', server.ids.sites.Support))).status).toBe(404)
    expect((await restore(id, server.as('outsider'))).status).toBe(404)
    expect((await restore(randomUUID())).status).toBe(404)
    await age(id, 31)
    expect((await restore(id)).status).toBe(404)
    await age(id, 29)
    expect((await restore(id)).status).toBe(200)
  })

  test('an edit that was made meanwhile without network goes on from there', async () => {
    const record = await deleteNew({ title: 'Before' })
    const edit = device.update(record, { title: 'After' })
    expect(await one(edit)).toMatchObject({ status: 'conflict', conflict: { theirs: null } })
    await restore(record.id)
    expect(await one(device.update(record, { title: 'After all' }))).toMatchObject({ status: 'applied' })
  })
})
