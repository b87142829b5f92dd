import { parse } from 'csv-parse/sync'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ImportOptions, ImportTarget } from '#common/contract/imports'
import { readConfig } from '../../config.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createImporter } from '../../test/importing.ts'
import { createPushing } from '../../test/pushing.ts'

/** Somebody's table, as it was published: 24 languages, odd spaces, too long titles, texts that look like formulas. */

const { server, site, sql } = await createPushing({ jobs: {} })
const importer = createImporter(server.as('manager', site))

const targets: Record<string, ImportTarget> = {
  '': 'reference',
  title: 'title',
  date: 'startDateTime',
  mep: 'lead',
  location: 'location',
  committees: 'notes',
  dossier: 'notes',
  group: 'notes',
  lobbyists: 'notes',
  role: 'notes',
}

const path = join(readConfig({}).demoMeetings, 'raw.csv.gz')
const isThere = existsSync(path)

test(`the real meetings ${isThere ? 'come in, go out and come in again as they were' : 'are not on this machine'}`, async () => {
  if (!isThere) return expect(isThere).toBe(false)
  const [headers, ...rows] = parse(gunzipSync(await readFile(path))) as [string[], ...string[][]]
  expect(rows).toHaveLength(23_050)
  const options: ImportOptions = {
    columns: headers.map((name) => targets[name] ?? null),
    defaults: { type: 'Meeting', timezone: 'Europe/Brussels' },
    dateOrder: 'dmy',
    startTime: '00:00',
    endTime: '23:59',
    existing: 'update',
  }
  /** The table as the site holds it: each record’s fields, by the name it came with. */
  async function state() {
    const references = await sql<{ id: string; reference: string }>(
      'SELECT interaction_id AS id, reference FROM import_references',
    )
    const records = await sql<{ id: string }>(
      `SELECT id, title, type, lead, start_at, end_at, timezone, location, description, notes, status, search_text
       FROM interactions WHERE site_id = $1 AND deleted_at IS NULL`,
      [site],
    )
    const byId = new Map(records.map(({ id, ...fields }) => [id, fields]))
    return new Map(references.map(({ id, reference }) => [reference, byId.get(id)]))
  }
  const tooLong = rows.flatMap(([, , , , , , , , , , , title], index) =>
    [...title!.trim().replace(/\s+/g, ' ')].length > 255 ? index + 2 : [],
  )
  const all = await importer.checked(rows, options, headers)
  expect(all).toMatchObject({ checked: { created: 23_030, updated: 0, same: 0, bad: 20 } })
  const { problems } = await importer.problems(all.id)
  expect(problems.map(({ row }) => row)).toEqual(tooLong)
  for (const { reason } of problems) expect(reason).toBe('Title: Must have at most 255 characters.')

  // Those with most of the problems; all of them take four times as long.
  const some = rows.slice(0, 6000)
  const expected = { created: 5983, updated: 0, same: 0, bad: 17 }
  const first = await importer.ran(some, options, headers)
  expect(first).toMatchObject({ state: 'done', checked: expected, result: expected })
  const imported = await state()
  expect(imported.size).toBe(5983)
  expect(imported.get('1')).toMatchObject({
    title: 'Medicinal Cannabis',
    type: 'Meeting',
    lead: 'Alex AGIUS SALIBA',
    start_at: new Date('2021-10-05T22:00:00Z'),
    end_at: new Date('2021-10-06T21:59:00Z'),
    timezone: 'Europe/Brussels',
    location: 'remote',
    notes: 'committees: []\ngroup: S&D\nlobbyists: Tilray, Frank Farnel\nrole: Member',
  })

  expect(await importer.undone(first.id)).toMatchObject({ undone: { done: 5983, spared: 0 } })
  expect(await state()).toEqual(new Map())
  const second = await importer.ran(some, options, headers)
  expect(second.result).toEqual(expected)
  expect(await state()).toEqual(imported)
  expect(await brokenChains(sql)).toEqual([])
}, 300_000)
