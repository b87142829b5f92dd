import { AppError } from '#common/contract/errors'
import type { Interaction, InteractionFields, InteractionPatch } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import type { Resolution } from '#common/contract/sync'
import { interactionFields, normalise } from '#common/rules/interaction-rules'
import { may } from '#common/rules/permissions'
import { deviceLabel } from '../../shared/device-label.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import { createHistoryRepository, type Deed, settling } from './history.repository.ts'
import { createInteractionsRepository } from './interactions.repository.ts'
import { missing } from './interactions.service.ts'

const actions: Record<string, HistoryEntry['action']> = {
  'interaction.created': 'created',
  'interaction.updated': 'updated',
  'interaction.deleted': 'deleted',
  'interaction.restored': 'restored',
  'interaction.imported': 'imported',
  'interaction.undone': 'undone',
  [settling]: 'merged',
}

export type HistoryService = ReturnType<typeof createHistoryService>

/** What was done to an interaction. That of a deleted one is for those who may see it, that of a purged one for nobody. */
export const createHistoryService = (transact: Transact) => ({
  history: (
    actor: Actor,
    siteId: string,
    id: string,
    { before, limit = 50 }: { before?: string; limit?: number },
  ): Promise<{ entries: HistoryEntry[]; hasMore: boolean }> =>
    transact(scopeOf(actor, siteId), async (tx) => {
      const found = await createInteractionsRepository(tx).findKnown(id)
      if (!found || (found.deleted && !may(actor, 'interaction.readDeleted', { siteId }))) throw missing()
      const repository = createHistoryRepository(tx)
      const position = before === undefined ? null : await repository.positionOf(id, before)
      if (before !== undefined && position === null) {
        throw new AppError('VALIDATION_ERROR', 'The query is not valid', {
          details: [{ field: 'before', message: 'Is no entry of this history' }],
        })
      }
      const deeds = await repository.deeds(id, Object.keys(actions), position, limit + 1)
      return { entries: deeds.slice(0, limit).map(entryOf), hasMore: deeds.length > limit }
    }),
})

function entryOf(deed: Deed): HistoryEntry {
  const { id, at, actor, device, settled } = deed
  const whole = { id, at, actor, device: deviceLabel(device) }
  if (deed.action === settling) {
    // What was decided is what the record had already.
    const resolution = deed.oldValues as Resolution
    const theirs = normalise(resolution.theirs)
    const decided = { ...theirs, ...normalise((deed.newValues ?? {}) as InteractionPatch) }
    return {
      ...whole,
      action: 'merged',
      version: null,
      ...changes(theirs, decided),
      lost: lost(resolution, decided),
    }
  }
  const before = deed.oldValues as Interaction | null
  const after = deed.newValues as Interaction | null
  const action = actions[deed.action]!
  return {
    ...whole,
    action: settled && action === 'updated' ? 'merged' : action,
    version: after?.version ?? (before && before.version + 1),
    ...(after ? changes(before ?? {}, after) : { before: {}, after: {} }),
    ...(settled && { lost: lost(settled, after ?? {}) }),
  }
}

type Values = Partial<InteractionFields>

const pick = (from: Values, wanted: (field: keyof InteractionFields) => boolean): InteractionPatch =>
  Object.fromEntries(
    interactionFields.filter((field) => field in from && wanted(field)).map((field) => [field, from[field]]),
  )

/** Of a record that was not there before, what is not empty. */
function changes(before: Values, after: Values): { before: InteractionPatch; after: InteractionPatch } {
  const differs = (field: keyof InteractionFields) => (after[field] || null) !== (before[field] || null)
  return { before: pick(before, differs), after: pick(after, differs) }
}

function lost({ mine, theirs }: Resolution, decided: Values): NonNullable<HistoryEntry['lost']> {
  const notKept = (values: InteractionPatch) => {
    const asStored = normalise(values)
    return pick(asStored, (field) => asStored[field] !== decided[field])
  }
  return { mine: notKept(mine), theirs: notKept(theirs) }
}
