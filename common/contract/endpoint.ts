import Type, { type TSchema } from 'typebox'
import type { Action } from '../rules/permissions.ts'

/**
 * An endpoint is written once, as data shaped like Fastify's route options: the server registers it with a handler,
 * the client calls it by its name, OpenAPI prints it. URLs are relative to `/api/v1`.
 */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  config: {
    /** Who may call it: an action of the policy table, or nobody has to be known. */
    policy: Action | 'public'
    /** The site it is about is the `:id` of its path, not the one of the session. */
    site?: 'path'
    /** Of a public one: it makes a difference who asks, where they say so. */
    session?: 'optional'
    /** Which allowance a call is taken from. */
    limit: 'read' | 'write' | 'auth' | 'upload'
    /** Its body is bytes as they are, at most so many, and no JSON: nothing of them is held in memory as a whole. */
    takesBytes?: number
    /**
     * It only reads, over many records, and may be answered from a copy of the database that follows it by moments. What
     * whoever asks has written is in the answer all the same. Nothing that is about one record is one.
     */
    fromReplica?: true
    /** Whose it is, where nobody is signed in: the session that this field of the body names, as a refresh token does. */
    limitOf?: string
  }
  schema: {
    tags: readonly string[]
    summary: string
    params?: TSchema
    querystring?: TSchema
    headers?: TSchema
    body?: TSchema
    response: Record<number, TSchema>
  }
}

export const endpoint = <const E extends Endpoint>(definition: E): E => definition

/** An answer that is a file of one of these media types, sent as it is. */
export const fileAnswer = (...mediaTypes: string[]) =>
  Type.Unsafe<unknown>({
    content: Object.fromEntries(
      mediaTypes.map((name) => [name, { schema: { type: 'string', format: 'binary' } }]),
    ),
  })
