import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPool } from '#server/shared/pool'
import { type Scope, systemScope } from '#server/shared/scope'
import { createTransact, enterSite } from '#server/shared/transaction'
import { createTestApp, meeting, type TestApp } from '#server/test/app'
import { asApp } from '#server/test/scoped'
import {} from './migrate.ts'

describe('at work', () => {
  let server: TestApp
  let harbour: string
  let brightmart: string
  beforeAll(async () => {
    server = await createTestApp()
    harbour = server.ids.tenants['Harbour & Vale']
    brightmart = server.ids.tenants.Brightmart
    const { Marketing, Sales } = server.ids.sites
    await server.as('editor', Marketing).create({ title: 'In Marketing' })
    await server.as('editor', Sales).create({ title: 'In Sales' })
    await server.as('outsider').create({ title: 'At Brightmart' })
    await server.as('editor', Marketing).push(randomUUID(), [{ mutationId: randomUUID(), nonsense: true }])
  })
  afterAll(() => server.close())

  /** Of an editor there. */
  const writerAt = (siteId: string, userId: string): Scope => ({
    tenantId: harbour,
    siteId,
    userId,
    by: { id: userId, roles: [], sites: [{ id: siteId, role: 'editor' }] },
  })

  const titles = (tenantId: string, siteId: string | null, from = 'interactions') =>
    asApp(server.database, { tenantId, siteId }, async (client) => {
      const { rows } = await client.query<{ title: string }>(`SELECT title FROM ${from} ORDER BY title`)
      return rows.map(({ title }) => title)
    })

  test('with no scope there is nothing, in any table of tenants', async () => {
    const { rows: tables } = await server.database.owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relrowsecurity AND NOT relispartition`,
    )
    expect(tables.length).toBeGreaterThan(8)
    await asApp(server.database, null, async (client) => {
      for (const name of [...tables.map((table) => table.name), 'interactions_in_scope']) {
        const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int FROM ${name}`)
        expect(rows, name).toEqual([{ count: 0 }])
      }
    })
  })

  test('with an empty scope neither', async () => {
    expect(await titles('', '')).toEqual([])
    expect(await titles('', '', 'interactions_in_scope')).toEqual([])
  })

  test.each(['interactions', 'interactions_in_scope'])(
    '%s shows one site of one organisation',
    async (from) => {
      const { Marketing, Sales, 'Head office': office } = server.ids.sites
      expect(await titles(harbour, Marketing, from)).toEqual(['In Marketing'])
      expect(await titles(harbour, Sales, from)).toEqual(['In Sales'])
      expect(await titles(brightmart, office, from)).toEqual(['At Brightmart'])
      expect(await titles(harbour, null, from)).toEqual([])
      expect(await titles(harbour, office, from)).toEqual([])
      expect(await titles(brightmart, Marketing, from)).toEqual([])
      expect(await titles(randomUUID(), Marketing, from)).toEqual([])
    },
  )

  test('the view shows nothing that is deleted', async () => {
    const { Marketing } = server.ids.sites
    const editor = server.as('editor', Marketing)
    const { id } = await editor.create({ title: 'Deleted' })
    await editor.delete(`/interactions/${id}`)
    expect(await titles(harbour, Marketing)).toContain('Deleted')
    expect(await titles(harbour, Marketing, 'interactions_in_scope')).not.toContain('Deleted')
  })

  test('people, sites and feeds are those of the organisation', async () => {
    const users = (tenantId: string) =>
      asApp(server.database, { tenantId, siteId: null }, async (client) => {
        const { rows } = await client.query<{ username: string }>(
          'SELECT username FROM users ORDER BY username',
        )
        return rows.map(({ username }) => username)
      })
    expect(await users(brightmart)).toEqual(['outsider'])
    expect(await users(harbour)).toContain('editor')
    expect(await users(harbour)).not.toContain('outsider')
  })

  test('one connection that serves one organisation after another mixes up nothing', async () => {
    const pool = createPool(server.database.url, 1)
    const transact = createTransact(pool)
    const { Marketing, Sales, 'Head office': office } = server.ids.sites
    const look = (tenantId: string, siteId: string | null) =>
      transact(
        { tenantId, siteId },
        async ({ db }) => (await db('interactions').whereNull('deleted_at').pluck('title')) as string[],
      )
    try {
      const places = [
        [harbour, Marketing, ['In Marketing']],
        [brightmart, office, ['At Brightmart']],
        [harbour, null, []],
        [harbour, Sales, ['In Sales']],
        [brightmart, Sales, []],
      ] as const
      const turns = Array.from({ length: 60 }, (_, n) => places[(n * 7) % places.length]!)
      const seen = await Promise.all(turns.map(([tenantId, siteId]) => look(tenantId, siteId)))
      expect(seen).toEqual(turns.map(([, , titles]) => titles))

      // Nothing stays behind, not even when the work fails half way.
      await expect(
        transact({ tenantId: harbour, siteId: Marketing }, () => Promise.reject(new Error('half way'))),
      ).rejects.toThrow('half way')
      const left = await pool.raw<{ rows: object[] }>(
        `SELECT current_setting('fieldbook.tenant_id', true) AS tenant, current_setting('fieldbook.site_id', true) AS site`,
      )
      expect(left.rows).toEqual([{ tenant: '', site: '' }])
      expect(await pool('interactions').pluck('title')).toEqual([])
      expect(await pool('users').pluck('username')).toEqual([])
    } finally {
      await pool.destroy()
    }
  })

  test('within one transaction one can turn to another site of the same organisation, and only see that', async () => {
    const { Marketing, Sales } = server.ids.sites
    await server.app.transact({ tenantId: harbour, siteId: Marketing }, async (tx) => {
      const sales = await enterSite(tx, Sales)
      expect(await sales.db('interactions').pluck('title')).toEqual(['In Sales'])
      const nowhere = await enterSite(sales, null)
      expect(await nowhere.db('interactions').pluck('title')).toEqual([])
    })
  })

  const columns = `(tenant_id, site_id, id, title, type, lead, start_at, end_at, timezone, status, created_by, created_at, updated_by,
    updated_at, search_text, title_key, type_key, lead_key, location_key)`
  const insert = (tenantId: string, siteId: string, author: string) => ({
    text: `INSERT INTO interactions ${columns}
      VALUES ($1, $2, gen_random_uuid(), 'x', $4, 'x', $5, $6, 'UTC', 'complete', $3, now(), $3, now(), '', '', '', '', '')`,
    values: [tenantId, siteId, author, meeting.type, meeting.startDateTime, meeting.endDateTime],
  })

  test('a row of another organisation or site cannot be written', async () => {
    const { Marketing, Sales, 'Head office': office } = server.ids.sites
    const { editor, outsider } = server.ids.users
    const scope = systemScope(harbour, Marketing)
    await asApp(server.database, scope, (client) => client.query(insert(harbour, Marketing, editor)))
    for (const row of [
      insert(harbour, Sales, editor),
      insert(brightmart, office, outsider),
      insert(brightmart, Marketing, outsider),
    ]) {
      await expect(asApp(server.database, scope, (client) => client.query(row))).rejects.toMatchObject({
        code: '42501',
      })
    }
    await expect(
      asApp(server.database, null, (client) => client.query(insert(harbour, Marketing, editor))),
    ).rejects.toMatchObject({ code: '42501' })
    // Nor can a row be moved there.
    for (const change of [`site_id = '${Sales}'`, `tenant_id = '${brightmart}'`]) {
      await expect(
        asApp(server.database, scope, (client) => client.query(`UPDATE interactions SET ${change}`)),
      ).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('nothing of another site is changed by an update that names no site', async () => {
    const { Marketing, Sales } = server.ids.sites
    const changed = await asApp(server.database, systemScope(harbour, Marketing), (client) =>
      client.query(`UPDATE interactions SET notes = 'touched' RETURNING site_id`),
    )
    expect(new Set((changed.rows as { site_id: string }[]).map((row) => row.site_id))).toEqual(
      new Set([Marketing]),
    )
    const { rows } = await server.database.owner.query(
      'SELECT DISTINCT notes FROM interactions WHERE site_id <> $1',
      [Marketing],
    )
    expect(rows).toEqual([{ notes: '' }])
    expect(Sales).toBeTruthy()
  })

  test('no row goes for good unless it was deleted more than 30 days ago', async () => {
    const { Marketing } = server.ids.sites
    const { owner } = server.database
    const editor = server.as('editor', Marketing)
    const [live, fresh, old] = [await editor.create(), await editor.create(), await editor.create()]
    for (const { id } of [fresh, old]) await editor.delete(`/interactions/${id}`)
    await owner.query(`UPDATE interactions SET deleted_at = now() - interval '31 days' WHERE id = $1`, [
      old.id,
    ])
    const purged = await asApp(server.database, systemScope(harbour, Marketing), (client) =>
      client.query('DELETE FROM interactions RETURNING id'),
    )
    expect(purged.rows).toEqual([{ id: old.id }])
    const { rows } = await owner.query('SELECT id FROM interactions WHERE id = ANY ($1) ORDER BY id', [
      [live.id, fresh.id],
    ])
    expect(rows).toHaveLength(2)
  })

  test('nothing is written by nobody, in any table of tenants', async () => {
    const { rows: tables } = await server.database.owner.query<{
      name: string
      of_site: boolean
      changed: string
    }>(
      `SELECT c.relname AS name, bool_or(p.qual ~ 'scope_site') AS of_site, (
         SELECT min(a.attname) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           AND has_column_privilege('fieldbook_app', c.oid, a.attnum, 'UPDATE')) AS changed
       FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.permissive = 'PERMISSIVE'
       WHERE c.relrowsecurity AND NOT c.relispartition GROUP BY c.oid`,
    )
    const scope = { tenantId: harbour, siteId: server.ids.sites.Marketing, userId: server.ids.users.editor }
    let tried = 0
    for (const { name, changed } of tables) {
      const write = (sql: string) => asApp(server.database, scope, (client) => client.query(sql))
      const { rows } = await write(`SELECT FROM ${name} LIMIT 1`)
      if (rows.length === 0) continue
      tried++
      for (const sql of [
        ...(changed ? [`UPDATE ${name} SET ${changed} = ${changed}`] : []),
        `DELETE FROM ${name}`,
      ]) {
        const count = await write(sql).then(
          (result) => result.rowCount,
          (error: { code: string }) => error.code,
        )
        expect([0, '42501'], `${sql}: ${count}`).toContain(count)
      }
    }
    expect(tried).toBeGreaterThan(9)
    await expect(
      asApp(server.database, scope, (client) => client.query(insert(harbour, scope.siteId, scope.userId))),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('nobody makes a super admin of anybody, or writes in the name of somebody else', async () => {
    const { Marketing } = server.ids.sites
    const { admin, editor, colleague } = server.ids.users
    const asAdmin: Scope = {
      tenantId: harbour,
      siteId: null,
      userId: admin,
      by: { id: admin, roles: ['admin'], sites: [] },
    }
    const write = (scope: Scope, text: string, values: unknown[]) =>
      asApp(server.database, scope, (client) => client.query(text, values))
    const role = 'INSERT INTO user_roles VALUES ($1, $2, $3)'
    await write(asAdmin, role, [harbour, colleague, 'agent'])
    await expect(write(asAdmin, role, [harbour, colleague, 'super_admin'])).rejects.toMatchObject({
      code: '42501',
    })
    const entry = `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, action, hash)
      VALUES ($1, $1, 1000000, gen_random_uuid(), now(), $2, 'x', '')`
    await expect(write(asAdmin, entry, [harbour, editor])).rejects.toMatchObject({ code: '42501' })
    const record = insert(harbour, Marketing, colleague)
    await expect(write(writerAt(Marketing, editor), record.text, record.values)).rejects.toMatchObject({
      code: '42501',
    })
  })

  test('a deleted record is changed, and so restored, by administrators of its site alone', async () => {
    const { Marketing } = server.ids.sites
    const editor = server.as('editor', Marketing)
    const { id } = await editor.create()
    await editor.delete(`/interactions/${id}`)
    const restore = (role: 'editor' | 'administrator') => {
      const scope = writerAt(Marketing, server.ids.users.editor)
      const by = { id: scope.userId!, roles: [], sites: [{ id: Marketing, role }] }
      return asApp(server.database, { ...scope, by }, (client) =>
        client.query('UPDATE interactions SET deleted_at = NULL, deleted_by = NULL WHERE id = $1', [id]),
      )
    }
    expect((await restore('editor')).rowCount).toBe(0)
    expect((await restore('administrator')).rowCount).toBe(1)
  })

  test('what may be written is asked once for a statement, not for each row', async () => {
    const { Marketing } = server.ids.sites
    const plan = await asApp(
      server.database,
      writerAt(Marketing, server.ids.users.editor),
      async (client) => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (VERBOSE, COSTS OFF) UPDATE interactions SET notes = 'x'`,
        )
        return rows.map((row) => row['QUERY PLAN'])
      },
    )
    expect(plan.some((line) => /InitPlan/.test(line))).toBe(true)
    expect(
      plan.filter((line) => /Filter/.test(line) && /current_setting\('fieldbook.may|scope_may/.test(line)),
    ).toEqual([])
  })

  test('a view of somebody else is there only if it is shared', async () => {
    const { Marketing, Sales } = server.ids.sites
    const { editor, colleague } = server.ids.users
    const add = (userId: string, shared: boolean, siteId = Marketing, owner = userId) =>
      asApp(server.database, writerAt(Marketing, userId), (client) =>
        client.query(
          `INSERT INTO saved_views VALUES ($1, $2, gen_random_uuid(), $3, $4, $5, '{}', '[]', '[]', now())`,
          [harbour, siteId, owner, shared ? 'Shared' : 'Private', shared],
        ),
      )
    const seen = (userId: string | undefined, siteId = Marketing) =>
      asApp(server.database, { tenantId: harbour, siteId, ...(userId && { userId }) }, async (client) => {
        const { rows } = await client.query<{ name: string }>('SELECT name FROM saved_views ORDER BY name')
        return rows.map(({ name }) => name)
      })
    await add(editor, false)
    await add(editor, true)
    expect(await seen(editor)).toEqual(['Private', 'Shared'])
    expect(await seen(colleague)).toEqual(['Shared'])
    expect(await seen(undefined)).toEqual(['Shared'])
    expect(await seen(editor, Sales)).toEqual([])
    for (const refused of [() => add(editor, true, Sales), () => add(editor, false, Marketing, colleague)])
      await expect(refused()).rejects.toMatchObject({ code: '42501' })
    const hidden = await asApp(server.database, writerAt(Marketing, colleague), (client) =>
      client.query(`DELETE FROM saved_views WHERE name = 'Private'`),
    )
    expect(hidden.rowCount).toBe(0)
  })

  test('an export and its file are there for whoever made it, and for whoever tidies up once it has expired', async () => {
    const { Marketing, Sales } = server.ids.sites
    const { editor, colleague } = server.ids.users
    const as = <T>(userId: string | undefined, siteId: string, sql: string, values: unknown[] = []) =>
      asApp(
        server.database,
        userId ? writerAt(siteId, userId) : systemScope(harbour, siteId),
        async (client) => (await client.query(sql, values)).rows as T[],
      )
    const id = randomUUID()
    const add = (by: string, owner: string, siteId = Marketing) =>
      as(
        by,
        Marketing,
        `WITH one AS (
          INSERT INTO exports (tenant_id, site_id, id, owner_id, state, format, filter, sort, columns, file_name, done, total, origin, created_at, keep_until)
          VALUES ($1, $2, $3, $4, 'done', 'csv', '{}', '[]', '[]', '', 0, 0, '{}', now(), now() + interval '1 hour') RETURNING *)
        INSERT INTO export_chunks SELECT tenant_id, site_id, id, 0, owner_id, 'x' FROM one`,
        [harbour, siteId, id, owner],
      )
    for (const refused of [() => add(editor, colleague), () => add(editor, editor, Sales)])
      await expect(refused()).rejects.toMatchObject({ code: '42501' })
    await add(editor, editor)
    const seen = async (userId: string | undefined, siteId = Marketing) => [
      ...(await as(userId, siteId, 'SELECT FROM exports')),
      ...(await as(userId, siteId, 'SELECT FROM export_chunks')),
    ]
    expect(await seen(editor)).toHaveLength(2)
    for (const none of [await seen(colleague), await seen(undefined), await seen(editor, Sales)]) {
      expect(none).toEqual([])
    }
    expect(await as(undefined, Marketing, 'DELETE FROM exports RETURNING id')).toEqual([])
    await server.database.owner.query(`UPDATE exports SET keep_until = now()`)
    expect(await as(undefined, Marketing, 'SELECT FROM export_chunks')).toEqual([])
    expect(await as(undefined, Marketing, 'DELETE FROM exports RETURNING id')).toEqual([{ id }])
    expect((await server.database.owner.query('SELECT FROM export_chunks')).rows).toEqual([])
  })

  test('a row cannot point across organisations, whoever writes it', async () => {
    const { Marketing, 'Head office': office } = server.ids.sites
    const { editor, outsider } = server.ids.users
    const { owner } = server.database
    const across = { code: '23503' }
    await expect(owner.query(insert(harbour, office, editor))).rejects.toMatchObject(across)
    await expect(owner.query(insert(harbour, Marketing, outsider))).rejects.toMatchObject(across)
    await owner.query(
      `INSERT INTO interaction_types (tenant_id, id, name, position) VALUES ($1, gen_random_uuid(), 'Only there', 9)`,
      [brightmart],
    )
    await expect(
      owner.query({
        ...insert(harbour, Marketing, editor),
        values: [harbour, Marketing, editor, 'Only there', meeting.startDateTime, meeting.endDateTime],
      }),
    ).rejects.toMatchObject(across)
    for (const [sql, values] of [
      [
        'INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)',
        [harbour, editor, office, 'viewer'],
      ],
      [
        'INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)',
        [brightmart, editor, office, 'viewer'],
      ],
      ['INSERT INTO user_roles VALUES ($1, $2, $3)', [brightmart, editor, 'admin']],
      ['UPDATE users SET default_site_id = $1 WHERE id = $2', [office, editor]],
      ['UPDATE sessions SET active_site_id = $1 WHERE user_id = $2', [office, editor]],
    ] as const) {
      await expect(owner.query(sql, [...values]), sql).rejects.toMatchObject(across)
    }
  })

  test('the database itself keeps an end after its start and a complete record whole', async () => {
    const { owner } = server.database
    await expect(owner.query('UPDATE interactions SET end_at = start_at')).rejects.toMatchObject({
      constraint: 'ends_after_start',
    })
    await expect(owner.query('UPDATE interactions SET lead = NULL')).rejects.toMatchObject({
      constraint: 'complete_unless_draft',
    })
  })
})
