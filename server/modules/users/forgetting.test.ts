import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import type { User } from '#common/contract/users'
import type { Visit } from '#common/contract/visits'
import { client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { password } from '../../test/fixture.ts'
import { createFieldDevice, photoFields } from '../../test/field-work.ts'
import { importOptions } from '../../test/importing.ts'
import { noJobsLeft } from '../../test/jobs.ts'
import { newShop } from '../../test/samples.ts'
import { asApp } from '../../test/scoped.ts'
import { systemScope } from '../../shared/scope.ts'
import { journal } from '../journal/journal.service.ts'
import { verifyAudit } from '../journal/verification.service.ts'

let server: TestApp
let mailFolder: string
let tenantId: string
let marketing: string
beforeAll(async () => {
  mailFolder = await mkdtemp(join(tmpdir(), 'fieldbook-forgetting-'))
  server = await createTestApp({
    config: { mailFolder, registration: 'open' },
    jobs: { superviseSeconds: 1 },
  })
  tenantId = server.ids.tenants['Harbour & Vale']
  marketing = server.ids.sites.Marketing
})
afterAll(async () => {
  await server.close()
  await rm(mailFolder, { recursive: true })
})

const rows = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]
const admin = () => server.as('admin', marketing)

/** Somebody of Marketing, with the password of the fixture. */
async function addPerson(
  names: Pick<User, 'username' | 'email' | 'displayName'> = someone(),
  more: { roles?: string[]; role?: string } = {},
): Promise<User> {
  const { role = 'editor', ...rest } = more
  const answer = await admin().post<{ user: User }>('/users', {
    ...names,
    ...rest,
    sites: [{ siteId: marketing, role }],
  })
  expect(answer.status, answer.text).toBe(201)
  await rows(
    `UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'admin'),
       password_changed_at = now() + interval '1 second' WHERE id = $1`,
    [answer.body.user.id],
  )
  return answer.body.user
}
const someone = () => {
  const username = `u${randomUUID().slice(0, 18)}`
  return { username, email: `${username}@example.org`, displayName: `Someone ${username}` }
}

const chosen = 'Their-own!Choice-7'
const signIn = async (username: string, more: object = {}, from: object = {}) => {
  const answer = await server
    .anonymous()
    .call<SignedIn>('POST', '/auth/login', { payload: { username, password, ...more }, ...from })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

const forget = (id: string, by = admin()) => by.post<{ user: User }>(`/users/${id}/forget`, {})

/** The audit as it is held against the chain, by the server and by the test's own reckoning. */
async function expectWhole(): Promise<void> {
  expect((await verifyAudit(server.app.transact)).breaks).toEqual([])
  expect(await brokenChains(rows)).toEqual([])
}

/** Everything there is, as text: every row of every table, and the folder of mails. */
async function everything(): Promise<string> {
  const tables = await rows<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'pgboss')`,
  )
  expect(tables.length).toBeGreaterThan(50)
  const parts: string[] = []
  for (const { name } of tables) {
    const found = await rows<{ text: string }>(`SELECT t::text AS text FROM ${name} t`)
    parts.push(...found.map(({ text }) => `${name}: ${text}`))
  }
  for (const name of await readdir(mailFolder)) parts.push(await readFile(join(mailFolder, name), 'utf8'))
  return parts.join('\n').toLowerCase()
}

const canaries = {
  name: 'Zanzibar Quetzal',
  nameBefore: 'Zanzibar Unmarried',
  username: 'canary.zq',
  email: 'zq@canary.example',
  emailBefore: 'unmarried@canary.example',
  identity: 'subject-canary-4711',
  address: '203.0.113.77',
  device: 'Canary laptop of ZQ',
  view: 'Canary private view',
  file: 'canary-contacts.csv',
  cell: 'Canary cell',
} as const
/** As it may stand in a text or in bytes that are written as hexadecimal digits. */
const found = (text: string) =>
  Object.values(canaries).filter(
    (canary) => text.includes(canary.toLowerCase()) || text.includes(Buffer.from(canary).toString('hex')),
  )

test('nothing in the database or among the mails tells any more who it was, and the audit is whole', async () => {
  const { name, nameBefore, username, email, emailBefore, address, device } = canaries
  const { id } = await addPerson(
    { username, email: emailBefore, displayName: nameBefore },
    { roles: ['team_leader'] },
  )
  const from = { remoteAddress: address, headers: { 'user-agent': device } }
  const wrong = await server
    .anonymous()
    .call('POST', '/auth/login', { payload: { username, password: 'Wrong!2026' }, ...from })
  expect(wrong.status).toBe(401)
  const { token } = await signIn(username, { deviceName: device }, from)
  const me = client(server.app, token, marketing)
  const their = <T = object>(method: 'POST' | 'PUT' | 'GET' | 'DELETE', url: string, payload?: object) =>
    me.call<T>(method, url, {
      ...from,
      headers: { ...from.headers, 'x-site-id': marketing, authorization: `Bearer ${token}` },
      ...(payload && { payload }),
    })
  const ok = async <T>(answer: Promise<{ status: number; text: string; body: T }>) => {
    const { status, text, body } = await answer
    expect(status, text).toBeLessThan(300)
    return body
  }

  // What they wrote stays; how they are called goes, wherever it was written down.
  await ok(their('PUT', `/users/${id}`, { displayName: name, email, version: 1 }))
  const { interaction } = await ok(
    their<{ interaction: { id: string; version: number } }>('POST', '/interactions', {
      title: 'A visit that stays',
      status: 'draft',
    }),
  )
  await ok(
    their('PUT', `/interactions/${interaction.id}`, { notes: 'And a note', version: interaction.version }),
  )
  const view = { name: canaries.view, shared: false, filter: {}, sort: [], columns: [] }
  await ok(their('PUT', `/views/${randomUUID()}`, view))
  await ok(their('PUT', `/views/${randomUUID()}`, { ...view, name: 'For everybody', shared: true }))
  await ok(their('POST', '/exports', { format: 'csv' }))
  await rows(`UPDATE user_sites SET role = 'administrator' WHERE user_id = $1`, [id])
  const imported = await ok(
    their<{ import: { id: string } }>('POST', '/imports', {
      fileName: canaries.file,
      rows: 1,
      headers: ['Title', 'Start'],
      options: importOptions(['title', 'startDateTime']),
    }),
  )
  await ok(
    their('PUT', `/imports/${imported.import.id}/rows`, { from: 0, rows: [[canaries.cell, '2026-03-02']] }),
  )
  expect((await their('GET', '/audit')).status).toBe(403)
  await server.anonymous().call('POST', '/auth/forgot-password', { payload: { account: username }, ...from })
  const { team } = await ok(
    admin().post<{ team: { id: string } }>('/teams', {
      name: 'Led',
      level: 'team',
      parentId: null,
      leaderId: id,
    }),
  )
  await ok(admin().post(`/teams/${team.id}/members`, { userId: id }))
  await ok(
    their('POST', '/auth/change-password', { currentPassword: password, newPassword: 'Quite!Another-2026' }),
  )
  await rows(
    `INSERT INTO user_identities (tenant_id, user_id, issuer, subject, email) VALUES ($1, $2, 'https://idp.example', $3, $4)`,
    [tenantId, id, canaries.identity, email],
  )
  await server.app.transact(systemScope(tenantId), async (tx) => {
    const [session] = await rows<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [id])
    const origin = { id: server.ids.users.admin, requestId: 'x', address: '127.0.0.1', device: null }
    await journal.record(tx, origin, {
      action: 'device.signed_out',
      feedId: tenantId,
      entity: 'session',
      entityId: session!.id,
      oldValues: { deviceName: device },
    })
  })
  await noJobsLeft(server.database)
  // As long as it counts, what an address got wrong stays.
  await rows(`UPDATE sign_in_attempts SET since = since - interval '1 hour'`)
  expect(found(await everything())).toEqual(Object.values(canaries))
  await expectWhole()

  const answer = await forget(id)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.body.user).toMatchObject({
    id,
    displayName: 'Forgotten person',
    status: 'forgotten',
    roles: [],
    sites: [],
    lastLoginAt: null,
  })
  expect(found(await everything())).toEqual([])
  await expectWhole()
  expect((await their('GET', '/auth/me')).status).toBe(401)

  // What they did is still told, of a forgotten person.
  const history = await admin().get<{ entries: { action: string; actor: { displayName: string } }[] }>(
    `/interactions/${interaction.id}/history`,
  )
  expect(history.body.entries.map(({ actor }) => actor.displayName)).toEqual([
    'Forgotten person',
    'Forgotten person',
  ])
  expect(
    (await admin().get<{ interaction: object }>(`/interactions/${interaction.id}`)).body.interaction,
  ).toMatchObject({
    title: 'A visit that stays',
    createdBy: id,
  })
  expect(
    (await admin().get<{ views: { name: string }[] }>('/views')).body.views.map((each) => each.name),
  ).toContain('For everybody')
  expect(
    await rows(
      `SELECT leader_id, version, (SELECT count(*)::int FROM user_teams WHERE user_id = $2) AS members FROM teams WHERE id = $1`,
      [team.id, id],
    ),
  ).toEqual([{ leader_id: null, version: 2, members: 0 }])
  const audit = await admin().get<{
    entries: { action: string; oldValues: unknown; newValues: unknown; address: string | null }[]
  }>(`/audit?entityId=${id}`)
  expect(audit.body.entries[0]).toMatchObject({
    action: 'user.forgotten',
    oldValues: null,
    newValues: null,
    address: '127.0.0.1',
  })
  expect(audit.body.entries.map(({ action }) => action)).toContain('user.created')

  // Once more is as good as once.
  const again = await forget(id)
  expect(again.body.user).toEqual(answer.body.user)
  expect(
    await rows(`SELECT FROM audit_logs WHERE action = 'user.forgotten' AND entity_id = $1`, [id]),
  ).toHaveLength(1)

  // The names are free.
  const successor = await addPerson({ username, email, displayName: 'Somebody new' })
  expect((await signIn(username)).user.id).toBe(successor.id)
  await expectWhole()
})

test('nothing tells where they were, and their visits stay', async () => {
  const { id, username } = await addPerson(someone(), { roles: ['agent'], role: 'viewer' })
  const { token } = await signIn(username)
  const me = client(server.app, token, marketing)
  const where = { latitude: 52.123454321, longitude: 13.987676789, accuracy: 7, source: 'device' }
  const device = createFieldDevice(marketing)
  const begun = device.start({ position: where as Visit['position'], notes: 'Stays' })
  const photo = photoFields(begun.entityId, { latitude: where.latitude, longitude: where.longitude })
  const announced = device.photo('create', randomUUID(), { patch: photo }, begun)
  const taken = device.start({ position: where as Visit['position'] }, begun.entityId)
  const unplaced = device.start({ position: null })
  const results = await me.push<Visit>(device.id, [begun, announced, taken, unplaced])
  expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'conflict', 'applied'])
  const found = await me.put(`/visits/${unplaced.entityId}`, { position: where, version: 1 })
  expect(found.status).toBe(200)
  const entered = await me.post<{ visit: Visit }>('/visits', {
    visitType: 'routine',
    geocode: { ...where, latitude: 48.5, source: 'entered' },
  })
  const receipts = () =>
    rows<{ text: string }>('SELECT result::text AS text FROM sync_receipts WHERE user_id = $1', [id])
  // Of whom nobody forgot, the database takes nothing out.
  await asApp(server.database, systemScope(tenantId), (app) => app.query('SELECT blank_receipts($1)', [id]))
  expect((await receipts()).filter(({ text }) => text.includes('52.1234543'))).toHaveLength(3)

  expect((await forget(id)).status).toBe(200)
  const left = await everything()
  expect(left).not.toContain('52.1234543')
  await expectWhole()
  const visits = await admin().get<{ visits: { id: string; agentName: string }[] }>(`/visits?agentId=${id}`)
  expect(visits.body.visits).toHaveLength(3)
  expect(visits.body.visits.find((visit) => visit.id === begun.entityId)).toMatchObject({
    agentName: 'Forgotten person',
    photos: 1,
  })
  const whole = await admin().get<{ visit: Visit }>(`/visits/${begun.entityId}`)
  expect(whole.body.visit).toMatchObject({ agentId: id, position: null, notes: 'Stays' })
  const other = await admin().get<{ visit: Visit }>(`/visits/${entered.body.visit.id}`)
  expect(other.body.visit.position).toMatchObject({ latitude: 48.5, source: 'entered' })
})

test('goals and call cycles stay, by and for a forgotten person, with the reasons they gave', async () => {
  const { id, username } = await addPerson(someone(), { roles: ['agent'], role: 'viewer' })
  const me = client(server.app, (await signIn(username)).token, marketing)
  const days = { startsOn: '2026-11-16', timezone: 'Europe/Berlin' }
  const { body: shop } = await admin().post<{ shop: { id: string } }>('/shops', newShop())
  const location = { shopId: shop.shop.id, day: null, position: 0, visitsPerCycle: 1 }
  const recurrence = { every: 1, unit: 'week' }
  const cycle = { ...days, name: 'Round', userId: id, teamId: null, recurrence, endsOn: null }
  const { body: made } = await admin().post<{ cycle: { id: string; locations: { id: string }[] } }>(
    '/call_cycles',
    { ...cycle, locations: [location] },
  )
  const miss = {
    locationId: made.cycle.locations[0]!.id,
    period: days.startsOn,
    slot: 0,
    reason: 'It rained',
  }
  expect((await me.put(`/call_cycles/${made.cycle.id}/misses`, miss)).status).toBe(200)
  const goal = { ...days, name: 'Many', metric: 'visits_completed', target: 9, brandId: null }
  const assignTo = [{ userId: id, teamId: null }]
  const { body: set } = await admin().post<{ goal: { id: string } }>('/goals', {
    ...goal,
    endsOn: '2026-12-31',
    assignTo,
  })

  expect((await forget(id)).status).toBe(200)
  const kept = await admin().get<{ goal: object }>(`/goals/${set.goal.id}`)
  expect(kept.body.goal).toMatchObject({
    name: 'Many',
    assignments: [{ userId: id, name: 'Forgotten person' }],
  })
  const whole = await admin().get(`/call_cycles/${made.cycle.id}`)
  expect(whole.body).toMatchObject({ ownerName: 'Forgotten person', cycle: { name: 'Round', userId: id } })
  const status = await admin().get<{ slots: { reason: string | null }[] }>(
    `/call_cycles/${made.cycle.id}/status?from=2026-11-16&to=2026-11-22`,
  )
  expect(status.body.slots.map(({ reason }) => reason)).toEqual(['It rained'])
})

/** Once so many requests wait for what somebody else holds. */
const waiting = (requests: number) =>
  expect
    .poll(
      () =>
        rows(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`),
      { timeout: 20_000 },
    )
    .toHaveLength(requests)

/** What the statement locks is somebody else's until the answer is called. */
async function held(text: string): Promise<() => Promise<void>> {
  const holder = await server.database.owner.connect()
  await holder.query('BEGIN')
  await holder.query(text, [tenantId])
  return async () => {
    await holder.query('COMMIT')
    holder.release()
  }
}

describe('at the same moment', { timeout: 60_000 }, () => {
  test('a sign-in waits, is refused and puts nothing back', async () => {
    const { id, username } = await addPerson()
    const letGo = await held('SELECT FROM feed_heads WHERE feed_id = $1 FOR UPDATE')
    const forgetting = forget(id)
    await waiting(1)
    const signingIn = server
      .anonymous()
      .post('/auth/login', { username, password, deviceName: 'Late laptop' })
    await waiting(2)
    await letGo()
    expect((await forgetting).status).toBe(200)
    expect(await signingIn).toMatchObject({ status: 401, error: { code: 'AUTHENTICATION_ERROR' } })
    expect(await rows('SELECT last_login_at FROM users WHERE id = $1', [id])).toEqual([
      { last_login_at: null },
    ])
    expect(await rows('SELECT FROM sessions WHERE user_id = $1', [id])).toEqual([])
    expect(await everything()).not.toContain('late laptop')
    await expectWhole()
  })

  test.each(['member', 'leader'])('somebody makes them %s of a team: neither fails', async (what) => {
    const { id } = await addPerson()
    const { team } = (
      await admin().post<{ team: { id: string } }>('/teams', {
        name: `With a ${what}`,
        level: 'team',
        parentId: null,
        leaderId: null,
      })
    ).body
    const letGo = await held(`SELECT pg_advisory_xact_lock(hashtextextended('teams of ' || $1::text, 0))`)
    const placing =
      what === 'member'
        ? admin().post(`/teams/${team.id}/members`, { userId: id })
        : admin().put(`/teams/${team.id}`, { leaderId: id, version: 1 })
    await waiting(1)
    const forgetting = forget(id)
    await waiting(2)
    await letGo()
    const answers = await Promise.all([placing, forgetting])
    expect(answers.map(({ status, text }) => (status < 300 ? 'done' : text))).toEqual(['done', 'done'])
    expect(
      await rows(
        'SELECT leader_id, (SELECT count(*)::int FROM user_teams WHERE team_id = $1) AS members FROM teams WHERE id = $1',
        [team.id],
      ),
    ).toEqual([{ leader_id: null, members: 0 }])
  })
})

test('what they still wrote meanwhile goes when they are forgotten again', async () => {
  const { id } = await addPerson()
  const first = await forget(id)
  const values = [tenantId, id]
  await rows(
    `INSERT INTO sessions (tenant_id, id, user_id, device_name, token_hash, lifetime, expires_at)
     VALUES ($1, gen_random_uuid(), $2, 'Revenant laptop', '', '1 day', now() + interval '1 day')`,
    values,
  )
  await rows(
    `INSERT INTO user_identities (tenant_id, user_id, issuer, subject, email)
     VALUES ($1, $2, 'https://idp.example', 'revenant', 'revenant@example.org')`,
    values,
  )
  await rows(
    `INSERT INTO saved_views (tenant_id, site_id, id, owner_id, name, shared, filter, sort, columns, updated_at)
     VALUES ($1, $3, gen_random_uuid(), $2, 'Revenant view', false, '{}', '[]', '[]', now())`,
    [...values, marketing],
  )
  await rows(
    `INSERT INTO sign_in_attempts (account, address, failures, since)
     VALUES (sha256(convert_to($1, 'UTF8')), 'Revenant address', 1, now())`,
    [id],
  )
  expect(await everything()).toContain('revenant')
  const again = await forget(id)
  expect(again.body).toEqual(first.body)
  expect(await everything()).not.toContain('revenant')
  expect(await rows('SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL', [id])).toEqual([])
})

test('what an address got wrong with all accounts stays for as long as it counts', async () => {
  const { id, username } = await addPerson()
  const [lately, before] = ['203.0.113.51', '203.0.113.52']
  for (const remoteAddress of [lately, before]) await signIn(username, {}, { remoteAddress })
  await rows(
    `INSERT INTO sign_in_attempts (account, address, failures, since)
     VALUES ('', $1, 49, now()), ('', $2, 49, now() - interval '16 minutes')`,
    [lately, before],
  )
  await forget(id)
  expect(
    await rows('SELECT address, failures FROM sign_in_attempts WHERE address IN ($1, $2)', [lately, before]),
  ).toEqual([{ address: lately, failures: 49 }])
})

test('of a view that was theirs alone before or after a change the audit keeps what everybody saw', async () => {
  const { id, username } = await addPerson()
  const me = client(server.app, (await signIn(username)).token, marketing)
  const save = async (view: string, name: string, shared: boolean) => {
    const answer = await me.put(`/views/${view}`, { name, shared, filter: {}, sort: [], columns: [] })
    expect(answer.status, answer.text).toBeLessThan(300)
  }
  const [published, withdrawn] = [randomUUID(), randomUUID()]
  await save(published, 'Not yet for you', false)
  await save(published, 'For you', true)
  await save(withdrawn, 'For you, once', true)
  await save(withdrawn, 'No more for you', false)
  await forget(id)
  const kept = (view: string) =>
    rows(
      `SELECT old_values ->> 'name' AS before, new_values ->> 'name' AS after FROM audit_logs
       WHERE entity = 'view' AND entity_id = $1 ORDER BY position`,
      [view],
    )
  expect(await kept(published)).toEqual([
    { before: null, after: null },
    { before: null, after: 'For you' },
  ])
  expect(await kept(withdrawn)).toEqual([
    { before: null, after: 'For you, once' },
    { before: null, after: null },
  ])
  await expectWhole()
})

test(
  'thousands of things somebody did take hardly more statements than a few',
  { timeout: 60_000 },
  async () => {
    const statementsFor = async (deeds: number) => {
      const { id } = await addPerson()
      const origin = { id, requestId: 'x', address: '203.0.113.88', device: 'Busy laptop' }
      const entries = Array.from({ length: deeds }, () => ({
        action: 'interaction.updated' as const,
        entity: 'interaction',
        entityId: randomUUID(),
      }))
      await server.app.transact(systemScope(tenantId), (tx) =>
        journal.recordAll(tx, origin, marketing, entries),
      )
      let statements = 0
      const count = () => statements++
      server.app.knex.on('query', count)
      const { status, text } = await forget(id)
      server.app.knex.off('query', count)
      expect(status, text).toBe(200)
      return statements
    }
    const few = await statementsFor(10)
    expect(few).toBeGreaterThan(30)
    expect(await statementsFor(5000)).toBeLessThan(few + 20)
    expect(await rows(`SELECT FROM audit_logs WHERE device = 'Busy laptop'`)).toEqual([])
    await expectWhole()
  },
)

test('what was left of an entry is bound: touched again it is found, and so is one that nobody said was less', async () => {
  const { id, username } = await addPerson()
  await signIn(username)
  await forget(id)
  await expectWhole()
  const [one] = await rows<{ feed_id: string; position: string }>(
    `SELECT feed_id, position FROM audit_logs WHERE forgotten AND entity_id = $1 AND action = 'user.created'`,
    [id],
  )
  const at = [one!.feed_id, one!.position]
  const broken = async (change: string, back: string) => {
    await rows(`UPDATE audit_logs SET ${change} WHERE feed_id = $1 AND position = $2`, at)
    const { breaks } = await verifyAudit(server.app.transact)
    await rows(`UPDATE audit_logs SET ${back} WHERE feed_id = $1 AND position = $2`, at)
    return breaks
  }
  const place = { feedId: one!.feed_id, position: Number(one!.position) }
  expect(await broken(`action = 'user.x'`, `action = 'user.created'`)).toEqual([
    { ...place, what: 'blanked' },
  ])
  expect(await broken(`new_values = '{}'`, 'new_values = NULL')).toEqual([{ ...place, what: 'blanked' }])
  expect(await broken('forgotten = false', 'forgotten = true')).toEqual([{ ...place, what: 'edited' }])
  const [other] = await rows<{ feed_id: string; position: string }>(
    `SELECT feed_id, position FROM audit_logs WHERE NOT forgotten AND feed_id = $1 ORDER BY position DESC LIMIT 1`,
    [tenantId],
  )
  at.splice(0, 2, other!.feed_id, other!.position)
  expect(await broken('forgotten = true', 'forgotten = false')).toEqual([
    { feedId: other!.feed_id, position: Number(other!.position), what: 'blanked' },
  ])
  await expectWhole()
})

test('the database takes nothing out about whom nobody forgot, whatever the application asks', async () => {
  const { id, username } = await addPerson()
  await signIn(username)
  const { blanked, others } = await asApp(server.database, systemScope(tenantId), async (app) => {
    const blank = (person: string) => app.query('SELECT blank_person($1, $2, 100)', [tenantId, person])
    const blanked = (await blank(id)).rowCount
    await app.query('UPDATE users SET forgotten_at = now(), active = false WHERE id = $1', [id])
    return { blanked, others: (await blank(server.ids.users.admin)).rowCount }
  })
  expect({ blanked, others }).toEqual({ blanked: 0, others: 0 })
  await rows('UPDATE users SET forgotten_at = NULL, active = true WHERE id = $1', [id])
})

test('whoever founded an organisation is taken out of the entry that tells of it', async () => {
  const founder = someone()
  const registered = await server.anonymous().post<{ tenant: { id: string } }>('/auth/register', {
    tenant: { name: `Org ${randomUUID()}` },
    admin: { ...founder, password: chosen },
  })
  expect(registered.status, registered.text).toBe(201)
  const first = client(server.app, (await signIn(founder.username, { password: chosen })).token)
  const { sites, id } = (await first.get<{ user: SignedIn['user'] }>('/auth/me')).body.user
  const other = someone()
  const added = await first.post<{ user: User }>('/users', {
    ...other,
    roles: ['admin'],
    password: chosen,
    sites: [{ siteId: sites[0]!.id, role: 'viewer' }],
  })
  expect(added.status, added.text).toBe(201)
  await rows('UPDATE users SET must_change_password = false WHERE id = $1', [added.body.user.id])
  const second = client(server.app, (await signIn(other.username, { password: chosen })).token)
  expect((await forget(id, second)).status).toBe(200)
  expect(await everything()).not.toContain(founder.username)
  await expectWhole()
})

describe('it is refused', () => {
  test('to whoever is no admin, and of other organisations there is nobody', async () => {
    const { id } = await addPerson()
    for (const by of ['editor', 'manager', 'viewer'] as const)
      expect((await forget(id, server.as(by, marketing))).status).toBe(403)
    expect((await forget(server.ids.users.outsider)).status).toBe(404)
    expect((await forget(randomUUID())).status).toBe(404)
    expect(await rows('SELECT forgotten_at FROM users WHERE id = $1', [id])).toEqual([{ forgotten_at: null }])
  })

  test('of oneself, and so of the last admin, also to two who forget each other at once', async () => {
    const self = await forget(server.ids.users.admin)
    expect(self.status).toBe(400)
    expect(self.error).toMatchObject({
      details: [{ field: 'id', message: 'Nobody forgets themselves. Ask another admin.' }],
    })

    const founder = someone()
    await server.anonymous().post('/auth/register', {
      tenant: { name: `Two ${randomUUID()}` },
      admin: { ...founder, password: chosen },
    })
    const one = client(server.app, (await signIn(founder.username, { password: chosen })).token)
    const { sites, id } = (await one.get<{ user: SignedIn['user'] }>('/auth/me')).body.user
    const other = someone()
    const added = await one.post<{ user: User }>('/users', {
      ...other,
      roles: ['admin'],
      password: chosen,
      sites: [{ siteId: sites[0]!.id, role: 'viewer' }],
    })
    await rows('UPDATE users SET must_change_password = false WHERE id = $1', [added.body.user.id])
    const two = client(server.app, (await signIn(other.username, { password: chosen })).token)
    const outcomes = await Promise.all([forget(added.body.user.id, one), forget(id, two)])
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(
      await rows('SELECT FROM users WHERE id = ANY ($1) AND active', [[id, added.body.user.id]]),
    ).toHaveLength(1)
  })

  test('to do anything more with somebody who was forgotten', async () => {
    const { id } = await addPerson()
    const { body } = await forget(id)
    const { version } = body.user
    const calls = await Promise.all([
      admin().put(`/users/${id}`, { active: true, version }),
      admin().put(`/users/${id}`, { displayName: 'Back again', version }),
      admin().delete(`/users/${id}`),
      ...['invite', 'reset-password', 'unlock'].map((what) => admin().post(`/users/${id}/${what}`, {})),
      admin().post(`/users/${id}/roles`, { roles: ['admin'] }),
    ])
    for (const { status, error } of calls) {
      expect(status).toBe(400)
      expect(error).toMatchObject({ details: [{ field: 'status' }] })
    }
    expect((await admin().post(`/sites/${marketing}/users`, { userId: id, role: 'viewer' })).status).toBe(404)
    const listed = await admin().get<{ users: User[] }>('/users?status=forgotten&pageSize=100')
    expect(listed.body.users.map((user) => user.id)).toContain(id)
  })
})

test('every device hears it: the name is another, and their own asks for a sign-in that nobody can give', async () => {
  const { id, username } = await addPerson()
  const theirs = await signIn(username)
  const me = client(server.app, theirs.token, marketing)
  const before = await server.as('viewer', marketing).pull()
  expect(before.changes).toContainEqual({
    entity: 'person',
    record: expect.objectContaining({ id }) as object,
  })
  await me.pull()
  await forget(id)
  const after = await server.as('viewer', marketing).pull({ cursor: before.cursor })
  expect(after.changes).toContainEqual({ entity: 'person', record: { id, displayName: 'Forgotten person' } })
  expect((await me.get('/auth/me')).status).toBe(401)
  const refreshed = await server.anonymous().post('/auth/refresh', { refreshToken: theirs.refreshToken })
  expect(refreshed.status).toBe(401)
  const again = await server.anonymous().post('/auth/login', { username, password })
  expect(again.status).toBe(401)
})
