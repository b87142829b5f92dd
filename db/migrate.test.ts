import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { migrate, pendingMigrations, rollback } from './migrate.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase({ template: null })
})
afterEach(() => database.drop())

const sql = async <Row>(text: string) => (await database.owner.query(text)).rows as Row[]

/** Everything in the schema, with its columns, indexes, policies and rights. */
const shape = () =>
  sql(`
    SELECT 'relation' AS kind, relname::text AS name, relkind::text || ' ' || coalesce(relacl::text, '') AS detail
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^knex'
    UNION ALL
    SELECT 'column', c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '^knex' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'policy', c.relname || '.' || polname, pg_get_expr(polqual, polrelid) FROM pg_policy JOIN pg_class c ON c.oid = polrelid
    UNION ALL
    SELECT 'function', proname, proowner::regrole::text || coalesce(proacl::text, '') FROM pg_proc p
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
