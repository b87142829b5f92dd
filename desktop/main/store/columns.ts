import { parse, stringify } from 'uuid'
import type { Interaction, InteractionField, SortField } from '#common/contract/interactions'
import { fieldSeparator, searchedFields, searchText, sortKey } from '#common/rules/folding'

/**
 * The columns a record is found and ordered by, the same for the server's copies and for what lies on top of them.
 * They are few and short, so that reading all of them costs milliseconds; the record itself is kept apart, as JSON.
 */
export const sortColumns: Record<SortField, string> = {
  title: 'title_key',
  type: 'type_key',
  lead: 'lead_key',
  location: 'location_key',
  startDateTime: 'start_at',
  endDateTime: 'end_at',
  timezone: 'timezone',
  status: 'status',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}

export const findColumns = [
  ...new Set([...Object.values(sortColumns), 'type', 'lead', 'created_by', 'updated_by']),
]

/**
 * Their declarations. Moments are milliseconds since 1970, people 16 bytes; `type` and `lead` are as written, the keys
 * folded.
 */
export const findColumnTypes = `
  title_key TEXT NOT NULL, type_key TEXT NOT NULL, lead_key TEXT NOT NULL, location_key TEXT NOT NULL,
  start_at INTEGER, end_at INTEGER, timezone TEXT, status TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, type TEXT, lead TEXT,
  created_by BLOB, updated_by BLOB`

/** The folded text of each searched field. */
export const textColumns = searchedFields

type Found = Pick<Interaction, InteractionField | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy'>

type FoundValue = string | number | Uint8Array | null

const moment = (instant: string | null) => (instant === null ? null : Date.parse(instant))

/** The values of `findColumns`, in their order. */
export function findValues(record: Found): FoundValue[] {
  const values: Record<string, FoundValue> = {
    title_key: sortKey(record.title),
    type_key: sortKey(record.type),
    lead_key: sortKey(record.lead),
    location_key: sortKey(record.location),
    start_at: moment(record.startDateTime),
    end_at: moment(record.endDateTime),
    timezone: record.timezone,
    status: record.status,
    created_at: moment(record.createdAt),
    updated_at: moment(record.updatedAt),
    type: record.type,
    lead: record.lead,
    created_by: idBytes(record.createdBy),
    updated_by: idBytes(record.updatedBy),
  }
  return findColumns.map((column) => values[column]!)
}

/** Every text ends in these, so that its last letters begin a trigram too. */
export const textEnd = fieldSeparator.repeat(2)

/** The values of `textColumns`, in their order. */
export const textValues = (record: Found): string[] =>
  searchText(record)
    .split(fieldSeparator)
    .map((text) => (text === '' ? '' : text + textEnd))

/** Ids are kept as 16 bytes, which sort like their text. */
export const idBytes = (id: string): Uint8Array => parse(id)
export const idText = (bytes: Uint8Array): string => stringify(bytes)
