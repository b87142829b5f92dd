import { liveClose, livePingEvery, liveUpdates } from '#common/contract/live'
import { backOff, type Clock } from '../sync/pacer.ts'
import { SignInNeeded } from './failures.ts'
import type { SignedInClient } from './signed-in-client.ts'

export interface SocketEvents {
  opened(): void
  /** The server is there. */
  pinged(): void
  /** The server says something; there is only one thing it can mean. */
  told(): void
  /** With the WebSocket's close code, or the HTTP status it was refused with. */
  closed(code: number): void
}

/** Opens a WebSocket with an access token, and answers pings. A redirect is not followed. */
export type OpenSocket = (address: string, token: string, events: SocketEvents) => { close(): void }

export interface LiveSocketOptions {
  /** Origin of the server. */
  server: string
  client: Pick<SignedInClient, 'token' | 'refused'>
  openSocket: OpenSocket
  clock: Clock
  /** From 0 up to 1. */
  random(): number
  events: {
    /** Whether changes are announced from now on. Some may have been missed before. */
    up(up: boolean): void
    changed(): void
    /** The session is over; the socket waits for `resume`. */
    signInNeeded(): void
  }
}

const openingPatience = 15_000
/** Two pings may be lost. */
const silencePatience = 2.5 * livePingEvery
/** A socket that stayed open this long had not failed. */
const steadyAfter = 30_000

/** `ws` where the API is `http`, `wss` where it is `https`. */
export function liveAddress(server: string): string {
  const url = new URL(`/api/v1${liveUpdates.url}`, server)
  const scheme = { 'http:': 'ws:', 'https:': 'wss:' }[url.protocol]
  if (!scheme) throw new Error(`No live updates over ${url.protocol}`)
  url.protocol = scheme
  return url.href
}

/**
 * The line over which the server says that something changed. Kept open from `start` to `stop`: what ends or falls
 * silent is opened again, ever more slowly while that fails, each time with a token that the server takes.
 */
export class LiveSocket {
  readonly #options: LiveSocketOptions
  readonly #address: string
  #stopped = true
  #paused = false
  #waiting = false
  #up = false
  #failures = 0
  #socket: { close(): void } | null = null
  #attempt = 0
  #cancelTimer = () => {}

  constructor(options: LiveSocketOptions) {
    this.#options = options
    this.#address = liveAddress(options.server)
  }

  start(): void {
    this.#stopped = false
    if (!this.#paused) void this.#open()
  }

  stop(): void {
    this.#stopped = true
    this.#drop()
  }

  /** There is reason to try at once. With `doubt` a socket that seems open may well be dead: it is replaced. */
  wake({ doubt = false } = {}): void {
    if (!this.#stopped && !this.#paused && (this.#waiting || doubt)) void this.#open()
  }

  /** Closed until `resume`. */
  hold(): void {
    this.#paused = true
    this.#drop()
  }

  /** The person has signed in again, or whatever held it is over. */
  resume(): void {
    this.#paused = false
    this.#failures = 0
    if (!this.#stopped) void this.#open()
  }

  async #open() {
    this.#drop()
    const attempt = this.#attempt
    const current = () => attempt === this.#attempt
    const { client, clock, openSocket } = this.#options
    try {
      const token = await client.token()
      if (!current()) return
      let openedAt: number | null = null
      this.#watch(openingPatience)
      this.#socket = openSocket(this.#address, token, {
        opened: () => {
          if (!current()) return
          openedAt = clock.now()
          this.#watch(silencePatience)
          this.#tell(true)
        },
        pinged: () => {
          if (current()) this.#watch(silencePatience)
        },
        told: () => {
          if (!current()) return
          this.#watch(silencePatience)
          this.#options.events.changed()
        },
        closed: (code) => {
          if (!current()) return
          if (openedAt !== null && clock.now() - openedAt >= steadyAfter) this.#failures = 0
          this.#closed(code, token)
        },
      })
    } catch (error) {
      if (current()) this.#withoutToken(error)
    }
  }

  #withoutToken(error: unknown) {
    if (!(error instanceof SignInNeeded)) return this.#later()
    this.#paused = true
    this.#options.events.signInNeeded()
  }

  #closed(code: number, token: string) {
    const { tokenEnded, sessionOver, tooMany } = liveClose
    if (code === tooMany || code === 429) return this.#later(Infinity)
    if (![401, tokenEnded, sessionOver].includes(code)) return this.#later()
    this.#options.client.refused(token)
    if (this.#failures > 0) return this.#later()
    this.#failures = 1
    void this.#open()
  }

  #later(failures = ++this.#failures) {
    this.#drop()
    const { clock, random } = this.#options
    this.#waiting = true
    this.#cancelTimer = clock.after(backOff(failures, random()), () => void this.#open())
  }

  /** Something must be heard by then. */
  #watch(patience: number) {
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.after(patience, () => this.#later())
  }

  /** Ends what is open, under way or waited for; nothing more is heard of it. */
  #drop() {
    this.#attempt++
    this.#waiting = false
    this.#cancelTimer()
    this.#socket?.close()
    this.#socket = null
    this.#tell(false)
  }

  #tell(up: boolean) {
    if (up === this.#up) return
    this.#up = up
    this.#options.events.up(up)
  }
}
