import { hashSync } from 'bcryptjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SessionUser, SignedIn } from '#common/contract/auth'
import { passwordMaxAgeDays } from '#common/contract/tenants'
import { noTenant } from '../../shared/scope.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password, type PersonName } from '../../test/fixture.ts'
import { codeIn, startSmtpServer } from '../../test/smtp-server.ts'

let server: TestApp
let smtp: Awaited<ReturnType<typeof startSmtpServer>>
beforeAll(async () => {
  smtp = await startSmtpServer()
  server = await createTestApp({
    config: { smtpUrl: smtp.url, mailFrom: 'post@fieldbook.example' },
    jobs: { superviseSeconds: 1 },
  })
})
afterAll(async () => {
  await server.close()
  await smtp.close()
})
beforeEach(async () => {
  smtp.mails.length = 0
  await sql('DELETE FROM sign_in_failures')
  await sql('DELETE FROM sign_in_attempts')
})

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]

const better = (n: number) => `Tr1cky-enough-${n}`

/** At less cost than those the server makes. */
const hashed = (secret: string) => hashSync(secret, 4)

/** Whose password is the fixture's again, with nothing before it. */
const asNew = async (...people: PersonName[]) => {
  const ids = people.map((name) => server.ids.users[name])
  await sql(
    `UPDATE users SET password_hash = $1, password_changed_at = now(), must_change_password = false WHERE id = ANY ($2)`,
    [hashed(password), ids],
  )
  await sql('DELETE FROM password_history')
  await sql('DELETE FROM password_resets')
  await sql('DELETE FROM mails')
}
beforeEach(() => asNew('editor', 'viewer', 'colleague'))

const attempt = (username: string, secret = password) =>
  server.anonymous().post<SignedIn>('/auth/login', { username, password: secret })
async function signIn(username: string, secret = password) {
  const { status, body } = await attempt(username, secret)
  if (status !== 200) throw new Error(`Not signed in: ${status}`)
  return { ...body, client: server.anonymous(body.token) }
}
const change = (client: ReturnType<TestApp['anonymous']>, currentPassword: string, newPassword: string) =>
  client.post<{ user: SessionUser }>('/auth/change-password', { currentPassword, newPassword })
const forgot = (account: string) => server.anonymous().post('/auth/forgot-password', { account })
const reset = (token: string | undefined, secret: string) =>
  server.anonymous().post('/auth/reset-password', { token, password: secret })
async function codeFor(account: string): Promise<string> {
  const codes = () => smtp.mails.flatMap((mail) => codeIn(mail) ?? [])
  const before = codes().length
  await forgot(account)
  await expect.poll(() => codes().length, { timeout: 10_000 }).toBe(before + 1)
  return codes().at(-1)!
}
const audited = (action: string) =>
  sql<{ actor_id: string | null; entity_id: string; new_values: object | null }>(
    `SELECT actor_id, entity_id, new_values FROM audit_logs WHERE action = $1 ORDER BY position DESC`,
    [action],
  )
const mailed = (subject: RegExp) =>
  expect
    .poll(() => smtp.mails.map(({ headers }) => headers.subject).join(), { timeout: 10_000 })
    .toMatch(subject)

describe('changing the password', () => {
  test('makes the new one count and the old one not, ends every other session, and is told and journalled', async () => {
    const here = await signIn('editor')
    const there = await signIn('editor')
    const { body } = await change(here.client, password, better(1))
    expect(body).toEqual({ success: true, user: here.user })
    expect((await here.client.get('/auth/me')).status).toBe(200)
    expect((await there.client.get('/auth/me')).status).toBe(401)
    expect(
      (await server.anonymous().post('/auth/refresh', { refreshToken: there.refreshToken })).status,
    ).toBe(401)
    expect((await server.anonymous().post('/auth/refresh', { refreshToken: here.refreshToken })).status).toBe(
      200,
    )
    expect((await attempt('editor')).status).toBe(401)
    expect((await attempt('editor', better(1))).status).toBe(200)
    const { editor } = server.ids.users
    expect((await audited('user.passwordChanged'))[0]).toEqual({
      actor_id: editor,
      entity_id: editor,
      new_values: null,
    })
    await mailed(/was changed/)
    expect(codeIn(smtp.mails[0]!)).toBeUndefined()
    expect(await brokenChains(sql)).toEqual([])
  })

  test('needs the one in use; guessing it locks the account as at the door', async () => {
    const { client } = await signIn('editor')
    for (let i = 0; i < 5; i++) {
      expect(await change(client, 'Wr0ng-guess!', better(1))).toMatchObject({
        status: 400,
        error: { code: 'VALIDATION_ERROR', details: [{ field: 'currentPassword' }] },
      })
    }
    expect(await change(client, password, better(1))).toMatchObject({ error: { code: 'ACCOUNT_LOCKED' } })
    expect(await attempt('editor')).toMatchObject({ status: 423 })
  })

  test('refuses one that breaks the policy, with each rule it breaks', async () => {
    const { client } = await signIn('editor')
    expect(await change(client, password, 'short')).toMatchObject({
      status: 400,
      error: {
        details: [
          'At least 8 characters',
          'An upper-case letter',
          'A digit',
          'A symbol, such as ! ? . - or #',
        ].map((message) => ({ field: 'newPassword', message })),
      },
    })
    for (const secret of ['Password1!', 'My-editor-1', `xK9$${'m'.repeat(69)}`, '']) {
      expect((await change(client, password, secret)).error.details?.[0]?.field).toBe('newPassword')
    }
  })

  test('takes none of the last five, and the one before them again', async () => {
    const { client } = await signIn('editor')
    const { editor } = server.ids.users
    const tenantId = server.ids.tenants['Harbour & Vale']
    await sql('UPDATE users SET password_hash = $1 WHERE id = $2', [hashed(better(5)), editor])
    for (const n of [1, 2, 3, 4]) {
      await sql(`INSERT INTO password_history VALUES ($1, $2, now() - make_interval(days => $3), $4)`, [
        tenantId,
        editor,
        10 - n,
        hashed(better(n)),
      ])
    }
    for (const n of [1, 2, 5]) {
      expect(await change(client, better(5), better(n))).toMatchObject({
        status: 400,
        error: { details: [{ field: 'newPassword', message: 'It must be none of your last 5 passwords' }] },
      })
    }
    expect((await change(client, better(5), better(6))).status).toBe(200)
    expect((await change(client, better(6), better(2))).status).toBe(400)
    expect((await change(client, better(6), better(1))).status).toBe(200)
    expect(await sql('SELECT FROM password_history')).toHaveLength(4)
  })

  test('by two at once is done by one of them', async () => {
    const { client } = await signIn('editor')
    const answers = await Promise.all([1, 2].map((n) => change(client, password, better(n))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await sql('SELECT FROM password_history')).toHaveLength(1)
  })

  test('is for whoever is signed in', async () => {
    expect((await change(server.anonymous(), password, better(1))).status).toBe(401)
  })
})

describe('a forgotten password', () => {
  test('is replaced with the code that was mailed; nobody stays signed in, and a locked account is open again', async () => {
    const old = await signIn('editor')
    for (let i = 0; i < 5; i++) await attempt('editor', 'wrong')
    expect((await attempt('editor')).status).toBe(423)
    const code = await codeFor(' Editor@Harbour-Vale.EXAMPLE ')
    expect((await reset(` ${code}\n`, better(1))).body).toEqual({ success: true })
    expect((await old.client.get('/auth/me')).status).toBe(401)
    expect((await attempt('editor', better(1))).status).toBe(200)
    expect((await attempt('editor')).status).toBe(401)
    const { editor } = server.ids.users
    const whose = { entity_id: editor }
    expect(await audited('user.resetRequested')).toMatchObject([
      { ...whose, actor_id: null, new_values: { mailed: true } },
    ])
    expect(await audited('user.passwordReset')).toMatchObject([{ ...whose, actor_id: editor }])
    await mailed(/was changed/)
  })

  test('a code works once, for an hour, for its address, and not after another password was chosen', async () => {
    const notAnyMore = {
      status: 400,
      error: { code: 'VALIDATION_ERROR', details: [{ field: 'token' }] },
    }
    const first = await codeFor('editor')
    const second = await codeFor('editor')
    expect((await reset(first, better(1))).status).toBe(200)
    expect(await reset(first, better(2))).toMatchObject(notAnyMore)
    expect(await reset(second, better(2))).toMatchObject(notAnyMore)

    const old = await codeFor('viewer')
    const [{ seconds }] = (await sql<{ seconds: number }>(
      `SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM password_resets WHERE used_at IS NULL`,
    )) as [{ seconds: number }]
    expect(seconds).toBe(3600)
    await sql(`UPDATE password_resets SET expires_at = now()`)
    expect(await reset(old, better(1))).toMatchObject(notAnyMore)

    const changed = await codeFor('colleague')
    const { client } = await signIn('colleague')
    await change(client, password, better(1))
    expect(await reset(changed, better(2))).toMatchObject(notAnyMore)

    const moved = await codeFor('viewer')
    await sql(`UPDATE users SET email = 'vic@harbour-vale.example' WHERE username = 'viewer'`)
    expect(await reset(moved, better(1))).toMatchObject(notAnyMore)
    await sql(`UPDATE users SET email = 'viewer@harbour-vale.example' WHERE username = 'viewer'`)
    await sql(`UPDATE users SET active = false WHERE username = 'viewer'`)
    expect(await reset(moved, better(1))).toMatchObject(notAnyMore)
    await sql(`UPDATE users SET active = true WHERE username = 'viewer'`)
    expect(await reset('x'.repeat(64), better(1))).toMatchObject(notAnyMore)
    // A password that is refused does not use it up.
    expect(await reset(moved, 'weak')).toMatchObject({
      error: { details: [{ field: 'password' }, {}, {}, {}] },
    })
    expect(await reset(moved, password)).toMatchObject({ error: { details: [{ field: 'password' }] } })
    expect((await reset(moved, better(1))).status).toBe(200)
  })

  test('two that use a code at once: one does', async () => {
    const code = await codeFor('editor')
    const answers = await Promise.all([1, 2].map((n) => reset(code, better(n))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  test('is answered the same whether or not there is such an account, and mailed to those who can sign in', async () => {
    await sql(`UPDATE users SET active = false WHERE username = 'colleague'`)
    const answers = []
    for (const account of ['nobody', 'no@where.example', 'colleague', 'editor'])
      answers.push(await forgot(account))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['200 {"success":true}']),
    )
    await expect
      .poll(() => smtp.mails.map(({ to }) => to), { timeout: 10_000 })
      .toEqual([['editor@harbour-vale.example']])
    expect((await audited('user.resetRequested')).slice(0, 2)).toMatchObject([
      { entity_id: server.ids.users.editor, new_values: { mailed: true } },
      { entity_id: server.ids.users.colleague, new_values: { mailed: false } },
    ])
    const unknown = await sql(
      `SELECT new_values FROM audit_logs WHERE feed_id = '${noTenant}' AND action = 'user.resetRequested'`,
    )
    expect(unknown).toHaveLength(2)
    expect(JSON.stringify(unknown)).not.toMatch(/nobody|where/)
    await sql(`UPDATE users SET active = true WHERE username = 'colleague'`)
  })

  test('is mailed three times an hour at most', async () => {
    for (let i = 0; i < 3; i++) await codeFor('editor')
    await forgot('editor')
    await expect
      .poll(async () => (await audited('user.resetRequested'))[0]?.new_values)
      .toEqual({ mailed: false })
    expect(await sql('SELECT FROM password_resets')).toHaveLength(3)
  })
})

describe('a password that has to be changed', () => {
  const held = { status: 403, error: { code: 'PASSWORD_CHANGE_REQUIRED' } }

  test('lets one do nothing but that, from the next sign-in on', async () => {
    const kept = await signIn('editor')
    await sql(`UPDATE users SET must_change_password = true WHERE username = 'editor'`)
    expect((await kept.client.get('/interactions/none')).status).not.toBe(403)
    const { client, user, refreshToken } = await signIn('editor')
    expect(user.mustChangePassword).toBe(true)
    expect(await client.get('/sync/pull?deviceId=01a1fc5e-0000-7000-8000-000000000000')).toMatchObject(held)
    expect(await client.get('/interactions')).toMatchObject(held)
    expect(await client.post('/sync/push', {})).toMatchObject(held)
    expect((await client.get('/auth/me')).body).toMatchObject({ user: { mustChangePassword: true } })
    expect((await client.get('/auth/sessions')).status).toBe(200)
    const { body: again } = await server.anonymous().post<SignedIn>('/auth/refresh', { refreshToken })
    expect(again.user.mustChangePassword).toBe(true)

    const changed = await change(client, password, better(1))
    expect(changed.body.user.mustChangePassword).toBe(false)
    expect((await client.get('/auth/me')).body).toMatchObject({ user: { mustChangePassword: false } })
    expect(await client.get('/interactions')).not.toMatchObject(held)
    expect((await signIn('editor', better(1))).user.mustChangePassword).toBe(false)
  })

  test('is one older than the organisation lets it become', async () => {
    const aged = async (days: number, settings: object) => {
      await sql(
        `UPDATE users SET password_changed_at = now() - make_interval(days => $1) WHERE username = 'editor'`,
        [days],
      )
      await server.as('admin').put('/tenant/settings', settings)
      return (await signIn('editor')).user.mustChangePassword
    }
    expect(await aged(89, {})).toBe(false)
    expect(await aged(91, {})).toBe(true)
    expect(await aged(91, { passwordMaxAgeDays: 120 })).toBe(false)
    expect(await aged(8, { passwordMaxAgeDays: 7 })).toBe(true)
    expect(await aged(4000, { passwordMaxAgeDays: 0 })).toBe(false)
    await server.as('admin').put('/tenant/settings', { passwordMaxAgeDays })
  })

  test('signing out is possible', async () => {
    await sql(`UPDATE users SET must_change_password = true WHERE username = 'viewer'`)
    const { client } = await signIn('viewer')
    expect((await client.post('/auth/logout', {})).status).toBe(200)
  })
})

test('somebody without a password of their own cannot sign in, whatever they try', async () => {
  await sql(`UPDATE users SET password_hash = DEFAULT WHERE username = 'viewer'`)
  for (const secret of [password, '', ' ', 'undefined'])
    expect((await attempt('viewer', secret)).status).toBe(401)
  expect((await reset(await codeFor('viewer'), better(1))).status).toBe(200)
  expect((await attempt('viewer', better(1))).status).toBe(200)
})
