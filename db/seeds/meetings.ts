import { parse } from 'csv-parse/sync'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { InteractionFields } from '#common/contract/interactions'

/**
 * Meetings of Members of the European Parliament, as they published them (Integrity Watch EU, ODbL 1.0), as
 * interactions. The source gives the day only, so a record runs from 00:00 to 23:59 in Brussels, and it calls by type
 * the office in which the member met; both are kept as they are.
 */

export const meetingTypes = ['Member', 'Rapporteur', 'Shadow rapporteur', 'Committee chair']

interface Row {
  site: string
  title: string
  type: string
  lead: string
  start: string
  end: string
  timezone: string
  location: string
  description: string
  notes: string
}

const longestTitle = 255

/** The meetings of some countries; null where the folder is not there. */
export async function readMeetings(
  folder: string,
  countries: readonly string[],
): Promise<Map<string, InteractionFields[]> | null> {
  const path = join(folder, 'interactions.csv.gz')
  if (!existsSync(path)) return null
  const rows = parse<Row>(await promisify(gunzip)(await readFile(path)), { columns: true })
  return new Map(
    countries.map((country) => [country, rows.filter((row) => row.site === country).map(toFields)]),
  )
}

/** A title that is too long is shortened, with the whole of it kept at the head of the description. */
function toFields(row: Row): InteractionFields {
  const title = row.title.trim()
  const points = [...title]
  const tooLong = points.length > longestTitle
  const description = row.description.trim()
  return {
    title: tooLong ? `${points.slice(0, longestTitle - 1).join('')}…` : title,
    type: row.type,
    lead: row.lead.trim(),
    startDateTime: new Date(row.start).toISOString(),
    endDateTime: new Date(row.end).toISOString(),
    timezone: row.timezone,
    location: row.location.trim(),
    description: tooLong ? [title, description].filter(Boolean).join('\n\n') : description,
    notes: row.notes.trim(),
    status: 'complete',
  }
}
