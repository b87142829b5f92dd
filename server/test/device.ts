import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import { type Mutation, schemaVersion } from '#common/contract/sync'
import { fieldsOf, fieldsText } from '#common/rules/interaction-rules'
import { difference } from '#common/rules/merge'
import { sha256 } from '../shared/canonical-json.ts'
import { meeting } from './app.ts'

/** The edits a device makes, as its outbox would write them down. */
export function createDevice(siteId: string, id = randomUUID()) {
  const mutation = (changes: Partial<Mutation> & Pick<Mutation, 'op' | 'entityId'>): Mutation => ({
    mutationId: uuidv7(),
    entity: 'interaction',
    siteId,
    baseVersion: null,
    base: {},
    patch: {},
    dependsOn: [],
    seen: null,
    resolves: null,
    schemaVersion,
    deviceTime: new Date().toISOString(),
    ...changes,
  })

  return {
    id,
    mutation,

    create: (fields: Partial<InteractionFields> = {}, more: Partial<Mutation> = {}) =>
      mutation({ op: 'create', entityId: uuidv7(), patch: { ...meeting, ...fields }, ...more }),

    /** On a record as it was seen here, or, with `after`, on what an earlier edit will have made of it. */
    update: (
      seen: Interaction | (InteractionFields & { id: string }),
      changes: Partial<InteractionFields>,
      after?: Mutation,
    ) => {
      const fields = fieldsOf(seen)
      return mutation({
        op: 'update',
        entityId: seen.id,
        baseVersion: after ? null : (seen as Interaction).version,
        dependsOn: after ? [after.mutationId] : [],
        ...difference(fields, { ...fields, ...changes }),
      })
    },

    remove: (seen: { id: string; version?: number }, after?: Mutation) =>
      mutation({
        op: 'delete',
        entityId: seen.id,
        baseVersion: after ? null : seen.version!,
        dependsOn: after ? [after.mutationId] : [],
      }),

    /** As an app does that says what the person saw. */
    removeSeen: (seen: Interaction) =>
      mutation({
        op: 'delete',
        entityId: seen.id,
        baseVersion: seen.version,
        seen: sha256(fieldsText(seen)).toString('hex'),
      }),
  }
}
