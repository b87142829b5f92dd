import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import { setScope } from '../../test/scoped.ts'

/**
 * The ledgers figures are read from hold what a recount of the tables finds, whatever happens to what is counted, in
 * whatever order and at once, and whenever they are added up.
 */

let database: TestDatabase
let tenant: string
const ids = {
  site: '',
  other: '',
  agents: [] as string[],
  shops: [] as string[],
  brands: [] as string[],
  survey: '',
}
const sql = (text: string, values: unknown[] = []) =>
  database.owner.query<Record<string, unknown>>(text, values)

beforeAll(async () => {
  database = await createDatabase()
  const { rows } = await sql(
    `SELECT t.id AS tenant, (SELECT array_agg(id ORDER BY name) FROM sites WHERE tenant_id = t.id) AS sites,
       (SELECT array_agg(id ORDER BY username) FROM users WHERE tenant_id = t.id) AS users
     FROM tenants t WHERE t.name = 'Harbour & Vale'`,
  )
  tenant = (rows[0] as { tenant: string }).tenant
  const { sites, users } = rows[0] as { sites: string[]; users: string[] }
  ids.site = sites[0]!
  ids.other = sites[1]!
  ids.agents = users.slice(0, 2)
  ids.shops = [randomUUID(), randomUUID()]
  ids.brands = [randomUUID(), randomUUID()]
  ids.survey = randomUUID()
  for (const id of ids.shops)
    await sql(
      `INSERT INTO shops (tenant_id, site_id, id, name, name_key, search_text) VALUES ($1, $2, $3, 'x', 'x', 'x')`,
      [tenant, ids.site, id],
    )
  for (const id of ids.brands)
    await sql(`INSERT INTO brands (tenant_id, id, name, colour) VALUES ($1, $2, 'x', '#000000')`, [
      tenant,
      id,
    ])
  await sql(`INSERT INTO surveys (tenant_id, id, name) VALUES ($1, $2, 'x')`, [tenant, ids.survey])
  await sql(
    `INSERT INTO survey_versions (tenant_id, survey_id, number, id, name, description, questions)
     VALUES ($1, $2, 1, gen_random_uuid(), 'x', '', '[]')`,
    [tenant, ids.survey],
  )
})
afterAll(() => database.drop())

type Step = (visits: string[], photos: string[]) => Promise<unknown>

const of = <T>(all: readonly T[], n: number): T | null => (all.length > 0 ? all[n % all.length]! : null)
const day = (n: number) => `2026-0${1 + (n % 3)}-${10 + (n % 18)}T${10 + (n % 12)}:30:00Z`

const begin =
  (n: number, isDone: boolean): Step =>
  async (visits) => {
    const id = randomUUID()
    await sql(
      `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, survey_id, survey_number, visit_type, status,
       started_at, completed_at, timezone, is_far)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'routine', $8, $9::timestamptz, CASE WHEN $8 = 'completed' THEN $9::timestamptz END,
       $10, $11)`,
      [
        tenant,
        ids.site,
        id,
        of(ids.agents, n),
        n % 5 === 0 ? null : of(ids.shops, n),
        n % 2 ? ids.survey : null,
        n % 2 ? 1 : null,
        isDone ? 'completed' : 'in_progress',
        day(n),
        n % 2 ? 'Pacific/Auckland' : 'America/New_York',
        n % 4 === 0,
      ],
    )
    visits.push(id)
  }
/** As the server does it: whoever changes a visit, its photos or what is marked on them holds the visit. */
async function held(visitOf: string, id: string | null, work: (run: typeof sql) => Promise<unknown>) {
  if (!id) return
  const client = await database.owner.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT FROM visits WHERE id = (${visitOf})::uuid FOR UPDATE`, [id])
    await work((text, values = []) => client.query(text, values))
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
const ofPhoto = 'SELECT visit_id FROM photos WHERE id = $1'

const change =
  (n: number, what: string): Step =>
  async (visits) => {
    const id = of(visits, n)
    await held('$1', id, (run) => run(`UPDATE visits SET ${what}, version = version + 1 WHERE id = $1`, [id]))
  }
const ends = (status: string) =>
  `status = '${status}', completed_at = ${status === 'completed' ? 'started_at' : 'NULL'}`
const photo =
  (n: number): Step =>
  async (visits, photos) => {
    const visit = of(visits, n)
    const id = randomUUID()
    await held('$1', visit, (run) =>
      run(
        `WITH visit AS (SELECT id FROM visits WHERE id = $3), picture AS (
           INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
           SELECT $1, $2, id, repeat('0', 64), 1, 'image/png', 1, 1 FROM visit)
         INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose) SELECT $1, $2, $4, id, 'shelf' FROM visit`,
        [tenant, id, visit, ids.site],
      ),
    )
    photos.push(id)
  }
/** As the server marks: what was there goes first. */
const mark =
  (n: number, blocks: number): Step =>
  async (_, photos) => {
    const id = of(photos, n)
    await held(ofPhoto, id, async (run) => {
      await run('DELETE FROM shelf_quadrants WHERE photo_id = $1', [id])
      await run(
        `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
         SELECT $1, p.id, gen_random_uuid(), (ARRAY[$3, $4]::uuid[])[1 + (i + $5) % 2], i, '[]',
           ($5 + i) * 1.23456 % 100
         FROM photos p, generate_series(1, $6) AS i WHERE p.id = $2`,
        [tenant, id, ids.brands[0], ids.brands[1], n, blocks],
      )
    })
  }
const unphoto =
  (n: number): Step =>
  async (_, photos) => {
    const id = of(photos, n)
    await held(ofPhoto, id, (run) => run('DELETE FROM pictures WHERE id = $1', [id]))
  }
const unvisit =
  (n: number): Step =>
  async (visits) => {
    const id = of(visits, n)
    await held('$1', id, async (run) => {
      await run('DELETE FROM pictures WHERE visit_id = $1', [id])
      await run('DELETE FROM visits WHERE id = $1', [id])
    })
  }
const interactions =
  (n: number, count: number): Step =>
  () =>
    sql(
      `INSERT INTO interactions (tenant_id, site_id, id, title, type, lead, start_at, end_at, timezone, status, version,
       created_by, created_at, updated_by, updated_at, search_text, title_key, type_key, lead_key, location_key)
     SELECT $1, $2, gen_random_uuid(), 'x', (ARRAY['Meeting', 'Call'])[1 + (i + $3) % 2],
       CASE WHEN (i + $3) % 3 = 0 THEN NULL ELSE 'Ada' END, CASE WHEN (i + $3) % 7 = 0 THEN NULL ELSE $4::timestamptz END,
       NULL, CASE WHEN $3 % 2 = 0 THEN 'Asia/Tokyo' ELSE 'America/Los_Angeles' END, 'incomplete', 1, $5, now(), $5, now(),
       '', '', '', '', ''
     FROM generate_series(1, $6) AS i`,
      [tenant, n % 2 ? ids.site : ids.other, n, day(n), ids.agents[0], count],
    )
const changeInteractions =
  (n: number, what: string): Step =>
  () =>
    sql(
      `UPDATE interactions SET ${what} WHERE tenant_id = $1 AND id IN (
       SELECT id FROM interactions WHERE tenant_id = $1 AND title = 'x' ORDER BY id LIMIT 5 OFFSET $2 FOR UPDATE)`,
      [tenant, n % 7],
    )
const purge = (): Step => () =>
  sql(
    `DELETE FROM interactions WHERE tenant_id = $1 AND id IN (
       SELECT id FROM interactions WHERE title = 'x' AND deleted_at IS NOT NULL ORDER BY id FOR UPDATE)`,
    [tenant],
  )
const compact =
  (most: number): Step =>
  async () => {
    await sql('SELECT compact_tallies($1)', [most])
  }

const n = fc.nat(40)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(n, fc.boolean()).map(([k, isDone]) => begin(k, isDone)),
  fc.tuple(n, fc.constantFrom('completed', 'cancelled', 'in_progress')).map(([k, to]) => change(k, ends(to))),
  fc
    .tuple(n, fc.nat(2))
    .map(([k, to]) => change(k, to === 2 ? 'shop_id = NULL' : `shop_id = '${ids.shops[to]}'`)),
  fc.tuple(n, fc.boolean()).map(([k, far]) => change(k, `is_far = ${far}, notes = 'x'`)),
  n.map(photo),
  fc.tuple(n, fc.nat(3)).map(([k, blocks]) => mark(k, blocks)),
  n.map(unphoto),
  n.map(unvisit),
  fc.tuple(n, fc.integer({ min: 1, max: 4 })).map(([k, count]) => interactions(k, count)),
  fc
    .tuple(
      n,
      fc.constantFrom(
        'deleted_at = now(), deleted_by = updated_by',
        'deleted_at = NULL, deleted_by = NULL',
        `type = 'Visit'`,
        `lead = 'Grace'`,
        `notes = 'y'`,
        `start_at = start_at + interval '9 hours'`,
        `timezone = 'Nowhere/Known'`,
      ),
    )
    .map(([k, what]) => changeInteractions(k, what)),
  fc.constant(0).map(purge),
  fc.integer({ min: 1, max: 20 }).map(compact),
)

const zero = '00000000-0000-0000-0000-000000000000'
const sums = (columns: string) =>
  columns
    .split(', ')
    .map((column) => `sum(${column})::int AS ${column}`)
    .join(', ')
const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()

async function assertEqual(): Promise<void> {
  const ledger = async (name: string, keys: string, counts: string) => {
    const { rows } = await sql(`SELECT ${keys}, ${sums(counts)} FROM ${name} GROUP BY ${keys}`)
    return sorted(rows.filter((row) => counts.split(', ').some((each) => row[each])))
  }
  const recount = async (text: string) => sorted((await sql(text)).rows)
  const marked = `visits v JOIN photos p ON p.visit_id = v.id
    JOIN (SELECT photo_id, brand_id, sum(floor(area_percentage * 10000 + 0.5)) AS share
      FROM shelf_quadrants GROUP BY 1, 2) q ON q.photo_id = p.id`
  expect(
    await ledger(
      'visit_days',
      'day::text, agent_id, site_id, brand_id',
      'started, completed, cancelled, far, surveys, photos, share',
    ),
  ).toEqual(
    await recount(
      `SELECT day::text, agent_id, site_id, brand_id,
         ${sums('started, completed, cancelled, far, surveys, photos, share')} FROM (
         SELECT v.day, v.agent_id, v.site_id, '${zero}'::uuid AS brand_id, 1 AS started,
           (status = 'completed')::int AS completed, (status = 'cancelled')::int AS cancelled,
           (status = 'completed' AND is_far)::int AS far,
           (status = 'completed' AND v.survey_id IS NOT NULL)::int AS surveys, 0 AS photos, 0 AS share FROM visits v
         UNION ALL
         SELECT v.day, v.agent_id, v.site_id, '${zero}', 0, 0, 0, 0, 0, count(DISTINCT p.id), 0 FROM ${marked}
         WHERE v.status = 'completed' GROUP BY 1, 2, 3
         UNION ALL
         SELECT v.day, v.agent_id, v.site_id, q.brand_id, 0, 0, 0, 0, 0, 0, sum(q.share) FROM ${marked}
         WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4
       ) counted GROUP BY 1, 2, 3, 4 HAVING sum(started) + sum(photos) + sum(share) > 0`,
    ),
  )
  const counts = 'started, completed, cancelled, far, surveys, photos, share'
  const byMonth = 'agent_id, site_id, brand_id'
  expect(await ledger('visit_months', `month::text, ${byMonth}`, counts)).toEqual(
    await ledger(
      `(SELECT date_trunc('month', day)::date AS month, * FROM visit_days) days`,
      `month::text, ${byMonth}`,
      counts,
    ),
  )
  expect(
    await ledger('shop_months', 'month::text, shop_id, agent_id, brand_id', 'completed, photos, share'),
  ).toEqual(
    await recount(
      `SELECT date_trunc('month', day)::date::text AS month, shop_id, agent_id, brand_id,
         ${sums('completed, photos, share')} FROM (
         SELECT v.day, v.shop_id, v.agent_id, '${zero}'::uuid AS brand_id, 1 AS completed, 0 AS photos, 0 AS share
         FROM visits v WHERE status = 'completed'
         UNION ALL
         SELECT v.day, v.shop_id, v.agent_id, '${zero}', 0, count(DISTINCT p.id), 0 FROM ${marked}
         WHERE v.status = 'completed' GROUP BY 1, 2, 3
         UNION ALL
         SELECT v.day, v.shop_id, v.agent_id, q.brand_id, 0, 0, sum(q.share) FROM ${marked}
         WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4
       ) counted WHERE shop_id IS NOT NULL
       GROUP BY 1, 2, 3, 4 HAVING sum(completed) + sum(photos) + sum(share) > 0`,
    ),
  )
  expect(
    await ledger('shelf_days', 'day::text, shop_id, agent_id, site_id, brand_id', 'photos, share'),
  ).toEqual(
    await recount(
      `SELECT day::text, shop_id, agent_id, site_id, brand_id, ${sums('photos, share')} FROM (
         SELECT v.day, v.shop_id, v.agent_id, v.site_id, '${zero}'::uuid AS brand_id, count(DISTINCT p.id) AS photos,
           0 AS share FROM ${marked} WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4
         UNION ALL
         SELECT v.day, v.shop_id, v.agent_id, v.site_id, q.brand_id, 0, sum(q.share) FROM ${marked}
         WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4, 5
       ) counted WHERE shop_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 HAVING sum(photos) + sum(share) > 0`,
    ),
  )
  expect(await ledger('interaction_days', 'site_id, day::text, type, lead', 'interactions')).toEqual(
    await recount(
      `SELECT site_id, day_in(start_at, timezone)::text AS day, coalesce(type, '') AS type, coalesce(lead, '') AS lead,
         count(*)::int AS interactions
       FROM interactions WHERE deleted_at IS NULL AND start_at IS NOT NULL GROUP BY 1, 2, 3, 4`,
    ),
  )
}

test('what is there when the ledgers are made is in them', assertEqual)

test('one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const [visits, photos]: [string[], string[]] = [[], []]
      for (const each of steps) await each(visits, photos)
      await assertEqual()
    }),
    { numRuns: 12 },
  )
})

test('and many at once, whenever they are added up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 80 }), async (steps) => {
      const [visits, photos]: [string[], string[]] = [[], []]
      for (let at = 0; at < steps.length; at += 8)
        await Promise.all(steps.slice(at, at + 8).map((each) => each(visits, photos)))
      await assertEqual()
    }),
    { numRuns: 8 },
  )
  // All of it added up, and nothing left to do.
  const rest = async () => Number((await sql('SELECT compact_tallies(1000) AS count')).rows[0]!.count)
  while ((await rest()) > 0);
  await assertEqual()
  const { rows } = await sql(
    `SELECT count(*)::int AS rows, count(DISTINCT (day, agent_id, site_id, brand_id))::int AS keys FROM visit_days`,
  )
  expect(rows[0]!.rows).toBe(rows[0]!.keys)
})

test('the application reads what it may see of them, and writes nothing', async () => {
  const client = await database.owner.connect()
  try {
    const asApp = async (userId: string, grants: string[]) => {
      await client.query('BEGIN')
      await client.query('SET LOCAL ROLE fieldbook_app')
      await setScope(client, { tenantId: tenant, siteId: null, userId })
      await client.query(`SELECT set_config('fieldbook.may', $1, true)`, [grants.join(' ')])
    }
    await asApp(ids.agents[0]!, ['visit.read:own'])
    const own = await client.query('SELECT DISTINCT agent_id FROM visit_days')
    expect(own.rows.every(({ agent_id }: { agent_id: string }) => agent_id === ids.agents[0])).toBe(true)
    await client.query('ROLLBACK')
    await asApp(randomUUID(), ['visit.read'])
    expect((await client.query('SELECT DISTINCT agent_id FROM visit_days')).rowCount).toBeGreaterThan(0)
    await expect(client.query('DELETE FROM visit_days')).rejects.toThrow('permission denied')
    await client.query('ROLLBACK')
  } finally {
    client.release()
  }
})
