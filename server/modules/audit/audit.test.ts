import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AuditEntry, DayActivity, PersonActivity } from '#common/contract/audit'
import type { Interaction } from '#common/contract/interactions'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { asApp } from '../../test/scoped.ts'
import { journal } from '../journal/journal.service.ts'
import { systemScope } from '../../shared/scope.ts'

interface Page {
  entries: AuditEntry[]
  nextCursor: string | null
}

let server: TestApp
let admin: Client
let site: string
let sales: string
let record: Interaction
const began = new Date(Date.now() - 60_000).toISOString()
beforeAll(async () => {
  server = await createTestApp()
  site = server.ids.sites.Marketing
  sales = server.ids.sites.Sales
  admin = server.as('admin')
  const editor = server.as('editor', site)
  record = await editor.create({ title: 'First' })
  record = await editor.update(record, { title: 'Second' })
  await server.as('colleague', site).create({ title: 'Of a colleague' })
  await server.as('editor', sales).create({ title: 'In Sales' })
  await server.as('outsider').create({ title: 'Elsewhere' })
  await admin.post('/interaction-types', { name: 'Fair' })
  await editor.get(`/interactions/${randomUUID()}`)
  await editor.post('/interaction-types', { name: 'Not allowed' })
  await vi.waitFor(async () => expect((await list('?action=access.refused')).entries).toHaveLength(2))
})
afterAll(() => server.close())

async function list(query = '', client = admin, path = '/audit'): Promise<Page> {
  const answer = await client.get<Page>(`${path}${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
const told = (entries: AuditEntry[]) =>
  entries.map(({ action, actor, site: where }) => [action, actor?.displayName, where?.name])

describe('the audit of an organisation', () => {
  test('tells who did what, where and with which values, the latest first', async () => {
    const { entries } = await list('?action=interaction.*')
    expect(told(entries)).toEqual([
      ['interaction.created', 'Edith Vale', 'Sales'],
      ['interaction.created', 'Cora Lane', 'Marketing'],
      ['interaction.updated', 'Edith Vale', 'Marketing'],
      ['interaction.created', 'Edith Vale', 'Marketing'],
    ])
    expect(entries[2]).toMatchObject({
      entity: 'interaction',
      entityId: record.id,
      oldValues: { title: 'First', version: 1 },
      newValues: { title: 'Second', version: 2 },
      address: '127.0.0.1',
      device: 'lightMyRequest',
      requestId: expect.any(String) as string,
    })
    const whole = await list('?limit=200')
    expect(whole.entries.map(({ at }) => at)).toEqual(
      whole.entries
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
  })

  test.each<[string, () => string, number]>([
    ['an action', () => '?action=interaction.updated', 1],
    ['all that begin like it', () => '?action=type.*', 1],
    ['an action that nobody did', () => '?action=interaction.purged', 0],
    ['a person', () => `?actor=${server.ids.users.editor}&action=interaction.*`, 3],
    ['a person and an action', () => `?actor=${server.ids.users.editor}&action=access.refused`, 2],
    ['a site', () => `?site=${sales}`, 1],
    ['a kind of thing', () => '?entity=interaction', 4],
    ['a thing', () => `?entityId=${record.id}`, 2],
    ['a thing of another kind', () => `?entityId=${record.id}&entity=team`, 0],
    ['a thing and a person', () => `?entityId=${record.id}&actor=${server.ids.users.colleague}`, 0],
    ['a period', () => `?from=${record.updatedAt}&action=interaction.*&to=2200-01-01T00:00:00Z`, 3],
    ['a period long ago', () => '?to=2020-01-01T00:00:00Z', 0],
    ['a site of nobody', () => `?site=${randomUUID()}`, 0],
  ])('is narrowed to %s', async (_, query, count) =>
    expect((await list(query())).entries).toHaveLength(count),
  )

  test('comes in pages, each entry once, also while more is written', async () => {
    const whole = (await list('?limit=200')).entries.map(({ id }) => id)
    expect(whole.length).toBeGreaterThan(9)
    for (const query of ['', '&entity=interaction', `&actor=${server.ids.users.editor}`]) {
      const wanted = (await list(`?limit=200${query}`)).entries.map(({ id }) => id)
      const met: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page = await list(`?limit=2${query}${cursor && `&cursor=${cursor}`}`)
        if (!cursor) await server.as('editor', site).create()
        met.push(...page.entries.map(({ id }) => id))
        cursor = page.nextCursor
      }
      expect(met).toEqual(wanted)
    }
    for (const cursor of ['nonsense', Buffer.from('{"at":"now"}').toString('base64url')])
      expect(await admin.get(`/audit?cursor=${cursor}`)).toMatchObject({
        status: 400,
        error: { details: [{ field: 'cursor' }] },
      })
  })

  test('is for its admins; of a site for its administrators, who see that site alone', async () => {
    for (const person of ['manager', 'editor', 'viewer', 'siteless'] as const)
      expect((await server.as(person).get('/audit')).status).toBe(403)
    const path = `/sites/${site}/audit`
    for (const person of ['editor', 'viewer'] as const)
      expect((await server.as(person).get(path)).status).toBe(403)
    expect((await server.anonymous().get(path)).status).toBe(401)
    const manager = server.as('manager')
    const { entries } = await list('', manager, path)
    expect(new Set(entries.map((entry) => entry.site?.id))).toEqual(new Set([site]))
    expect(entries.map(({ action }) => action)).toContain('interaction.updated')
    expect((await list(`?entityId=${record.id}`, manager, path)).entries).toHaveLength(2)
    // A site of the query is not a way to another one.
    expect((await manager.get(`${path}?site=${sales}`)).status).toBe(400)
    const theirs = (await list(`?site=${sales}`)).entries[0]!
    expect((await list(`?entityId=${theirs.entityId!}`, manager, path)).entries).toEqual([])
    for (const other of [sales, server.ids.sites['Head office'], randomUUID()])
      expect((await manager.get(`/sites/${other}/audit`)).status).toBe(404)
    expect((await list('', admin, `/sites/${sales}/audit`)).entries).toHaveLength(1)
  })

  test('shows nothing of another organisation, whatever is asked for', async () => {
    const outsider = server.as('outsider')
    const theirs = await list('?limit=200', outsider)
    expect(theirs.entries.length).toBeGreaterThan(0)
    const ours = await list('?limit=200')
    const ids = new Set(ours.entries.map(({ id }) => id))
    expect(theirs.entries.filter(({ id }) => ids.has(id))).toEqual([])
    for (const query of [
      `?site=${site}`,
      `?entityId=${record.id}`,
      `?actor=${server.ids.users.editor}`,
      `?cursor=${(await list('?limit=1')).nextCursor!}&actor=${server.ids.users.editor}`,
    ])
      expect((await list(query, outsider)).entries).toEqual([])
    expect((await outsider.get(`/sites/${site}/audit`)).status).toBe(404)
  })

  test('names a super admin who did it by their id alone', async () => {
    const root = server.ids.users.root
    const tenantId = server.ids.tenants['Harbour & Vale']
    await server.app.transact(systemScope(tenantId), (tx) =>
      journal.record(
        tx,
        { id: root, enteredBy: root, requestId: 'r', address: '127.0.0.1', device: null },
        { action: 'tenant.entered', feedId: tenantId },
      ),
    )
    expect((await list('?action=tenant.entered')).entries).toMatchObject([
      { actor: null, enteredBy: root, site: null, oldValues: null },
    ])
  })
})

test('a super admin reads the platform’s audit and what belongs to no organisation, and of none', async () => {
  const root = server.as('root')
  const refused = () => list('?action=session.refused', root)
  for (const n of [1, 2, 3]) {
    await server.anonymous().post('/auth/login', { username: `nobody-${n}`, password: 'Wrong!2026' })
    await vi.waitFor(async () => expect((await refused()).entries).toHaveLength(n))
    await root.get('/audit/export?action=session.refused')
  }
  const { rows } = await server.database.owner.query<{ id: string; kind: string }>(
    `SELECT l.id, t.kind FROM audit_logs l JOIN tenants t ON t.id = l.feed_id
     WHERE t.kind <> 'organisation' ORDER BY l.at DESC, l.feed_id DESC, l.position DESC`,
  )
  const ids = rows.map(({ id }) => id)
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['platform', 'system']))
  expect((await list('?limit=200', root)).entries.map(({ id }) => id)).toEqual(ids)
  const met: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await list(`?limit=2${cursor && `&cursor=${cursor}`}`, root)
    met.push(...page.entries.map(({ id }) => id))
    cursor = page.nextCursor
  }
  expect(met).toEqual(ids)
  expect((await refused()).entries[0]).toMatchObject({ actor: null, site: null, address: '127.0.0.1' })
  // In an organisation they entered they read its audit alone, as its own admins do.
  const inside = { 'x-tenant-id': server.ids.tenants['Harbour & Vale'] }
  for (const entries of [
    (await root.get<Page>('/audit?action=session.refused', inside)).body.entries,
    (await list('?action=session.refused')).entries,
  ])
    expect(entries).toEqual([])
  expect((await root.get('/audit/export')).text).toContain(ids.at(-1))
  expect((await root.get('/audit/export?action=session.refused')).text.match(/The platform/g)).toHaveLength(3)
})

describe('activity', () => {
  interface Activity {
    users: PersonActivity[]
    total: number
    days: DayActivity[]
  }
  const period = (from = began, to = '2026-12-31T00:00:00Z') =>
    `from=${from}&to=${new Date(Math.max(Date.parse(to), Date.now() + 60_000)).toISOString()}`
  const activity = async (query = '', client = admin) => {
    const answer = await client.get<Activity>(`/admin/users/activity?${period()}${query}`)
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.body
  }

  test('counts what each person did in the period, and on which days', async () => {
    const before = await activity()
    expect(before.users.map(({ displayName }) => displayName)).toEqual(
      before.users.map(({ displayName }) => displayName).sort(),
    )
    expect(before.total).toBe(6)
    await server
      .anonymous()
      .post('/auth/login', { username: 'viewer', password: 'Fieldbook!2026' })
      .then(({ status }) => expect(status).toBe(200))
    await server.as('colleague', site).create()
    const after = await activity()
    const of = ({ users }: Activity, username: string) => users.find((user) => user.username === username)!
    expect(of(after, 'viewer').signIns).toBe(of(before, 'viewer').signIns + 1)
    expect(Date.parse(of(after, 'viewer').lastSignInAt!)).toBeGreaterThan(Date.now() - 60_000)
    expect(of(after, 'colleague').writes).toBe(of(before, 'colleague').writes + 1)
    // Refusals are nothing anybody did.
    expect(of(after, 'manager').writes).toBe(0)
    expect(of(after, 'siteless').lastSignInAt).toBe(of(before, 'siteless').lastSignInAt)
    const sum = (days: DayActivity[], key: 'signIns' | 'writes') =>
      days.reduce((total, each) => total + each[key], 0)
    expect(sum(after.days, 'writes')).toBe(sum(before.days, 'writes') + 1)
    expect(sum(after.days, 'writes')).toBe(after.users.reduce((total, user) => total + user.writes, 0))
    expect(sum(after.days, 'signIns')).toBe(sum(before.days, 'signIns') + 1)
  })

  test('of days as the time zone has them', async () => {
    const days = async (zone: string) => (await activity(`&timezone=${zone}`)).days.map(({ day }) => day)
    const here = (zone: string) =>
      new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format()
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Niue']) expect(await days(zone)).toContain(here(zone))
  })

  test('is searched and paged', async () => {
    expect((await activity('&search=LANE')).users.map(({ username }) => username)).toEqual([
      'colleague',
      'viewer',
    ])
    expect((await activity('&search=%25')).users).toEqual([])
    const { users, total } = await activity('&pageSize=2&page=3')
    expect([users.map(({ displayName }) => displayName), total]).toEqual([['Sid Quay', 'Victor Lane'], 6])
  })

  test('is of one organisation, and for its admins', async () => {
    expect((await activity('', server.as('outsider'))).users.map(({ username }) => username)).toEqual([
      'outsider',
    ])
    expect((await activity('', server.as('root'))).users.map(({ username }) => username)).toEqual(['root'])
    for (const person of ['manager', 'editor'] as const)
      expect((await server.as(person).get(`/admin/users/activity?${period()}`)).status).toBe(403)
  })

  test.each([
    ['from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
    ['from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
    ['from=2026-01-01T00:00:00%2B23:59&to=2026-01-02T00:00:00Z', 'from'],
    ['from=2024-01-01T00:00:00Z', 'to'],
  ])('%s is no period', async (query, field) =>
    expect(await admin.get(`/admin/users/activity?${query}`)).toMatchObject({
      status: 400,
      error: { details: [{ field }] },
    }),
  )
})

test('in SQL too the function that finds the kinds sees one organisation', async () => {
  const kinds = (tenantId: string) =>
    asApp(server.database, { tenantId, siteId: null }, async (client) => {
      const { rows } = await client.query<{ action: string }>('SELECT action FROM audit_kinds($1)', [site])
      return rows.map(({ action }) => action)
    })
  expect(await kinds(server.ids.tenants['Harbour & Vale'])).toContain('interaction.created')
  expect(await kinds(server.ids.tenants.Brightmart)).toEqual([])
})
