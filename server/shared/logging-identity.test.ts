import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { endpoints } from '#common/contract/index'
import type { User } from '#common/contract/users'
import { type Answer, createTestApp, type TestApp } from '../test/app.ts'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { keptLog } from '../test/log.ts'
import { signInAtProvider, startProvider, type TestProvider } from '../test/oidc-provider.ts'
import { samples } from '../test/samples.ts'
import { codeIn, startSmtpServer } from '../test/smtp-server.ts'

/**
 * Signing in, passwords, people, organisations: their secrets are remembered and whatever is about a person is marked,
 * and neither is in the log, however it went. Two servers write it, one of which has the wrong secret of the provider.
 */

const publicUrl = 'http://127.0.0.1:3000'
const mark = `canary-${randomUUID()}`
const addressOf = (name: string) => `${name}-${mark}@harbour.example`
const wrongClientSecret = `wrong-client-secret-${randomUUID()}`

const kept = keptLog()
let database: TestDatabase
let provider: TestProvider
let smtp: Awaited<ReturnType<typeof startSmtpServer>>
let server: TestApp
let mistaken: TestApp
beforeAll(async () => {
  database = await createDatabase()
  smtp = await startSmtpServer({ refuse: (to) => (to.startsWith('refused') ? 550 : null) })
  provider = await startProvider(
    {
      'subject-of-newcomer': { email: addressOf('newcomer'), email_verified: true },
      stranger: { email: addressOf('stranger'), email_verified: true },
    },
    `${publicUrl}/api/v1/auth/oidc/callback`,
  )
  const serve = (clientSecret: string) =>
    createTestApp({
      database,
      logger: kept.logger,
      config: {
        publicUrl,
        registration: 'open',
        smtpUrl: smtp.url,
        mailFrom: `Harbour <sender-${mark}@harbour.example>`,
        oidc: { issuer: provider.issuer, clientId: provider.client.id, clientSecret, name: 'Harbour ID' },
      },
      jobs: { work: true },
    })
  server = await serve(provider.client.secret)
  mistaken = await serve(wrongClientSecret)
})
afterAll(async () => {
  await mistaken.close()
  await server.close()
  await provider.close()
  await smtp.close()
  await database.drop()
})

const secrets = new Map<string, string>()
const secret = (name: string, value: string) => {
  secrets.set(name, value)
  return value
}
const newSecret = (name: string) => secret(name, `Aa1!${randomUUID()}`)
const remember = (name: string, { token, refreshToken }: SignedIn) => {
  secret(`access token ${name}`, token.split('.')[2]!)
  secret(`refresh token ${name}`, refreshToken.split('.')[1]!)
}

const refusals: string[] = []
/** Its status, whatever it is; the words of those that are refused are looked at in the end. */
const seen = <T>(answer: Answer<T>) => {
  if (answer.status >= 400) refusals.push(answer.text)
  return answer
}
const status = async (asked: Promise<Answer<unknown>>) => seen(await asked).status

const newestMail = async (count: number) => {
  await expect.poll(() => smtp.mails.length, { timeout: 20_000 }).toBe(count)
  return smtp.mails[count - 1]!
}
const anyone = () => server.anonymous()
const signIn = async (username: string, withPassword: string) =>
  (await anyone().post<SignedIn>('/auth/login', { username, password: withPassword })).body

test('passwords, codes and the mails that carry them', async () => {
  const admin = server.as('admin')
  const first = newSecret('first password')
  const person = {
    username: `newcomer-${mark}`,
    email: addressOf('newcomer'),
    displayName: `Nora ${mark}`,
    sites: [{ siteId: server.ids.sites.Marketing, role: 'editor' }],
  }
  const { user } = (await admin.post<{ user: User }>('/users', { ...person, password: first })).body
  expect(user.email).toBe(person.email)
  for (const [body, answer] of [
    [{ ...person, password: first, username: `other-${mark}` }, 400],
    [{ ...person, password: `weak ${mark}`, email: addressOf('other') }, 400],
    [{ ...person, email: `no address ${mark}` }, 400],
    [{ ...person, [mark]: first }, 400],
  ] as const)
    expect(await status(admin.post('/users', body))).toBe(answer)
  expect(await status(admin.get(`/users?search=${mark}&status=active`))).toBe(200)
  expect(await status(admin.get(`/users/${encodeURIComponent(person.email)}`))).toBe(400)
  expect(await status(anyone().get(`/users-of/${person.email}/${mark}?${mark}`))).toBe(404)

  const wrong = newSecret('wrong password')
  const chosen = newSecret('chosen password')
  const signedIn = await signIn(person.username, first)
  remember('of the newcomer', signedIn)
  const newcomer = server.anonymous(signedIn.token)
  const change = (currentPassword: string, newPassword: string) =>
    status(newcomer.post('/auth/change-password', { currentPassword, newPassword }))
  expect(await change(wrong, chosen)).toBe(400)
  expect(await change(first, secret('weak password', `weak${randomUUID()}`))).toBe(400)
  expect(await change(first, first)).toBe(400)
  expect(await change(first, chosen)).toBe(200)
  await newestMail(1)

  for (const account of [person.email, addressOf('nobody'), `nobody-${mark}`])
    expect(await status(anyone().post('/auth/forgot-password', { account }))).toBe(200)
  const code = secret('mailed code', codeIn(await newestMail(2))!)
  const reset = (token: string, withPassword: string) =>
    status(anyone().post('/auth/reset-password', { token, password: withPassword }))
  const second = newSecret('second password')
  expect(await reset(secret('wrong code', `${'B'.repeat(20)}${code.slice(20)}`), second)).toBe(400)
  expect(await reset(code, 'weak')).toBe(400)
  expect(await reset(code, second)).toBe(200)
  expect(await reset(code, newSecret('third password'))).toBe(400)
  await newestMail(3)

  const { body: invited } = await admin.post<{ user: User }>('/users', {
    ...person,
    username: `refused-${mark}`,
    email: addressOf('refused'),
  })
  await expect.poll(() => kept.text(), { timeout: 20_000 }).toContain('a mail was refused for good')
  expect(await status(admin.post(`/users/${invited.user.id}/invite`, {}))).toBe(200)

  const { token } = await signIn(person.username, second)
  const setEmail = async (email: string, by = server.anonymous(token)) => {
    const { version } = (await admin.get<{ user: User }>(`/users/${user.id}`)).body.user
    return status(by.put(`/users/${user.id}`, { email, version }))
  }
  expect(await setEmail(addressOf('renamed'))).toBe(200)
  expect(await setEmail(addressOf('refused'))).toBe(400)
  expect(await setEmail(addressOf('newcomer'), admin)).toBe(200)
  await anyone().post('/auth/forgot-password', { account: addressOf('newcomer') })
  const confirming = secret('code to the address they have now', codeIn(await newestMail(4))!)
  expect(await reset(confirming, newSecret('password chosen with it'))).toBe(200)
}, 60_000)

test('organisations, who registers them and who enters them', async () => {
  const admin = {
    username: `founder-${mark}`,
    email: addressOf('founder'),
    displayName: `Flora ${mark}`,
    password: newSecret('password of the founder'),
  }
  const tenant = { name: `Harbour ${mark}` }
  const register = (body: object) => status(anyone().post('/auth/register', body))
  expect(await register({ tenant, admin: { ...admin, password: `weak${mark}` } })).toBe(400)
  expect(await register({ tenant, admin: { ...admin, email: mark } })).toBe(400)
  expect(await register({ tenant, admin })).toBe(201)
  expect(await register({ tenant, admin })).toBeGreaterThanOrEqual(400)
  const founder = await signIn(admin.username, admin.password)
  remember('of the founder', founder)

  const root = server.as('root')
  const inTenant = { 'x-tenant-id': founder.user.tenant!.id }
  expect(await status(root.get(`/users?search=${mark}`, inTenant))).toBe(200)
  expect(await status(root.get('/users', { 'x-tenant-id': mark }))).toBe(404)
  expect(await status(server.as('admin').get('/users', inTenant))).toBe(403)
  expect(await status(root.post('/sites', { name: `Pier ${mark}` }, inTenant))).toBe(201)
  expect(await status(root.post('/sites', { name: `Pier ${mark}` }, inTenant))).toBeGreaterThanOrEqual(400)
  expect(await status(root.get(`/tenants?search=${mark}`))).toBe(200)
  expect(await status(root.get('/audit', inTenant))).toBe(200)
})

test('signing in with a provider, that is there or mistaken', async () => {
  const travel = async (subject: string, by = server) => {
    const verifier = secret(`verifier of ${subject}`, randomBytes(32).toString('base64url'))
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const device = { challenge, port: 49_152, deviceName: `Tablet ${mark}` }
    const { body } = await by.anonymous().post<{ url: string }>('/auth/oidc/start', device)
    const back = await signInAtProvider(body.url, subject, provider.issuer)
    const query = new URL(back).searchParams
    secret(`state of ${subject}`, query.get('state')!)
    secret(`code of the provider for ${subject}`, query.get('code')!)
    const path = back.slice(publicUrl.length)
    const page = await by.anonymous().get(path)
    const on = /url=([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&#38;', '&')
    return { verifier, path, page: page.text, code: on ? new URL(on).searchParams.get('code')! : '' }
  }
  const finish = (code: string, verifier: string) =>
    anyone().post<SignedIn>('/auth/oidc/finish', { code, verifier })

  const { code, verifier, path } = await travel('subject-of-newcomer')
  secret('code for the app', code)
  expect(await status(finish(code, newSecret('another verifier').replaceAll('!', '-').padEnd(43, 'x')))).toBe(
    401,
  )
  expect(await status(finish(code, `${mark} `))).toBe(400)
  const signedIn = seen(await finish(code, verifier))
  expect(signedIn.body.user.username).toBe(`newcomer-${mark}`)
  remember('by the provider', signedIn.body)
  expect(await status(finish(code, verifier))).toBe(401)

  expect((await anyone().get(path)).text).toContain('did not complete')
  expect((await travel('stranger')).page).toContain('Nobody here has the address')
  expect((await travel('subject-of-newcomer', mistaken)).page).toContain('did not complete')
  expect(await status(anyone().get(`/auth/oidc/callback?error=${mark}&state=${mark}&code=${mark}`))).toBe(200)
  expect(kept.text()).toContain('a sign-in with the provider was not completed')
  secret('client secret', provider.client.secret)
  secret('client secret that is wrong', wrongClientSecret)
})

test('whatever every endpoint refuses', async () => {
  const things = {
    tenantId: randomUUID(),
    siteId: server.ids.sites.Marketing,
    adminId: randomUUID(),
    interaction: async () => ({ id: randomUUID(), version: 1 }),
    deletedInteraction: async () => ({ id: randomUUID() }),
    team: async () => ({ id: randomUUID(), version: 1 }),
    type: async () => ({ id: randomUUID() }),
    user: async () => ({ id: randomUUID(), version: 1 }),
    site: async () => ({ id: randomUUID(), version: 1 }),
    session: async () => ({ id: randomUUID() }),
    shop: async () => ({ id: randomUUID(), version: 1 }),
    brand: async () => ({ id: randomUUID(), version: 1 }),
    infographic: async () => ({ id: randomUUID() }),
    survey: async () => ({ id: randomUUID(), version: 1, questions: [{ id: randomUUID() }] }),
    publishedSurvey: async () => ({ id: randomUUID() }),
    visit: async () => ({ id: randomUUID(), version: 1, agentId: randomUUID() }),
    photo: async () => ({ id: randomUUID(), visitId: randomUUID(), agentId: randomUUID() }),
    schedule: async () => ({ id: randomUUID(), version: 1 }),
    notice: async () => ({ id: randomUUID(), version: 1 }),
    goal: async () => ({ id: randomUUID(), version: 1 }),
    callCycle: async () => ({ id: randomUUID(), version: 1, locations: [{ id: randomUUID() }] }),
  }
  const editor = server.as('editor', things.siteId)
  // Whose session none of it ends.
  const arranging = server.as('colleague', things.siteId)
  for (const [name, { method, url }] of Object.entries(endpoints)) {
    const { params = {}, body } = await samples[name as keyof typeof samples](things, arranging)
    const at = url.replaceAll(/:(\w+)/g, (_, part: string) => params[part] ?? mark)
    const headers = { 'x-site-id': mark, 'x-tenant-id': mark, 'user-agent': mark, referer: mark }
    for (const asker of [editor, anyone()]) {
      await status(asker.call(method, at, { headers, query: { [mark]: mark, search: mark } }))
      const payload = { ...body, [mark]: { [mark]: mark } }
      if (method !== 'GET') await status(asker.call(method, at, { payload }))
    }
    await status(editor.get(url.replaceAll(/:(\w+)/g, `${mark}@harbour.example`)))
  }
  expect(refusals.length).toBeGreaterThan(2 * Object.keys(endpoints).length)
}, 60_000)

test('what the database says of a row it does not take, or of a value', async () => {
  const { owner } = database
  const admin = server.as('admin')
  const person = (name: string) => ({
    username: `${name}-${mark}`,
    email: addressOf(name),
    displayName: `Dora "${mark}"`,
    sites: [{ siteId: server.ids.sites.Marketing, role: 'editor' }],
  })
  await owner.query(`ALTER TABLE users ADD CONSTRAINT no_fish CHECK (username !~ '^fish') NOT VALID`)
  expect(await status(admin.post('/users', person('fish')))).toBe(500)
  await owner.query(
    `ALTER TABLE users ADD CONSTRAINT only_numbers CHECK (username !~ '^number' OR display_name::integer > 0) NOT VALID`,
  )
  expect(await status(admin.post('/users', person('number')))).toBe(500)
  expect(kept.text()).toContain('no_fish')
  expect(kept.text()).toContain('invalid input syntax for type integer')
})

test('nothing of it is in the log, and no secret in what the database keeps', async () => {
  const log = kept.text()
  expect(log.match(/incoming request/g)!.length).toBeGreaterThan(300)
  expect(log).toContain('request failed')
  for (const [name, value] of secrets) expect(log.includes(value), `${name} in the log`).toBe(false)
  expect(log.split('\n').filter((line) => line.includes(mark))).toEqual([])

  const tables = ['audit_logs', 'pgboss.job', 'mails', 'password_resets', 'sessions', 'users']
  for (const table of tables) {
    const { rows } = await database.owner.query(`SELECT t::text AS row FROM ${table} t`)
    const text = JSON.stringify(rows)
    for (const [name, value] of secrets) expect(text.includes(value), `${name} in ${table}`).toBe(false)
  }
})

test('and no answer says where in the program, or in what words to the database, it failed', () => {
  expect(refusals.length).toBeGreaterThan(100)
  const inside =
    /\bat .+:\d+:\d+|node_modules|\.ts\b|\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b|constraint|no_fish|syntax for type|knex|pgboss/i
  expect(refusals.filter((text) => inside.test(text))).toEqual([])
})
