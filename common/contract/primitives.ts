import Type, { type TProperties, type TSchema } from 'typebox'
import Format from 'typebox/format'
import { isTimeZone } from '../rules/time-zone.ts'

/**
 * The building blocks every schema is made of. Text that PostgreSQL cannot hold (NUL, lone surrogates) is
 * refused here, at the door, so that no layer behind it has to think of it.
 */

const storable = (text: string) => !text.includes('\0') && text.isWellFormed()

Format.Set('text', storable)
Format.Set('time-zone', isTimeZone)
const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
const isUuid = new RegExp(uuid)
Format.Set('uuid', (text) => isUuid.test(text))
/** With an offset that PostgreSQL takes; those in use are from -12:00 to +14:00. */
Format.Set('instant', (text) => {
  const day = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/.exec(text)?.[1]
  const time = day ? Date.parse(text) : NaN
  return time >= Date.UTC(1900, 0, 1) && time < Date.UTC(3000, 0, 1) && isOfCalendar(day!)
})

Format.Set(
  'day',
  (text) => /^(19|2\d)\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && isOfCalendar(text),
)

/** `Date` takes the 30th of February for the 2nd of March. */
const isOfCalendar = (day: string) => new Date(day).toISOString().startsWith(day)

/** An object that holds these properties and no others. */
export const Closed = <P extends TProperties>(properties: P, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const Uuid = Type.String({ format: 'uuid' })

/** Values by UUIDs. What `Record` makes of a key's format is no check of the keys. */
export const ByUuid = <T extends TSchema>(value: T) =>
  Type.Record(Type.String({ pattern: uuid }), value, { additionalProperties: false })

/** A moment with its offset, from 1900 to 2999; the server answers in UTC with milliseconds. */
export const Instant = Type.String({ format: 'instant', description: 'ISO 8601 with an offset' })

/** A day of the calendar, from 1900 to 2999. */
export const Day = Type.String({ format: 'day', description: 'A day, as 2026-11-30' })

export const TimeZone = Type.String({ format: 'time-zone', maxLength: 64, description: 'IANA time zone' })

export const notOnlySpaces = '\\S'

/** Text that may be empty. */
export const Text = (maxLength: number) => Type.String({ format: 'text', maxLength })

/** Text that says something: not empty, not only spaces. */
export const NamedText = (maxLength: number) =>
  Type.String({ format: 'text', pattern: notOnlySpaces, minLength: 1, maxLength })

export const Version = Type.Integer({ minimum: 1, description: 'Counts the changes of a record, from 1' })

export const Success = Closed({ success: Type.Literal(true) })
