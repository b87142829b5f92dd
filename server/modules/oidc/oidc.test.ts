import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import type { User } from '#common/contract/users'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { codeIn, startSmtpServer } from '../../test/smtp-server.ts'
import { signInAtProvider, startProvider, type TestProvider } from '../../test/oidc-provider.ts'

const publicUrl = 'http://127.0.0.1:3000'
const callback = `${publicUrl}/api/v1/auth/oidc/callback`

let provider: TestProvider
let smtp: Awaited<ReturnType<typeof startSmtpServer>>
let server: TestApp
beforeAll(async () => {
  smtp = await startSmtpServer()
  provider = await startProvider(
    {
      'subject-of-editor': { email: 'Editor@Harbour-Vale.example', email_verified: true },
      'another-subject': { email: 'editor@harbour-vale.example', email_verified: true },
      unverified: { email: 'viewer@harbour-vale.example', email_verified: false },
      'without-email': {},
      stranger: { email: 'stranger@elsewhere.example', email_verified: true },
      outsider: { email: 'outsider@brightmart.example', email_verified: true },
      moved: { email: 'moved@elsewhere.example', email_verified: true },
      founder: { email: 'founder@elsewhere.example', email_verified: true },
      added: { email: 'added@elsewhere.example', email_verified: true },
      invited: { email: 'invited@elsewhere.example', email_verified: true },
      colleague: { email: 'colleague@harbour-vale.example', email_verified: true },
    },
    callback,
  )
  server = await createTestApp({
    config: {
      publicUrl,
      registration: 'open',
      smtpUrl: smtp.url,
      oidc: {
        issuer: provider.issuer,
        clientId: provider.client.id,
        clientSecret: provider.client.secret,
        name: 'Harbour ID',
      },
    },
    jobs: { work: true },
  })
})
afterAll(async () => {
  await server.close()
  await provider.close()
  await smtp.close()
})

const newVerifier = () => randomBytes(32).toString('base64url')
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')
const anonymous = () => server.anonymous()

/** From the app to the provider and back to the server; answers its page. */
async function travel(subject: string, verifier = newVerifier()) {
  const started = await anonymous().post<{ url: string }>('/auth/oidc/start', {
    challenge: challengeOf(verifier),
    port: 49_152,
    deviceName: 'Field tablet 7',
  })
  expect(started.status).toBe(200)
  const back = await signInAtProvider(started.body.url, subject, provider.issuer)
  expect(back.startsWith(callback)).toBe(true)
  const page = await anonymous().get(back.slice(publicUrl.length))
  const on = /url=([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&#38;', '&')
  return { back, page, code: on ? new URL(on).searchParams.get('code') : null, on }
}

const finish = (code: string, verifier: string) =>
  anonymous().post<SignedIn>('/auth/oidc/finish', { code, verifier })

const entries = async (action: string) => {
  const { rows } = await server.database.owner.query<{ entity_id: string; new_values: unknown }>(
    'SELECT entity_id, new_values FROM audit_logs WHERE action = $1',
    [action],
  )
  return rows
}

test('the app is told what the provider is called', async () => {
  expect((await anonymous().get('/auth/oidc')).body).toEqual({ provider: 'Harbour ID' })
})

describe('somebody whose address the provider has verified', () => {
  test('is signed in, on the device that asked and nowhere else', async () => {
    const verifier = newVerifier()
    const { on, code, page } = await travel('subject-of-editor', verifier)
    expect(on).toMatch(/^http:\/\/127\.0\.0\.1:49152\/signed-in\?code=[\w-]+$/)
    expect(page.headers['content-security-policy']).toContain(`default-src 'none'`)
    expect((await finish(code!, newVerifier())).status).toBe(401)

    const { status, body } = await finish(code!, verifier)
    expect(status).toBe(200)
    expect(body.user.username).toBe('editor')
    const sessions = await server.anonymous(body.token).get<{ sessions: unknown[] }>('/auth/sessions')
    expect(sessions.body.sessions).toContainEqual(
      expect.objectContaining({ deviceName: 'Field tablet 7', isThis: true }),
    )
  })

  test('once: a code makes one session', async () => {
    const verifier = newVerifier()
    const { code } = await travel('colleague', verifier)
    const answers = await Promise.all([finish(code!, verifier), finish(code!, verifier)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  test('is linked the first time, which is written down, and then known by that alone', async () => {
    const [linked] = await entries('user.identityLinked')
    expect(linked).toMatchObject({
      entity_id: server.ids.users.editor,
      new_values: { subject: 'subject-of-editor', email: 'editor@harbour-vale.example' },
    })
    const { owner } = server.database
    await owner.query(`UPDATE users SET email = 'renamed@harbour-vale.example' WHERE username = 'editor'`)
    const verifier = newVerifier()
    const { code } = await travel('subject-of-editor', verifier)
    expect((await finish(code!, verifier)).body.user.username).toBe('editor')
    await owner.query(`UPDATE users SET email = 'editor@harbour-vale.example' WHERE username = 'editor'`)
    expect(await entries('user.identityLinked')).toHaveLength(2)
  })

  test('belongs to whichever organisation has the address', async () => {
    const verifier = newVerifier()
    const { code } = await travel('outsider', verifier)
    expect((await finish(code!, verifier)).body.user.tenant?.name).toBe('Brightmart')
  })
})

describe('nobody is signed in', () => {
  const refusal = async (subject: string) => {
    const { page, on } = await travel(subject)
    expect(on).toBeUndefined()
    return page.text
  }

  test('with an address that is not verified, or none', async () => {
    expect(await refusal('unverified')).toContain('does not say that your e-mail address is verified')
    expect(await refusal('without-email')).toContain('does not say that your e-mail address is verified')
  })

  test('whom nobody invited', async () => {
    expect(await refusal('stranger')).toContain('Nobody here has the address stranger@elsewhere.example')
  })

  test('with another account of the provider that came to have the address', async () => {
    await travel('subject-of-editor')
    expect(await refusal('another-subject')).toContain('signs in here with another account')
  })

  test('whose account is disabled, linked or not', async () => {
    const { owner } = server.database
    await owner.query(`UPDATE users SET active = false WHERE username = 'colleague'`)
    expect(await refusal('colleague')).toContain('Your account is disabled')
    await owner.query(`UPDATE users SET active = true WHERE username = 'colleague'`)
  })

  test('with what was not begun here, was changed, or comes twice', async () => {
    const { back } = await travel('subject-of-editor')
    const path = back.slice(publicUrl.length)
    const words = async (url: string) => (await anonymous().get(url)).text
    expect(await words(path)).toContain('did not complete the sign-in')
    expect(await words(path.replace(/state=.{8}/, 'state=AAAAAAAA'))).toContain('was not begun in Fieldbook')
    expect(await words('/auth/oidc/callback?code=1')).toContain('was not begun in Fieldbook')
    expect(await words('/auth/oidc/callback?error=access_denied&state=<script>')).not.toContain('<script>')
  })

  test('when they said no at the provider', async () => {
    const started = await anonymous().post<{ url: string }>('/auth/oidc/start', {
      challenge: challengeOf(newVerifier()),
      port: 1,
    })
    const state = new URL(started.body.url).searchParams.get('state')
    const page = await anonymous().get(
      `/auth/oidc/callback?error=access_denied&state=${state}&iss=${encodeURIComponent(provider.issuer)}`,
    )
    expect(page.text).toContain('Harbour ID did not complete the sign-in')
  })
})

describe('an address that nobody has confirmed signs nobody in', () => {
  const address = 'moved@elsewhere.example'
  const chosen = 'Piers-7-of-Harbour'
  const unconfirmed = 'It is not confirmed yet that'
  const links = async () => (await entries('user.identityLinked')).length
  const change = async (by: 'manager' | 'admin', changes: object) => {
    const at = `/users/${server.ids.users.manager}`
    const { version } = (await server.as('admin').get<{ user: User }>(at)).body.user
    expect((await server.as(by).put(at, { ...changes, version })).status).toBe(200)
  }

  test('before a code that is mailed there is used, whoever set it', async () => {
    const { owner } = server.database
    const before = await links()
    for (const by of ['manager', 'admin'] as const) {
      await owner.query(
        `UPDATE users SET email = 'elsewhere@harbour-vale.example', email_confirmed = true WHERE username = 'manager'`,
      )
      await change(by, { email: address })
      expect((await travel('moved')).page.text).toContain(`${unconfirmed} ${address} is yours`)
    }
    await anonymous().post('/auth/forgot-password', { account: address })
    const token = await codeFor(address)
    expect((await travel('moved')).page.text).toContain(unconfirmed)
    expect(await links()).toBe(before)
    await choosePassword(token)
    expect((await signedInAs('moved')).user.username).toBe('manager')

    // What else is changed leaves it confirmed.
    await owner.query(`DELETE FROM user_identities WHERE subject = 'moved'`)
    await change('admin', { displayName: 'Mona Jetty' })
    expect((await signedInAs('moved')).user.displayName).toBe('Mona Jetty')
  })

  test('nor while another one is set', async () => {
    const { owner } = server.database
    await owner.query(`DELETE FROM user_identities WHERE subject = 'moved'`)
    const client = await owner.connect()
    onTestFinished(() => client.release(true))
    await client.query('BEGIN')
    await client.query(`UPDATE users SET email_confirmed = false WHERE username = 'manager'`)
    const travelled = travel('moved')
    const waiting = async () => {
      const { rows } = await owner.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return rows[0]!.waiting
    }
    await expect.poll(waiting).toBe(1)
    await client.query('COMMIT')
    expect((await travelled).page.text).toContain(unconfirmed)
  })

  test('into an organisation that somebody registered with it, or whoever they add there; whom they invite, once that is accepted', async () => {
    const founder = {
      username: 'founder',
      email: 'founder@elsewhere.example',
      displayName: 'Flora Found',
      password: 'Piers-8-of-Harbour',
    }
    const registered = { tenant: { name: 'Found' }, admin: founder }
    expect((await anonymous().post('/auth/register', registered)).status).toBe(201)
    expect((await travel('founder')).page.text).toContain(unconfirmed)

    const { username, password } = founder
    const { token, user } = (await anonymous().post<SignedIn>('/auth/login', { username, password })).body
    const sites = [{ siteId: user.sites[0]!.id, role: 'viewer' }]
    const add = async (name: string, more: object) => {
      const person = {
        username: name,
        email: `${name}@elsewhere.example`,
        displayName: name,
        sites,
      }
      const answer = await server.anonymous(token).post('/users', { ...person, ...more })
      expect(answer.status, answer.text).toBe(201)
    }
    const before = await links()
    await add('added', { password: 'Piers-9-of-Harbour' })
    expect((await travel('added')).page.text).toContain(unconfirmed)
    await add('invited', {})
    expect((await travel('invited')).page.text).toContain(unconfirmed)
    expect(await links()).toBe(before)
    await choosePassword(await codeFor('invited@elsewhere.example'))
    expect((await signedInAs('invited')).user.tenant?.name).toBe('Found')
  })

  /** Out of the mail to them, once it is there. */
  async function codeFor(email: string): Promise<string> {
    const mailed = () => smtp.mails.find(({ to }) => to.includes(email))
    await expect.poll(mailed, { timeout: 20_000 }).toBeDefined()
    return codeIn(mailed()!)!
  }
  async function choosePassword(token: string) {
    const answer = await anonymous().post('/auth/reset-password', { token, password: chosen })
    expect(answer.status).toBe(200)
  }
  async function signedInAs(subject: string): Promise<SignedIn> {
    const verifier = newVerifier()
    const { code, page } = await travel(subject, verifier)
    expect(code, page.text).not.toBeNull()
    return (await finish(code!, verifier)).body
  }
})

test('without a provider there is none to sign in with, and one that is away is said to be', async () => {
  const bare = await createTestApp({ database: server.database })
  expect((await bare.anonymous().get('/auth/oidc')).body).toEqual({ provider: null })
  const body = { challenge: challengeOf(newVerifier()), port: 1 }
  expect((await bare.anonymous().post('/auth/oidc/start', body)).status).toBe(404)
  await bare.close()

  const away = await createTestApp({
    database: server.database,
    config: {
      publicUrl,
      oidc: { issuer: 'http://127.0.0.1:9', clientId: 'x', clientSecret: null, name: 'Away' },
    },
  })
  const answer = await away.anonymous().post('/auth/oidc/start', body)
  expect(answer.status).toBe(503)
  expect(answer.error.message).toBe('Away cannot be reached at the moment')
  await away.close()
})
