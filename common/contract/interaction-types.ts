import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import { Closed, NamedText, Success, Uuid } from './primitives.ts'

/** The list of interaction types of an organisation, which its admins keep. */

/** Those an organisation begins with. */
export const standardTypes = ['Meeting', 'Call', 'Email', 'Update', 'Review', 'Training', 'Visit', 'Other']

const Name = Type.String({
  ...NamedText(50),
  pattern: '^\\s*[^,\\s][^,]*$',
  description: 'Without commas, which separate types in queries',
})

export const ManagedType = Closed({
  id: Uuid,
  name: Type.String(),
  position: Type.Integer({ minimum: 0 }),
  active: Type.Boolean({ description: 'Offered for new interactions' }),
  used: Type.Integer({ minimum: 0, description: 'Interactions that have it, in all sites' }),
})
export type ManagedType = Static<typeof ManagedType>

const tags = ['interaction types'] as const

export const listTypes = endpoint({
  method: 'GET',
  url: '/interaction-types',
  config: { policy: 'type.manage', limit: 'read' },
  schema: {
    tags,
    summary: 'All types of the organisation, in order, those no longer offered too',
    response: { 200: Closed({ types: Type.Array(ManagedType) }) },
  },
})

export const addType = endpoint({
  method: 'POST',
  url: '/interaction-types',
  config: { policy: 'type.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a type at the end of the list',
    body: Closed({ id: Type.Optional(Uuid), name: Name }),
    response: { 201: Closed({ success: Type.Literal(true), type: ManagedType }) },
  },
})

export const updateType = endpoint({
  method: 'PUT',
  url: '/interaction-types/:id',
  config: { policy: 'type.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Move a type, take it out of use or back into it, or give one that is not used another name',
    params: byId,
    body: Closed({
      name: Type.Optional(Name),
      position: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
      active: Type.Optional(Type.Boolean()),
    }),
    response: { 200: Closed({ success: Type.Literal(true), type: ManagedType }) },
  },
})

export const deleteType = endpoint({
  method: 'DELETE',
  url: '/interaction-types/:id',
  config: { policy: 'type.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a type no interaction has; one that is used can only be taken out of use',
    params: byId,
    response: { 200: Success },
  },
})
