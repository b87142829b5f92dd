import { generateInteractions } from '#db/seeds/generated'
import { meetingTypes, readMeetings } from '#db/seeds/meetings'
import { fold, fieldSeparator, sortKey } from '#common/rules/folding'
import { readConfig } from '#server/config'
import type { World } from '../../reliability/real/world.ts'

/** What the records are recombined from: generated ones, and real meetings where they are on this machine. */
async function pieces() {
  const countries = ['Germany', 'Belgium', 'Ireland', 'France', 'Sweden', 'Netherlands']
  const meetings = await readMeetings(readConfig({}).demoMeetings, countries)
  return [...generateInteractions(5000, 1), ...[...(meetings?.values() ?? [])].flat()]
}

/**
 * Fills Harbour & Vale with `count` interactions: a fifth at Marketing, the rest over 49 sites of about the same size.
 * Each takes its title from one record, its texts from others; the few with a zeppelin are told by it. Searched and
 * sorted texts are folded here as the service does, and recombined in the database.
 */
export async function fill(world: World, count: number): Promise<void> {
  const { owner } = world
  const [home] = await world.rows<{ tenant: string; admin: string }>(
    `SELECT t.id AS tenant, u.id AS admin FROM tenants t JOIN users u ON u.tenant_id = t.id
     WHERE t.slug = 'harbour-vale' AND u.username = 'admin'`,
  )
  const { tenant, admin } = home!
  await owner.query(
    `INSERT INTO sites (tenant_id, id, name)
     SELECT $1, gen_random_uuid(), 'Territory ' || n FROM generate_series(1, 47) n`,
    [tenant],
  )
  await owner.query(
    `INSERT INTO interaction_types (tenant_id, id, name, position)
     SELECT $1, gen_random_uuid(), name, 100 FROM unnest($2::text[]) name ON CONFLICT DO NOTHING`,
    [tenant, meetingTypes],
  )
  const base = (await pieces()).map((record, n) => ({
    ...record,
    n,
    folded: Object.fromEntries(
      (['title', 'type', 'lead', 'location', 'description', 'notes'] as const).map((field) => [
        field,
        { search: fold(record[field] ?? ''), key: sortKey(record[field]) },
      ]),
    ),
  }))
  await owner.query('CREATE TABLE pieces (n integer PRIMARY KEY, record jsonb NOT NULL)')
  for (let from = 0; from < base.length; from += 1000) {
    await owner.query(
      "INSERT INTO pieces SELECT (each->>'n')::integer, each FROM jsonb_array_elements($1) each",
      [JSON.stringify(base.slice(from, from + 1000))],
    )
  }

  // Built once at the end, an index takes a fraction of the time.
  const indexes = await world.rows<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'interactions'::regclass AND NOT i.indisprimary`,
  )
  for (const { name } of indexes) await owner.query(`DROP INDEX ${name}`)
  const texts = ['title', 'type', 'lead', 'location', 'description', 'notes']
  // Which piece each text is taken from.
  const from: Record<string, string> = {
    title: 'a',
    type: 'a',
    lead: 'a',
    location: 'b',
    description: 'b',
    notes: 'c',
  }
  const folded = (text: string, what: string) => `${from[text]}.record->'folded'->'${text}'->>'${what}'`
  await owner.query(
    `INSERT INTO interactions (tenant_id, site_id, id, title, type, lead, start_at, end_at, timezone, location,
       description, notes, status, created_by, created_at, updated_by, updated_at, search_text, title_key, type_key,
       lead_key, location_key)
     SELECT $1, site.id, gen_random_uuid(), a.record->>'title', a.record->>'type', a.record->>'lead',
       (a.record->>'startDateTime')::timestamptz - moved, (a.record->>'endDateTime')::timestamptz - moved,
       a.record->>'timezone', b.record->>'location', b.record->>'description', c.record->>'notes', 'complete',
       $2, now() - moved, $2, now() - moved,
       concat_ws('${fieldSeparator}', ${texts.map((text) => folded(text, 'search')).join(', ')}),
       ${['title', 'type', 'lead', 'location'].map((text) => folded(text, 'key')).join(', ')}
     FROM generate_series(1, $3::integer) g
     JOIN (SELECT id, row_number() OVER (ORDER BY name <> 'Marketing', name) - 1 AS place FROM sites WHERE tenant_id = $1)
       site ON site.place = CASE WHEN g % 5 = 0 THEN 0 ELSE 1 + (g / 5 * 4 + g % 5) % 49 END
     JOIN pieces a ON a.n = (g * 7919::bigint) % $4
     JOIN pieces b ON b.n = (g * 104729::bigint) % $4
     JOIN pieces c ON c.n = (g * 1299709::bigint) % $4,
     LATERAL (SELECT (g % 40000) * interval '37 minutes' AS moved) shift`,
    [tenant, admin, count, base.length],
  )
  await owner.query(
    `UPDATE interactions SET title = title || ' zeppelin', title_key = title_key || ' zeppelin',
       search_text = replace(search_text, title_key || '${fieldSeparator}', title_key || ' zeppelin${fieldSeparator}')
     WHERE (site_id, id) IN (
       SELECT site_id, id FROM (
         SELECT site_id, id, row_number() OVER (PARTITION BY site_id ORDER BY id) AS place FROM interactions
         WHERE length(title) < 200
       ) numbered WHERE place <= 3)`,
  )
  for (const { definition } of indexes) await owner.query(definition.replace(' ON ONLY ', ' ON '))
  await owner.query('DROP TABLE pieces')
  await owner.query('VACUUM ANALYZE')
}

/** Ids by name, of what `fill` made. */
export async function sitesOf(world: World): Promise<{ large: string; small: string }> {
  const ids = await world.rows<{ name: string; id: string }>(
    `SELECT name, id FROM sites WHERE name IN ('Marketing', 'Territory 1')`,
  )
  const idOf = (name: string) => ids.find((site) => site.name === name)!.id
  return { large: idOf('Marketing'), small: idOf('Territory 1') }
}
