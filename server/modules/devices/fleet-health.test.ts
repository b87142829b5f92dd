import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { overForDays } from '#common/contract/devices'
import type { FleetHealth } from '#common/contract/reports'
import { createTestApp, type TestApp } from '../../test/app.ts'
import type { PersonName } from '../../test/fixture.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
  await server.database.owner.query('UPDATE sessions SET revoked_at = now() WHERE NOT user_id = ANY ($1)', [
    [server.ids.users.admin, server.ids.users.outsider],
  ])
})
afterAll(() => server.close())

const health = async (person: PersonName) => server.as(person).get<FleetHealth>('/admin/devices/health')

interface Given {
  seen?: string
  over?: string
  version?: string | null
  platform?: string
  waiting?: number
  waited?: string
  error?: string
  revoked?: boolean
}
const device = ({
  seen = '1 minute',
  over = '-30 days',
  version = '1.4.0',
  platform = 'Linux',
  waiting = 0,
  waited,
  error,
  revoked = false,
}: Given) =>
  server.database.owner.query(
    `INSERT INTO sessions (tenant_id, id, user_id, token_hash, lifetime, last_used_at, expires_at, reported_at, app_version,
       platform, waiting, oldest_waiting_at, last_error, last_error_at, revoked_at)
     VALUES ($1, $2, $3, sha256(uuid_send($2)), '1 hour', now() - $4::interval, now() - $5::interval,
       CASE WHEN $6::text IS NOT NULL THEN now() END, $6, CASE WHEN $6 IS NOT NULL THEN $7::text END,
       CASE WHEN $6 IS NOT NULL THEN $8::int END, now() - $9::interval, $10::text, CASE WHEN $10::text IS NOT NULL THEN now() END,
       CASE WHEN $11::boolean THEN now() END)`,
    [
      server.ids.tenants['Harbour & Vale'],
      randomUUID(),
      server.ids.users.editor,
      seen,
      over,
      version,
      platform,
      waiting,
      waited ?? null,
      error ?? null,
      revoked,
    ],
  )

test('tells of all devices that are listed, and of those of the organisation alone', async () => {
  const before = (await health('admin')).body
  expect(before).toMatchObject({ devices: 1, silent: 1, waiting: 0, edits: 0, oldestWaitingAt: null })
  await device({ waiting: 2, waited: '30 minutes' })
  await device({ waiting: 3, waited: '5 hours', version: '1.3.0', platform: 'Windows' })
  await device({ waiting: 4, waited: '2 days', seen: '8 days', error: 'INTERNAL_ERROR' })
  await device({ waiting: 1, waited: '8 days', over: '2 days', error: 'INTERNAL_ERROR' })
  await device({ version: null })
  await device({ version: '1.10.0-beta' })
  await device({ version: 'next' })
  await device({ waiting: 90, waited: '1 day', revoked: true })
  await device({ waiting: 90, waited: '1 day', over: `${overForDays + 1} days` })

  const { body } = await health('admin')
  expect(body).toMatchObject({
    devices: 8,
    unseen: 1,
    newestVersion: '1.10.0-beta',
    outdated: 4,
    silent: 2,
    waiting: 4,
    edits: 10,
    failing: 2,
    platforms: [
      { platform: 'Linux', devices: 5 },
      { platform: 'Windows', devices: 1 },
    ],
    waits: [
      { hours: 0, devices: 1 },
      { hours: 1, devices: 1 },
      { hours: 24, devices: 1 },
      { hours: 168, devices: 1 },
    ],
  })
  expect(body.versions.map(({ version, devices }) => [version, devices])).toEqual([
    ['1.4.0', 3],
    ['next', 1],
    ['1.3.0', 1],
    ['1.10.0-beta', 1],
  ])
  expect(body.errors.map(({ code, devices }) => [code, devices])).toEqual([['INTERNAL_ERROR', 2]])
  const oldest = (Date.parse(body.asOf) - Date.parse(body.oldestWaitingAt!)) / 86_400_000
  expect(Math.round(oldest)).toBe(8)

  const list = async (state: string) =>
    (await server.as('admin').get<{ total: number }>(`/admin/devices?state=${state}`)).body.total
  for (const state of ['outdated', 'unseen', 'waiting', 'failing'] as const)
    expect(await list(state), state).toBe(body[state])
  expect((await health('outsider')).body.devices).toBe(1)
})
