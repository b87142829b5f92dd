import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Brand, Infographic } from '#common/contract/brands'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createReplica } from '../../test/replica.ts'
import { newGoal } from '../../test/samples.ts'
import { writingTogether } from '../../test/together.ts'

let server: TestApp
let admin: Client
let tenantId: string
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  tenantId = server.ids.tenants['Harbour & Vale']
})
afterAll(() => server.close())
beforeEach(async () => {
  await sql('DELETE FROM pictures')
  await sql('DELETE FROM visits')
  await sql('DELETE FROM goals')
  await sql('DELETE FROM brands')
})

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]

const cola = { name: 'Cola', description: 'Red cans', colour: '#c00000' }
const add = (fields: object) => admin.post<{ brand: Brand }>('/brands', fields)
async function added(fields: object = cola): Promise<Brand> {
  const { status, body, text } = await add(fields)
  expect(status, text).toBe(201)
  return body.brand
}
const change = ({ id, version }: Brand, changes: object) =>
  admin.put<{ brand: Brand }>(`/brands/${id}`, { version, ...changes })
const read = async (id: string) => (await admin.get<{ brand: Brand }>(`/brands/${id}`)).body.brand
const list = async () => (await admin.get<{ brands: Brand[] }>('/brands')).body.brands

const pictureOf = (bytes: Uint8Array) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  size: bytes.length,
  type: 'image/jpeg',
  width: 8,
  height: 8,
})
const announce = ({ id }: Pick<Brand, 'id'>, fields: object = {}) =>
  admin.post<{ infographic: Infographic }>(`/brands/${id}/infographics`, {
    title: 'The can',
    ...pictureOf(realJpeg),
    ...fields,
  })
const announced = async (brand: Brand, fields: object = {}) =>
  (await announce(brand, fields)).body.infographic
const send = (id: string, bytes: Uint8Array = realJpeg) =>
  admin.call('PUT', `/infographics/${id}/content`, {
    query: { offset: '0' },
    payload: Buffer.from(bytes),
    headers: { 'content-type': 'application/octet-stream' },
  })

/** How often the feed of the organisation was told of it, and how last. */
const feedOf = (id: string) =>
  sql<{ feed_id: string; removed: boolean; seq: string }>(
    `SELECT feed_id, removed, seq FROM feed_changes WHERE entity = 'brand' AND entity_id = $1`,
    [id],
  )
const auditOf = (id: string) =>
  sql<{ action: string; old_values: unknown; new_values: unknown }>(
    `SELECT action, old_values, new_values FROM audit_logs WHERE entity_id = $1 AND feed_id = $2 ORDER BY position`,
    [id, tenantId],
  )

/** On a shelf of the organisation. */
async function mark(brandId: string) {
  const [photoId, visitId] = [randomUUID(), randomUUID()]
  const { sites, users } = server.ids
  await sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, visit_type, status, started_at, timezone)
     VALUES ($1, $2, $3, $4, 'routine', 'in_progress', now(), 'Europe/Brussels')`,
    [tenantId, sites.Marketing, visitId, users.editor],
  )
  await sql(
    `INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
     VALUES ($1, $2, $3, repeat('0', 64), 1, 'image/jpeg', 1, 1)`,
    [tenantId, photoId, visitId],
  )
  await sql(
    `INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose) VALUES ($1, $2, $3, $4, 'shelf')`,
    [tenantId, photoId, sites.Marketing, visitId],
  )
  await sql(
    `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
     VALUES ($1, $2, gen_random_uuid(), $3, 0, '[]', 100)`,
    [tenantId, photoId, brandId],
  )
}

async function aimAt(brandId: string) {
  const goal = { ...newGoal(), metric: 'shelf_share', brandId }
  expect((await admin.post('/goals', goal)).status).toBe(201)
}

describe('adding', () => {
  test('makes it, and everybody’s devices hear of it', async () => {
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    const brand = await added({ ...cola, name: ' Cola ' })
    expect(brand).toMatchObject({ ...cola, active: true, infographics: [], version: 1 })
    expect(await read(brand.id)).toEqual(brand)
    await replica.catchUp()
    expect(replica.kept.brand.get(brand.id)).toEqual(brand)
    expect(await auditOf(brand.id)).toMatchObject([{ action: 'brand.created', new_values: cola }])
  })

  test('again under the same id is answered the same', async () => {
    const id = randomUUID()
    const first = await added({ id, ...cola })
    expect(await added({ id, ...cola })).toEqual(first)
    expect(await add({ id, ...cola, name: 'Other' })).toMatchObject({
      status: 409,
      error: { current: first },
    })
    expect(await auditOf(id)).toHaveLength(1)
  })

  test('is refused under a name there is, however it is written, and with what is no colour', async () => {
    await added()
    for (const name of ['Cola', ' cólA '])
      expect(await add({ ...cola, name })).toMatchObject({
        status: 400,
        error: { details: [{ field: 'name', message: 'There is a brand of this name already' }] },
      })
    for (const colour of ['red', '#C00000', '#c000'])
      expect(await add({ ...cola, name: 'Other', colour })).toMatchObject({
        status: 400,
        error: { details: [{ field: 'colour' }] },
      })
  })

  test('many of one name at once makes one', async () => {
    const answers = await writingTogether(
      server.database,
      'brands',
      [1, 2, 3].map(() => () => add(cola)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400])
  })
})

test('the list is by name, as people sort it, those out of use too', async () => {
  for (const name of ['Zest', 'élan', 'Berry']) await added({ ...cola, name })
  await change((await list())[2]!, { active: false })
  expect((await list()).map(({ name, active }) => [name, active])).toEqual([
    ['Berry', true],
    ['élan', true],
    ['Zest', false],
  ])
})

describe('changing', () => {
  test('counts the version, and devices follow', async () => {
    const before = await added()
    const replica = createReplica(server.as('editor'))
    await replica.catchUp()
    const { body } = await change(before, { name: 'Cola Zero', active: false })
    expect(body.brand).toEqual({ ...before, name: 'Cola Zero', active: false, version: 2 })
    await replica.catchUp()
    expect(replica.kept.brand.get(before.id)).toEqual(body.brand)
    expect((await auditOf(before.id)).at(-1)).toMatchObject({
      action: 'brand.updated',
      old_values: { name: 'Cola', active: true },
      new_values: { name: 'Cola Zero', active: false },
    })
    expect(await brokenChains(sql)).toEqual([])
  })

  test('by a version that is no more is refused, and nothing writes nothing', async () => {
    const before = await added()
    expect((await change(before, { colour: cola.colour })).body.brand).toEqual(before)
    const { body } = await change(before, { colour: '#000000' })
    expect(await change(before, { colour: '#ffffff' })).toMatchObject({
      status: 409,
      error: { current: body.brand },
    })
    expect(await auditOf(before.id)).toHaveLength(2)
  })

  test('cannot take the name of another', async () => {
    await added()
    const other = await added({ ...cola, name: 'Berry' })
    expect(await change(other, { name: 'COLA' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'name' }] },
    })
    expect((await change(other, { name: 'BERRY' })).status).toBe(200)
  })
})

describe('deleting', () => {
  test('takes its infographics with it, and devices follow', async () => {
    const brand = await added()
    const { id } = await announced(brand)
    await send(id)
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    expect(replica.kept.brand.get(brand.id)!.infographics).toMatchObject([{ id }])
    expect((await admin.delete(`/brands/${brand.id}`)).status).toBe(200)
    await replica.catchUp()
    expect(replica.kept.brand.has(brand.id)).toBe(false)
    expect(await sql('SELECT FROM pictures')).toEqual([])
    expect((await admin.get(`/infographics/${id}/content`)).status).toBe(404)
    expect(await feedOf(brand.id)).toMatchObject([{ feed_id: tenantId, removed: true }])
    expect((await admin.delete(`/brands/${brand.id}`)).status).toBe(404)
  })

  test.each([
    ['is marked on a shelf', mark],
    ['has a goal', aimAt],
  ])('is refused for one that %s, and takes nothing with it', async (_, name) => {
    const brand = await added()
    await send((await announced(brand)).id)
    await name(brand.id)
    const now = await read(brand.id)
    expect(await admin.delete(`/brands/${brand.id}`)).toMatchObject({
      status: 409,
      error: {
        message: 'The brand is marked on shelves or has a goal; take it out of use instead',
        current: now,
      },
    })
    expect(await read(brand.id)).toEqual(now)
    expect(now.infographics).toHaveLength(1)
  })
})

describe('infographics', () => {
  test('are the brand’s once they are there, in the order they came', async () => {
    const brand = await added()
    const replica = createReplica(server.as('viewer', server.ids.sites.Marketing))
    await replica.catchUp()
    const other = jpegOfSize(500)
    const first = await announced(brand)
    const second = await announced(brand, { title: ' The shelf ', ...pictureOf(other) })
    expect(second).toMatchObject({ brandId: brand.id, title: 'The shelf', received: 0, storedAt: null })
    // Of what is only announced no device hears.
    const { seq } = (await feedOf(brand.id))[0]!
    expect((await read(brand.id)).infographics).toEqual([])
    await send(second.id, other)
    await send(first.id)
    const { infographics, version } = await read(brand.id)
    expect(infographics.map(({ id }) => id)).toEqual([second.id, first.id])
    expect(version).toBe(1)
    expect(Number((await feedOf(brand.id))[0]!.seq)).toBeGreaterThan(Number(seq))
    await replica.catchUp()
    expect(replica.kept.brand.get(brand.id)!.infographics).toEqual(infographics)
    const { body } = await admin.get<{ infographics: Infographic[] }>(`/brands/${brand.id}/infographics`)
    expect(body.infographics.map(({ id }) => id)).toEqual([first.id, second.id])
  })

  test('are announced once under an id', async () => {
    const brand = await added()
    const id = randomUUID()
    expect(await announced(brand, { id })).toEqual(await announced(brand, { id }))
    expect(await announce(brand, { id, title: 'Other' })).toMatchObject({
      status: 409,
      error: { current: { id, title: 'The can' } },
    })
    await send(id)
    expect((await announced(brand, { id })).storedAt).not.toBeNull()
    expect(await announce({ id: randomUUID() })).toMatchObject({ status: 404 })
    expect(await announce(brand, { size: 25 * 1024 * 1024 + 1 })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'size' }] },
    })
    expect(await announce(brand, { type: 'image/svg+xml' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'type' }] },
    })
  })

  test('are no photos of visits, which are none of theirs either', async () => {
    const brand = await added()
    await mark(brand.id)
    const [{ id }] = (await sql<{ id: string }>('SELECT id FROM photos')) as [{ id: string }]
    expect(await announce(brand, { id })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'id' }] },
    })
    expect((await send(id)).status).toBe(404)
    expect((await admin.get(`/infographics/${id}/content`)).status).toBe(404)
    expect((await admin.delete(`/infographics/${id}`)).status).toBe(404)
  })

  test('are removed, of which devices hear where they had them', async () => {
    const brand = await added()
    const [sent, late] = [await announced(brand), await announced(brand)]
    await send(sent.id)
    const seqOf = async () => (await feedOf(brand.id))[0]!.seq
    const before = await seqOf()
    expect((await admin.delete(`/infographics/${late.id}`)).status).toBe(200)
    expect(await seqOf()).toBe(before)
    expect((await admin.delete(`/infographics/${sent.id}`)).status).toBe(200)
    expect(await seqOf()).not.toBe(before)
    expect((await read(brand.id)).infographics).toEqual([])
    // Nor does one come back by a request that comes late.
    expect(await announce(brand, { id: sent.id })).toMatchObject({ status: 409 })
    expect((await auditOf(brand.id)).map(({ action }) => action)).toEqual([
      'brand.created',
      'brand.infographicAdded',
      'brand.infographicAdded',
      'brand.infographicStored',
      'brand.infographicRemoved',
      'brand.infographicRemoved',
    ])
  })
})

test('is for everybody of the organisation to see, for its admins to change, and for nobody else', async () => {
  const brand = await added()
  const { id } = await announced(brand)
  const editor = server.as('editor')
  expect((await editor.get(`/brands/${brand.id}`)).status).toBe(200)
  expect((await editor.post('/brands', { ...cola, name: 'X' })).status).toBe(403)
  expect((await editor.delete(`/infographics/${id}`)).status).toBe(403)
  const outsider = server.as('outsider')
  expect(await outsider.get('/brands')).toMatchObject({ body: { brands: [] } })
  for (const answer of [
    await outsider.get(`/brands/${brand.id}`),
    await outsider.put(`/brands/${brand.id}`, { name: 'Mine', version: 1 }),
    await outsider.delete(`/brands/${brand.id}`),
    await outsider.get(`/brands/${brand.id}/infographics`),
    await outsider.delete(`/infographics/${id}`),
  ])
    expect(answer.status).toBe(404)
  expect(await read(brand.id)).toEqual(brand)
})
