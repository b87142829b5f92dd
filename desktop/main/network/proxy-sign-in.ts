export interface ProxyAsking {
  host: string
  port: number
  /** What was said just now did not do. */
  refused: boolean
}

export interface Credentials {
  username: string
  password: string
}

/** Milliseconds for which somebody who said no is not asked again. */
const restAfterNo = 5 * 60_000

type Proxy = Pick<ProxyAsking, 'host' | 'port'>

const placeOf = ({ host, port }: Proxy) => `${host}:${port}`

/**
 * A proxy that wants a name and a password: the person is asked, once for everything that waits. What they say is held
 * in memory alone, and given to that proxy.
 */
export class ProxySignIn {
  readonly #tell: (asking: ProxyAsking | null) => void
  readonly #now: () => number
  readonly #known = new Map<string, Credentials>()
  readonly #tried = new Set<string>()
  #turn: Promise<boolean> | null = null
  #refusedAt = -Infinity
  #waiting: { asking: ProxyAsking; answer(credentials: Credentials | null): void } | null = null

  constructor(tell: (asking: ProxyAsking | null) => void, now: () => number = Date.now) {
    this.#tell = tell
    this.#now = now
  }

  /** Whom the person is asked about. */
  get asking(): ProxyAsking | null {
    return this.#waiting?.asking ?? null
  }

  known(place: string): Credentials | null {
    return this.#known.get(place) ?? null
  }

  /** The person wants to be asked again. */
  reconsider(): void {
    this.#refusedAt = -Infinity
  }

  /** Finds out whether a request gets through now; several that wait share one try. */
  inTurn(attempt: () => Promise<boolean>): Promise<boolean> {
    this.#turn ??= attempt().finally(() => {
      this.#turn = null
      this.#tried.clear()
    })
    return this.#turn
  }

  /** Null where the person does not say. What has been refused in this turn is not given once more. */
  async credentialsFor(proxy: Proxy): Promise<Credentials | null> {
    const place = placeOf(proxy)
    const known = this.#known.get(place)
    if (known && !this.#tried.has(place)) {
      this.#tried.add(place)
      return known
    }
    this.#known.delete(place)
    if (Math.abs(this.#now() - this.#refusedAt) < restAfterNo) return null
    const asking = { ...proxy, refused: this.#tried.has(place) }
    const given = await new Promise<Credentials | null>((answer) => {
      this.#waiting = { asking, answer }
      this.#tell(asking)
    })
    this.#waiting = null
    this.#tell(null)
    this.#tried.add(place)
    if (given) this.#known.set(place, given)
    else this.#refusedAt = this.#now()
    return given
  }

  /** What the person says; null for no. */
  answer(credentials: Credentials | null): void {
    this.#waiting?.answer(credentials)
  }
}

export function proxyUrl(scheme: 'http' | 'https', place: string, credentials: Credentials | null): string {
  const url = new URL(`${scheme}://${place}`)
  if (credentials) Object.assign(url, credentials)
  return url.href
}
