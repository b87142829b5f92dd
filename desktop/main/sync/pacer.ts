import { judge, type Verdict } from './verdict.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `work` once, later; returns how to prevent it. */
  after(milliseconds: number, work: () => void): () => void
}

export interface PacerOptions {
  cycle(): Promise<void>
  clock: Clock
  /** From 0 up to 1. */
  random(): number
  /** How each cycle ended; null when it went well. */
  onOutcome(outcome: Verdict | { kind: 'fault'; error: unknown } | null): void
}

const pollEvery = 15_000
const firstRetry = 1_000
const slowestRetry = 60_000

/** Between 0.5 and 1 times `milliseconds`, so that devices which failed together do not come back together. */
const jittered = (milliseconds: number, random: number) => milliseconds * (0.5 + random / 2)

/** How long to wait after the `failures`th failure in a row. */
export const backOff = (failures: number, random: number) =>
  jittered(Math.min(slowestRetry, firstRetry * 2 ** (failures - 1)), random)

/**
 * Runs sync cycles for ever, one at a time: every quarter of a minute while all is well, ever more slowly while it is
 * not, and at once when woken. Only a session that is over stops it, until `resume`.
 */
export class Pacer {
  readonly #options: PacerOptions
  #running: Promise<void> | null = null
  #wanted = false
  #stopped = true
  #paused = false
  #failures = 0
  #notBefore = 0
  #cancelTimer = () => {}

  constructor(options: PacerOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopped = false
    this.wake()
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer()
    await this.#running
  }

  /**
   * There is reason to try at once: something was saved, the network came back, the machine woke up. A server that
   * asked to be left alone for a while is, unless the person insists.
   */
  wake({ insist = false } = {}): void {
    if (this.#stopped || this.#paused) return
    if (this.#running) {
      this.#wanted = true
      return
    }
    if (!insist && this.#options.clock.now() < this.#notBefore) return
    this.#cancelTimer()
    this.#running = this.#run()
  }

  /** The person has signed in again. */
  resume(): void {
    this.#paused = false
    this.#failures = 0
    this.wake({ insist: true })
  }

  async #run() {
    const { cycle, onOutcome } = this.#options
    this.#wanted = false
    let delay = 0
    try {
      await cycle()
      this.#failures = 0
      this.#notBefore = 0
      onOutcome(null)
      if (!this.#wanted) delay = jittered(pollEvery, this.#options.random())
    } catch (error) {
      const verdict = judge(error)
      delay = this.#afterFailure(verdict)
      onOutcome(verdict ?? { kind: 'fault', error })
    } finally {
      this.#running = null
    }
    if (this.#stopped || this.#paused) return
    this.#cancelTimer = this.#options.clock.after(delay, () => {
      this.#running = this.#run()
    })
  }

  #afterFailure(verdict: Verdict | null): number {
    if (verdict?.kind === 'sign-in') {
      this.#paused = true
      return 0
    }
    const { clock, random } = this.#options
    const wait = backOff(++this.#failures, random())
    if (verdict?.kind !== 'later' || verdict.retryAfter === undefined) return wait
    this.#notBefore = clock.now() + verdict.retryAfter
    return Math.max(wait, verdict.retryAfter)
  }
}
