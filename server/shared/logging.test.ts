import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { createTestApp, meeting, type TestApp } from '../test/app.ts'
import { createDevice } from '../test/device.ts'
import { password } from '../test/fixture.ts'
import { keptLog } from '../test/log.ts'
import { traceOf } from './logging.ts'

/** What must never be written down is marked, sent through everything, and looked for afterwards. */

let server: TestApp
const kept = keptLog()
beforeAll(async () => {
  server = await createTestApp({ logger: kept.logger })
})
afterAll(() => server.close())

test('no password, no token, no search and nothing out of a record gets into the log; no secret into the audit', async () => {
  const { owner } = server.database
  const site = server.ids.sites.Marketing
  const anyone = server.anonymous()
  const wrong = `wrong-${randomUUID()}`
  const canary = `canary-${randomUUID()}`

  const { body } = await anyone.post<SignedIn>('/auth/login', { username: 'editor', password })
  await anyone.post('/auth/login', { username: 'editor', password: wrong })
  await anyone.post('/auth/login', { username: canary, password: wrong })
  await anyone.post('/auth/login', { username: 'editor', password: [wrong] })
  await anyone.call('POST', '/auth/login', {
    payload: `{"password": "${wrong}`,
    headers: { 'content-type': 'application/json' },
  })
  const refreshed = (await anyone.post<SignedIn>('/auth/refresh', { refreshToken: body.refreshToken })).body
  const forged = `${body.token.slice(0, -8)}AAAAAAAA`
  await server.anonymous(forged).get('/auth/me')

  const editor = server.anonymous(refreshed.token)
  const headers = { 'x-site-id': site, cookie: `session=${canary}` }
  const draft = { ...meeting, title: canary, notes: canary }
  await editor.post('/interactions', draft, headers)
  await editor.post('/interactions', { ...draft, type: canary }, headers)
  await editor.get(`/interactions?search=${canary}&lead=${canary}&sort=${canary}`, headers)
  await editor.get(`/interactions?search=${canary}`, headers)
  await editor.get(`/sync/pull?deviceId=${randomUUID()}&cursor=${canary}`, headers)
  const device = createDevice(site)
  await editor.push(device.id, [
    device.create({ title: canary }),
    device.create({ title: canary, type: canary }),
  ])

  // A failure of the database tells in its details what the row was.
  await owner.query('ALTER TABLE interactions ADD CONSTRAINT no_fish CHECK (lead !~ $$canary$$)')
  const failed = await editor.post('/interactions', { ...draft, lead: canary }, headers)
  expect(failed).toMatchObject({ status: 500, error: { code: 'INTERNAL_ERROR' } })
  expect(failed.text).not.toMatch(/canary|no_fish/)
  // And an answer that breaks the contract is made of a record.
  await owner.query('UPDATE interactions SET location = repeat($1, 20)', [canary])
  expect((await editor.get('/interactions', headers)).status).toBe(500)

  const log = kept.text()
  expect(log).toContain('request failed')
  expect(log).toContain('no_fish')
  expect(log).toContain('does not keep its contract at interactions.0.location')
  const [, , secret] = body.token.split('.')
  const secrets = {
    password,
    'wrong password': wrong,
    'access token': secret!,
    'next access token': refreshed.token.split('.')[2]!,
    'forged access token': 'AAAAAAAA',
    'refresh token': body.refreshToken.split('.')[1]!,
    'next refresh token': refreshed.refreshToken.split('.')[1]!,
  }
  for (const [name, value] of Object.entries(secrets))
    expect(log.includes(value), `${name} in the log`).toBe(false)
  expect(log.split('\n').filter((line) => line.includes('canary-'))).toEqual([])

  const { rows } = await owner.query('SELECT a::text AS row FROM audit_logs a')
  const audit = JSON.stringify(rows)
  expect(audit).toContain('canary-')
  for (const [name, value] of Object.entries(secrets))
    expect(audit.includes(value), `${name} in the audit`).toBe(false)
  const { rows: hashes } = await owner.query<{ password_hash: string }>(
    'SELECT DISTINCT password_hash FROM users',
  )
  for (const { password_hash: hash } of hashes) expect(audit + log).not.toContain(hash)
})

test('lines of a request say which trace it is part of; what names none changes nothing', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const spanId = '00f067aa0ba902b7'
  for (const header of [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01-more`, undefined]) {
    const before = kept.text().length
    await server.anonymous().get('/health', { ...(header && { traceparent: header }) })
    const lines = kept.text().slice(before).trim().split('\n')
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(said.map(({ msg }) => msg)).toEqual(['incoming request', 'request completed'])
    const trace = header?.endsWith('-01') ? { traceId, spanId } : {}
    for (const { level, time, pid, hostname, msg, reqId, req, res, responseTime, ...rest } of said) {
      expect(reqId).toMatch(/^[\da-f-]{36}$/)
      expect(rest).toEqual(trace)
    }
  }

  expect(traceOf(`cc-${traceId}-${spanId}-01-what.later.versions.say`)).toEqual({ traceId, spanId })
  for (const none of [
    undefined,
    '',
    'canary',
    [`00-${traceId}-${spanId}-01`],
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
    `cc-${traceId}-${spanId}-01-${'x'.repeat(200)}`,
  ])
    expect(traceOf(none), String(none)).toBeNull()
})
