import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, TimeZone, Uuid, Version } from './primitives.ts'

export const statuses = ['draft', 'incomplete', 'complete', 'active', 'archived'] as const
export const Status = Type.Enum(statuses)
export type Status = Static<typeof Status>

/** The fields a person fills in. `null` stands for one that a draft or incomplete record does not have yet. */
const fields = {
  title: Nullable(NamedText(255)),
  type: Nullable(NamedText(50)),
  lead: Nullable(NamedText(100)),
  startDateTime: Nullable(Instant),
  endDateTime: Nullable(Instant),
  timezone: Nullable(TimeZone),
  location: Text(255),
  description: Text(20_000),
  notes: Text(20_000),
  status: Status,
}

export const InteractionFields = Closed(fields)
export type InteractionFields = Static<typeof InteractionFields>
export type InteractionField = keyof InteractionFields

/** Some of the fields: what an edit touches. */
export const InteractionPatch = Type.Partial(InteractionFields, { additionalProperties: false })
export type InteractionPatch = Static<typeof InteractionPatch>

export const Interaction = Closed({
  id: Uuid,
  siteId: Uuid,
  ...fields,
  version: Version,
  createdBy: Uuid,
  createdAt: Instant,
  updatedBy: Uuid,
  updatedAt: Instant,
})
export type Interaction = Static<typeof Interaction>

/**
 * A new interaction. What is left out is empty; the status is `complete` unless said otherwise. An id that a record of
 * the site has, or had before it was deleted or purged, is a CONFLICT.
 */
export const InteractionInput = Closed({
  id: Type.Optional(Uuid),
  title: Type.Optional(fields.title),
  type: Type.Optional(fields.type),
  lead: Type.Optional(fields.lead),
  startDateTime: Type.Optional(fields.startDateTime),
  endDateTime: Type.Optional(fields.endDateTime),
  timezone: Type.Optional(fields.timezone),
  location: Type.Optional(fields.location),
  description: Type.Optional(fields.description),
  notes: Type.Optional(fields.notes),
  status: Type.Optional(fields.status),
})
export type InteractionInput = Static<typeof InteractionInput>

/** The fields to change, with the version they were changed from (here or as `If-Match`). */
export const InteractionUpdate = Closed({
  ...InteractionPatch.properties,
  version: Type.Optional(Version),
})
export type InteractionUpdate = Static<typeof InteractionUpdate>

export const sortFields = [
  'title',
  'type',
  'lead',
  'startDateTime',
  'endDateTime',
  'timezone',
  'location',
  'status',
  'createdAt',
  'updatedAt',
] as const
export type SortField = (typeof sortFields)[number]

const term = Text(200)

/** One filter per field; text filters find any substring, whatever its accents and case. */
export const InteractionFilter = Closed({
  search: Type.Optional(
    Type.String({ ...term, description: 'Words that must all occur, in any text field' }),
  ),
  title: Type.Optional(term),
  type: Type.Optional(Type.Array(NamedText(50), { maxItems: 50 })),
  lead: Type.Optional(term),
  location: Type.Optional(term),
  description: Type.Optional(term),
  notes: Type.Optional(term),
  status: Type.Optional(Type.Array(Status, { maxItems: statuses.length })),
  timezone: Type.Optional(TimeZone),
  startFrom: Type.Optional(Instant),
  startBefore: Type.Optional(Instant),
  endFrom: Type.Optional(Instant),
  endBefore: Type.Optional(Instant),
  createdFrom: Type.Optional(Instant),
  createdBefore: Type.Optional(Instant),
  updatedFrom: Type.Optional(Instant),
  updatedBefore: Type.Optional(Instant),
  createdBy: Type.Optional(Type.Array(Uuid, { maxItems: 50 })),
  updatedBy: Type.Optional(Type.Array(Uuid, { maxItems: 50 })),
})
export type InteractionFilter = Static<typeof InteractionFilter>

/** In a query string lists are written with commas; the rest is the filter as it is. */
export const InteractionListQuery = Closed({
  ...InteractionFilter.properties,
  type: Type.Optional(
    Type.String({ format: 'text', maxLength: 2000, description: 'One or more types, separated by commas' }),
  ),
  status: Type.Optional(
    Type.String({
      format: 'text',
      maxLength: 100,
      description: `One or more of ${statuses.join(', ')}, separated by commas`,
    }),
  ),
  createdBy: Type.Optional(
    Type.String({ format: 'text', maxLength: 2000, description: 'Ids of people, separated by commas' }),
  ),
  updatedBy: Type.Optional(
    Type.String({ format: 'text', maxLength: 2000, description: 'Ids of people, separated by commas' }),
  ),
  sort: Type.Optional(
    Type.String({
      format: 'text',
      maxLength: 200,
      description: `Fields, "-" for descending: lead,-startDateTime. ${sortFields.join(' ')}`,
    }),
  ),
  direction: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'For a sort field without a sign' })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  cursor: Type.Optional(
    Type.String({
      format: 'text',
      maxLength: 20_000,
      description:
        '`nextCursor` of the page before, for the same query: as fast at any depth. Replaces `page`',
    }),
  ),
  fields: Type.Optional(
    Type.String({
      format: 'text',
      maxLength: 500,
      description: 'Only these properties of each interaction, separated by commas; `id` is always there',
    }),
  ),
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
  ),
  count: Type.Optional(
    Type.Enum(['capped', 'exact'], { description: 'Exact counts every match, however many' }),
  ),
})

/** An interaction as a whole; with `fields`, only what was asked for and the id. */
const Listed = Type.Unsafe<Interaction>(Closed({ ...Type.Partial(Interaction).properties, id: Uuid }))

export const InteractionPage = Closed({
  interactions: Type.Array(Listed),
  total: Type.Integer({ minimum: 0 }),
  totalIsCapped: Type.Optional(Type.Literal(true)),
  page: Type.Integer({ minimum: 1 }),
  pageSize: Type.Integer({ minimum: 1 }),
  nextCursor: Type.Optional(
    Type.String({ description: 'Asks for the page after this one; absent on the last' }),
  ),
})
export type InteractionPage = Static<typeof InteractionPage>

export const byId = Closed({ id: Uuid })
/** Headers are open: every request carries more of them than these. */
export const siteHeader = Type.Object({ 'x-site-id': Type.Optional(Uuid) })
const siteAndVersionHeaders = Type.Object({
  'x-site-id': Type.Optional(Uuid),
  'if-match': Type.Optional(
    Type.String({ description: 'The version the edit was made on, such as "3"', maxLength: 20 }),
  ),
})
const tags = ['interactions'] as const

export const listInteractions = endpoint({
  method: 'GET',
  url: '/interactions',
  config: { policy: 'interaction.read', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary: 'Search, filter, sort and page the interactions of the site',
    headers: siteHeader,
    querystring: InteractionListQuery,
    response: { 200: InteractionPage },
  },
})

export const readInteraction = endpoint({
  method: 'GET',
  url: '/interactions/:id',
  config: { policy: 'interaction.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One interaction',
    headers: siteHeader,
    params: byId,
    response: { 200: Closed({ interaction: Interaction }) },
  },
})

export const createInteraction = endpoint({
  method: 'POST',
  url: '/interactions',
  config: { policy: 'interaction.create', limit: 'write' },
  schema: {
    tags,
    summary: 'Add an interaction to the site; it may bring its own id',
    headers: siteHeader,
    body: InteractionInput,
    response: { 201: Closed({ success: Type.Literal(true), interaction: Interaction }) },
  },
})

export const updateInteraction = endpoint({
  method: 'PUT',
  url: '/interactions/:id',
  config: { policy: 'interaction.update', limit: 'write' },
  schema: {
    tags,
    summary: 'Change fields of an interaction; a stale version answers 409 with the current record',
    headers: siteAndVersionHeaders,
    params: byId,
    body: InteractionUpdate,
    response: { 200: Closed({ success: Type.Literal(true), interaction: Interaction }) },
  },
})

export const deleteInteraction = endpoint({
  method: 'DELETE',
  url: '/interactions/:id',
  config: { policy: 'interaction.delete', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete an interaction; with If-Match only if it is still at that version',
    headers: siteAndVersionHeaders,
    params: byId,
    response: { 200: Success },
  },
})
