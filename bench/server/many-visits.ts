import { redo } from '#db/migrate'
import type { World } from '../../reliability/real/world.ts'

/** Ids of whom the figures are asked for, and who they are there. */
export interface FieldForce {
  tenantId: string
  /** The leader of all teams, of the first one, and its first agent. */
  national: string
  leader: string
  agent: string
  sites: string[]
  brands: string[]
}

export const agents = 200
const [teams, shopsEach, days] = [20, 25, 730]

/**
 * Fills Harbour & Vale with field work of two years until today: 200 agents in 20 teams under one nation, at ten sites,
 * each with 25 shops and now and then in those of a neighbour; nine of ten visits are completed, a third has a survey,
 * a fifth a photo on which four brands are marked. As many interactions as a tenth of the visits. The ledgers are filled
 * by their migration, from what is there; answers with how many seconds that took.
 */
export async function fillVisits(world: World, count: number): Promise<FieldForce & { fillSeconds: number }> {
  const connection = await world.owner.connect()
  const db: Database = async <R>(sql: string, values: Record<string, unknown> = {}) => {
    const names = Object.keys(values)
    const numbered = sql.replaceAll(/(?<!:):([a-zA-Z]+)/g, (_, name: string) => `$${names.indexOf(name) + 1}`)
    return (await connection.query(numbered, Object.values(values))).rows as R[]
  }
  let [force, start]: [FieldForce | null, number] = [null, 0]
  await redo(world.url, '20261201000031_tallies.ts', async () => {
    force = await people(db)
    // Indexes are built at the end, and what is written here need not be looked up row by row.
    const indexes = await withoutIndexes(db, ['visits', 'photos', 'shelf_quadrants', 'interactions'])
    const keys = await withoutForeignKeys(db, ['visits', 'pictures', 'photos', 'shelf_quadrants'])
    await fieldWork(db, force, count)
    for (const { definition } of indexes) await db(definition.replace(' ON ONLY ', ' ON '))
    for (const { name, of, definition } of keys)
      await db(`ALTER TABLE ${of} ADD CONSTRAINT ${name} ${definition} NOT VALID`)
    await db('ANALYZE')
    start = performance.now()
  })
  const fillSeconds = (performance.now() - start) / 1000
  await compact(db)
  await db('VACUUM ANALYZE')
  connection.release()
  return { ...force!, fillSeconds }
}

/** As the server's job does within minutes. */
async function compact(db: Database): Promise<void> {
  for (;;) {
    const [done] = await db<{ count: string }>('SELECT compact_tallies(5000) AS count')
    if (Number(done!.count) === 0) return
  }
}

type Database = <R>(sql: string, values?: Record<string, unknown>) => Promise<R[]>

async function withoutIndexes(db: Database, tables: readonly string[]) {
  const indexes = await db<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ANY (:tables::regclass[])
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)`,
    { tables },
  )
  for (const { name } of indexes) await db(`DROP INDEX ${name}`)
  return indexes
}

async function withoutForeignKeys(db: Database, tables: readonly string[]) {
  const keys = await db<{ name: string; of: string; definition: string }>(
    `SELECT conname AS name, conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (:tables::regclass[])`,
    { tables },
  )
  for (const { name, of } of keys) await db(`ALTER TABLE ${of} DROP CONSTRAINT ${name}`)
  return keys
}

async function people(db: Database): Promise<FieldForce> {
  const first = async <R>(sql: string, values: Record<string, unknown> = {}): Promise<R> =>
    (await db<R>(sql, values))[0]!
  const { tenant } = await first<{ tenant: string }>(
    `SELECT id AS tenant FROM tenants WHERE slug = 'harbour-vale'`,
  )
  await db(
    `INSERT INTO sites (tenant_id, id, name) SELECT :tenant::uuid, gen_random_uuid(), 'Coast ' || n FROM generate_series(1, 10) n`,
    { tenant },
  )
  const person = async (name: string, role: string, count: number): Promise<string[]> => {
    const { ids } = await first<{ ids: string[] }>(
      `WITH person AS (
         INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
         SELECT :tenant::uuid, gen_random_uuid(), named.name, named.name || '@example.org', :name || ' ' || n, a.password_hash
         FROM generate_series(1, :count::integer) n CROSS JOIN LATERAL (SELECT :name::text || n AS name) named, users a WHERE a.username = 'admin' RETURNING id, username),
       role AS (INSERT INTO user_roles SELECT :tenant::uuid, id, :role::text FROM person)
       SELECT array_agg(id ORDER BY length(username), username) AS ids FROM person`,
      { tenant, name, role, count },
    )
    return ids
  }
  const [national] = await person('national', 'national_manager', 1)
  const leaders = await person('leader', 'team_leader', teams)
  const ids = await person('agent', 'agent', agents)
  const { sites } = await first<{ sites: string[] }>(
    `SELECT array_agg(id ORDER BY length(name), name) AS sites FROM sites WHERE name LIKE 'Coast %'`,
  )
  const { nation } = await first<{ nation: string }>(
    `INSERT INTO teams (tenant_id, id, name, level, leader_id) VALUES (:tenant::uuid, gen_random_uuid(), 'Nation', 'nation', :national)
     RETURNING id AS nation`,
    { tenant, national },
  )
  await db(
    `WITH team AS (
       INSERT INTO teams (tenant_id, id, name, level, leader_id, parent_id, parent_level)
       SELECT :tenant::uuid, gen_random_uuid(), 'Team ' || n, 'team', leader, :nation::uuid, 'nation'
       FROM unnest(:leaders::uuid[]) WITH ORDINALITY AS l(leader, n) RETURNING id, leader_id),
     member AS (SELECT agent, (n - 1) AS n FROM unnest(:ids::uuid[]) WITH ORDINALITY AS a(agent, n)),
     at AS (INSERT INTO user_sites (tenant_id, user_id, site_id, role)
       SELECT :tenant::uuid, agent, (:sites::uuid[])[1 + n % 10], 'viewer' FROM member)
     INSERT INTO user_teams (tenant_id, team_id, user_id)
     SELECT :tenant::uuid, team.id, agent FROM member JOIN team ON team.leader_id = (:leaders::uuid[])[1 + n / 10]`,
    { tenant, nation, leaders, ids, sites },
  )
  await db(
    `INSERT INTO shops (tenant_id, site_id, id, name, name_key, search_text)
     SELECT :tenant::uuid, (:sites::uuid[])[1 + n / ${shopsEach} % 10], gen_random_uuid(), 'Shop ' || n, 'shop ' || n, 'shop ' || n
     FROM generate_series(0, ${agents * shopsEach - 1}) n`,
    { tenant, sites },
  )
  const { brands } = await first<{ brands: string[] }>(
    `WITH brand AS (INSERT INTO brands (tenant_id, id, name, colour)
       SELECT :tenant::uuid, gen_random_uuid(), 'Brand ' || n, '#0d6e6e' FROM generate_series(1, 4) n RETURNING id)
     SELECT array_agg(id) AS brands FROM brand`,
    { tenant },
  )
  await db(
    `WITH survey AS (INSERT INTO surveys (tenant_id, id, name, published_number)
       VALUES (:tenant::uuid, gen_random_uuid(), 'Shelf check', 1) RETURNING id)
     INSERT INTO survey_versions (tenant_id, survey_id, number, id, name, description, questions)
     SELECT :tenant::uuid, id, 1, gen_random_uuid(), 'Shelf check', '', '[]' FROM survey`,
    { tenant },
  )
  await db(
    `WITH cycle AS (
       INSERT INTO call_cycles (tenant_id, site_id, id, name, user_id, every, unit, starts_on, timezone)
       SELECT :tenant::uuid, site_id, gen_random_uuid(), 'Round', user_id, 1, 'week', current_date - ${days}, 'Europe/Berlin'
       FROM user_sites WHERE tenant_id = :tenant AND user_id = ANY (:ids::uuid[]) RETURNING id, site_id, user_id)
     INSERT INTO call_cycle_locations (tenant_id, site_id, cycle_id, id, shop_id, position, visits_per_cycle)
     SELECT :tenant::uuid, c.site_id, c.id, gen_random_uuid(), s.id, n % ${shopsEach}, 1
     FROM (SELECT id, substr(name, 6)::integer AS n FROM shops WHERE name LIKE 'Shop %') s
     JOIN cycle c ON c.user_id = (:ids::uuid[])[1 + n / ${shopsEach}]`,
    { tenant, ids },
  )
  return { tenantId: tenant, national: national!, leader: leaders[0]!, agent: ids[0]!, sites, brands }
}

async function fieldWork(
  db: Database,
  { tenantId, sites, brands }: FieldForce,
  count: number,
): Promise<void> {
  await db(
    `CREATE TEMPORARY TABLE agent AS
       SELECT id, substr(username, 6)::integer - 1 AS n FROM users WHERE username ~ '^agent[0-9]+$';
     CREATE TEMPORARY TABLE shop AS SELECT id, substr(name, 6)::integer AS n FROM shops WHERE name LIKE 'Shop %';
     ANALYZE agent, shop`,
  )
  await db(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, survey_id, survey_number, visit_type, status,
       started_at, completed_at, timezone, is_far, day)
     SELECT :tenantId::uuid, (:sites::uuid[])[1 + agent.n % 10], gen_random_uuid(), agent.id, shop.id,
       CASE WHEN g % 3 = 0 THEN survey.id END, CASE WHEN g % 3 = 0 THEN 1 END, 'routine', status, at,
       CASE WHEN status = 'completed' THEN at + interval '20 minutes' END, 'UTC', hash % 20 = 0, at::date
     FROM generate_series(1, :count::integer) g
     CROSS JOIN LATERAL (SELECT abs(hashint4(g)) AS hash) h
     CROSS JOIN LATERAL (
       SELECT CASE hash % 20 WHEN 1 THEN 'cancelled' WHEN 2 THEN 'in_progress' ELSE 'completed' END AS status,
         current_date - (hash / 20 % ${days}) + (7 + g % 10) * interval '1 hour' AS at) of
     JOIN agent ON agent.n = g % ${agents}
     -- A tenth of them where the next agent of the same site goes.
     JOIN shop ON shop.n = CASE WHEN hash % 10 = 5 THEN (agent.n + 10) % ${agents} ELSE agent.n END * ${shopsEach}
       + hash / 7 % ${shopsEach}
     CROSS JOIN surveys survey`,
    { tenantId, sites, count },
  )
  await db(
    `WITH picture AS (
       INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
       SELECT tenant_id, gen_random_uuid(), id, repeat('0', 64), 1, 'image/jpeg', 1, 1 FROM visits
       WHERE status = 'completed' AND hashtext(id::text) % 5 = 0 RETURNING id, visit_id)
     INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose)
     SELECT v.tenant_id, p.id, v.site_id, v.id, 'shelf' FROM picture p JOIN visits v ON v.id = p.visit_id`,
  )
  await db(
    `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
     SELECT tenant_id, id, gen_random_uuid(), (:brands::uuid[])[n], n, '[]',
       abs(hashtext(id::text || n)) % 250000 / 10000.0 FROM photos, generate_series(1, 4) n`,
    { brands },
  )
  await db(
    `INSERT INTO interactions (tenant_id, site_id, id, title, type, lead, start_at, end_at, timezone, status, created_by,
       created_at, updated_by, updated_at, search_text, title_key, type_key, lead_key, location_key)
     SELECT :tenantId::uuid, (:sites::uuid[])[1 + hash % 10], gen_random_uuid(), 'Visit', (ARRAY['Meeting', 'Call', 'Email'])[1 + hash % 3],
       'Lead ' || hash / 11 % 300, at, at + interval '1 hour', 'UTC', 'complete', u.id, at, u.id, at, '', '', '', '', ''
     FROM users u, generate_series(1, :count::integer / 10) g
     CROSS JOIN LATERAL (SELECT abs(hashint4(g)) AS hash) h
     CROSS JOIN LATERAL (SELECT current_date - (hash / 20 % ${days}) + interval '9 hours' AS at) of
     WHERE u.username = 'admin'`,
    { tenantId, sites, count },
  )
}
