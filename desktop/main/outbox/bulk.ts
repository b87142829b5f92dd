import { AppError } from '#common/contract/errors'
import type { InteractionField, InteractionPatch } from '#common/contract/interactions'
import type { BulkChange } from '#common/contract/record-keeping'
import type { Mutation } from '#common/contract/sync'
import { bulkEffect, inWords } from '#common/rules/bulk'
import { fieldsOf, mayBecome } from '#common/rules/interaction-rules'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { again, type AmendContext } from './amend.ts'
import { composeDelete, composeEdit, composeSave, type EditContext, unsentVisit } from './compose.ts'
import { descendantsOf, type Entry, needsAttention, neverApplied, type Plan } from './entry.ts'

/** A change to many records at once, record by record: the edit of each, and how that edit is taken back. */

/** What was done to one record. */
export interface BulkItem {
  id: string
  siteId: string
  title: string | null
  /** The edit in the queue; null where the record had never been sent and was simply taken out of it. */
  mutationId: string | null
  /** The touched fields before and after; null for a deletion. */
  edit: { base: InteractionPatch; patch: InteractionPatch } | null
  /** What was taken out of the queue. */
  taken: readonly Entry[]
}

type Reason = { reason: string }
type Context = EditContext & AmendContext

const unsettled: Reason = {
  reason: 'An earlier change of it needs your attention. Settle that in Sync centre first.',
}

/** Why it is left alone, or null; no step of the outbox is made for that. */
export function bulkRefusal(siteId: string, change: BulkChange, context: EditContext): Reason | null {
  const effect = effectOn(siteId, change, context)
  return 'reason' in effect ? effect : null
}

function effectOn(siteId: string, change: BulkChange, { shown, chain, user, isUnsentVisit }: EditContext) {
  if (shown && chain.some(needsAttention)) return unsettled
  if (isUnsentVisit) return { reason: unsentVisit }
  return bulkEffect(shown?.siteId === siteId ? shown : null, user, change)
}

/** One record's part in a bulk change. */
export function composeBulk(
  siteId: string,
  change: BulkChange,
  context: EditContext,
): { plan: Plan; item: BulkItem } | Reason {
  const effect = effectOn(siteId, change, context)
  if ('reason' in effect) return effect
  return orReason(() => {
    const shown = context.shown!
    const { id, title } = shown
    if ('delete' in effect) {
      const plan = composeDelete(context)
      const mutationId = plan.add[0]?.mutationId ?? null
      return { plan, item: { id, siteId, title, mutationId, edit: null, taken: plan.remove } }
    }
    const { patch } = effect
    const fields = Object.keys(patch) as InteractionField[]
    const base: InteractionPatch = Object.fromEntries(fields.map((field) => [field, shown[field]]))
    const plan = composeEdit(shown, { base, patch }, context)
    const { mutationId } = plan.add[0]!
    return { plan, item: { id, siteId, title, mutationId, edit: { base, patch }, taken: [] } }
  })
}

/**
 * Takes one record's part back. What has not been sent is taken out of the queue; what has been gets an edit back to
 * the old values, if the fields still are as the bulk change left them; a deletion the server has is left to it.
 */
export function undoBulk(item: BulkItem, context: Context): { plan: Plan } | { restore: true } | Reason {
  const { chain, shown } = context
  const entry = chain.find(({ mutationId }) => mutationId === item.mutationId)
  if (entry && neverApplied(entry) && descendantsOf(chain, entry.mutationId).length === 0)
    return { plan: { remove: [entry], outcome: 'discarded', add: [] } }
  if (item.edit) return orReason(() => undoEdit(item.edit!, context))
  if (shown || (item.mutationId === null && chain.length > 0)) return { reason: 'It is there already.' }
  if (item.mutationId === null)
    return {
      plan: {
        remove: [],
        outcome: null,
        add: again(item.taken, new Map(), context, { versionOf: () => null }),
      },
    }
  if (entry?.state === 'waiting')
    return { reason: 'Its deletion is just being sent. Undo again in a moment.' }
  return { restore: true }
}

function undoEdit({ base, patch }: NonNullable<BulkItem['edit']>, context: Context): { plan: Plan } | Reason {
  const { shown, chain } = context
  if (!shown) return { reason: 'It was deleted since.' }
  if (Object.entries(patch).some(([field, value]) => shown[field as InteractionField] !== value))
    return { reason: 'It was changed since.' }
  if (chain.some(needsAttention)) return unsettled
  const isDetour = base.status && !mayBecome(shown.status, base.status) && mayBecome('complete', base.status)
  if (!isDetour) return { plan: edited(shown, base, context) }
  // From archived the way back leads over complete.
  const first = edited(shown, { status: 'complete' }, context)
  const between: Context = {
    ...context,
    shown: { ...shown, status: 'complete' },
    chain: [...chain, ...first.add.map(asEntry)],
  }
  const second = edited(between.shown!, base, between)
  return { plan: { ...first, add: [...first.add, ...second.add] } }
}

function edited(shown: LocalInteraction, changes: InteractionPatch, context: EditContext): Plan {
  const opened = fieldsOf(shown)
  const request = { siteId: shown.siteId, opened, fields: { ...opened, ...changes } }
  return composeSave(shown.id, request, context)!
}

const asEntry = (mutation: Mutation): Entry => ({
  ...mutation,
  visitId: null,
  mutation,
  title: '',
  savedAt: mutation.deviceTime,
  state: 'waiting',
  sent: false,
  conflict: null,
  problem: null,
})

function orReason<T>(work: () => T): T | Reason {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { reason: error.details?.length ? inWords(error.details) : error.message }
  }
}
