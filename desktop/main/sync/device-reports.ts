import { ServerError, NetworkError, PasswordChangeNeeded, SignInNeeded } from '../api/failures.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import { StorageError } from '../store/failures.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './pacer.ts'
import { judge } from './verdict.ts'

export interface DeviceReportsOptions {
  store: Pick<Store, 'counts' | 'waitingSince'>
  client: Pick<SignedInClient, 'call'>
  clock: Clock
  /** What this app is, and what it runs on. */
  app: { version: string; platform: string; managed?: boolean }
  /** It failed for a reason that lies on this device. */
  fault(error: unknown): void
}

/** Milliseconds between two reports where nothing changed that matters, and between two tries. */
const reportEvery = 5 * 60_000

interface Facts {
  waiting: number
  /** Milliseconds since 1970. */
  waitingSince: number | null
  lastError: { code: string; at: number } | null
}

/**
 * Tells the server how this device is doing, for those who look after it: what app it is, what waits here to be sent
 * and why synchronising last failed. A device that is well and does nothing reports once.
 */
export class DeviceReports {
  readonly #options: DeviceReportsOptions
  #lastError: Facts['lastError'] = null
  /** As the server has it; null before the first report of a session. */
  #told: Facts | null = null
  #triedAt = -Infinity
  #failed = false
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: DeviceReportsOptions) {
    this.#options = options
  }

  /** A sync cycle ended: well, with null. While nobody answers there is nobody to tell. */
  ended(failure: unknown): void {
    if (failure !== null) {
      const code = errorCode(failure)
      if (code === null) return
      this.#lastError = { code, at: this.#options.clock.now() }
    }
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : this.#report()))
      .catch((error: unknown) => {
        if (judge(error) === null) this.#options.fault(error)
      })
  }

  /** Another session, of which the server knows nothing yet. */
  forget(): void {
    this.#told = null
    this.#failed = false
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#turn
  }

  async #report() {
    const { store, client, clock, app } = this.#options
    const now = clock.now()
    // However the clock was set meanwhile.
    const isEarly = Math.abs(now - this.#triedAt) < reportEvery
    if (this.#failed && isEarly) return
    const { waiting } = await store.counts()
    const since = waiting > 0 ? Date.parse((await store.waitingSince()) ?? '') : NaN
    const facts = {
      waiting,
      waitingSince: Number.isNaN(since) ? null : since,
      lastError: this.#lastError,
    }
    if (this.#told && (isEarly ? !isOther(this.#told, facts) : isSame(this.#told, facts))) return
    this.#triedAt = now
    this.#failed = true
    const { waitingSince, lastError } = facts
    const seconds = (at: number) => Math.min(mostSeconds, Math.max(0, Math.round((now - at) / 1000)))
    await client.call('reportDevice', {
      body: {
        appVersion: app.version,
        platform: app.platform,
        ...(app.managed !== undefined && { managed: app.managed }),
        waiting,
        oldestWaitingFor: waitingSince === null ? null : seconds(waitingSince),
        lastError: lastError && { code: lastError.code, ago: seconds(lastError.at) },
      },
    })
    this.#failed = false
    this.#told = facts
  }
}

const mostSeconds = 10 * 365 * 86_400

/** What is told at once: that edits wait now, or none any more, or that something else fails. */
const isOther = (told: Facts, facts: Facts) =>
  told.waiting > 0 !== facts.waiting > 0 || told.lastError?.code !== facts.lastError?.code

const isSame = (told: Facts, facts: Facts) => JSON.stringify(told) === JSON.stringify(facts)

/** Null where the server is out of reach or waits for the person: neither is an error of this device. */
export function errorCode(error: unknown): string | null {
  if (error instanceof SignInNeeded || error instanceof PasswordChangeNeeded) return null
  if (error instanceof ServerError) return error.status === 401 || error.status === 503 ? null : error.code
  if (error instanceof NetworkError) {
    if (error.trouble === 'unreachable' || (error.status ?? 0) >= 500) return null
    if (error.trouble === 'untrusted') return 'CERTIFICATE_REFUSED'
    return error.trouble === 'timeout' ? 'TIMEOUT' : 'UNUSABLE_ANSWER'
  }
  if (error instanceof StorageError) return `STORAGE_${error.reason.toUpperCase()}`
  return 'FAULT'
}
