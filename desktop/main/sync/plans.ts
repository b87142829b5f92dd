import { ServerError } from '../api/failures.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './pacer.ts'
import { judge } from './verdict.ts'

export interface PlanSyncOptions {
  store: Pick<Store, 'missNotes' | 'settleMiss' | 'isPlanOld' | 'keepPlan'>
  client: Pick<SignedInClient, 'call'>
  clock: Clock
  events: {
    /** What there is to do at these sites is another now. */
    changed(siteIds: readonly string[]): void
    /** It failed for a reason that lies on this device. */
    fault(error: unknown): void
  }
}

/** Milliseconds: what others do for the goals and call cycles of a team does not move the plan's clock. */
const fetchEvery = 10 * 60_000

/**
 * Keeps what there is to do in step with the server: tells it why visits were not made, in the order that was said, and
 * fetches the plan where another is told of, or it has been here for a while. What fails is done at the next contact.
 */
export class PlanSync {
  readonly #options: PlanSyncOptions
  #fetchedAt = -Infinity
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: PlanSyncOptions) {
    this.#options = options
  }

  /** The server answers. */
  contact(): void {
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : this.#exchange()))
      .catch((error: unknown) => {
        if (judge(error) === null) this.#options.events.fault(error)
      })
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#turn
  }

  async #exchange() {
    await this.#explain()
    const { store, client, clock, events } = this.#options
    // However the clock was set meanwhile.
    const isLate = Math.abs(clock.now() - this.#fetchedAt) >= fetchEvery
    if (!(await store.isPlanOld(isLate))) return
    const plan = await client.call('readPlan', {})
    this.#fetchedAt = clock.now()
    events.changed(await store.keepPlan(plan))
  }

  async #explain() {
    const { store, client, events } = this.#options
    for (const note of await store.missNotes()) {
      if (note.problem !== null) continue
      const { cycleId, locationId, period, slot, reason } = note
      const problem = await client
        .call('explainMiss', { params: { id: cycleId }, body: { locationId, period, slot, reason } })
        .then(
          () => null,
          (error: unknown) => {
            const isFinal = error instanceof ServerError && [400, 403, 404, 409].includes(error.status)
            if (!isFinal) throw error
            return error.message
          },
        )
      events.changed(await store.settleMiss(note, problem))
    }
  }
}
