import type { TestServer } from './server.ts'

/** A day so many days from today, in UTC, as forms and the server take it. */
export const dayFromToday = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/**
 * Visits of the demo's agent to shops of Sales, past what the demo has, each on its day: `perDay` on every day of the last
 * `days`, today with them, to one shop after the other by name. Every fifth is cancelled; every second of those completed
 * has a photo on which the shelf is marked for so many brands. Answers with how many are completed.
 */
export async function addVisits(
  server: TestServer,
  { days, perDay, brands = 3 }: { days: number; perDay: number; brands?: number },
): Promise<number> {
  const [{ completed } = { completed: 0 }] = await server.sql<{ completed: number }>(
    `WITH agent AS (SELECT tenant_id, id FROM users WHERE username = 'agent'),
      shops_in_order AS (
        SELECT shops.*, row_number() OVER (ORDER BY shops.name, shops.id) - 1 AS number, count(*) OVER () AS all_of_them
        FROM shops JOIN sites ON sites.tenant_id = shops.tenant_id AND sites.id = shops.site_id
        WHERE sites.name = 'Sales'
      ),
      made AS (
        SELECT gen_random_uuid() AS id, number, current_date - number / $2::int AS day
        FROM generate_series(0, $1::int * $2::int - 1) AS number
      ),
      written AS (
        INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, visit_type, status, started_at, completed_at,
          timezone, day, distance, is_far)
        SELECT agent.tenant_id, shop.site_id, made.id, agent.id, shop.id, 'routine',
          CASE WHEN made.number % 5 = 4 THEN 'cancelled' ELSE 'completed' END,
          made.day + time '09:00', CASE WHEN made.number % 5 = 4 THEN NULL ELSE made.day + time '09:30' END,
          'UTC', made.day, 20, made.number % 11 = 0
        FROM made CROSS JOIN agent
          JOIN shops_in_order AS shop ON shop.number = made.number % shop.all_of_them
        RETURNING tenant_id, site_id, id, status
      ),
      photographed AS (
        SELECT written.*, gen_random_uuid() AS photo_id, made.number
        FROM written JOIN made USING (id) WHERE status = 'completed' AND made.number % 2 = 0
      ),
      pictured AS (
        INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
        SELECT tenant_id, photo_id, id, repeat('0', 64), 1, 'image/jpeg', 640, 480 FROM photographed
        RETURNING id
      )
      SELECT count(*) FILTER (WHERE status = 'completed')::int AS completed FROM written`,
    [days, perDay],
  )
  await server.sql(
    `INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose)
     SELECT pictures.tenant_id, pictures.id, visits.site_id, visits.id, 'shelf'
     FROM pictures JOIN visits ON visits.tenant_id = pictures.tenant_id AND visits.id = pictures.visit_id
     WHERE pictures.sha256 = repeat('0', 64)
     ON CONFLICT DO NOTHING`,
  )
  await server.sql(
    `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
     SELECT photo.tenant_id, photo.id, gen_random_uuid(), brand.id, brand.number,
       '[{"x": 0, "y": 0}, {"x": 0.3, "y": 0}, {"x": 0.3, "y": 0.3}]',
       round((14.0 - 12.0 * brand.number / $1::int + (photo.number % 7) * 0.9)::numeric, 4)
     FROM (SELECT *, row_number() OVER (ORDER BY id) AS number FROM photos) AS photo
       JOIN (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY name) - 1 AS number FROM brands) AS brand
         ON brand.tenant_id = photo.tenant_id AND brand.number < $1
       JOIN pictures ON pictures.tenant_id = photo.tenant_id AND pictures.id = photo.id
         AND pictures.sha256 = repeat('0', 64)
     ON CONFLICT DO NOTHING`,
    [brands],
  )
  return completed
}

/** So many more brands, and people of Sales with a call cycle each, of five shops a week since eight weeks. */
export async function addBrandsAndCycles(
  server: TestServer,
  { brands, people }: { brands: number; people: number },
): Promise<void> {
  await server.sql(
    `INSERT INTO brands (tenant_id, id, name, colour)
     SELECT tenant_id, gen_random_uuid(), 'Brand ' || lpad(n::text, 2, '0'), '#' || lpad(to_hex(n * 997 * 997 % 16777216), 6, '0')
     FROM users, generate_series(1, $1::int) n WHERE username = 'agent'`,
    [brands],
  )
  await server.sql(
    `WITH added AS (
       INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       SELECT tenant_id, gen_random_uuid(), 'field' || n, 'field' || n || '@harbour-vale.example',
         'Field Agent ' || n, password_hash
       FROM users, generate_series(1, $1::int) n WHERE username = 'agent' RETURNING tenant_id, id
     ), at AS (
       INSERT INTO user_sites (tenant_id, user_id, site_id, role)
       SELECT a.tenant_id, a.id, s.id, 'editor' FROM added a JOIN sites s USING (tenant_id) WHERE s.name = 'Sales'
       RETURNING tenant_id, user_id, site_id
     ), planned AS (
       INSERT INTO call_cycles (tenant_id, site_id, id, name, user_id, every, unit, starts_on, timezone)
       SELECT tenant_id, site_id, gen_random_uuid(), 'Round', user_id, 1, 'week', current_date - 56, 'UTC' FROM at
       RETURNING tenant_id, site_id, id
     )
     INSERT INTO call_cycle_locations (tenant_id, site_id, cycle_id, id, shop_id, position, visits_per_cycle)
     SELECT tenant_id, p.site_id, p.id, gen_random_uuid(), s.id, s.number, 1
     FROM planned p JOIN (SELECT *, row_number() OVER (PARTITION BY site_id ORDER BY name) AS number FROM shops) s
       USING (tenant_id) WHERE s.site_id = p.site_id AND s.number <= 5`,
    [people],
  )
}

/** Nobody has anything planned any more; the demo has. */
export async function forgetPlans(server: TestServer): Promise<void> {
  await server.sql('DELETE FROM call_cycle_misses')
  await server.sql('DELETE FROM call_cycles')
  await server.sql('DELETE FROM goals')
}
