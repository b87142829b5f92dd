import { AppError } from '#common/contract/errors'
import type { Interaction } from '#common/contract/interactions'
import type { Refusal } from '#common/contract/record-keeping'
import type { Answer, Request } from '#desktop/bridge/channels'
import type { AmendContext } from '../outbox/amend.ts'
import { type BulkItem, bulkRefusal, composeBulk, undoBulk } from '../outbox/bulk.ts'
import type { EditContext } from '../outbox/compose.ts'
import type { Plan } from '../outbox/entry.ts'

type Context = EditContext & AmendContext

/** What bulk changes stand on. */
interface Ground {
  assertMember(siteId: string): void
  context(id: string): Context
  newId(): string
  /** The steps of many records as one; `seen` are the copies of these. */
  carryOutAll(
    plans: readonly Plan[],
    named: readonly { id: string; title: string | null }[],
    seen: readonly Interaction[],
  ): void
}

export type Undone = Answer<'bulk.undo'> & {
  siteId: string
  restore: { id: string; siteId: string; title: string | null }[]
}

const titleOf = ({ shown, lastSeen }: Context): string | null => (shown ?? lastSeen)?.title ?? null

/** Changes to many records at once, of which the latest can be taken back until the app ends. */
export class BulkEdits {
  readonly #ground: Ground
  #latest: { bulkId: string; siteId: string; items: readonly BulkItem[] } | null = null

  constructor(ground: Ground) {
    this.#ground = ground
  }

  plan({ siteId, ids, change }: Request<'bulk.plan'>): Answer<'bulk.plan'> {
    this.#ground.assertMember(siteId)
    const refused: Refusal[] = []
    for (const id of ids) {
      const context = this.#ground.context(id)
      const refusal = bulkRefusal(siteId, change, context)
      if (refusal) refused.push({ id, title: titleOf(context), ...refusal })
    }
    return { ready: ids.length - refused.length, refused }
  }

  apply({ siteId, ids, change }: Request<'bulk.apply'>): Answer<'bulk.apply'> {
    this.#ground.assertMember(siteId)
    const refused: Refusal[] = []
    const items: BulkItem[] = []
    const plans: Plan[] = []
    const seen: Interaction[] = []
    for (const id of new Set(ids)) {
      const context = this.#ground.context(id)
      const composed = composeBulk(siteId, change, context)
      if ('reason' in composed) refused.push({ id, title: titleOf(context), reason: composed.reason })
      else {
        plans.push(composed.plan)
        items.push(composed.item)
        if (context.record) seen.push(context.record)
      }
    }
    this.#ground.carryOutAll(plans, items, seen)
    const bulkId = this.#ground.newId()
    if (items.length > 0) this.#latest = { bulkId, siteId, items }
    return { bulkId, done: items.length, refused }
  }

  undo(bulkId: string): Undone {
    if (this.#latest?.bulkId !== bulkId)
      throw new AppError(
        'RESOURCE_NOT_FOUND',
        'This change cannot be undone any more: only the latest one can, until Fieldbook is closed.',
      )
    const refused: Refusal[] = []
    const undone: BulkItem[] = []
    const plans: Plan[] = []
    const restore: BulkItem[] = []
    const seen: Interaction[] = []
    for (const item of this.#latest.items) {
      const context = this.#ground.context(item.id)
      const step = undoBulk(item, context)
      if ('reason' in step) refused.push({ id: item.id, title: item.title, reason: step.reason })
      else if ('restore' in step) restore.push(item)
      else {
        plans.push(step.plan)
        undone.push(item)
        if (context.record) seen.push(context.record)
      }
    }
    this.#ground.carryOutAll(plans, undone, seen)
    const isOver = new Set(undone)
    const { siteId, items } = this.#latest
    this.#latest = { bulkId, siteId, items: items.filter((item) => !isOver.has(item)) }
    return {
      done: undone.length,
      refused,
      siteId,
      restore: restore.map(({ id, siteId: at, title }) => ({ id, siteId: at, title })),
    }
  }
}
