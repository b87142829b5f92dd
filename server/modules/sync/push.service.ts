import { AppError } from '#common/contract/errors'
import type { Interaction } from '#common/contract/interactions'
import { problemsOf } from '#common/contract/sentences'
import {
  type AnyMutation,
  Mutation,
  type MutationResult,
  PhotoMutation,
  type SentMutation,
  VisitMutation,
} from '#common/contract/sync'
import { fieldsOf, fieldsText, normalise } from '#common/rules/interaction-rules'
import { merge } from '#common/rules/merge'
import { may } from '#common/rules/permissions'
import { upcast } from '#common/rules/upcast'
import { canonicalJson, sha256 } from '../../shared/canonical-json.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { InteractionsService } from '../interactions/interactions.service.ts'
import type { Journal } from '../journal/journal.service.ts'
import { isOutage } from '../../shared/outage.ts'
import type { PhotosService } from '../visits/photos.service.ts'
import type { VisitsService } from '../visits/visits.service.ts'
import { applied, conflict, type Effect, rejected, settled, unread } from './effect.ts'
import { createFieldWorkPush } from './push-field-work.service.ts'
import { createSyncRepository, type Receipt } from './sync.repository.ts'

/**
 * Applies a device's edits (SYNC.md, Push): each in its own transaction, which holds the effect and the receipt
 * together. A receipt makes the answer final: the same mutation sent again is told the same, and does nothing. One that
 * the server fails at is answered as such and does not hold up the others; an outage fails the whole request.
 */

/** In one request; more of them are no fault of the edits. */
const failuresBorne = 3

export function createPushService(
  transact: Transact,
  journal: Journal,
  interactions: InteractionsService,
  visits: VisitsService,
  photos: PhotosService,
) {
  const operations = interactions.inTransaction
  const applyFieldWork = createFieldWorkPush(visits, photos)

  async function push(
    actor: Actor,
    deviceId: string,
    sent: SentMutation[],
    onFailure: (error: Error) => void,
  ): Promise<MutationResult[]> {
    const results: MutationResult[] = []
    let failures = 0
    for (const mutation of sent) {
      const result = await pushOne(actor, deviceId, mutation).catch((error: Error) => {
        if (isOutage(error) || ++failures > failuresBorne) throw error
        onFailure(error)
        return failed(mutation.mutationId)
      })
      results.push(result)
    }
    return results
  }

  async function pushOne(actor: Actor, deviceId: string, sent: SentMutation): Promise<MutationResult> {
    const mutation = upcast(sent) as AnyMutation
    const details = problemsOf(schemaOf(mutation), mutation)
    const belongs = details.length === 0 && actor.sites.some(({ id }) => id === mutation.siteId)
    // What concerns no site of the person's is answered, and remembered, in the tenant's own feed.
    const feedId = belongs ? mutation.siteId : actor.tenantId

    return transact(scopeOf(actor, belongs ? mutation.siteId : null), async (tx) => {
      const repository = createSyncRepository(tx)
      await repository.lockDevice(deviceId)
      const dependsOn = details.length === 0 ? mutation.dependsOn : []
      const receipts = await repository.receipts(deviceId, [sent.mutationId, ...dependsOn])
      const earlier = receipts.get(sent.mutationId)
      if (earlier) return repeat(actor, sent, earlier)

      if (details.length > 0)
        return rejected(sent.mutationId, 'VALIDATION_ERROR', 'The edit cannot be read', details)
      if (dependsOn.some((id) => receipts.get(id)?.result.status !== 'applied')) {
        return { mutationId: mutation.mutationId, status: 'blocked' }
      }

      const effect = belongs
        ? await apply(tx, actor, mutation, [...receipts.values()])
        : settled(rejected(mutation.mutationId, 'AUTHORIZATION_ERROR', 'You no longer belong to this site'))
      if (effect.result.status === 'applied' && 'resolves' in mutation && mutation.resolves) {
        effect.seq = await journal.record(tx, actor, {
          action: 'interaction.conflict-settled',
          feedId,
          entity: mutation.entity,
          entityId: mutation.entityId,
          oldValues: mutation.resolves,
          newValues: mutation.patch,
        })
      }
      const seq =
        effect.seq ??
        (await journal.record(tx, actor, {
          action: `sync.${effect.result.status}`,
          feedId,
          entity: mutation.entity,
          entityId: mutation.entityId,
          newValues: { mutationId: mutation.mutationId, fields: Object.keys(mutation.patch) },
        }))
      await repository.keepReceipt(deviceId, feedId, seq, {
        userId: actor.id,
        payloadHash: hashOf(sent),
        result: effect.result,
        entityId: mutation.entityId,
        version: effect.version,
        soleAuthor: effect.soleAuthor,
      })
      return effect.result
    })
  }

  async function apply(
    tx: Transaction,
    actor: Actor,
    mutation: AnyMutation,
    ancestors: Receipt[],
  ): Promise<Effect> {
    if (mutation.entity !== 'interaction') return applyFieldWork(tx, actor, mutation)
    const { mutationId, siteId, op } = mutation
    if (!may(actor, `interaction.${op}`, { siteId })) {
      return settled(
        rejected(mutationId, 'AUTHORIZATION_ERROR', 'Your role at this site does not allow this'),
      )
    }
    const seen = versionSeen(mutation, ancestors)
    try {
      if (op === 'create') return await create(tx, actor, mutation)
      const found = await operations.lock(tx, mutation.entityId)
      if (!found && !(await operations.wasRemoved(tx, mutation.entityId))) {
        return settled(
          rejected(mutationId, 'RESOURCE_NOT_FOUND', 'There is no such interaction at this site'),
        )
      }
      const current = found && !found.deleted ? found.record : null
      return op === 'delete'
        ? await remove(tx, actor, mutation, current, seen)
        : await update(tx, actor, mutation, current, seen)
    } catch (error) {
      // Refused before anything was written, so the receipt can be kept in this transaction.
      if (!(error instanceof AppError)) throw error
      // A create under an id that is taken.
      if (error.code === 'CONFLICT') return conflict(mutation, error.current as Interaction | null, [])
      return settled(rejected(mutationId, error.code, error.message, error.details))
    }
  }

  async function create(tx: Transaction, actor: Actor, mutation: Mutation): Promise<Effect> {
    const { record: created, seq } = await operations.create(tx, actor, {
      ...mutation.patch,
      id: mutation.entityId,
    })
    return applied(mutation, created, seq, true)
  }

  async function update(
    tx: Transaction,
    actor: Actor,
    mutation: Mutation,
    current: Interaction | null,
    seen: VersionSeen,
  ): Promise<Effect> {
    if (!current) return conflict(mutation, null, Object.keys(mutation.patch))
    const unsaid = Object.keys(mutation.patch).filter((field) => !(field in mutation.base))
    if (unsaid.length > 0) return unread(mutation.mutationId, unsaid)
    const patch = normalise(mutation.patch)
    const merged = merge(normalise(mutation.base), patch, fieldsOf(current))
    if (merged.kind === 'conflict') return conflict(mutation, current, merged.fields)
    const { record: written, seq } = await operations.write(tx, actor, current, patch)
    return applied(mutation, written, seq, seen.alone && seen.version === current.version)
  }

  /** Deleting a record that is gone already is done; deleting one that somebody changed meanwhile is a conflict. */
  async function remove(
    tx: Transaction,
    actor: Actor,
    mutation: Mutation,
    current: Interaction | null,
    seen: VersionSeen,
  ): Promise<Effect> {
    if (!current) return applied(mutation, null, null, false)
    if (!operations.mayRemove(actor, current)) {
      return settled(
        rejected(mutation.mutationId, 'AUTHORIZATION_ERROR', 'You may delete only interactions you created'),
      )
    }
    if (isUnseen(mutation, current, seen)) return conflict(mutation, current, [])
    return applied(mutation, null, await operations.remove(tx, actor, current), true)
  }

  return { push }
}

/** Whatever it is not, it is read as an edit of an interaction, so that what is wrong with it can be said. */
function schemaOf({ entity }: { entity?: unknown }) {
  if (entity === 'visit') return VisitMutation
  return entity === 'photo' ? PhotoMutation : Mutation
}

interface VersionSeen {
  version: number | null
  /** False when that version holds something of others which this device had not seen. */
  alone: boolean
}

/** The version an edit was made on: its own, or the one its ancestor in the queue led to. */
function versionSeen(mutation: Mutation, ancestors: Receipt[]): VersionSeen {
  if (mutation.baseVersion !== null) return { version: mutation.baseVersion, alone: true }
  const versions = ancestors.filter(
    ({ entityId, version }) => entityId === mutation.entityId && version !== null,
  )
  const last = versions.sort((a, b) => a.version! - b.version!).at(-1)
  return { version: last?.version ?? null, alone: last?.soleAuthor ?? false }
}

/**
 * Whether a deletion would take something the person had not seen. A mutation of the first shape does not say what they
 * saw, only which version.
 */
function isUnseen({ seen }: Mutation, current: Interaction, { alone, version }: VersionSeen): boolean {
  if (seen === null) return !alone || version !== current.version
  return sha256(fieldsText(current)).toString('hex') !== seen
}

const hashOf = (mutation: object) => sha256(canonicalJson(mutation))

function repeat(actor: Actor, sent: SentMutation, earlier: Receipt): MutationResult {
  if (earlier.userId !== actor.id || !hashOf(sent).equals(earlier.payloadHash)) {
    return rejected(sent.mutationId, 'VALIDATION_ERROR', 'This mutationId belongs to another edit')
  }
  return earlier.result.status === 'applied' ? { ...earlier.result, status: 'duplicate' } : earlier.result
}

const failed = (mutationId: string): MutationResult => ({
  mutationId,
  status: 'failed',
  problem: {
    code: 'INTERNAL_ERROR',
    message: 'The server could not save this change, for a reason of its own. It is tried again by itself.',
  },
})
