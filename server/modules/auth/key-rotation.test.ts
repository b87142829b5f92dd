import { createHash, createSign, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import type { PersonName } from '../../test/fixture.ts'
import { createFolder } from '../../test/folder.ts'
import { signInAtProvider, startProvider, type TestProvider } from '../../test/oidc-provider.ts'
import { codeIn, startSmtpServer } from '../../test/smtp-server.ts'
import { folderKeyring, keptSeconds, keyringOf, leadSeconds, rotateKeys, verifiesSeconds } from './keyring.ts'
import { newKeyPem, signingKey } from './signing-key.ts'

/** Two servers on one database and one folder of keys, over a change of the key, with clocks that differ. */

const publicUrl = 'http://127.0.0.1:3000'

let database: TestDatabase
let provider: TestProvider
let smtp: Awaited<ReturnType<typeof startSmtpServer>>
beforeAll(async () => {
  database = await createDatabase()
  smtp = await startSmtpServer({})
  provider = await startProvider(
    { editor: { email: 'editor@harbour-vale.example', email_verified: true } },
    `${publicUrl}/api/v1/auth/oidc/callback`,
  )
})
afterAll(async () => {
  await database.drop()
  await smtp.close()
  await provider.close()
})

let folder: string
let time: number
let one: Server
let other: Server
beforeEach(async () => {
  const made = await createFolder()
  folder = made.path
  time = Date.now()
  one = await serve(0)
  // Two minutes behind.
  other = await serve(-120)
  onTestFinished(async () => {
    await one.close()
    await other.close()
    await made.remove()
  })
})

type Server = Awaited<ReturnType<typeof serve>>

async function serve(secondsAhead: number) {
  const keys = await folderKeyring(folder, () => time + secondsAhead * 1000)
  const { issuer, client } = provider
  const server: TestApp = await createTestApp({
    database,
    keys,
    config: {
      publicUrl,
      smtpUrl: smtp.url,
      oidc: { issuer, clientId: client.id, clientSecret: client.secret, name: 'Harbour ID' },
    },
    jobs: { work: true },
  })
  const anyone = server.anonymous()
  const refresh = (refreshToken: string) => anyone.post<SignedIn>('/auth/refresh', { refreshToken })
  return {
    read: keys.read,
    close: server.close,
    anyone,
    refresh,
    /** Somebody who was signed in by a server with yet another key; once. */
    signedIn: async (name: PersonName) => (await refresh(inject('sessions')[name].refreshToken)).body,
    status: async (token: string) => (await server.anonymous(token).get('/auth/me')).status,
    published: async () => {
      const { body } = await anyone.get<{ keys: { kid: string }[] }>('/.well-known/jwks.json')
      return body.keys.map(({ kid }) => kid)
    },
  }
}

const pass = (seconds: number) => void (time += seconds * 1000)
const readBoth = () => Promise.all([one.read(), other.read()])
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }
const kidOf = (token: string) => headerOf(token).kid

/** Both sign with another key now, and know the one before. */
async function rotate() {
  await rotateKeys(folder, time)
  await readBoth()
  pass(leadSeconds + 121)
}

/** As the token was signed, for as long as one likes. */
function resigned(token: string, pem: string, kid = kidOf(token)) {
  const [, claims] = token.split('.')
  const body = `${Buffer.from(JSON.stringify({ ...headerOf(token), kid })).toString('base64url')}.${claims}`
  return `${body}.${createSign('RSA-SHA256').update(body).sign(pem, 'base64url')}`
}

test('each of them verifies what the other signs, at every moment of a rotation, until the old key is over', async () => {
  const first = await one.signedIn('viewer')
  let last = first
  const before = kidOf(first.token)
  expect(await other.published()).toEqual([before])

  await rotateKeys(folder, time)
  await one.read()
  const [, after] = await one.published()
  // Until the other one has read too it is not asked about the new key, which signs nowhere yet.
  expect(await other.published()).toEqual([before])
  await other.read()
  expect(await other.published()).toEqual([before, after])

  const kids: string[][] = []
  for (const seconds of [0, leadSeconds + 1, 60, 60]) {
    pass(seconds)
    const tokens = [first.token]
    for (const server of [one, other]) {
      last = (await server.refresh(last.refreshToken)).body
      tokens.push(last.token)
    }
    kids.push(tokens.slice(1).map(kidOf))
    for (const token of tokens)
      expect(await Promise.all([one.status(token), other.status(token)])).toEqual([200, 200])
  }
  expect(kids).toEqual([
    [before, before],
    [after, before],
    [after, before],
    [after, after],
  ])

  pass(verifiesSeconds)
  expect(await Promise.all([one.published(), other.published()])).toEqual([[after], [after]])
  // No token lives as long in earnest; this one's hour is that of the machine.
  expect(await Promise.all([one.status(first.token), other.status(first.token)])).toEqual([401, 401])
  last = (await other.refresh(last.refreshToken)).body
  expect(kidOf(last.token)).toBe(after)
  expect(await one.status(last.token)).toBe(200)
})

test('a token is verified by the key that it names, and by no other', async () => {
  const { token } = await one.signedIn('manager')
  const pem = await readFile(join(folder, 'jwt-key.pem'), 'utf8')
  await rotate()
  const [before, after] = await one.published()
  expect(await one.status(resigned(token, pem))).toBe(200)
  expect(before).toBe(signingKey(pem).kid)
  expect(await one.status(resigned(token, pem, after))).toBe(401)
  expect(await one.status(resigned(token, pem, 'unknown'))).toBe(401)
  pass(verifiesSeconds)
  expect(await one.status(resigned(token, pem))).toBe(401)
})

test('a refresh whose answer was lost before the key changed is answered the same after it, by either', async () => {
  const { refreshToken } = await one.signedIn('siteless')
  const lost = (await one.refresh(refreshToken)).body
  await rotate()
  const again = (await other.refresh(refreshToken)).body
  expect(again.refreshToken).toBe(lost.refreshToken)
  expect((await one.refresh(refreshToken)).body.refreshToken).toBe(lost.refreshToken)
  const next = await one.refresh(lost.refreshToken)
  expect(next.status).toBe(200)
  expect(await other.status(next.body.token)).toBe(200)
})

test('two that sign with different keys give one successor to a token that comes to both at once', async () => {
  await rotateKeys(folder, time)
  await readBoth()
  pass(leadSeconds + 1)
  const { refreshToken } = await one.signedIn('outsider')
  const answers = await Promise.all([one, other, one, other].map((server) => server.refresh(refreshToken)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1)
  expect(new Set(answers.map(({ body }) => kidOf(body.token))).size).toBe(2)
})

test('where the key before is gone nobody is signed out: another successor is given', async () => {
  const { refreshToken } = await one.signedIn('admin')
  const lost = (await one.refresh(refreshToken)).body
  await rotate()
  pass(keptSeconds)
  const again = await one.refresh(refreshToken)
  expect(again.status).toBe(200)
  expect(again.body.refreshToken).not.toBe(lost.refreshToken)
  expect((await one.refresh(again.body.refreshToken)).status).toBe(200)
})

test('a code that was mailed before works after it, on the other server too, for as long as it counts', async () => {
  await one.anyone.post('/auth/forgot-password', { account: 'colleague' })
  await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(1)
  const code = codeIn(smtp.mails[0]!)!
  await rotate()
  // Nearly the seven days of an invitation, if it was one.
  pass(7 * 24 * 3600 - 1)
  await readBoth()
  const reset = { token: code, password: 'Lanes-7-of-Harbour' }
  expect((await other.anyone.post('/auth/reset-password', reset)).status).toBe(200)
})

test('a sign-in with a provider that was underway ends well, though each step is taken by another key', async () => {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const { body } = await one.anyone.post<{ url: string }>('/auth/oidc/start', { challenge, port: 49_152 })
  const back = await signInAtProvider(body.url, 'editor', provider.issuer)
  await rotate()
  const page = await other.anyone.get(back.slice(publicUrl.length))
  const on = /url=([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&#38;', '&')
  const code = new URL(on!).searchParams.get('code')
  await rotate()
  const signedIn = await one.anyone.post<SignedIn>('/auth/oidc/finish', { code, verifier })
  expect(signedIn.status).toBe(200)
  expect(signedIn.body.user.username).toBe('editor')
  expect(await other.status(signedIn.body.token)).toBe(200)
})

test('servers that are given the keys take them over step by step, and know each other’s tokens all the while', async () => {
  const [old, next] = [newKeyPem(), newKeyPem()]
  let { refreshToken } = inject('sessions').root
  const kids = [signingKey(old).kid, signingKey(next).kid]
  const servers: { token: string; status(token: string): Promise<number> }[] = []
  for (const pems of [old, old + next, next + old, next]) {
    const server = await createTestApp({ database, keys: keyringOf(pems) })
    onTestFinished(server.close)
    const { body } = await server.anonymous().post<SignedIn>('/auth/refresh', { refreshToken })
    ;({ refreshToken } = body)
    servers.push({
      token: body.token,
      status: async (token) => (await server.anonymous(token).get('/auth/me')).status,
    })
  }
  expect(servers.map(({ token }) => kids.indexOf(kidOf(token)))).toEqual([0, 0, 1, 1])
  const answers = servers.map(({ status }) => Promise.all(servers.map(({ token }) => status(token))))
  // Who leaves out a step does not know those who took it.
  expect(await Promise.all(answers)).toEqual([
    [200, 200, 401, 401],
    [200, 200, 200, 200],
    [200, 200, 200, 200],
    [401, 401, 200, 200],
  ])
})
