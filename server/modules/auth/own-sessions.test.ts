import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session, SignedIn } from '#common/contract/auth'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password, type PersonName } from '../../test/fixture.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const sql = (text: string, values: unknown[] = []) => server.database.owner.query(text, values)

async function signIn(username: PersonName, deviceName: string) {
  const { body } = await server.anonymous().post<SignedIn>('/auth/login', { username, password, deviceName })
  const client = server.anonymous(body.token)
  return {
    ...body,
    client,
    list: async () => (await client.get<{ sessions: Session[] }>('/auth/sessions')).body.sessions,
  }
}

test('one sees where one is signed in, the device used last first, and nobody else’s', async () => {
  const phone = await signIn('manager', 'Old phone')
  const laptop = await signIn('manager', 'Laptop')
  await signIn('colleague', 'Somebody’s')
  await sql(
    `UPDATE sessions SET last_used_at = last_used_at - interval '1 hour' WHERE device_name = 'Old phone'`,
  )
  // That of the fixture has no name.
  expect((await laptop.list()).filter(({ deviceName }) => deviceName)).toMatchObject([
    { deviceName: 'Laptop', isThis: true },
    { deviceName: 'Old phone', isThis: false },
  ])
  await phone.client.post('/auth/logout', {})
  await sql(`UPDATE sessions SET expires_at = now() WHERE device_name IS NULL`)
  expect(await laptop.list()).toMatchObject([{ deviceName: 'Laptop' }])
})

test('one ends another of one’s sessions: its tokens are worth nothing from then on, and the audit says who did it', async () => {
  const lost = await signIn('viewer', 'Lost tablet')
  const here = await signIn('viewer', 'Here')
  const { id } = (await here.list()).find(({ deviceName }) => deviceName === 'Lost tablet')!
  expect(await here.client.delete(`/auth/sessions/${id}`)).toMatchObject({
    status: 200,
    body: { success: true },
  })
  expect((await lost.client.get('/auth/me')).status).toBe(401)
  expect((await server.anonymous().post('/auth/refresh', { refreshToken: lost.refreshToken })).status).toBe(
    401,
  )
  expect((await here.client.get('/auth/me')).status).toBe(200)
  expect((await here.list()).map(({ deviceName }) => deviceName)).not.toContain('Lost tablet')
  const { rows } = await sql(
    `SELECT action, actor_id, device FROM audit_logs WHERE entity_id = $1 ORDER BY position`,
    [id],
  )
  expect(rows).toMatchObject([
    { action: 'session.started' },
    { action: 'session.ended', actor_id: here.user.id, device: 'Here' },
  ])
})

test('a session of somebody else’s, one that has ended and one there never was are all the same', async () => {
  const mine = await signIn('editor', 'Mine')
  const theirs = await signIn('outsider', 'Theirs')
  const ended = await signIn('editor', 'Ended')
  const idOf = async (of: typeof mine) => (await of.list()).find(({ isThis }) => isThis)!.id
  const ids = [await idOf(theirs), await idOf(ended), randomUUID()]
  await ended.client.post('/auth/logout', {})
  for (const id of ids) {
    expect(await mine.client.delete(`/auth/sessions/${id}`)).toMatchObject({
      status: 404,
      error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such session among yours' },
    })
  }
  expect((await theirs.client.get('/auth/me')).status).toBe(200)
})
