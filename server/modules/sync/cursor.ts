import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '#common/contract/errors'
import { Closed, Instant, Nullable, Uuid } from '#common/contract/primitives'

/**
 * Where a device stands, feed by feed. `first` is there while the first sync of a feed goes on: the head it began
 * under, what is being sent (interactions, where nothing is said), the last record sent and how many are left. To the
 * device a cursor is opaque.
 */
const Position = Closed({
  seq: Type.Integer({ minimum: 0 }),
  first: Type.Optional(
    Closed({
      of: Type.Optional(Type.Enum(['surveyVersion', 'shop', 'visit', 'interaction'])),
      after: Nullable(Closed({ start: Nullable(Instant), id: Uuid })),
      left: Type.Integer({ minimum: 0, maximum: 1e9 }),
    }),
  ),
})
export type Position = Static<typeof Position>

const Cursor = Closed({ epoch: Uuid, feeds: Type.Record(Type.String(), Position) })
export type Cursor = Static<typeof Cursor>

export const writeCursor = (cursor: Cursor) => Buffer.from(JSON.stringify(cursor)).toString('base64url')

/** A cursor this server never gave is a VALIDATION_ERROR on `cursor`. */
export function readCursor(text: string): Cursor {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Value.Check(Cursor, value)) return value
  } catch {
    // Said below, as for any other cursor that cannot be read.
  }
  const message = 'Is not a cursor of this server; leave it out to start again'
  throw new AppError('VALIDATION_ERROR', 'The query is not valid', {
    details: [{ field: 'cursor', message }],
  })
}
