import type { FieldProblem } from '../contract/errors.ts'
import { type ImportOptions, importTargets, type ImportTarget } from '../contract/imports.ts'
import { type InteractionFields, type Status, statuses } from '../contract/interactions.ts'
import { fieldLabel } from './field-labels.ts'
import { fold } from './folding.ts'
import { unguard } from './formula-guard.ts'
import { emptyFields, fieldsOf, interactionProblems } from './interaction-rules.ts'
import { clockChange, instantsOf, isTimeZone, toWallTime } from './time-zone.ts'

/** What a row of somebody's table means as an interaction, said once for the app's preview and for the server. */

/** What all rows of a table are read by. */
export interface ImportContext {
  headers: readonly string[]
  options: ImportOptions
  /** Those the organisation offers. */
  types: readonly string[]
}

/** Longest reference, in characters. */
export const maxReference = 200

const longTexts = ['description', 'notes'] as const satisfies ImportTarget[]
const isLongText = (target: ImportTarget) => (longTexts as readonly ImportTarget[]).includes(target)

/** What is wrong with the options themselves, before any row is looked at. */
export function importOptionProblems(
  headers: readonly string[],
  { columns, defaults, startTime, endTime }: ImportOptions,
): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (columns.length !== headers.length) {
    problems.push({
      field: 'columns',
      message: `Must have one entry for each of the ${headers.length} columns`,
    })
  }
  const named = columns.filter((target) => target !== null)
  if (named.length === 0)
    problems.push({ field: 'columns', message: 'Choose what at least one column holds' })
  for (const target of importTargets) {
    if (!isLongText(target) && named.filter((other) => other === target).length > 1) {
      problems.push({ field: 'columns', message: `Only one column can be the ${targetLabel(target)}` })
    }
  }
  for (const [column, field] of [
    ['startTime', 'startDateTime'],
    ['endTime', 'startDateTime'],
  ] as const) {
    if (named.includes(column) && !named.includes(field) && !named.includes('endDateTime')) {
      const message = `A column with the ${targetLabel(column)} needs one with the date, as ${fieldLabel(field)}`
      problems.push({ field: 'columns', message })
    }
  }
  if (defaults.lead?.trim() === '') problems.push({ field: 'defaults.lead', message: 'Must not be empty' })
  if (!named.includes('endDateTime') && !named.includes('endTime') && endTime <= startTime) {
    problems.push({ field: 'endTime', message: 'Must be after the start time, or no day would have an end' })
  }
  return problems
}

/** What a target is called where people choose one. */
export function targetLabel(target: ImportTarget): string {
  if (target === 'startTime') return 'Start time'
  if (target === 'endTime') return 'End time'
  if (target === 'reference') return 'Reference'
  return fieldLabel(target)
}

/** The name a row's record has where the table comes from; null when it has none. */
export const referenceOf = (cells: readonly string[], { options }: Pick<ImportContext, 'options'>) =>
  cellOf(cells, options, 'reference') || null

/**
 * The record a row makes: a new one, or `current` with what the row says over it. An empty cell says nothing: a new
 * record takes the default, one that is there keeps what it has. With problems the fields are as far as they could be
 * read.
 */
export function readRow(
  cells: readonly string[],
  context: ImportContext,
  current: InteractionFields | null,
): { fields: InteractionFields; problems: FieldProblem[] } {
  const { headers, options, types } = context
  const { defaults } = options
  const problems: FieldProblem[] = []
  const refuse = (field: string, message: string) => void problems.push({ field, message })
  const cell = (target: ImportTarget) => cellOf(cells, options, target)
  const fields: InteractionFields = current
    ? fieldsOf(current)
    : {
        ...emptyFields,
        type: defaults.type || null,
        lead: defaults.lead || null,
        timezone: defaults.timezone ?? null,
        location: defaults.location ?? '',
        status: defaults.status ?? emptyFields.status,
      }

  if (cells.length > headers.length && cells.slice(headers.length).some((text) => clean(text))) {
    refuse('row', `Has ${cells.length} cells, and there are ${headers.length} columns`)
  }
  const reference = cell('reference')
  if ([...reference].length > maxReference) refuse('reference', `Has more than ${maxReference} characters`)

  for (const field of ['title', 'lead', 'location'] as const) {
    const text = oneLine(cell(field))
    if (text) fields[field] = text
  }
  for (const field of longTexts) {
    const text = longTextOf(field, cells, context)
    if (text) fields[field] = text
  }
  const type = oneLine(cell('type')) || (current ? '' : fields.type)
  if (type && type !== current?.type) {
    const known = types.find((name) => name === type) ?? types.find((name) => fold(name) === fold(type))
    if (known === undefined) refuse('type', `“${type}” is not one of the types of your organisation`)
    fields.type = known ?? fields.type
  }
  const status = fold(cell('status'))
  if (status) {
    const known = statuses.find((name) => name === status)
    if (!known) refuse('status', `“${cell('status')}” is none of ${statuses.join(', ')}`)
    fields.status = known ?? fields.status
  }
  const zone = cell('timezone')
  if (zone) {
    if (isTimeZone(zone)) fields.timezone = zone
    else refuse('timezone', `“${zone}” is not a time zone, such as Europe/Brussels`)
  }
  if (!problems.some(({ field }) => field === 'timezone')) {
    readTimes(cell, fields, current, options, refuse)
  }

  const said = new Set(problems.map(({ field }) => field))
  // Whoever brings old records along may bring archived ones.
  const from: Status | null = current?.status ?? (fields.status === 'archived' ? 'archived' : null)
  // Without its zone no moment can be known, without the start often not the end.
  if (said.has('timezone')) said.add('startDateTime')
  if (said.has('startDateTime')) said.add('endDateTime')
  const others = interactionProblems(fields, from).filter(({ field }) => !said.has(field))
  return { fields, problems: [...problems, ...others] }
}

function readTimes(
  cell: (target: ImportTarget) => string,
  fields: InteractionFields,
  current: InteractionFields | null,
  { dateOrder, startTime, endTime }: ImportOptions,
  refuse: (field: string, message: string) => void,
) {
  const zone = fields.timezone
  const clock = (target: 'startTime' | 'endTime', field: string): Clock | null => {
    const text = cell(target)
    if (!text) return null
    const read = readClock(text)
    if (!read) refuse(field, `“${text}” is not a time, such as 14:30`)
    return read
  }
  const day = (field: 'startDateTime' | 'endDateTime'): Written | null => {
    const text = cell(field)
    if (!text) return null
    const read = readWritten(text, dateOrder)
    if (typeof read !== 'string') return read
    refuse(field, read)
    return null
  }
  const put = (field: 'startDateTime' | 'endDateTime', date: string, time: Clock, offset: string | null) => {
    if (offset === null && zone === null) return refuse('timezone', 'Is required to know when this is')
    const found = offset === null ? momentIn(date, time, zone!) : momentAt(date, time, offset)
    if (found.instant !== null && (found.instant < '1900' || found.instant >= '3000'))
      refuse(field, outOfReach)
    else if (found.instant !== null) fields[field] = found.instant
    else refuse(field, found.reason)
  }

  const start = day('startDateTime')
  const startClock = clock('startTime', 'startDateTime')
  const end = day('endDateTime')
  const endClock = clock('endTime', 'endDateTime')
  const startDay =
    start?.date ??
    (current?.startDateTime && zone ? toWallTime(current.startDateTime, zone).slice(0, 10) : undefined)
  if (start) {
    put('startDateTime', start.date, startClock ?? start.time ?? readClock(startTime)!, start.offset)
  } else if (startClock && startDay) put('startDateTime', startDay, startClock, null)
  if (end) put('endDateTime', end.date, endClock ?? end.time ?? readClock(endTime)!, end.offset)
  else if (endClock && startDay) put('endDateTime', startDay, endClock, start?.offset ?? null)
  else if (start && fields.startDateTime && !current)
    put('endDateTime', start.date, readClock(endTime)!, start.offset)
}

/** `HH:mm`, and the milliseconds after it. */
interface Clock {
  minutes: string
  milliseconds: number
}

interface Written {
  date: string
  time: Clock | null
  offset: string | null
}

function readClock(text: string): Clock | null {
  const pattern = /^(\d{1,2})(?:[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,3}))?)?)?\s*(?:([ap])\.?m\.?)?$/i
  const found = pattern.exec(text.trim())
  if (!found) return null
  const [, hours, minutes, seconds = '0', fraction = '', half] = found
  if (minutes === undefined && !half) return null
  let hour = Number(hours)
  if (half && (hour < 1 || hour > 12)) return null
  if (half) hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  if (hour > 23 || Number(minutes ?? 0) > 59 || Number(seconds) > 59) return null
  return {
    minutes: `${String(hour).padStart(2, '0')}:${minutes ?? '00'}`,
    milliseconds: Number(seconds) * 1000 + Number(fraction.padEnd(3, '0')),
  }
}

const orderWords = { dmy: 'day, month, year', mdy: 'month, day, year', ymd: 'year, month, day' }

/** A date as it is written, with its time and offset if it has them; a sentence when it is none. */
function readWritten(text: string, order: ImportOptions['dateOrder']): Written | string {
  const found = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:(?:T|\s*,?\s+)(.*))?$/i.exec(text)
  const unread = `“${text}” is not a date that can be read, such as 2026-03-25 or 2026-03-25 14:30`
  if (!found) return unread
  const [, first, , second, third, rest = ''] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ]
  const yearFirst = first.length === 4
  if (yearFirst ? third.length > 2 : first.length > 2) return unread
  if (!yearFirst && third.length !== 4) return `“${text}”: write the year with four digits`
  if (!yearFirst && order === 'ymd') {
    return `“${text}” does not begin with the year; choose the order in which your dates are written`
  }
  const [year, month, date] = yearFirst
    ? [first, second, third]
    : order === 'dmy'
      ? [third, second, first]
      : [third, first, second]
  const iso = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  const time = Date.parse(iso)
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso)) {
    const asked = yearFirst ? orderWords.ymd : orderWords[order]
    return `“${text}” is not a date, read as ${asked}`
  }
  const [, clock = '', offset] = /^(.*?)\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(rest)!
  if (clock === '') return offset ? unread : { date: iso, time: null, offset: null }
  const read = readClock(clock)
  if (!read) return unread
  return { date: iso, time: read, offset: offset?.toUpperCase().replace(/^(...)(\d\d)$/, '$1:$2') ?? null }
}

type Moment = { instant: string } | { instant: null; reason: string }

const outOfReach = 'Must be from 1900 to 2999'
const later = (instant: string, milliseconds: number) =>
  new Date(Date.parse(instant) + milliseconds).toISOString()

function momentAt(date: string, { minutes, milliseconds }: Clock, offset: string): Moment {
  const time = Date.parse(`${date}T${minutes}:00${offset}`)
  return Number.isNaN(time)
    ? { instant: null, reason: outOfReach }
    : { instant: later(new Date(time).toISOString(), milliseconds) }
}

function momentIn(date: string, { minutes, milliseconds }: Clock, zone: string): Moment {
  const wall = `${date}T${minutes}`
  const instants = instantsOf(wall, zone)
  if (instants.length === 1) return { instant: later(instants[0]!, milliseconds) }
  const change = clockChange(wall, zone)
  if (!change) return { instant: null, reason: outOfReach }
  const which = `${minutes} on ${date} in ${zone}`
  if (instants.length === 0) {
    const [from, to] = [change.from.slice(11), change.to.slice(11)]
    return {
      instant: null,
      reason: `There is no ${which}, as the clock is put forward from ${from} to ${to}`,
    }
  }
  const both = instants.map((instant) => `${wall}${offsetOf(wall, instant)}`).join(' or ')
  return { instant: null, reason: `${which} comes twice, as the clock is put back; write which one: ${both}` }
}

/** `+02:00`: by how much a wall time is ahead of the moment it stands for. */
function offsetOf(wall: string, instant: string): string {
  const minutes = Math.round((Date.parse(`${wall}Z`) - Date.parse(instant)) / 60_000)
  const sign = minutes < 0 ? '-' : '+'
  const digits = (part: number) => String(Math.floor(part)).padStart(2, '0')
  return `${sign}${digits(Math.abs(minutes) / 60)}:${digits(Math.abs(minutes) % 60)}`
}

function longTextOf(
  field: ImportTarget,
  cells: readonly string[],
  { headers, options }: ImportContext,
): string {
  const columns = options.columns.flatMap((target, index) => (target === field ? [index] : []))
  const parts = columns.flatMap((index) => {
    const text = clean(cells[index] ?? '')
    if (!text) return []
    return columns.length > 1 && headers[index] ? [`${headers[index]}: ${text}`] : [text]
  })
  return parts.join('\n')
}

function cellOf(cells: readonly string[], { columns }: ImportOptions, target: ImportTarget): string {
  const index = columns.indexOf(target)
  return index < 0 ? '' : clean(cells[index] ?? '')
}

/** Without what a spreadsheet export put before it, and without spaces around it, also those nobody sees. */
const clean = (text: string) =>
  unguard(text)
    .replace(/\r\n?/g, '\n')
    .replace(/^[\s\u200b\u2060\ufeff]+|[\s\u200b\u2060\ufeff]+$/g, '')

const oneLine = (text: string) => text.replace(/\s+/g, ' ')

/** What columns are usually called; the first that is free takes it. */
const usualNames: Record<ImportTarget, readonly string[]> = {
  title: ['title', 'subject', 'topic'],
  type: ['type', 'kind', 'category'],
  lead: ['lead', 'led by', 'owner', 'organiser', 'organizer', 'person', 'contact', 'responsible'],
  startDateTime: [
    'start',
    'start date',
    'start date and time',
    'startdatetime',
    'date',
    'begin',
    'from',
    'when',
  ],
  endDateTime: ['end', 'end date', 'end date and time', 'enddatetime', 'finish', 'until', 'to'],
  startTime: ['start time', 'time'],
  endTime: ['end time'],
  timezone: ['time zone', 'timezone', 'zone', 'tz'],
  location: ['location', 'place', 'venue', 'where', 'address'],
  description: ['description', 'details', 'summary', 'text'],
  notes: ['notes', 'note', 'comments', 'comment', 'remarks'],
  status: ['status', 'state'],
  reference: ['reference', 'external reference', 'ref', 'external id', 'id', 'key', 'number'],
}

/** How a table is probably meant, for people to look over. */
export function guessOptions(
  headers: readonly string[],
  sample: readonly (readonly string[])[],
  { timezone, types }: { timezone: string; types: readonly string[] },
): ImportOptions {
  const names = headers.map((header) =>
    fold(header)
      .replace(/[\s_-]+/g, ' ')
      .trim(),
  )
  const columns = headers.map((): ImportTarget | null => null)
  for (const target of importTargets) {
    for (const usual of usualNames[target]) {
      const index = names.findIndex((name, column) => name === usual && columns[column] === null)
      if (index < 0) continue
      columns[index] = target
      break
    }
  }
  const dates = columns.flatMap((target, index) =>
    target === 'startDateTime' || target === 'endDateTime' ? sample.map((row) => row[index] ?? '') : [],
  )
  return {
    columns,
    defaults: { timezone, ...(!columns.includes('type') && types[0] && { type: types[0] }) },
    dateOrder: guessOrder(dates),
    startTime: '00:00',
    endTime: '23:59',
    existing: 'update',
  }
}

function guessOrder(dates: readonly string[]): ImportOptions['dateOrder'] {
  const open = dates.flatMap((text) => {
    const found = /^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}/.exec(text)
    return found ? [[Number(found[1]), Number(found[2])] as const] : []
  })
  if (open.length === 0) return dates.some((text) => /^\s*\d{4}/.test(text)) ? 'ymd' : 'dmy'
  return open.some(([, second]) => second > 12) && !open.some(([first]) => first > 12) ? 'mdy' : 'dmy'
}
