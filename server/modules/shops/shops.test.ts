import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Shop, ShopProblem } from '#common/contract/shops'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { writingTogether } from '../../test/together.ts'

let server: TestApp
let admin: Client
let siteId: string
beforeAll(async () => {
  server = await createTestApp()
  siteId = server.ids.sites.Marketing
  admin = server.as('admin', siteId)
})
afterAll(() => server.close())
beforeEach(async () => {
  await sql('DELETE FROM visits')
  await sql('DELETE FROM shops')
})

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]

const corner = {
  name: 'Corner shop',
  address: 'Rue Haute 12, Brussels',
  reference: 'BE-001',
  latitude: 50.8427,
  longitude: 4.3515,
}
const bare = { name: 'Kiosk', address: '', reference: null, latitude: null, longitude: null }

const add = (fields: object, by = admin) => by.post<{ shop: Shop }>('/shops', fields)
async function added(fields: object = corner, by = admin): Promise<Shop> {
  const { status, body, text } = await add(fields, by)
  expect(status, text).toBe(201)
  return body.shop
}
const change = ({ id, version }: Shop, changes: object, by = admin) =>
  by.put<{ shop: Shop }>(`/shops/${id}`, { version, ...changes })
const names = async (query = '', by = admin) =>
  (await by.get<{ shops: Shop[] }>(`/shops${query}`)).body.shops.map(({ name }) => name)

/** What the feed of the site has of a shop, and its audit. */
const feedOf = (id: string) =>
  sql<{ feed_id: string; removed: boolean; seq: string }>(
    `SELECT feed_id, removed, seq FROM feed_changes WHERE entity = 'shop' AND entity_id = $1`,
    [id],
  )
const auditOf = (id: string) =>
  sql<{ feed_id: string; action: string; old_values: unknown; new_values: unknown }>(
    `SELECT feed_id, action, old_values, new_values FROM audit_logs WHERE entity_id = $1 ORDER BY position`,
    [id],
  )

async function visit(shopId: string) {
  await sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, visit_type, status, started_at, timezone)
     SELECT tenant_id, site_id, gen_random_uuid(), $2, id, 'routine', 'in_progress', now(), 'Europe/Brussels'
     FROM shops WHERE id = $1`,
    [shopId, server.ids.users.editor],
  )
}

describe('adding', () => {
  test('makes it, tells the site’s feed and the audit', async () => {
    const shop = await added({ ...corner, name: '  Corner shop ' })
    expect(shop).toMatchObject({ ...corner, siteId, active: true, version: 1 })
    expect(await admin.get(`/shops/${shop.id}`)).toMatchObject({ status: 200, body: { shop } })
    expect(await feedOf(shop.id)).toMatchObject([{ feed_id: siteId, removed: false }])
    expect(await auditOf(shop.id)).toMatchObject([
      { feed_id: siteId, action: 'shop.created', old_values: null, new_values: corner },
    ])
  })

  test('again under the same id is answered the same, and something else is refused', async () => {
    const id = randomUUID()
    const first = await added({ id, ...corner })
    expect(await added({ id, ...corner })).toEqual(first)
    expect(await auditOf(id)).toHaveLength(1)
    expect(await add({ id, ...bare })).toMatchObject({ status: 409, error: { current: first } })
    const elsewhere = server.as('admin', server.ids.sites.Sales)
    expect(await add({ id, ...bare }, elsewhere)).toMatchObject({
      status: 400,
      error: { details: [{ field: 'id' }] },
    })
  })

  test('a reference is one shop’s alone, at its site', async () => {
    await added()
    expect(await add({ ...bare, reference: ' BE-001 ' })).toMatchObject({
      status: 400,
      error: {
        details: [{ field: 'reference', message: 'There is a shop with this reference already' }],
      },
    })
    await added(corner, server.as('admin', server.ids.sites.Sales))
    await added({ ...bare })
    await added({ ...bare })
  })

  test('of many at once with one reference only one gets it', async () => {
    const requests = ['A', 'B', 'C'].map((name) => () => add({ ...corner, name }))
    const answers = await writingTogether(server.database, 'shops', requests)
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400])
  })

  test('names what cannot be', async () => {
    const fieldOf = async (fields: object) => (await add({ ...corner, ...fields })).error.details![0]!.field
    expect(await fieldOf({ name: ' ' })).toBe('name')
    expect(await fieldOf({ latitude: null })).toBe('latitude')
    expect(await fieldOf({ longitude: null })).toBe('longitude')
    expect(await fieldOf({ latitude: 91 })).toBe('latitude')
    expect(await fieldOf({ address: 'x'.repeat(301) })).toBe('address')
    expect(await sql('SELECT FROM shops')).toEqual([])
  })
})

describe('the list', () => {
  beforeEach(async () => {
    for (const name of ['Zebra', 'Épicerie du Marché', 'apple stand'])
      await added({ ...bare, name, address: name === 'Zebra' ? 'High Street 1' : '' })
    const closed = await added({ ...bare, name: 'Closed', reference: 'OLD_1' })
    await change(closed, { active: false })
  })

  test('is by name, as people sort it, without those out of use', async () => {
    expect(await names()).toEqual(['apple stand', 'Épicerie du Marché', 'Zebra'])
    expect(await names('?active=all')).toEqual(['apple stand', 'Closed', 'Épicerie du Marché', 'Zebra'])
    expect(await names('?active=false')).toEqual(['Closed'])
  })

  test('finds by every word, wherever it stands', async () => {
    expect(await names('?search=marche%20EPIC')).toEqual(['Épicerie du Marché'])
    expect(await names('?search=high')).toEqual(['Zebra'])
    expect(await names('?search=ld_1&active=all')).toEqual(['Closed'])
    expect(await names('?search=ldx1&active=all')).toEqual([])
    expect(await names('?search=high%20epic')).toEqual([])
    expect(await names('?search=%25')).toEqual([])
  })

  test('comes in pages, with how many there are', async () => {
    const page = await admin.get('/shops?page=2&pageSize=2')
    expect(page.body).toMatchObject({ shops: [{ name: 'Zebra' }], total: 3, page: 2, pageSize: 2 })
  })

  test('has the site’s alone', async () => {
    expect(await names('', server.as('admin', server.ids.sites.Sales))).toEqual([])
  })
})

describe('changing', () => {
  test('counts the version, tells feed and audit', async () => {
    const before = await added()
    const { seq } = (await feedOf(before.id))[0]!
    const { status, body } = await change(before, { name: 'Corner', latitude: null, longitude: null })
    expect(status).toBe(200)
    expect(body.shop).toMatchObject({
      ...corner,
      name: 'Corner',
      latitude: null,
      longitude: null,
      version: 2,
    })
    expect((await admin.get<{ shop: Shop }>(`/shops/${before.id}`)).body.shop).toEqual(body.shop)
    expect(Number((await feedOf(before.id))[0]!.seq)).toBeGreaterThan(Number(seq))
    expect((await auditOf(before.id)).at(-1)).toMatchObject({
      action: 'shop.updated',
      old_values: { name: 'Corner shop' },
      new_values: { name: 'Corner' },
    })
    expect(await names('?search=corner')).toEqual(['Corner'])
    expect(await names('?search=corner%20shop')).toEqual([])
  })

  test('by a version that is no more is refused, with the shop as it is', async () => {
    const before = await added()
    const { body } = await change(before, { name: 'First' })
    expect(await change(before, { name: 'Second' })).toMatchObject({
      status: 409,
      error: { code: 'CONFLICT', current: body.shop },
    })
  })

  test('nothing writes nothing', async () => {
    const shop = await added()
    expect((await change(shop, { name: ' Corner shop', active: true })).body.shop).toEqual(shop)
    expect(await auditOf(shop.id)).toHaveLength(1)
  })

  test('cannot leave half a place, or take a reference', async () => {
    const shop = await added()
    await added({ ...bare, reference: 'BE-002' })
    expect(await change(shop, { latitude: null })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'latitude' }] },
    })
    expect(await change(shop, { reference: 'BE-002' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'reference' }] },
    })
    expect((await change(shop, { reference: 'BE-001', name: 'Same reference' })).status).toBe(200)
  })

  test('out of use it stays in the feed', async () => {
    const shop = await added()
    await change(shop, { active: false })
    expect(await feedOf(shop.id)).toMatchObject([{ removed: false }])
  })
})

describe('deleting', () => {
  test('is for what nobody visited', async () => {
    const shop = await added()
    expect((await admin.delete(`/shops/${shop.id}`)).status).toBe(200)
    expect(await feedOf(shop.id)).toMatchObject([{ feed_id: siteId, removed: true }])
    expect((await auditOf(shop.id)).at(-1)).toMatchObject({ action: 'shop.deleted', new_values: null })
    expect((await admin.delete(`/shops/${shop.id}`)).status).toBe(404)
  })

  test('is refused where somebody did, even to one who sees no visit', async () => {
    const shop = await added()
    await visit(shop.id)
    for (const by of [admin, server.as('manager', siteId)])
      expect(await by.delete(`/shops/${shop.id}`)).toMatchObject({
        status: 409,
        error: {
          message: 'The shop was visited or is in a call cycle; take it out of use instead',
          current: shop,
        },
      })
    expect(await feedOf(shop.id)).toMatchObject([{ removed: false }])
  })
})

describe('a table', () => {
  const row = (row: number, fields: object = {}) => ({
    row,
    name: '',
    address: '',
    reference: '',
    latitude: '',
    longitude: '',
    ...fields,
  })
  const send = (rows: object[], dryRun = false, by = admin) =>
    by.post<{ created: number; updated: number; unchanged: number; problems: ShopProblem[] }>(
      '/shops/import',
      { rows, dryRun },
    )

  test('finds by its reference a shop that was added by hand, however the spaces are', async () => {
    const shop = await added({ ...bare, name: 'Two  spaces ', reference: ' A  1 ' })
    expect(shop).toMatchObject({ name: 'Two spaces', reference: 'A 1' })
    const { body } = await send([row(2, { name: 'Two spaces', reference: 'A  1' })])
    expect(body).toMatchObject({ created: 0, updated: 0, unchanged: 1, problems: [] })
    expect((await change(shop, { reference: 'A\t2' })).body.shop.reference).toBe('A 2')
  })

  test('adds and changes shops in one step, and passes over what cannot be', async () => {
    const before = await added()
    const kiosk = await added({ ...bare, address: 'Place 1' })
    const rows = [
      row(2, { name: 'Corner shop', reference: 'BE-001', latitude: '50,9°', longitude: '4,3515' }),
      row(3, { name: 'KIOSK', address: ' place  1', reference: 'BE-7' }),
      row(4, { name: 'New one', latitude: 'north', longitude: '4' }),
      row(5, { name: 'New one' }),
      row(6, { name: 'new one' }),
    ]
    const expected = {
      created: 1,
      updated: 2,
      unchanged: 0,
      problems: [
        { row: 4, field: 'latitude', message: '“north” is not in degrees, such as 50.8467' },
        { row: 6, field: 'row', message: 'Is the same shop as row 5' },
      ],
    }
    const audits = (await sql('SELECT FROM audit_logs')).length
    expect((await send(rows, true)).body).toEqual({ success: true, ...expected })
    expect((await admin.get<{ shop: Shop }>(`/shops/${before.id}`)).body.shop).toEqual(before)
    expect(await sql('SELECT FROM audit_logs')).toHaveLength(audits)

    expect((await send(rows)).body).toEqual({ success: true, ...expected })
    const after = (await admin.get<{ shops: Shop[] }>('/shops')).body.shops
    expect(after).toMatchObject([
      { ...corner, latitude: 50.9, version: 2 },
      { id: kiosk.id, name: 'KIOSK', address: 'place 1', reference: 'BE-7', version: 2 },
      { name: 'New one', active: true, version: 1, siteId },
    ])
    for (const { id } of after) expect(await feedOf(id)).toMatchObject([{ feed_id: siteId, removed: false }])
    expect(
      new Set((await Promise.all(after.map(({ id }) => feedOf(id)))).map(([one]) => one!.seq)).size,
    ).toBe(3)
    expect((await auditOf(kiosk.id)).at(-1)).toMatchObject({
      action: 'shop.updated',
      old_values: { reference: null },
      new_values: { reference: 'BE-7' },
    })
    expect(await sql(`SELECT feed_id, new_values FROM audit_logs WHERE action = 'shop.imported'`)).toEqual([
      { feed_id: siteId, new_values: { created: 1, updated: 2, unchanged: 0 } },
    ])
    expect(await brokenChains(sql)).toEqual([])
    expect((await send(rows.slice(0, 2))).body).toMatchObject({ created: 0, updated: 0, unchanged: 2 })
  })

  test('of five hundred rows is one request', async () => {
    const rows = Array.from({ length: 500 }, (_, n) => row(n + 2, { name: `Shop ${n}`, reference: `R${n}` }))
    expect((await send(rows)).body).toMatchObject({ created: 500, problems: [] })
    expect((await send([...rows, row(502, { name: 'One more' })])).status).toBe(400)
  })

  test('is for administrators of the site', async () => {
    expect((await send([row(2, { name: 'X' })], false, server.as('editor', siteId))).status).toBe(403)
  })
})

test('of another site or organisation is not there', async () => {
  const { id } = await added()
  // Whoever sees the visit may see its shop, and not here.
  await visit(id)
  expect(await names('', server.as('admin', server.ids.sites.Sales))).toEqual([])
  for (const by of [server.as('admin', server.ids.sites.Sales), server.as('outsider')]) {
    expect(await by.get(`/shops/${id}`)).toMatchObject({
      status: 404,
      error: { message: 'There is no such shop at this site' },
    })
    expect((await by.put(`/shops/${id}`, { name: 'Mine', version: 1 })).status).toBe(404)
    expect((await by.delete(`/shops/${id}`)).status).toBe(404)
  }
  const viewer = server.as('viewer', siteId)
  expect((await viewer.get(`/shops/${id}`)).status).toBe(200)
  expect((await add(bare, viewer)).status).toBe(403)
})
