import type { CycleOutcome } from '../session/workspace.ts'

interface Stretch {
  outcome: CycleOutcome
  from: string
  until: string
  cycles: number
}

const most = 200

/** How sync went since the app was started: cycles that ended alike, one after the other, are one line. */
export class SyncHistory {
  readonly #stretches: Stretch[] = []

  /** True where it ended in another way than the cycle before. */
  note(outcome: CycleOutcome, at: number): boolean {
    const until = new Date(at).toISOString()
    const last = this.#stretches.at(-1)
    if (last?.outcome === outcome) {
      last.until = until
      last.cycles++
      return false
    }
    this.#stretches.push({ outcome, from: until, until, cycles: 1 })
    if (this.#stretches.length > most) this.#stretches.shift()
    return true
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches
  }
}
