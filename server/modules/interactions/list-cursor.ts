import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '#common/contract/errors'
import type { InteractionFilter } from '#common/contract/interactions'
import { Closed, Instant, Nullable, Text, Uuid } from '#common/contract/primitives'
import type { SortKey } from '#common/rules/finder-query'
import { canonicalJson, sha256 } from '../../shared/canonical-json.ts'

const moments = ['startDateTime', 'endDateTime', 'createdAt', 'updatedAt']

/**
 * Where a list goes on: after the row with these sort keys and this id. A cursor belongs to one query; page length and
 * fields may differ from page to page. To whoever holds it, it is opaque.
 */
export function createListCursor(
  siteId: string,
  { filter, sort }: { filter: InteractionFilter; sort: readonly SortKey[] },
) {
  const query = sha256(canonicalJson({ siteId, filter, sort })).toString('base64url', 0, 12)
  const keys = sort.map(({ field }) => Nullable(moments.includes(field) ? Instant : Text(10_000)))
  const Cursor = Closed({
    query: Type.Literal(query),
    page: Type.Integer({ minimum: 1 }),
    after: Closed({ keys: Type.Tuple(keys), id: Uuid }),
  })
  type Place = Pick<Static<typeof Cursor>, 'page'> & {
    after: { keys: readonly (string | null)[]; id: string }
  }

  return {
    write: (place: Place) => Buffer.from(JSON.stringify({ query, ...place })).toString('base64url'),

    /** One of another query, or none of this server, is a VALIDATION_ERROR on `cursor`. */
    read(text: string): Place {
      try {
        const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
        if (Value.Check(Cursor, value)) return value
      } catch {
        // Said below, as for any other cursor that cannot be read.
      }
      const message = 'Belongs to another query; leave it out to start again'
      throw new AppError('VALIDATION_ERROR', 'The query is not valid', {
        details: [{ field: 'cursor', message }],
      })
    },
  }
}
