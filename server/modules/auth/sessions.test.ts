import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password, type PersonName } from '../../test/fixture.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const sql = (text: string, values: unknown[] = []) => server.database.owner.query(text, values)
const refresh = (refreshToken: string) => server.anonymous().post<SignedIn>('/auth/refresh', { refreshToken })
const works = async (token: string) => (await server.anonymous(token).get('/auth/me')).status === 200
const sessionOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid

/** The session somebody of the fixture has; each test takes another's. */
const sessionFor = (person: PersonName) => inject('sessions')[person]
async function signIn(username: PersonName): Promise<SignedIn> {
  const { body } = await server.anonymous().post<SignedIn>('/auth/login', { username, password })
  return body
}
/** As if the last refresh had been a while ago. */
const pass = (seconds: number) =>
  sql('UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $1)', [seconds])

const over = {
  status: 401,
  error: { code: 'AUTHENTICATION_ERROR', message: 'Your session has ended; sign in again' },
}

describe('a refresh token', () => {
  test('is replaced at every use, while the session stays', async () => {
    const first = sessionFor('editor')
    const second = (await refresh(first.refreshToken)).body
    const third = (await refresh(second.refreshToken)).body
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3)
    expect(new Set([first, second, third].map(({ token }) => sessionOf(token))).size).toBe(1)
    expect(third.user).toEqual(second.user)
    expect(await works(third.token)).toBe(true)
  })

  test('whose answer was lost gets the same successor again, within a minute', async () => {
    const first = sessionFor('colleague')
    const answered = (await refresh(first.refreshToken)).body
    await pass(55)
    const again = (await refresh(first.refreshToken)).body
    expect(again.refreshToken).toBe(answered.refreshToken)
    expect((await refresh(again.refreshToken)).status).toBe(200)
  })

  test('whose answer was lost while the signing key was replaced gets a successor that counts', async () => {
    const { refreshToken, token } = await signIn('viewer')
    const lost = (await refresh(refreshToken)).body.refreshToken
    // As another key would have made it.
    await sql(`UPDATE sessions SET token_hash = sha256('of another key') WHERE id = $1`, [sessionOf(token)])
    const again = (await refresh(refreshToken)).body
    expect((await refresh(refreshToken)).body.refreshToken).toBe(again.refreshToken)
    expect(again.refreshToken).toBe(lost)
    const next = await refresh(again.refreshToken)
    expect(next.status).toBe(200)
    expect((await refresh(next.body.refreshToken)).status).toBe(200)
  })

  test('sent twice at once gives one successor', async () => {
    const { refreshToken } = sessionFor('viewer')
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(refreshToken)))
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1)
    expect((await refresh(answers[0]!.body.refreshToken)).status).toBe(200)
  })

  test('used again later ends the session for everyone who has a part of it', async () => {
    const stolen = sessionFor('manager')
    const rightful = (await refresh(stolen.refreshToken)).body
    await pass(61)
    expect(await refresh(stolen.refreshToken)).toMatchObject(over)
    expect(await refresh(rightful.refreshToken)).toMatchObject(over)
    expect(await works(rightful.token)).toBe(false)
    expect(await works(stolen.token)).toBe(false)
    const { rows } = await sql(`SELECT entity_id FROM audit_logs WHERE action = 'session.token_reused'`)
    expect(rows).toContainEqual({ entity_id: sessionOf(stolen.token) })
  })

  test('that is older than the last one ends it at once: a thief may have refreshed twice', async () => {
    const first = sessionFor('siteless')
    const second = (await refresh(first.refreshToken)).body
    const third = (await refresh(second.refreshToken)).body
    expect(await refresh(first.refreshToken)).toMatchObject(over)
    expect(await works(third.token)).toBe(false)
    expect(await refresh(third.refreshToken)).toMatchObject(over)
  })

  test('of one session is no key to another', async () => {
    const [mine, other] = [sessionFor('outsider'), sessionFor('admin')]
    const mixed = `${sessionOf(other.token)}.${mine.refreshToken.split('.')[1]}`
    expect(await refresh(mixed)).toMatchObject(over)
    expect((await refresh(mine.refreshToken)).status).toBe(200)
  })

  test.each([
    ['unknown', `01a1fc5e-0000-7000-8000-000000000000.${'a'.repeat(43)}`],
    ['garbage', 'a'.repeat(60)],
    ['an access token', `ey${'a'.repeat(60)}.ey.x`],
  ])('that is %s is refused', async (_, token) => expect(await refresh(token)).toMatchObject(over))

  test('that is too short or long, or not there, is no request', async () => {
    for (const body of [{ refreshToken: 'short' }, { refreshToken: 'x'.repeat(201) }, {}]) {
      expect(await server.anonymous().post('/auth/refresh', body)).toMatchObject({
        status: 400,
        error: { details: [{ field: 'refreshToken' }] },
      })
    }
  })

  test('is nowhere in the database, nor is the one after it', async () => {
    const first = sessionFor('root')
    const second = (await refresh(first.refreshToken)).body
    const { rows } = await sql('SELECT s::text FROM sessions s')
    for (const { refreshToken } of [first, second]) {
      expect(JSON.stringify(rows)).not.toContain(refreshToken.split('.')[1])
    }
  })
})

describe('a session', () => {
  test('ends when it has not been used for its time, which each refresh extends', async () => {
    const { token, refreshToken } = await signIn('root')
    const id = sessionOf(token)
    const left = async () => {
      const { rows } = await server.database.owner.query<{ seconds: number }>(
        'SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM sessions WHERE id = $1',
        [id],
      )
      return rows[0]!.seconds
    }
    await sql(`UPDATE sessions SET expires_at = now() + interval '5 seconds' WHERE id = $1`, [id])
    const next = (await refresh(refreshToken)).body
    expect(await left()).toBeGreaterThan(23.9 * 3600)

    await sql(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [id])
    expect(await works(next.token)).toBe(false)
    expect(await refresh(next.refreshToken)).toMatchObject(over)
  })

  test('ends by signing out, alone', async () => {
    const [here, there] = [await signIn('editor'), await signIn('editor')]
    expect(await server.anonymous(here.token).post('/auth/logout', {})).toMatchObject({
      status: 200,
      body: { success: true },
    })
    expect(await works(here.token)).toBe(false)
    expect(await refresh(here.refreshToken)).toMatchObject(over)
    expect(await works(there.token)).toBe(true)
    expect((await server.anonymous(here.token).post('/auth/logout', {})).status).toBe(401)
    const { rows } = await sql(`SELECT actor_id, entity_id FROM audit_logs WHERE action = 'session.ended'`)
    expect(rows).toEqual([{ actor_id: server.ids.users.editor, entity_id: sessionOf(here.token) }])
  })

  test('takes no refresh of somebody deactivated', async () => {
    const { refreshToken } = await signIn('colleague')
    await sql(`UPDATE users SET active = false WHERE username = 'colleague'`)
    expect(await refresh(refreshToken)).toMatchObject(over)
    await sql(`UPDATE users SET active = true WHERE username = 'colleague'`)
    expect((await refresh(refreshToken)).status).toBe(200)
  })
})
