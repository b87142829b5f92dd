import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SessionUser } from '#common/contract/auth'
import type { Adherence, ListedCycle } from '#common/contract/call-cycles'
import type { AssignmentProgress, Goal } from '#common/contract/goals'
import type { Entity } from '#common/contract/sync'
import type { ListedVisit } from '#common/contract/visits'
import { readConfig } from '#server/config'
import { createPool } from '#server/shared/pool'
import { createTestApp } from '#server/test/app'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { migrate } from '../migrate.ts'
import { demoPassword, loadTenants, seedDemo, standardTypes } from './demo.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase({ template: null })
  await migrate(database.url)
  // Row-level security binds the owner too; the test has to look behind it.
  for (const table of [
    'tenants',
    'users',
    'sites',
    'interactions',
    'interaction_types',
    'feed_heads',
    'feed_changes',
    'audit_logs',
  ]) {
    await database.owner.query(`CREATE POLICY test ON ${table} TO CURRENT_USER USING (true)`)
  }
})
afterEach(() => database.drop())

const real = readConfig({}).demoMeetings
const none = join(tmpdir(), 'there-are-no-meetings-here')
const sql = async <Row>(text: string) => (await database.owner.query(text)).rows as Row[]
const perSite = async () =>
  Object.fromEntries(
    (
      await sql<{ name: string; count: number }>(
        'SELECT s.name, count(i.id)::int FROM sites s LEFT JOIN interactions i ON i.site_id = s.id GROUP BY s.name',
      )
    ).map(({ name, count }) => [name, count]),
  )

describe('the demo', () => {
  test('has the people of SPEC §7, who can sign in and find the records', async () => {
    const meetings = existsSync(real) ? real : none
    const counts = existsSync(real)
      ? { Marketing: 5878, Sales: 928 + 4, Support: 325, 'Head office': 40 }
      : { Marketing: 3000, Sales: 1400 + 4, Support: 600, 'Head office': 40 }
    const total = Object.values(counts).reduce((sum, count) => sum + count)
    expect(await seedDemo(database.url, { meetings })).toBe(total)
    expect(await perSite()).toEqual(counts)

    // Feeds, as if the server had written them: a number for each record, and no gaps but where one was written again.
    expect(
      await sql(`SELECT s.name, h.seq::int - count(c.entity_id)::int AS again,
          count(c.entity_id) FILTER (WHERE c.entity = 'interaction')
            = (SELECT count(*) FROM interactions i WHERE i.site_id = s.id) AS whole,
          count(c.entity_id) FILTER (WHERE c.entity = 'shop')::int AS shops,
          count(c.entity_id) FILTER (WHERE c.entity = 'visit')::int AS visits
        FROM feed_heads h JOIN sites s ON s.id = h.feed_id LEFT JOIN feed_changes c ON c.feed_id = h.feed_id
        GROUP BY s.id, s.name, h.seq ORDER BY s.name`),
    ).toEqual([
      { name: 'Head office', again: 0, whole: true, shops: 0, visits: 0 },
      { name: 'Marketing', again: 0, whole: true, shops: 0, visits: 0 },
      // Completing a visit writes it and its interaction again.
      { name: 'Sales', again: 8, whole: true, shops: 40, visits: 4 },
      { name: 'Support', again: 0, whole: true, shops: 0, visits: 0 },
    ])

    const server = await createTestApp({ database })
    const people: [string, string | null, string[], Record<string, string>][] = [
      [
        'admin',
        'Harbour & Vale',
        ['admin'],
        { Marketing: 'administrator', Sales: 'administrator', Support: 'administrator' },
      ],
      ['editor', 'Harbour & Vale', [], { Marketing: 'editor', Sales: 'editor' }],
      ['viewer', 'Harbour & Vale', [], { Marketing: 'viewer' }],
      ['agent', 'Harbour & Vale', ['agent'], { Sales: 'editor' }],
      ['leader', 'Harbour & Vale', ['team_leader'], { Sales: 'editor' }],
      ['outsider', 'Brightmart', ['admin'], { 'Head office': 'administrator' }],
      ['root', null, ['super_admin'], {}],
    ]
    let admin = ''
    let leader = ''
    let agent = ''
    for (const [username, tenant, roles, sites] of people) {
      const { body } = await server
        .anonymous()
        .post<{ token: string; user: SessionUser }>('/auth/login', { username, password: demoPassword })
      expect(body.user.tenant?.name ?? null).toBe(tenant)
      expect(body.user.roles).toEqual(roles)
      expect(Object.fromEntries(body.user.sites.map(({ name, role }) => [name, role]))).toEqual(sites)
      if (username === 'leader') leader = body.token
      if (username === 'agent') agent = body.token
      if (username === 'admin') {
        admin = body.token
        for (const { id, name } of body.user.sites) {
          const list = await server
            .anonymous(admin)
            .get<{ total: number }>('/interactions?count=exact&pageSize=100', { 'x-site-id': id })
          expect(list.status).toBe(200)
          expect(list.body.total).toBe(counts[name as keyof typeof counts])
        }
      }
    }
    for (const token of [agent, leader, admin]) {
      const { body } = await server.anonymous(token).get<{ visits: ListedVisit[] }>('/visits')
      expect(body.visits).toHaveLength(4)
      for (const [index, visit] of body.visits.entries()) {
        const answers = [6, 6, 6, 5][index]
        expect(visit).toMatchObject({
          agentName: 'Agnes Pier',
          status: 'completed',
          answers,
          isFar: index === 3,
        })
      }
    }
    const me = server.anonymous(agent)
    const { cycles } = (await me.get<{ cycles: ListedCycle[] }>('/call_cycles')).body
    expect(cycles).toMatchObject([
      { name: 'Berlin round', siteName: 'Sales', ownerName: 'Agnes Pier', shops: 8 },
    ])
    const kept = await me.get<{ total: Adherence }>(`/call_cycles/${cycles[0]!.id}/status`)
    expect(kept.body.total).toMatchObject({ covered: 4, excused: 2 })
    expect(kept.body.total.missed).toBeGreaterThan(2)
    const { goals } = (await me.get<{ goals: (Goal & { progress: AssignmentProgress[] })[] }>('/goals')).body
    expect(
      goals
        .map(({ name, assignments, progress }) => [name, assignments[0]!.name, progress[0]!.people])
        .sort(),
    ).toEqual([
      ['20 visits this month', 'Agnes Pier', 1],
      ['A third of the shelf for Arla', 'Agnes Pier', 1],
      ['Visits this quarter', 'Berlin', 2],
    ])

    const device = await me.pull({ limit: 2000 })
    const entities = Map.groupBy(device.changes, ({ entity }) => entity)
    expect(
      ['shop', 'brand', 'survey', 'surveyVersion', 'visit'].map(
        (name) => entities.get(name as Entity)!.length,
      ),
    ).toEqual([40, 6, 1, 1, 4])
    await server.close()

    // The second time there is nothing to add.
    expect(await seedDemo(database.url, { meetings })).toBeNull()
    expect(await perSite()).toEqual(counts)
  }, 60_000)

  test('that was cut short is completed, and nothing of it comes twice', async () => {
    const site = { Shop: [] }
    const tenants = ['one', 'two', 'three'].map((slug) => ({
      name: slug,
      slug,
      sites: site,
      types: standardTypes,
      people: [{ username: slug, displayName: slug }],
    }))
    const pool = createPool(database.url, 1)
    try {
      // The third cannot be loaded: it is called like the first.
      await expect(
        loadTenants(pool, [tenants[0]!, tenants[1]!, { ...tenants[2]!, slug: 'one' }]),
      ).rejects.toThrow(/tenants_slug_key/)
      expect(await sql(`SELECT slug FROM tenants WHERE kind <> 'system' ORDER BY created_at`)).toEqual([
        { slug: 'one' },
        { slug: 'two' },
      ])
      await loadTenants(pool, tenants)
    } finally {
      await pool.destroy()
    }
    expect(await sql(`SELECT slug FROM tenants WHERE kind <> 'system' ORDER BY created_at`)).toEqual([
      { slug: 'one' },
      { slug: 'two' },
      { slug: 'three' },
    ])
    expect(await sql('SELECT username FROM users ORDER BY username')).toHaveLength(3)
    expect(await sql('SELECT FROM interaction_types')).toHaveLength(3 * standardTypes.length)
  })
})
