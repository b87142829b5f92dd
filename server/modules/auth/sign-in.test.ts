import { availableParallelism } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { noTenant } from '../../shared/scope.ts'
import { type Answer, createTestApp, type TestApp } from '../../test/app.ts'
import { password } from '../../test/fixture.ts'
import { sweepSignInFailures } from './sign-in-sweep.service.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())
afterEach(() => sql('DELETE FROM sign_in_failures; DELETE FROM sign_in_attempts'))

const signIn = (username: string, secret: string = password, more: object = {}): Promise<Answer<SignedIn>> =>
  server.anonymous().post<SignedIn>('/auth/login', { username, password: secret, ...more })

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]

describe('signing in', () => {
  test.each(['editor', ' EDITOR ', 'Editor@Harbour-Vale.EXAMPLE'])('as “%s”', async (name) => {
    const { status, body } = await signIn(name)
    expect(status).toBe(200)
    expect(body).toEqual({
      token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      expiresIn: 3600,
      refreshToken: expect.stringMatching(/^[\w.-]{60,}$/) as string,
      user: {
        id: server.ids.users.editor,
        username: 'editor',
        email: 'editor@harbour-vale.example',
        displayName: 'Edith Vale',
        tenant: { id: server.ids.tenants['Harbour & Vale'], name: 'Harbour & Vale' },
        roles: [],
        sites: [
          { id: server.ids.sites.Marketing, name: 'Marketing', role: 'editor' },
          { id: server.ids.sites.Sales, name: 'Sales', role: 'editor' },
        ],
        defaultSiteId: null,
        activeSiteId: null,
        mustChangePassword: false,
      },
    })
  })

  test("the admin is administrator of all the organisation's sites, and of no other", async () => {
    const { user } = (await signIn('admin')).body
    expect(user.roles).toEqual(['admin'])
    expect(user.sites.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'Marketing administrator',
      'Sales administrator',
      'Support administrator',
    ])
  })

  test('the super admin belongs to no organisation', async () => {
    const { user } = (await signIn('root')).body
    expect(user).toMatchObject({ tenant: null, roles: ['super_admin'], sites: [], activeSiteId: null })
  })

  test('whoever has one site is in it', async () => {
    const { user } = (await signIn('viewer')).body
    expect(user.activeSiteId).toBe(server.ids.sites.Marketing)
  })

  test('lasts a day, or a month if asked, and remembers the device', async () => {
    await signIn('viewer', password, { deviceName: 'Tablet 7' })
    await signIn('viewer', password, { deviceName: 'Laptop', keepSignedIn: true })
    const rows = await sql(
      `SELECT device_name, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM sessions
       WHERE device_name IS NOT NULL ORDER BY created_at`,
    )
    expect(rows).toEqual([
      { device_name: 'Tablet 7', hours: 24 },
      { device_name: 'Laptop', hours: 720 },
    ])
  })

  test('is journalled, and so is what was refused', async () => {
    await signIn('viewer')
    await signIn('viewer', 'wrong')
    const { viewer } = server.ids.users
    const last = () =>
      sql(
        `SELECT action, actor_id, entity, entity_id FROM audit_logs WHERE feed_id = $1 ORDER BY position DESC LIMIT 2`,
        [server.ids.tenants['Harbour & Vale']],
      )
    // What was refused is written down when the answer is out.
    await expect.poll(last).toMatchObject([
      { action: 'session.refused', actor_id: null, entity: 'user', entity_id: viewer },
      { action: 'session.started', actor_id: viewer, entity: 'session' },
    ])
  })
})

describe('who is not let in', () => {
  const refusal = {
    code: 'AUTHENTICATION_ERROR',
    message: 'User name or password is not right',
    requestId: expect.any(String) as string,
  }

  test('a wrong password and an unknown name get the same answer', async () => {
    const answers = [
      await signIn('editor', 'wrong'),
      await signIn('nobody', 'wrong'),
      await signIn('no@where.example', password),
    ]
    for (const { status, error } of answers) {
      expect(status).toBe(401)
      expect(error).toEqual(refusal)
    }
  })

  test('a name that nobody has costs a comparison too', async () => {
    const time = async (name: string) => {
      const started = performance.now()
      await signIn(name, 'wrong')
      return performance.now() - started
    }
    await time('editor')
    const [known, unknown] = [await time('editor'), await time('nobody')]
    // bcrypt is a quarter of a second; without it an answer takes a few milliseconds.
    expect(unknown).toBeGreaterThan(known / 3)
    expect(known).toBeGreaterThan(60)
  })

  test.each([
    ['the password in other case', 'editor', password.toLowerCase()],
    ['a hash for a password', 'editor', '$2b$12$VPPeRfQodnzcpW3b6Ae35O5OClkZHyWRjekqjlmh9eI2P8jlleQpy'],
    ['SQL for a name', `' OR 1=1 --`, password],
    ['a name in letters that look the same', 'еditor', password],
    ['no password at all', 'editor', ''],
    ['more than bcrypt takes of it', 'editor', password.padEnd(100, 'x')],
  ])('%s', async (_, name, secret) => expect((await signIn(name, secret)).status).toBe(401))

  test('somebody who was deactivated, in the same words', async () => {
    await sql('UPDATE users SET active = false WHERE username = $1', ['colleague'])
    const answer = await signIn('colleague')
    await sql('UPDATE users SET active = true WHERE username = $1', ['colleague'])
    expect([answer.status, answer.error]).toEqual([401, refusal])
  })

  test('somebody whose organisation was suspended, in the same words', async () => {
    await sql(`UPDATE tenants SET status = 'suspended' WHERE name = 'Brightmart'`)
    const answer = await signIn('outsider')
    const session = await server.as('outsider').get('/auth/me')
    await sql(`UPDATE tenants SET status = 'active' WHERE name = 'Brightmart'`)
    expect([answer.status, answer.error]).toEqual([401, refusal])
    expect(session.status).toBe(401)
  })

  test.each([
    ['no password', { username: 'editor' }, 'password'],
    ['no name', { password }, 'username'],
    ['an empty name', { username: '', password }, 'username'],
    ['a name of spaces', { username: '  ', password }, 'username'],
    ['a password as long as a page', { username: 'editor', password: 'x'.repeat(201) }, 'password'],
    ['NUL in the name', { username: 'edi\0tor', password }, 'username'],
    ['a broken character in the password', { username: 'editor', password: '\ud800' }, 'password'],
    ['an unknown field', { username: 'editor', password, admin: true }, 'admin'],
    ['text for a yes', { username: 'editor', password, keepSignedIn: 'true' }, 'keepSignedIn'],
  ])('%s', async (_, body, field) => {
    const answer = await server.anonymous().post('/auth/login', body)
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR', details: [{ field }] } })
    expect(answer.text).not.toContain(password)
  })
})

describe('after five wrong passwords in a row', () => {
  const locked = {
    status: 423,
    error: { code: 'ACCOUNT_LOCKED', message: 'Too many wrong passwords. Try again in 15 minutes.' },
  }
  const statusOf = async (name: string, secret = 'wrong') => (await signIn(name, secret)).status

  test('an account is locked, by whichever name, even for the right password', async () => {
    for (let i = 0; i < 5; i++) expect(await statusOf('editor')).toBe(401)
    expect(await signIn('editor', 'wrong')).toMatchObject(locked)
    expect(await signIn('EDITOR@harbour-vale.example')).toMatchObject(locked)
    expect(await statusOf('viewer', password)).toBe(200)

    const written = (action: string) =>
      sql(`SELECT FROM audit_logs WHERE action = $1 AND entity_id = $2`, [action, server.ids.users.editor])
    await expect.poll(async () => (await written('session.refused')).length).toBeGreaterThanOrEqual(7)
    expect(await written('session.locked')).toHaveLength(1)
  })

  /** As if somebody had failed so many times. */
  async function failed(name: string, failures: number) {
    expect(await statusOf(name)).toBe(401)
    await sql('UPDATE sign_in_failures SET failures = $1', [failures])
  }

  test('a name that nobody has is locked the same way, and not written down', async () => {
    await failed('Phantom', 4)
    expect(await statusOf('PHANTOM ')).toBe(401)
    expect(await signIn('phantom')).toMatchObject(locked)
    const refused = () =>
      sql(`SELECT new_values FROM audit_logs WHERE feed_id = '${noTenant}' AND action = 'session.refused'`)
    await expect.poll(async () => (await refused()).length).toBeGreaterThanOrEqual(3)
    expect(JSON.stringify(await refused())).not.toMatch(/phantom/i)
  })

  test('the account opens again when the time is over, and starts counting from nothing', async () => {
    await failed('editor', 4)
    expect(await statusOf('editor')).toBe(401)
    await sql(`UPDATE sign_in_failures SET locked_until = now() + interval '50 seconds'`)
    expect((await signIn('editor')).error.message).toBe('Too many wrong passwords. Try again in 1 minute.')
    await sql(`UPDATE sign_in_failures SET locked_until = now() - interval '1 second'`)
    expect(await statusOf('editor')).toBe(401)
    expect(await sql('SELECT failures, locked_until FROM sign_in_failures')).toEqual([
      { failures: 1, locked_until: null },
    ])
    expect(await statusOf('editor', password)).toBe(200)
  })

  test('a right password in between forgives the wrong ones', async () => {
    await failed('editor', 4)
    expect(await statusOf('editor', password)).toBe(200)
    expect(await sql('SELECT FROM sign_in_failures')).toHaveLength(0)
  })

  test('guessing at once gains next to nothing', async () => {
    await failed('editor', 4)
    const guesses = await Promise.all(Array.from({ length: 5 }, () => statusOf('editor')))
    const judged = guesses.filter((status) => status === 401).length
    expect(judged).toBeGreaterThanOrEqual(1)
    // One more for each thread that compares passwords.
    expect(judged).toBeLessThanOrEqual(1 + availableParallelism())
  })
})

describe('whoever is wrong too often from one address', () => {
  const address = '127.0.0.1'
  const statusOf = async (name: string, secret = 'wrong', remoteAddress = address) => {
    const payload = { username: name, password: secret }
    return (await server.anonymous().call('POST', '/auth/login', { payload, remoteAddress })).status
  }
  const failuresOf = async (name: 'editor') =>
    (
      await sql<{ failures: number }>(
        `SELECT failures FROM sign_in_failures WHERE account = sha256($1::text::bytea)`,
        [server.ids.users[name]],
      )
    )[0]?.failures
  const failed = (failures: number, where: string) =>
    sql(`UPDATE sign_in_attempts SET failures = $1 WHERE ${where}`, [failures])

  test('about an account is not heard about it from there any more, and nobody else is kept out by it', async () => {
    await statusOf('editor')
    await failed(9, `account <> ''`)
    expect(await statusOf('editor')).toBe(401)
    for (const secret of ['wrong', password]) expect(await statusOf('editor', secret)).toBe(429)
    expect(await failuresOf('editor')).toBe(2)
    expect(await statusOf('editor', password, '192.0.2.7')).toBe(200)
    expect(await statusOf('viewer', password)).toBe(200)
    // From there it goes on when the time is over, or the account was forgiven: its owner has signed in.
    expect(await statusOf('editor', password)).toBe(200)
    await statusOf('editor')
    await failed(10, `account <> ''`)
    await sql(`UPDATE sign_in_attempts SET since = since - interval '181 minutes'`)
    expect(await statusOf('editor', password)).toBe(200)
  })

  test('about many accounts locks none more', async () => {
    await statusOf('phantom')
    await failed(49, `account = ''`)
    expect(await statusOf('editor')).toBe(401)
    expect(await statusOf('editor')).toBe(429)
    expect(await statusOf('viewer', password)).toBe(429)
    expect(await failuresOf('editor')).toBe(1)
    expect(await statusOf('viewer', password, '192.0.2.7')).toBe(200)
    await sql(`UPDATE sign_in_attempts SET since = since - interval '16 minutes'`)
    expect(await statusOf('viewer', password)).toBe(200)
  })
})

test('failures that count no longer are forgotten, those that do are not', async () => {
  for (const name of ['phantom', 'editor']) await signIn(name, 'wrong')
  const hold = (name: string) =>
    sql(`UPDATE ${name} WHERE account = sha256($1::text::bytea)`, ['name:phantom'])
  await hold(`sign_in_failures SET last_failed_at = now() - interval '8 days'`)
  await hold(`sign_in_attempts SET since = now() - interval '8 days'`)
  await sweepSignInFailures(server.app.transact, server.ids.tenants.Brightmart, {
    id: null,
    requestId: 'test',
    address: 'local',
    device: null,
  })
  expect(await sql('SELECT FROM sign_in_failures')).toHaveLength(1)
  // Of the editor, and of the address.
  expect(await sql('SELECT FROM sign_in_attempts')).toHaveLength(2)
})
