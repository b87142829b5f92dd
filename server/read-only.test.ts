import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { isReadOnly } from '#common/contract/errors'
import { type Client, createTestApp, meeting, type TestApp } from './test/app.ts'
import { createDatabase, type TestDatabase } from './test/database.ts'
import { createDevice } from './test/device.ts'
import { password } from './test/fixture.ts'
import { noJobsLeft } from './test/jobs.ts'

/** A database that was told only to read, as one is whose disk is full; one that follows another answers the same. */

let database: TestDatabase
let server: TestApp
let editor: Client
beforeAll(async () => {
  database = await createDatabase()
  server = await createTestApp({ database })
  editor = server.as('editor', server.ids.sites.Marketing)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})
beforeEach(() => setReadOnly(false))

/** Whoever is connected already keeps the setting they began with. */
async function setReadOnly(reads: boolean, { alsoConnected = true } = {}): Promise<void> {
  const name = new URL(database.url).pathname.slice(1)
  await database.owner.query(
    `BEGIN READ WRITE; ALTER DATABASE ${name} SET default_transaction_read_only = ${reads ? 'on' : 'off'}; COMMIT`,
  )
  if (!alsoConnected) return
  await database.owner.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'fieldbook'`,
  )
}

const message = 'The server only reads at the moment; nothing can be saved until that is over'
const refused = {
  status: 503,
  error: { code: 'SERVICE_UNAVAILABLE', message, details: [{ field: 'readOnly', message }] },
}

test('what only reads is answered, what writes is refused in words, and health says why', async () => {
  const saved = await editor.create({ title: 'Before' })
  await setReadOnly(true)
  expect((await editor.list()).body.interactions).toEqual([saved])
  expect((await editor.get(`/interactions/${saved.id}`)).status).toBe(200)
  expect((await editor.get('/auth/me')).status).toBe(200)
  const device = createDevice(server.ids.sites.Marketing)
  expect((await editor.pull({ deviceId: device.id })).changes).not.toEqual([])

  const push = { deviceId: device.id, mutations: [device.create()] }
  for (const answer of [
    await editor.post('/interactions', meeting),
    await editor.put(`/interactions/${saved.id}`, { version: saved.version, title: 'After' }),
    await editor.delete(`/interactions/${saved.id}`),
    await editor.post('/sync/push', push),
  ]) {
    expect(answer).toMatchObject(refused)
    expect(isReadOnly(answer.error)).toBe(true)
  }
  expect(await server.anonymous().get('/health/db')).toMatchObject({
    status: 200,
    body: { status: 'DEGRADED', reason: 'read_only' },
  })
  const metrics = () => server.anonymous().call('GET', '/metrics', { url: '/metrics' })
  expect((await metrics()).text).toContain('fieldbook_db_read_only 1')

  // Those that were open go on with what they began with, and are done away with as they are refused.
  await setReadOnly(false, { alsoConnected: false })
  await expect.poll(async () => (await editor.post('/sync/push', push)).status, { timeout: 20_000 }).toBe(200)
  expect((await editor.list()).body.total).toBe(2)
  await setReadOnly(false)
  expect((await server.anonymous().get('/health/db')).body).toMatchObject({ status: 'UP' })
  expect((await metrics()).text).toContain('fieldbook_db_read_only 0')
})

test('nobody signs in, and no answer tells a right password from a wrong one; who is signed in stays so', async () => {
  const anyone = server.anonymous()
  const signIn = (given: string) =>
    anyone.post<SignedIn>('/auth/login', { username: 'editor', password: given })
  const refresh = (refreshToken: string) => anyone.post<SignedIn>('/auth/refresh', { refreshToken })
  const first = (await signIn(password)).body
  const second = (await refresh(first.refreshToken)).body

  await setReadOnly(true)
  expect(await signIn(password)).toMatchObject(refused)
  expect(await signIn('wrong')).toMatchObject(refused)
  const kept = await refresh(second.refreshToken)
  expect(kept).toMatchObject({ status: 200, body: { refreshToken: second.refreshToken } })
  expect((await server.anonymous(kept.body.token).get('/auth/me')).status).toBe(200)
  // Used before: it would end the session, which has to be written down.
  expect(await refresh(first.refreshToken)).toMatchObject(refused)

  await setReadOnly(false)
  const next = await refresh(second.refreshToken)
  expect(next.status).toBe(200)
  expect(next.body.refreshToken).not.toBe(second.refreshToken)
  expect((await signIn(password)).status).toBe(200)
})

test('a server starts on such a database, and works on jobs as soon as it writes', async () => {
  await setReadOnly(true)
  const late = await createTestApp({ database, jobs: { superviseSeconds: 1 } })
  expect((await late.as('editor', late.ids.sites.Marketing).list()).status).toBe(200)

  const ask = { account: 'editor@harbour-vale.example' }
  await setReadOnly(false, { alsoConnected: false })
  expect((await late.anonymous().post('/auth/forgot-password', ask)).status).toBe(200)
  await noJobsLeft(database)
  await late.close()

  await setReadOnly(true)
  const idle = await createTestApp({ database, jobs: { superviseSeconds: 1 } })
  await idle.close()
})
