import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionUser } from '#common/contract/auth'
import type { TenantSettings } from '#common/contract/tenants'
import { brokenChains } from '../../test/audit-chain.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import type { PersonName } from '../../test/fixture.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const read = (person: PersonName = 'admin') =>
  server.as(person).get<{ settings: TenantSettings }>('/tenant/settings')
const change = (settings: object, person: PersonName = 'admin') =>
  server.as(person).put<{ settings: TenantSettings }>('/tenant/settings', settings)

const forget = () => server.database.owner.query(`UPDATE tenants SET settings = '{}'`)

test('are as the product has them until somebody decides, and of one organisation alone', async () => {
  expect((await read()).body).toEqual({ settings: {} })
  for (const settings of [{ archiveAfterYears: null }, { archiveAfterYears: 5 }]) {
    expect((await change(settings)).body).toEqual({ success: true, settings })
    expect((await read()).body).toEqual({ settings })
    expect((await read('outsider')).body).toEqual({ settings: {} })
  }
})

test('leave each other as they are', async () => {
  await forget()
  await Promise.all([change({ archiveAfterYears: 5 }), change({ passwordMaxAgeDays: 30 })])
  const settings = { archiveAfterYears: 5, passwordMaxAgeDays: 30 }
  expect((await change({})).body).toEqual({ success: true, settings })
  expect((await read()).body).toEqual({ settings })
})

test('tell devices how long they may do without the server, and those of nobody else', async () => {
  const told = async (person: PersonName) =>
    (await server.as(person).get<{ user: SessionUser }>('/auth/me')).body.user.offlineDays
  expect(await told('editor')).toBeUndefined()
  await change({ offlineDays: 7 })
  expect(await told('editor')).toBe(7)
  expect(await told('outsider')).toBeUndefined()
})

test('are for the organisation’s admins', async () => {
  for (const person of ['manager', 'editor', 'viewer', 'root'] as const) {
    expect((await read(person)).status).toBe(403)
    expect((await change({}, person)).status).toBe(403)
  }
  expect((await server.anonymous().get('/tenant/settings')).status).toBe(401)
})

test('that make no sense are refused by name', async () => {
  for (const [settings, field] of [
    [{ archiveAfterYears: 0 }, 'archiveAfterYears'],
    [{ archiveAfterYears: 1.5 }, 'archiveAfterYears'],
    [{ archiveAfterYears: 'never' }, 'archiveAfterYears'],
    [{ offlineDays: 0 }, 'offlineDays'],
    [{ offlineDays: 366 }, 'offlineDays'],
    [{ colour: 'red' }, 'colour'],
  ] as const) {
    expect(await change(settings)).toMatchObject({ status: 400, error: { details: [{ field }] } })
  }
})

test('are journalled with what they were, and only when they changed', async () => {
  await forget()
  await change({ archiveAfterYears: 3 })
  await change({ archiveAfterYears: 3 })
  await change({ archiveAfterYears: null })
  const sql = async <R>(text: string, values: unknown[] = []) =>
    (await server.database.owner.query(text, values)).rows as R[]
  const rows = await sql(
    `SELECT actor_id, feed_id = entity_id AS own, old_values, new_values FROM audit_logs
     WHERE action = 'tenant.updated' ORDER BY position DESC LIMIT 2`,
  )
  const whose = { actor_id: server.ids.users.admin, own: true }
  const [never, three] = [{ archiveAfterYears: null }, { archiveAfterYears: 3 }]
  expect(rows).toEqual([
    { ...whose, old_values: { settings: three }, new_values: { settings: never } },
    { ...whose, old_values: { settings: {} }, new_values: { settings: three } },
  ])
  expect(await brokenChains(sql)).toEqual([])
})
