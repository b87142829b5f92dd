import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId, Interaction, InteractionPatch, siteHeader } from './interactions.ts'
import { Closed, Instant, Nullable, Text, Uuid } from './primitives.ts'

/** What is done with interactions beyond reading and writing one: history, restoring, many at once. */

/** Days a deleted interaction can be restored; after that it is purged. */
export const restorableDays = 30

export const HistoryEntry = Closed({
  id: Uuid,
  at: Instant,
  /** `merged`: a conflict was settled; `changes` then says what was decided, `lost` what was not kept. */
  action: Type.Enum(['created', 'updated', 'deleted', 'restored', 'merged', 'imported', 'undone']),
  actor: Nullable(Closed({ id: Uuid, displayName: Type.String() })),
  device: Nullable(Type.String({ description: 'The computer or program it came from' })),
  version: Nullable(Type.Integer({ description: 'Of the record after it' })),
  /** The fields that differ, before and after; of a creation all that are not empty, of a deletion none. */
  before: InteractionPatch,
  after: InteractionPatch,
  lost: Type.Optional(Closed({ mine: InteractionPatch, theirs: InteractionPatch })),
})
export type HistoryEntry = Static<typeof HistoryEntry>

export const DeletedInteraction = Closed({
  ...Interaction.properties,
  deletedAt: Instant,
  deletedBy: Uuid,
})
export type DeletedInteraction = Static<typeof DeletedInteraction>

/** In one request. */
export const maxBulk = 1000

/** How many records a person can choose for one change in the app. */
export const maxChosen = 10_000

/** What to do with each of many interactions. */
export const BulkChange = Type.Union([
  Closed({ kind: Type.Literal('update'), patch: InteractionPatch }),
  Closed({ kind: Type.Literal('archive') }),
  Closed({ kind: Type.Literal('delete') }),
])
export type BulkChange = Static<typeof BulkChange>

/** Why one of them was left as it is. */
export const Refusal = Closed({ id: Uuid, title: Nullable(Type.String()), reason: Type.String() })
export type Refusal = Static<typeof Refusal>

const tags = ['interactions'] as const

export const readHistory = endpoint({
  method: 'GET',
  url: '/interactions/:id/history',
  config: { policy: 'interaction.read', limit: 'read' },
  schema: {
    tags,
    summary: 'Who changed what in an interaction, and when, the latest first',
    headers: siteHeader,
    params: byId,
    querystring: Closed({
      before: Type.Optional(Uuid),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200, description: '50 unless said otherwise' }),
      ),
    }),
    response: { 200: Closed({ entries: Type.Array(HistoryEntry), hasMore: Type.Boolean() }) },
  },
})

export const listDeleted = endpoint({
  method: 'GET',
  url: '/interactions/deleted',
  config: { policy: 'interaction.readDeleted', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary: `The interactions deleted in the last ${restorableDays} days, the latest first`,
    headers: siteHeader,
    querystring: Closed({
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    }),
    response: {
      200: Closed({
        interactions: Type.Array(DeletedInteraction),
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const restoreInteraction = endpoint({
  method: 'POST',
  url: '/interactions/:id/restore',
  config: { policy: 'interaction.restore', limit: 'write' },
  schema: {
    tags,
    summary: `Bring back an interaction deleted in the last ${restorableDays} days; one that is there stays as it is`,
    headers: siteHeader,
    params: byId,
    response: { 200: Closed({ success: Type.Literal(true), interaction: Interaction }) },
  },
})

export const changeInBulk = endpoint({
  method: 'POST',
  url: '/interactions/bulk',
  config: { policy: 'interaction.update', limit: 'write' },
  schema: {
    tags,
    summary: 'Change, archive or delete many interactions; a dry run only says what would happen',
    headers: siteHeader,
    body: Closed({
      ids: Type.Array(Uuid, { minItems: 1, maxItems: maxBulk, uniqueItems: true }),
      change: BulkChange,
      dryRun: Type.Optional(Type.Boolean()),
    }),
    response: {
      200: Closed({
        /** Names it for undoing; null for a dry run, and when nothing was done. */
        bulkId: Nullable(Uuid),
        done: Type.Integer({ minimum: 0 }),
        refused: Type.Array(Refusal),
      }),
    },
  },
})

export const undoBulk = endpoint({
  method: 'POST',
  url: '/interactions/bulk/:id/undo',
  config: { policy: 'interaction.update', limit: 'write' },
  schema: {
    tags,
    summary: 'Take back a bulk change of one’s own of the last day, sparing what was changed since',
    headers: siteHeader,
    params: byId,
    response: { 200: Closed({ done: Type.Integer({ minimum: 0 }), refused: Type.Array(Refusal) }) },
  },
})
