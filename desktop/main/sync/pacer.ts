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
/** Where changes are announced, asking is for what an announcement may have missed. */
const pollEveryWhileTold = 60_000
/** Devices that heard of the same change spread over this long. */
const newsSpread = 300
/** Between one cycle and the next for news: soon enough for whoever waits, and within the server's limit on reading. */
const newsEvery = 1_250
const firstRetry = 1_000
const slowestRetry = 60_000

/** Between 0.5 and 1 times `milliseconds`, so that devices which failed together do not come back together. */
const jittered = (milliseconds: number, random: number) => milliseconds * (0.5 + random / 2)

/** How long to wait after the `failures`th failure in a row. */
export const backOff = (failures: number, random: number) =>
  jittered(Math.min(slowestRetry, firstRetry * 2 ** (failures - 1)), random)

/**
 * Runs sync cycles for ever, one at a time: every quarter of a minute while all is well, or every minute where
 * changes are announced; ever more slowly while it is not; at once when woken, and soon when there is news. Only a
 * session that is over stops it, until `resume`.
 */
export class Pacer {
  readonly #options: PacerOptions
  #running: Promise<void> | null = null
  #wanted = false
  #stopped = true
  #paused = false
  #failures = 0
  #notBefore = 0
  #told = false
  #startedAt = -Infinity
  #cancelTimer = () => {}
  #newsComing = false
  #cancelNews = () => {}

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
    this.#forgetNews()
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

  /** Somebody changed something, according to the server. */
  news(): void {
    if (this.#newsComing) return
    const { clock, random } = this.#options
    // However the clock was set meanwhile.
    const rest = Math.min(newsEvery, this.#startedAt + newsEvery - clock.now())
    this.#newsComing = true
    this.#cancelNews = clock.after(Math.max(random() * newsSpread, rest), () => {
      this.#newsComing = false
      this.wake()
    })
  }

  /** Whether changes are announced from now on. What came before may have been missed, so it is asked for. */
  told(told: boolean): void {
    this.#told = told
    if (told) this.wake()
    else if (!this.#stopped && !this.#paused && !this.#running && this.#failures === 0)
      this.#later(this.#pause())
  }

  /** Runs no more cycles until `resume`. */
  hold(): void {
    this.#paused = true
    this.#cancelTimer()
    this.#forgetNews()
  }

  /** The person has signed in again, or whatever held it is over. */
  resume(): void {
    this.#paused = false
    this.#failures = 0
    this.wake({ insist: true })
  }

  async #run() {
    const { cycle, clock, onOutcome } = this.#options
    this.#wanted = false
    this.#startedAt = clock.now()
    this.#forgetNews()
    let delay = 0
    try {
      await cycle()
      this.#failures = 0
      this.#notBefore = 0
      onOutcome(null)
      if (!this.#wanted) delay = this.#pause()
    } catch (error) {
      const verdict = judge(error)
      delay = this.#afterFailure(verdict)
      onOutcome(verdict ?? { kind: 'fault', error })
    } finally {
      this.#running = null
    }
    if (!this.#stopped && !this.#paused) this.#later(delay)
  }

  #pause(): number {
    return jittered(this.#told ? pollEveryWhileTold : pollEvery, this.#options.random())
  }

  #later(delay: number) {
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.after(delay, () => {
      this.#running = this.#run()
    })
  }

  #forgetNews() {
    this.#cancelNews()
    this.#newsComing = false
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
