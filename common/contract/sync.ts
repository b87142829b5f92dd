import Type, { type Static } from 'typebox'
import { TenantRole } from './auth.ts'
import { endpoint } from './endpoint.ts'
import { ErrorBody, FieldProblem } from './errors.ts'
import { Interaction, InteractionPatch } from './interactions.ts'
import { Brand } from './brands.ts'
import { ShownNotice } from './notices.ts'
import { Photo, PhotoPatch } from './photos.ts'
import { Closed, Instant, Nullable, Text, Uuid, Version } from './primitives.ts'
import { Shop } from './shops.ts'
import { SiteMembership } from './sites.ts'
import { SurveyHead, SurveyVersion } from './surveys.ts'
import { Visit, VisitPatch } from './visits.ts'

/** The shape of a mutation this code writes. Older ones, down to 1, are raised to it by `common/rules/upcast`. */
export const schemaVersion = 2

/** A conflict that an edit settles, with the values both sides had for its fields: the ones that lost go to history. */
export const Resolution = Closed({ mutationId: Uuid, mine: InteractionPatch, theirs: InteractionPatch })
export type Resolution = Static<typeof Resolution>

/**
 * One edit, made on a device, never changed afterwards: it is sent as it was written, in the shape of its day. `base`
 * holds the old values of the fields `patch` touches.
 */
export const Mutation = Closed({
  mutationId: Uuid,
  entity: Type.Literal('interaction'),
  entityId: Uuid,
  siteId: Uuid,
  op: Type.Enum(['create', 'update', 'delete']),
  baseVersion: Nullable(Version),
  base: InteractionPatch,
  patch: InteractionPatch,
  dependsOn: Type.Array(Uuid, { maxItems: 100 }),
  /** Of a deletion, what the person saw: SHA-256 of `fieldsText`, so that nothing they did not see is deleted. */
  seen: Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  resolves: Nullable(Resolution),
  schemaVersion: Type.Literal(schemaVersion),
  deviceTime: Type.Union([Instant], { description: 'Shown to people, never used to order' }),
})
export type Mutation = Static<typeof Mutation>

const envelope = {
  mutationId: Uuid,
  entityId: Uuid,
  siteId: Uuid,
  baseVersion: Nullable(Version),
  dependsOn: Type.Array(Uuid, { maxItems: 100 }),
  schemaVersion: Type.Literal(schemaVersion),
  deviceTime: Type.Union([Instant], { description: 'Shown to people, never used to order' }),
}

/**
 * An edit of a visit. `create` starts it: `patch` has all fields. Answers merge one by one, and so do the other fields;
 * status and time of completion as one.
 */
export const VisitMutation = Closed({
  ...envelope,
  entity: Type.Literal('visit'),
  op: Type.Enum(['create', 'update']),
  base: VisitPatch,
  patch: VisitPatch,
})
export type VisitMutation = Static<typeof VisitMutation>

/**
 * An edit of a photo of a visit: `create` announces it, with all fields, `update` marks what is on its shelf. The `base`
 * of `delete` holds the marks the person saw, so that none are thrown away that they did not see.
 */
export const PhotoMutation = Closed({
  ...envelope,
  entity: Type.Literal('photo'),
  op: Type.Enum(['create', 'update', 'delete']),
  base: PhotoPatch,
  patch: PhotoPatch,
})
export type PhotoMutation = Static<typeof PhotoMutation>

export const AnyMutation = Type.Union([Mutation, VisitMutation, PhotoMutation])
export type AnyMutation = Static<typeof AnyMutation>

/** A field both sides changed. `startDateTime`, `endDateTime` and `timezone` conflict together. */
export const Conflict = Closed({
  fields: Type.Array(Type.String()),
  base: InteractionPatch,
  mine: InteractionPatch,
  theirs: Type.Union([Interaction, Type.Null()], { description: 'The record now; null when it was deleted' }),
})
export type Conflict = Static<typeof Conflict>

/** The same of a visit, whose answers are named `answers.` and the question's id, or of a photo. */
export const FieldConflict = Closed({
  fields: Type.Array(Type.String()),
  base: Type.Union([VisitPatch, PhotoPatch]),
  mine: Type.Union([VisitPatch, PhotoPatch]),
  theirs: Type.Union([Visit, Photo, Type.Null()], { description: 'The record now; null when it is gone' }),
})
export type FieldConflict = Static<typeof FieldConflict>

/**
 * What became of a mutation. `applied`, `conflict` and `rejected` are final and answered the same for ever;
 * `duplicate` is an earlier `applied`, told again; `blocked` means that one it depends on was not applied. `failed`
 * means that the server could not, for a reason of its own: nothing has happened, and it may be sent again.
 */
export const MutationResult = Closed({
  mutationId: Uuid,
  status: Type.Enum(['applied', 'duplicate', 'conflict', 'rejected', 'blocked', 'failed']),
  record: Type.Optional(
    Type.Union([Interaction, Visit, Photo, Type.Null()], { description: 'As written; null when deleted' }),
  ),
  conflict: Type.Optional(Type.Union([Conflict, FieldConflict])),
  problem: Type.Optional(
    Closed({
      code: ErrorBody.properties.error.properties.code,
      message: Type.String(),
      details: Type.Optional(Type.Array(FieldProblem)),
    }),
  ),
})
export type MutationResult = Static<typeof MutationResult>

/** A batch is checked mutation by mutation, so that one that cannot be read stops only its descendants. */
export const SentMutation = Type.Object(
  { mutationId: Uuid },
  { description: 'See the schemas Mutation, VisitMutation and PhotoMutation' },
)
export type SentMutation = Static<typeof SentMutation>

export const maxBatch = 500

export const PushBody = Closed({
  deviceId: Uuid,
  mutations: Type.Array(SentMutation, { minItems: 1, maxItems: maxBatch }),
})

export const Person = Closed({ id: Uuid, displayName: Type.String() })
export type Person = Static<typeof Person>

export const InteractionType = Closed({ id: Uuid, name: Type.String(), position: Type.Integer() })
export type InteractionType = Static<typeof InteractionType>

export const Change = Type.Union([
  Closed({ entity: Type.Literal('interaction'), record: Interaction }),
  Closed({ entity: Type.Literal('interactionType'), record: InteractionType }),
  Closed({ entity: Type.Literal('person'), record: Person }),
  Closed({ entity: Type.Literal('shop'), record: Shop }),
  Closed({ entity: Type.Literal('brand'), record: Brand }),
  Closed({ entity: Type.Literal('survey'), record: SurveyHead }),
  Closed({ entity: Type.Literal('surveyVersion'), record: SurveyVersion }),
  Closed({ entity: Type.Literal('visit'), record: Visit }),
  Closed({ entity: Type.Literal('photo'), record: Photo }),
])
export type Change = Static<typeof Change>

/** What devices hold. Of visits and photos they hold their person's own. */
export const entities = [
  'interaction',
  'interactionType',
  'person',
  'shop',
  'brand',
  'survey',
  'surveyVersion',
  'visit',
  'photo',
] as const
export type Entity = (typeof entities)[number]

/** Something that is gone. `siteId` is null for what belongs to the whole tenant. */
export const Removal = Closed({
  entity: Type.Enum(entities),
  id: Uuid,
  siteId: Nullable(Uuid),
})
export type Removal = Static<typeof Removal>

/**
 * A page of what changed, taken in one snapshot. `reset` asks the device to drop its copy (never its queue) before
 * it stores this page: the server was restored, or the cursor is too old. `roles` and `sites` are all one has now.
 */
export const PullPage = Closed({
  reset: Type.Boolean(),
  epoch: Type.String({ description: 'Names this life of the database; another one begins with a restore' }),
  cursor: Type.String(),
  hasMore: Type.Boolean(),
  remaining: Type.Integer({ minimum: 0, description: 'Records of a first sync still to come, about' }),
  roles: Type.Array(TenantRole),
  sites: Type.Array(SiteMembership),
  changes: Type.Array(Change),
  removals: Type.Array(Removal),
  plan: Type.Integer({
    minimum: 0,
    description: 'The clock of plans now: where it moved, the plan is another',
  }),
  notices: Type.Array(ShownNotice, {
    description: 'All that are to be shown, now or later, and no others; the gravest first',
  }),
  receipts: Type.Array(MutationResult, {
    description: "What became of this device's mutations since the cursor",
  }),
})
export type PullPage = Static<typeof PullPage>

const tags = ['sync'] as const

export const pushMutations = endpoint({
  method: 'POST',
  url: '/sync/push',
  config: { policy: 'sync.use', limit: 'write' },
  schema: {
    tags,
    summary: "Apply a device's edits, each in its own transaction, each exactly once",
    body: PushBody,
    response: { 200: Closed({ results: Type.Array(MutationResult) }) },
  },
})

export const pullChanges = endpoint({
  method: 'GET',
  url: '/sync/pull',
  config: { policy: 'sync.use', limit: 'read' },
  schema: {
    tags,
    summary:
      'What changed since a cursor, in every site one may see; without a cursor, everything, newest first',
    querystring: Closed({
      deviceId: Uuid,
      cursor: Type.Optional(Text(28_000)),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
    }),
    response: { 200: PullPage },
  },
})
