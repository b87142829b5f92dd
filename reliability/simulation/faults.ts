import { NetworkError, SignInNeeded } from '#desktop/main/api/failures'
import type { ManualClock } from '#desktop/main/test/manual-clock'
import type { Random } from '#desktop/main/test/random'
import { refusal } from '#desktop/main/test/server-model'

/** Every fault there is, each counted when it happens and not when it might. */
export const faultKinds = [
  'request lost',
  'answer lost',
  'answer late',
  'request late, after its sender gave up',
  'request doubled at once',
  'request doubled and reordered',
  'cut between pages',
  'time-out',
  'server failed (500, 502, 503)',
  'rate limit (429)',
  'request too slow (408)',
  'request too large (413)',
  'server ended inside a batch',
  'server failed at one edit of a batch',
  'crash after the effect, before the answer',
  'crash at a statement of the store',
  'storage slow',
  'disk full',
  'app ended',
  'copies damaged or deleted',
  'clock set',
  'session expired',
  'site taken away',
  'site given back',
  'role changed',
  'server restored',
  'app upgraded',
  'edit of a newer app',
  'edit the server cannot take',
  "somebody else's write",
  'list of the organisation changed',
  'user changed on a computer',
  'outbox taken to another device',
] as const
export type FaultKind = (typeof faultKinds)[number]

export class Faults {
  readonly counts = new Map<FaultKind, number>()

  count(kind: FaultKind) {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }
}

/** Whoever asks: how bad the way to the server is for them, and whether their session holds. */
export interface Traveller {
  /** From 0 (calm) to 1. */
  weather: number
  expired: boolean
  /** The process ends. */
  die(): void
  readonly canCrash: boolean
}

interface Request<T> {
  kind: 'push' | 'pull'
  /** How many edits it carries. */
  size: number
  /** A page of a longer run was fetched just before. */
  isInRun: boolean
  /** Does it at the server; the server may end after so many commits, or fail at the edit with this index. */
  act(trouble?: { crashAfter: number } | { failAt: number }): T
}

const never = <T>() => new Promise<T>(() => {})

/** The way to the server and back. */
export class Road {
  /** More edits than this at once are refused as too large, or take too long, for ever. */
  maxBatch = Infinity
  #era = 0
  readonly #random: Random
  readonly #clock: ManualClock
  readonly #faults: Faults

  constructor(random: Random, clock: ManualClock, faults: Faults) {
    this.#random = random
    this.#clock = clock
    this.#faults = faults
  }

  /** The server is replaced: what had not arrived at it never will. */
  cut() {
    this.#era++
  }

  async travel<T>(who: Traveller, request: Request<T>): Promise<T> {
    const random = this.#random
    if (random.chance(0.2)) await this.#wait(10 + random.below(2000))
    if (who.expired) throw new SignInNeeded()
    if (request.size > this.maxBatch) throw this.#tooMuch()
    if (random.chance(who.weather)) return this.#badLuck(who, request)
    return this.#through(who, request)
  }

  /** With the time an answer takes, in which other things happen. */
  async #through<T>(who: Traveller, { act }: Request<T>): Promise<T> {
    const answer = act()
    if (this.#random.chance(0.15)) await this.#wait(10 + this.#random.below(2000))
    if (who.canCrash && this.#random.chance(who.weather / 20)) {
      this.#faults.count('crash after the effect, before the answer')
      who.die()
      return never()
    }
    return answer
  }

  #tooMuch() {
    const isTimeout = this.#random.chance(0.5)
    this.#faults.count(isTimeout ? 'request too slow (408)' : 'request too large (413)')
    return new NetworkError('unusable', 'the server', { status: isTimeout ? 408 : 413 })
  }

  async #badLuck<T>(who: Traveller, request: Request<T>): Promise<T> {
    const random = this.#random
    const { act, kind, size, isInRun } = request
    const count = (fault: FaultKind) => this.#faults.count(fault)
    const unreachable = () => new NetworkError('unreachable', 'the server')
    switch (random.below(kind === 'push' ? 13 : 8)) {
      case 0:
        count(isInRun ? 'cut between pages' : 'request lost')
        await this.#wait(random.below(3000))
        throw unreachable()
      case 1:
        count('answer lost')
        act()
        throw unreachable()
      case 2:
        count('time-out')
        if (random.chance(0.5)) act()
        await this.#wait(30_000)
        throw new NetworkError('timeout', 'the server')
      case 3: {
        count('answer late')
        const answer = act()
        await this.#wait(1000 + random.below(25_000))
        return answer
      }
      case 4:
        count('server failed (500, 502, 503)')
        if (random.chance(0.3)) throw new NetworkError('unusable', 'the server', { status: 502 })
        throw random.chance(0.5) ? refusal(500, 'INTERNAL_ERROR') : refusal(503, 'SERVICE_UNAVAILABLE')
      case 5:
        count('rate limit (429)')
        throw refusal(429, 'RATE_LIMITED', 'Slower', random.chance(0.8) ? random.below(20_000) : undefined)
      case 6:
        count('request too slow (408)')
        throw new NetworkError('unusable', 'the server', { status: 408 })
      case 7:
        if (isInRun) count('cut between pages')
        else count('request lost')
        throw unreachable()
      case 8:
        count('request doubled at once')
        act()
        return this.#through(who, request)
      case 9:
        count('request doubled and reordered')
        this.#later(act, random.below(30_000))
        return this.#through(who, request)
      case 10:
        count('request late, after its sender gave up')
        this.#later(act, 30_000 + random.below(20_000))
        await this.#wait(30_000)
        throw new NetworkError('timeout', 'the server')
      case 11:
        count('server ended inside a batch')
        act({ crashAfter: random.below(size + 1) })
        throw unreachable()
      default:
        count('server failed at one edit of a batch')
        return act({ failAt: random.below(size) })
    }
  }

  /** It arrives when nobody waits for the answer any more. */
  #later(act: () => unknown, milliseconds: number) {
    const era = this.#era
    this.#clock.after(milliseconds, () => {
      if (era !== this.#era) return
      try {
        act()
      } catch {
        // The answer goes to nobody.
      }
    })
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(milliseconds, resolve))
  }
}
