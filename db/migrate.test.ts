import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { brokenChains } from '#server/test/audit-chain'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { letOwnerSee } from '#server/test/global-setup'
import { migrate, pendingMigrations, rollback } from './migrate.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase({ template: null })
})
afterEach(() => database.drop())

const rowsOf = async <Row>(text: string, values: unknown[] = []) =>
  (await database.owner.query(text, values)).rows as Row[]
const sql = <Row>(text: string) => rowsOf<Row>(text)

const rights = (acl: string) =>
  `(SELECT string_agg(one::text, ' ' ORDER BY one::text) FROM unnest(${acl}) one WHERE one::text !~ '^fieldbook_backup=')`

/** Everything in the schema, with its columns, indexes, policies, rights and comments, but for what lets backups read it. */
const shape = () =>
  sql<object>(`
    SELECT 'relation' AS kind, c.oid::regclass::text AS name, concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity,
      relowner::regrole, ${rights(`coalesce(relacl, acldefault('r', relowner))`)},
      obj_description(c.oid, 'pg_class'), CASE WHEN relkind = 'v' THEN pg_get_viewdef(c.oid) END) AS detail
    FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relname !~ '^knex' AND relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '^knex'
    UNION ALL
    SELECT 'column', c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attgenerated, pg_get_expr(d.adbin, d.adrelid), ${rights('a.attacl')}, col_description(c.oid, a.attnum))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '^knex' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '^knex'
    UNION ALL
    SELECT 'policy', tablename || '.' || policyname, concat_ws(' | ', permissive, roles, cmd, qual, with_check)
    FROM pg_policies WHERE schemaname = 'public' AND policyname <> 'backup'
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, concat_ws(' ', proowner::regrole,
      ${rights(`coalesce(proacl, acldefault('f', proowner))`)}, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'))
    FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    ORDER BY 1, 2, 3`)

test('up, down and up again leave what up left', async () => {
  const all = await pendingMigrations(database.url)
  expect(all.length).toBeGreaterThanOrEqual(4)
  expect(await migrate(database.url)).toEqual(all)
  expect(await pendingMigrations(database.url)).toEqual([])
  const first = await shape()
  expect(first.length).toBeGreaterThan(300)

  expect(await rollback(database.url)).toEqual([...all].reverse())
  expect(await shape()).toEqual([])
  expect(await pendingMigrations(database.url)).toEqual(all)

  expect(await migrate(database.url)).toEqual(all)
  expect(await shape()).toEqual(first)
})

/** One migration after the other, any way. */
async function stepping(work: (step: (name: string, way: 'up' | 'down') => Promise<void>) => Promise<void>) {
  const db = knex({ client: 'pg', connection: database.url, pool: { min: 1, max: 1 } })
  try {
    await work(async (name, way) => {
      const migration = (await import(join(import.meta.dirname, 'migrations', name))) as Knex.Migration
      await db.transaction(async (transaction) => {
        await migration[way]!(transaction)
      })
    })
  } finally {
    await db.destroy()
  }
}

test('each that is undone leaves what there was before it', async () => {
  const names = await migrate(database.url)
  await stepping(async (step) => {
    const before = new Map<string, object[]>()
    for (const name of [...names].reverse()) {
      await step(name, 'down')
      before.set(name, await shape())
    }
    for (const name of names) {
      expect.soft(before.get(name), `before ${name}`).toEqual(await shape())
      await step(name, 'up')
    }
  })
})

test('what was written of no organisation before it was chained is chained', async () => {
  const names = await migrate(database.url)
  const later = names.slice(names.findIndex((name) => name.includes('system_audit_chain')))
  await stepping(async (step) => {
    for (const name of [...later].reverse()) await step(name, 'down')
    for (const detail of ['{"account": "é", "b": [1, {"d": null, "c": 2}]}', '{}', '"text"']) {
      await sql(`INSERT INTO system_audit VALUES
        (gen_random_uuid(), date_trunc('milliseconds', clock_timestamp()), 'session.refused', '${detail}', '::1', 'r')`)
    }
    await sql(`INSERT INTO system_audit
      SELECT gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', 'session.refused', '{}', '::1', 'r'
      FROM generate_series(1, 2500) n`)
    const before = await sql('SELECT * FROM system_audit ORDER BY at, id')
    for (const name of later) await step(name, 'up')
    await letOwnerSee(database.url)
    expect(
      await sql(
        `SELECT id, at, action, new_values AS detail, address, request_id FROM audit_logs ORDER BY position`,
      ),
    ).toEqual(before)
    expect(await sql('SELECT audit_count::int AS count FROM feed_heads')).toEqual([{ count: before.length }])
    expect(await brokenChains(rowsOf)).toEqual([])
    for (const name of [...later].reverse()) await step(name, 'down')
    expect(await sql('SELECT * FROM system_audit ORDER BY at, id')).toEqual(before)
  })
})

/** As the owner, whom row-level security binds but for this long. */
async function beyondPolicies<Row>(text: string): Promise<Row[]> {
  const force = (how: string) =>
    sql(
      ['tenants', 'users', 'feed_heads', 'feed_changes', 'audit_logs']
        .map((table) => `ALTER TABLE ${table} ${how} ROW LEVEL SECURITY`)
        .join(';'),
    )
  await force('NO FORCE')
  const found = await sql<Row>(text)
  await force('FORCE')
  return found
}

test('whoever was forgotten is so again once forgetting was undone and done again', async () => {
  const names = await migrate(database.url)
  const later = names.slice(names.findIndex((name) => name.includes('forgetting')))
  const [tenant, gone, there] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`)
  await beyondPolicies(`
    INSERT INTO tenants (id, name, slug) VALUES ('${tenant}', 'T', 't');
    INSERT INTO users (tenant_id, id, username, email, display_name, active, forgotten_at) VALUES
      ('${tenant}', '${gone}', 'forgotten-1', 'forgotten-1@forgotten.invalid', 'F', false, '2026-01-02T00:00:00Z'),
      ('${tenant}', '${there}', 'there', 'there@example.org', 'There', true, NULL);
    INSERT INTO feed_heads (tenant_id, feed_id, seq) VALUES ('${tenant}', '${tenant}', 1);
    INSERT INTO audit_logs (tenant_id, feed_id, hash, id, at, position, action, entity_id, request_id, blanked, forgotten)
    SELECT '${tenant}', '${tenant}', '', gen_random_uuid(), '2026-01-02T00:00:00Z', entry.* FROM (VALUES
      (1, 'user.created', '${gone}'::uuid, 'r', false, true),
      (2, 'user.updated', NULL, NULL, true, true),
      (3, 'user.updated', NULL, NULL, true, false),
      (4, 'user.created', '${there}', 'r', false, false),
      (5, 'user.forgotten', '${gone}', 'r', false, false)) entry;`)
  const people = () => beyondPolicies('SELECT id, active, forgotten_at FROM users ORDER BY id')
  const before = await people()
  await stepping(async (step) => {
    for (const name of [...later].reverse()) await step(name, 'down')
    expect(
      await beyondPolicies('SELECT position::int FROM audit_logs WHERE blanked ORDER BY position'),
    ).toEqual([{ position: 1 }, { position: 2 }, { position: 3 }])
    await beyondPolicies(`UPDATE users SET active = true WHERE id = '${gone}'`)
    for (const name of later) await step(name, 'up')
  })
  expect(await people()).toEqual(before)
  expect(await beyondPolicies('SELECT blanked, forgotten FROM audit_logs ORDER BY position')).toEqual([
    { blanked: false, forgotten: true },
    { blanked: true, forgotten: false },
    { blanked: true, forgotten: false },
    { blanked: false, forgotten: false },
    { blanked: false, forgotten: false },
  ])
})

test('undoing field work leaves nothing in the feeds that code of before cannot read', async () => {
  const names = await migrate(database.url)
  const later = names.slice(names.findIndex((name) => name.includes('field_work')))
  const tenant = '00000000-0000-4000-8000-000000000001'
  const entities = ['interaction', 'person', 'shop', 'brand', 'survey', 'surveyVersion', 'visit', 'photo']
  await beyondPolicies(`
    INSERT INTO tenants (id, name, slug) VALUES ('${tenant}', 'T', 't');
    INSERT INTO feed_heads (tenant_id, feed_id, seq) VALUES ('${tenant}', '${tenant}', ${entities.length});
    INSERT INTO feed_changes (tenant_id, feed_id, seq, entity, entity_id, removed, owner_id)
    SELECT '${tenant}', '${tenant}', n, entity, gen_random_uuid(), n % 2 = 0, gen_random_uuid()
    FROM unnest('{${entities.join(',')}}'::text[]) WITH ORDINALITY AS change (entity, n)`)
  const left = () => beyondPolicies('SELECT seq::int, entity FROM feed_changes ORDER BY seq')
  expect(await left()).toHaveLength(entities.length)
  await stepping(async (step) => {
    for (const name of [...later].reverse()) await step(name, 'down')
    expect(await left()).toEqual([
      { seq: 1, entity: 'interaction' },
      { seq: 2, entity: 'person' },
    ])
  })
})

test('a second run has nothing to do, and neither has undoing twice', async () => {
  await migrate(database.url)
  expect(await migrate(database.url)).toEqual([])
  await rollback(database.url)
  expect(await rollback(database.url)).toEqual([])
})

test('two at once take turns', async () => {
  const ran = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
  expect(await pendingMigrations(database.url)).toEqual([])
})

test('one that was killed in the middle does not stand in the way for ever', async () => {
  await migrate(database.url)
  await rollback(database.url)
  await sql('UPDATE knex_migrations_lock SET is_locked = 1')
  expect((await migrate(database.url)).length).toBeGreaterThanOrEqual(4)
})

test('one that fails leaves nothing of itself', async () => {
  // In the way of the last migration.
  await sql('CREATE TABLE system_audit ()')
  await expect(migrate(database.url)).rejects.toThrow(/system_audit/)
  await sql('DROP TABLE system_audit')
  await migrate(database.url)
  expect(await pendingMigrations(database.url)).toEqual([])
})

test('a database that does not answer is said to, soon', async () => {
  await expect(migrate('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
