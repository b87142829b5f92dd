import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId, InteractionFilter, siteHeader, sortFields } from './interactions.ts'
import { Closed, Instant, NamedText, Success, Text, Uuid } from './primitives.ts'

/** A saved Finder view: a query under a name, of one person or shared with the site. */

export const SortKey = Closed({ field: Type.Enum(sortFields), descending: Type.Boolean() })

export const ViewColumn = Closed({
  name: Text(50),
  width: Type.Optional(Type.Integer({ minimum: 20, maximum: 4000 })),
  hidden: Type.Optional(Type.Boolean()),
  pinned: Type.Optional(Type.Enum(['left', 'right'])),
})
export type ViewColumn = Static<typeof ViewColumn>

export const viewFields = {
  name: NamedText(100),
  shared: Type.Boolean({ description: 'Everyone who works in the site has it' }),
  filter: InteractionFilter,
  sort: Type.Array(SortKey, { maxItems: 10 }),
  /** In order from left to right; empty for the columns as they are. */
  columns: Type.Array(ViewColumn, { maxItems: 50 }),
}

export const ViewInput = Closed(viewFields)
export type ViewInput = Static<typeof ViewInput>

export const View = Closed({ id: Uuid, siteId: Uuid, ownerId: Uuid, ...viewFields, updatedAt: Instant })
export type View = Static<typeof View>

const tags = ['views'] as const

export const listViews = endpoint({
  method: 'GET',
  url: '/views',
  config: { policy: 'view.own', limit: 'read' },
  schema: {
    tags,
    summary: 'The saved views of the site: one’s own, and those shared',
    headers: siteHeader,
    response: { 200: Closed({ views: Type.Array(View) }) },
  },
})

export const saveView = endpoint({
  method: 'PUT',
  url: '/views/:id',
  config: { policy: 'view.own', limit: 'write' },
  schema: {
    tags,
    summary:
      'Add a view under an id of one’s own making, or change it; a shared one also by an administrator',
    headers: siteHeader,
    params: byId,
    body: ViewInput,
    response: { 200: Closed({ success: Type.Literal(true), view: View }) },
  },
})

export const deleteView = endpoint({
  method: 'DELETE',
  url: '/views/:id',
  config: { policy: 'view.own', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a view of one’s own; a shared one also by an administrator',
    headers: siteHeader,
    params: byId,
    response: { 200: Success },
  },
})
