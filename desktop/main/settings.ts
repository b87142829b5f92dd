import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { Closed, Nullable, Uuid } from '#common/contract/primitives'
import { readServerAddress } from './session/server-address.ts'

const WindowPlace = Closed({
  x: Type.Optional(Type.Integer()),
  y: Type.Optional(Type.Integer()),
  width: Type.Integer({ minimum: 320, maximum: 20_000 }),
  height: Type.Integer({ minimum: 240, maximum: 20_000 }),
  maximized: Type.Boolean(),
})
export type WindowPlace = Static<typeof WindowPlace>

/** What is remembered outside the encrypted files: nothing of it says who somebody is or what they wrote. */
const Kept = Closed({
  window: WindowPlace,
  server: Nullable(Type.String({ maxLength: 500 })),
  account: Nullable(Type.String({ pattern: '^[0-9a-f]{32}$' })),
  siteId: Nullable(Uuid),
  updatesCheckedAt: Nullable(Type.String({ maxLength: 40 })),
})
type Kept = Static<typeof Kept>

const defaults: Kept = {
  window: { width: 1280, height: 820, maximized: false },
  server: null,
  account: null,
  siteId: null,
  updatesCheckedAt: null,
}

/** The file. */
interface Backing {
  get(name: string): unknown
  set(name: string, value: unknown): void
}

/**
 * Settings in one small JSON file. A value that is missing, damaged or out of bounds counts as its default; one that
 * cannot be written is forgotten with the app, which is no reason to stop working.
 */
export class Settings {
  readonly #backing: Backing
  readonly #given: { server: string; defaultServer: string }

  /** `server` is the address IT or the environment prescribes, if any. */
  constructor(backing: Backing, given: { server: string | null; defaultServer: string }) {
    this.#backing = backing
    this.#given = { server: given.server ?? '', defaultServer: given.defaultServer }
  }

  get window(): WindowPlace {
    return this.#read('window')
  }

  set window(place: WindowPlace) {
    this.#write('window', place)
  }

  get server(): string {
    const { server, defaultServer } = this.#given
    return server || this.#validServer(this.#read('server')) || defaultServer
  }

  set server(server: string) {
    this.#write('server', server)
  }

  get account(): string | null {
    return this.#read('account')
  }

  set account(account: string | null) {
    this.#write('account', account)
  }

  get siteId(): string | null {
    return this.#read('siteId')
  }

  set siteId(siteId: string | null) {
    this.#write('siteId', siteId)
  }

  get updatesCheckedAt(): string | null {
    return this.#read('updatesCheckedAt')
  }

  set updatesCheckedAt(instant: string | null) {
    this.#write('updatesCheckedAt', instant)
  }

  #validServer(server: string | null): string | null {
    try {
      return server && readServerAddress(server)
    } catch {
      return null
    }
  }

  #read<K extends keyof Kept>(name: K): Kept[K] {
    try {
      const value = this.#backing.get(name)
      return Value.Check(Kept.properties[name], value) ? (value as Kept[K]) : defaults[name]
    } catch {
      return defaults[name]
    }
  }

  #write<K extends keyof Kept>(name: K, value: Kept[K]) {
    try {
      this.#backing.set(name, value)
    } catch {
      // Said above.
    }
  }
}
