import { v7 as uuidv7 } from 'uuid'
import type { SignedIn } from '#common/contract/auth'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { createClient } from '#desktop/main/api/client'
import { SignedInClient, type TokenKeeper } from '#desktop/main/api/signed-in-client'
import { LocalStore, type StoreOptions } from '#desktop/main/store/local-store'
import { SyncEngine } from '#desktop/main/sync/engine'
import { type Clock, Pacer, type PacerOptions } from '#desktop/main/sync/pacer'
import { inProcess } from '#desktop/main/test/device'

export interface HeadlessOptions {
  server: string
  place: StoreOptions['place']
  /** Milliseconds until a call without an answer is given up. */
  timeout: number
  /** How many times faster than the world its waiting goes. */
  haste?: number
  newId?: () => string
  fetch?: typeof fetch
  tokens: TokenKeeper
  onOutcome?: PacerOptions['onOutcome']
  onPage?: (firstSync: { stored: number; remaining: number } | null) => void
}

/** The app without its window: the real store, engine, pacer and client, against a real server. */
export class Headless {
  readonly local: LocalStore
  readonly client: SignedInClient
  readonly engine: SyncEngine
  readonly pacer: Pacer
  /** How often it had everything the server had a moment before. */
  timesCurrent = 0
  readonly #ending = new AbortController()

  constructor(options: HeadlessOptions) {
    const { server, place, timeout, haste = 1, newId = uuidv7, onOutcome = () => {} } = options
    this.local = new LocalStore({ place, newId, now: () => new Date().toISOString() })
    const clock: Clock = {
      now: () => performance.now() * haste,
      after: (milliseconds, work) => {
        const timer = setTimeout(work, milliseconds / haste)
        return () => clearTimeout(timer)
      },
    }
    this.client = new SignedInClient({
      call: createClient({ server, fetch: options.fetch ?? fetch, timeout, signal: this.#ending.signal }),
      tokens: options.tokens,
      now: () => performance.now(),
      onSession: ({ user }) => this.local.writeMeta({ profile: user }),
    })
    this.engine = new SyncEngine(
      inProcess(this.local),
      {
        push: async (body) => (await this.client.call('pushMutations', { body })).results,
        pull: (query) => this.client.call('pullChanges', { query }),
      },
      {
        busy: () => {},
        reached: () => {},
        changed: () => {},
        stored: (firstSync) => options.onPage?.(firstSync),
        current: () => this.timesCurrent++,
      },
    )
    this.pacer = new Pacer({ cycle: () => this.engine.cycle(), clock, random: Math.random, onOutcome })
  }

  /** Nothing runs any more, and the files are closed. */
  async close(): Promise<void> {
    const stopped = this.pacer.stop()
    this.#ending.abort()
    await stopped
    this.local.close()
  }

  rows(siteId: string): LocalInteraction[] {
    const rows: LocalInteraction[] = []
    for (;;) {
      const page = this.local.page({ siteId, filter: {}, sort: [], offset: rows.length, limit: 500 })
      rows.push(...page.rows)
      if (page.rows.length < 500) return rows
    }
  }
}

/** Keeps the refresh token in memory. */
export function keeper(session: SignedIn | null): TokenKeeper {
  let token = session?.refreshToken ?? null
  return {
    refreshToken: () => token,
    keep: (next) => {
      token = next
    },
  }
}
