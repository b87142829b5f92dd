import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noTenant, type Scope, systemScope } from '#server/shared/scope'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { asApp } from '#server/test/scoped'
import { migrate } from './migrate.ts'

describe('the catalogue, as the migrations leave it', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase({ template: null })
    await migrate(database.url)
  })
  afterAll(() => database.drop())

  const rows = async <Row>(sql: string) => (await database.owner.query(sql)).rows as Row[]
  const names = async (sql: string) => (await rows<{ name: string }>(sql)).map(({ name }) => name)

  /** Tables and partitions that hold rows of a tenant. */
  const tenantTables = `
    SELECT c.oid, c.relname AS name, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND (c.relname = 'tenants' OR EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))`

  test('has row-level security enabled and forced on every table with a tenant, partitions too', async () => {
    const all = await names(`SELECT name FROM (${tenantTables}) t ORDER BY name`)
    expect(all.length).toBeGreaterThan(25)
    expect(all.filter((name) => /^interactions_\d\d$/.test(name))).toHaveLength(16)
    expect(
      await names(`SELECT name FROM (${tenantTables}) t WHERE NOT (relrowsecurity AND relforcerowsecurity)`),
    ).toEqual([])
  })

  test('has on each of them a policy for the application, by tenant, for reading and for writing', async () => {
    const scoped = (expression: string) =>
      `${expression} ~ 'scope_tenant\\(\\)' AND (relname !~ '^interactions(_\\d\\d)?$' OR ${expression} ~ 'scope_site\\(\\)')`
    expect(
      await names(`
        SELECT t.name FROM (${tenantTables}) t
        WHERE NOT EXISTS (
          SELECT FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
          WHERE p.polrelid = t.oid AND p.polcmd = '*' AND p.polpermissive
            AND p.polroles = ARRAY['fieldbook_app'::regrole]::oid[]
            AND ${scoped('pg_get_expr(p.polqual, p.polrelid)')}
            AND ${scoped('pg_get_expr(p.polwithcheck, p.polrelid)')})`),
    ).toEqual([])
  })

  test('has on each a policy by role for whatever the application may write', async () => {
    expect(
      await names(`
        SELECT t.name || ' ' || command AS name FROM (${tenantTables}) t, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) command
        WHERE CASE command
            WHEN 'DELETE' THEN has_table_privilege('fieldbook_app', t.oid, command)
            ELSE has_any_column_privilege('fieldbook_app', t.oid, command)
          END
          AND NOT EXISTS (
            SELECT FROM pg_policies p
            WHERE p.tablename = t.name AND p.cmd = command AND p.permissive = 'RESTRICTIVE' AND p.roles = '{fieldbook_app}'
              AND p.policyname = 'may_' || lower(command)
              AND CASE command WHEN 'DELETE' THEN qual ELSE with_check END ~ 'scope_may')`),
    ).toEqual([])
  })

  test('has no other policy for the application, nor for everybody', async () => {
    expect(
      await names(`
        SELECT relname || '.' || polname AS name FROM pg_policy JOIN pg_class c ON c.oid = polrelid
        WHERE polname NOT IN ('tenant', 'site') AND polpermissive
          AND (polroles && ARRAY['fieldbook_app'::regrole, 0]::oid[])`),
    ).toEqual([])
  })

  test('lets the gate read, never write, and own only what it is for', async () => {
    expect(
      await names(`
        SELECT relname || '.' || polname AS name FROM pg_policy JOIN pg_class c ON c.oid = polrelid
        WHERE 'fieldbook_gate'::regrole = ANY (polroles) AND polcmd <> 'r'`),
    ).toEqual([])
    expect(
      await names(`
        SELECT DISTINCT table_name || ' ' || privilege_type AS name FROM information_schema.role_table_grants
        WHERE grantee = 'fieldbook_gate' AND privilege_type <> 'SELECT' AND table_name <> 'interactions_in_scope'`),
    ).toEqual([])
    expect(
      await names(`
        SELECT relname AS name FROM pg_class WHERE relowner = 'fieldbook_gate'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'fieldbook_gate'::regrole ORDER BY name`),
    ).toEqual([
      'device_backlog',
      'enter_tenant',
      'find_identity',
      'find_user',
      'interactions_in_scope',
      'is_super_admin',
      'list_tenants',
      'read_session',
      'tenant_ids',
    ])
    expect(
      await rows(`SELECT has_column_privilege('fieldbook_gate', 'users', 'password_hash', 'SELECT') AS may`),
    ).toEqual([{ may: false }])
  })

  test('has roles that cannot sign in and have no way around it', async () => {
    expect(
      await rows(`
        SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles
        WHERE rolname IN ('fieldbook_app', 'fieldbook_backup', 'fieldbook_gate', 'fieldbook_keeper') ORDER BY rolname`),
    ).toEqual(
      ['fieldbook_app', 'fieldbook_backup', 'fieldbook_gate', 'fieldbook_keeper'].map((rolname) => ({
        rolname,
        rolcanlogin: false,
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
      })),
    )
    // None belongs to another role.
    expect(
      await names(
        `SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member IN ('fieldbook_app'::regrole, 'fieldbook_backup'::regrole, 'fieldbook_gate'::regrole, 'fieldbook_keeper'::regrole)`,
      ),
    ).toEqual([])
  })

  test('lets the keeper do nothing but take content out of the audit and out of receipts, and write ledgers', async () => {
    const ledgers = ['interaction_days', 'shelf_days', 'shop_months', 'visit_days', 'visit_months']
    expect(
      await names(`
        SELECT table_name || ' ' || privilege_type AS name FROM information_schema.role_table_grants
        WHERE grantee = 'fieldbook_keeper' AND privilege_type <> 'SELECT' ORDER BY name`),
    ).toEqual(ledgers.flatMap((name) => [`${name} DELETE`, `${name} INSERT`]))
    expect(
      await names(`
        SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.column_privileges c
        WHERE grantee = 'fieldbook_keeper' AND privilege_type <> 'SELECT'
          AND c.table_name NOT IN (${ledgers.map((name) => `'${name}'`).join(', ')}) ORDER BY name`),
    ).toEqual([
      ...[
        'actor_id',
        'address',
        'blanked',
        'device',
        'entered_by',
        'entity_id',
        'forgotten',
        'new_values',
        'old_values',
        'request_id',
      ].map((column) => `audit_logs.${column}`),
      'photos.marked',
      'sync_receipts.result',
    ])
    expect(
      await names(`
        SELECT relname AS name FROM pg_class WHERE relowner = 'fieldbook_keeper'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'fieldbook_keeper'::regrole ORDER BY name`),
    ).toEqual([
      'blank_audit',
      'blank_person',
      'blank_receipts',
      'compact_tallies',
      'count_marks',
      'count_visit',
      'mark_photos',
      'tally_interactions',
      'tally_photo',
      'tally_visit',
    ])
  })

  test('lets backups read every table and sequence there is, and do nothing else', async () => {
    const tables = `
      SELECT c.oid, c.oid::regclass::text AS name, relkind, relrowsecurity FROM pg_class c
      WHERE relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)`
    expect(
      await names(`
        SELECT name FROM (${tables}) t
        WHERE relkind IN ('r', 'p') AND (NOT has_table_privilege('fieldbook_backup', oid, 'SELECT')
            OR relrowsecurity AND NOT EXISTS (
              SELECT FROM pg_policy WHERE polrelid = t.oid AND polname = 'backup' AND polcmd = 'r'
                AND polroles = ARRAY['fieldbook_backup'::regrole]::oid[]))
          OR relkind = 'S' AND NOT has_sequence_privilege('fieldbook_backup', oid, 'SELECT')`),
    ).toEqual([])
    expect(
      await names(`
        SELECT table_name || ' ' || privilege_type AS name FROM information_schema.role_table_grants
        WHERE grantee = 'fieldbook_backup' AND privilege_type <> 'SELECT'
        UNION ALL SELECT relname FROM pg_class WHERE relowner = 'fieldbook_backup'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'fieldbook_backup'::regrole`),
    ).toEqual([])
  })

  test('has an application that owns nothing and can make nothing', async () => {
    expect(
      await names(`
        SELECT relname AS name FROM pg_class WHERE relowner = 'fieldbook_app'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'fieldbook_app'::regrole
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'fieldbook_app'::regrole`),
    ).toEqual([])
    for (const sql of [
      'CREATE TABLE mine ()',
      'CREATE TEMPORARY TABLE mine ()',
      'CREATE SCHEMA mine',
      `CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE sql RETURN true`,
      `CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE sql RETURN true`,
      'CREATE EXTENSION pgcrypto',
      'ALTER TABLE interactions DISABLE ROW LEVEL SECURITY',
      'DROP POLICY site ON interactions',
      'TRUNCATE interactions',
    ]) {
      await expect(
        asApp(database, null, (client) => client.query(sql)),
        sql,
      ).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('keeps the record of what happened as it was written', async () => {
    const scope = { tenantId: randomUUID(), siteId: null }
    for (const sql of [
      `UPDATE audit_logs SET action = 'x'`,
      'DELETE FROM audit_logs',
      `UPDATE sync_receipts SET result = '{}'`,
      'DELETE FROM sync_receipts',
      'DELETE FROM feed_changes',
      'DELETE FROM feed_heads',
      'DELETE FROM users',
      'DELETE FROM tenants',
      'UPDATE server_state SET epoch = gen_random_uuid()',
      'INSERT INTO roles VALUES (1)',
    ]) {
      await expect(
        asApp(database, scope, (client) => client.query(sql)),
        sql,
      ).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('has what belongs to no organisation in one tenant, of which nobody is', async () => {
    const scope = systemScope(noTenant)
    const kinds = await asApp(database, scope, (client) => client.query('SELECT kind, slug FROM tenants'))
    expect(kinds.rows).toEqual([{ kind: 'system', slug: '-' }])
    const somewhere = systemScope(randomUUID())
    const heads = (at: Scope) => asApp(database, at, (client) => client.query('SELECT FROM feed_heads'))
    expect([(await heads(scope)).rowCount, (await heads(somewhere)).rowCount]).toEqual([1, 0])
  })

  test('gives the partitions to nobody: they are reached through their table', async () => {
    const scope = { tenantId: randomUUID(), siteId: randomUUID() }
    for (const sql of [
      'SELECT FROM interactions_00',
      'INSERT INTO interactions_00 DEFAULT VALUES',
      'UPDATE interactions_07 SET version = 1',
    ]) {
      await expect(
        asApp(database, scope, (client) => client.query(sql)),
        sql,
      ).rejects.toMatchObject({ code: '42501' })
    }
  })
})
