import type { Clock } from '../sync/pacer.ts'

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<{ at: number; work: () => void }>()

  constructor(start = Date.parse('2026-05-01T08:00:00Z')) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, work: () => void): () => void {
    const timer = { at: this.#now + milliseconds, work }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Milliseconds until something is due; null when nothing is. */
  get nextIn(): number | null {
    return this.#timers.size === 0 ? null : Math.min(...[...this.#timers].map(({ at }) => at)) - this.#now
  }

  /** Lets time pass, with everything that falls due in it, in order. */
  async pass(milliseconds: number): Promise<void> {
    await settled()
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.work()
      await settled()
    }
    this.#now = end
  }

  /** As when somebody sets the clock; no time passes. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
  }
}

/** Everything that can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}
