import type { Mutation } from '#common/contract/sync'
import type { SimulatedDevice } from './device.ts'

/** An edit that the app said was saved, and what is known of its fate from outside. */
export interface Saved {
  readonly mutation: Mutation
  /** Who saved it. */
  readonly userId: string
  readonly device: SimulatedDevice
  /** Taken back by the person, or replaced by what they made of it. */
  removed: boolean
  /** The version of the record it led to, when it last had its effect. */
  version: number | null
  /** It has had its effect once, whatever a restore has made of that. */
  wasApplied: boolean
  /** The copies on its device hold it, or may not any more: the screen owes it nothing. */
  over: boolean
  /** Written in a shape this app does not know. */
  newer: boolean
  /** Its site was taken away from its author: once acknowledged, nothing on the device remembers it. */
  mayBeForgotten: boolean
  /** Also in the queue of another device. */
  copied: boolean
}

/** What was promised. */
export class Ledger {
  readonly saved = new Map<string, Saved>()
  readonly #open = new Map<SimulatedDevice, Map<string, Saved>>()

  add(mutation: Mutation, device: SimulatedDevice, newer: boolean) {
    const saved = {
      mutation,
      userId: device.userId,
      device,
      removed: false,
      version: null,
      wasApplied: false,
      over: false,
      newer,
      mayBeForgotten: false,
      copied: false,
    }
    this.saved.set(mutation.mutationId, saved)
    const open = this.#open.get(device) ?? new Map<string, Saved>()
    this.#open.set(device, open.set(mutation.mutationId, saved))
  }

  remove(mutationId: string, device: SimulatedDevice) {
    const saved = this.saved.get(mutationId)
    if (!saved) return
    saved.removed = true
    // A copy of it at another device is another matter.
    this.#open.get(saved.device)?.delete(saved.device === device ? mutationId : '')
  }

  /** From the first edit on that the screen of its device still has to show, in the order they were saved. */
  open(device: SimulatedDevice): Saved[] {
    const open = this.#open.get(device) ?? new Map<string, Saved>()
    for (const [id, { over }] of open) {
      if (!over) break
      open.delete(id)
    }
    return [...open.values()]
  }
}
