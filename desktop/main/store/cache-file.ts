import { rmSync } from 'node:fs'
import type { PullPage } from '#common/contract/sync'
import { Cache } from './cache.ts'
import type { Place } from './database.ts'
import { guarded, isDamage, StorageError } from './failures.ts'

/** Where `cache.db` is: a damaged one, or one of a later version of the app, is replaced by an empty one, which the next
 * sync fills. */
export class CacheFile {
  readonly #place: Place
  readonly #onReplaced: () => void
  #cache: Cache
  #wasReplaced = false

  /** `onReplaced` is told of each empty one but the first, which is there already when this returns. */
  constructor(place: Place, onReplaced: () => void) {
    this.#place = place
    this.#onReplaced = onReplaced
    this.#cache = this.#open()
  }

  close(): void {
    this.#cache.close()
  }

  /** True once after a damaged one was replaced. */
  takeNotice(): boolean {
    const replaced = this.#wasReplaced
    this.#wasReplaced = false
    return replaced
  }

  /** `work`, and should the cache turn out to be damaged, once more with a new one. */
  use<T>(work: (cache: Cache) => T): T {
    try {
      return work(this.#cache)
    } catch (error) {
      if (!isDamage(error)) return guarded(() => rethrow(error))
      this.#replace()
      return guarded(() => work(this.#cache))
    }
  }

  /** Null when the cache turned out to be damaged: it is empty now, and the page does not fit it any more. */
  store(page: PullPage): Set<string> | null {
    try {
      return this.#cache.store(page)
    } catch (error) {
      if (!isDamage(error)) return guarded(() => rethrow(error))
      this.#replace()
      return null
    }
  }

  #open(): Cache {
    try {
      return new Cache(this.#place)
    } catch (error) {
      const isNewer = error instanceof StorageError && error.reason === 'newer'
      if (!isNewer && !isDamage(error)) return guarded(() => rethrow(error))
      return this.#create()
    }
  }

  #create(): Cache {
    const place = this.#place
    if (place !== 'memory')
      for (const suffix of ['', '-wal', '-shm']) rmSync(place.path + suffix, { force: true })
    this.#wasReplaced = true
    return guarded(() => new Cache(place))
  }

  #replace() {
    this.#cache.close()
    this.#cache = this.#create()
    this.#onReplaced()
  }
}

function rethrow(error: unknown): never {
  throw error
}
