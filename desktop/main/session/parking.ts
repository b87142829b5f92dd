import type { Store } from '../store/store.ts'
import type { Account } from './account.ts'

const unsentIn = async (store: Store): Promise<number> => {
  const { waiting, needsAttention } = await store.counts()
  return waiting + needsAttention
}

/**
 * Stores of people who have left. On disk a store is closed and found again by its key. Where nothing is kept on
 * disk, one with unsent work stays open for its owner's next sign-in, until the app ends.
 */
export class Parking {
  readonly #stores = new Map<string, Store>()

  async leave(account: Account, store: Store): Promise<void> {
    // A store that cannot answer has nothing to be kept open for.
    const unsent = account.keepsData ? 0 : await unsentIn(store).catch(() => 0)
    if (unsent > 0) this.#stores.set(account.id, store)
    else await store.close()
  }

  take(account: Account): Store | undefined {
    const store = this.#stores.get(account.id)
    this.#stores.delete(account.id)
    return store
  }

  get isUsed(): boolean {
    return this.#stores.size > 0
  }

  /** Edits that would be lost with the app, in here and in `open`. */
  async unsent(open: Store | null): Promise<number> {
    const counts = await Promise.all([...this.#stores.values(), ...(open ? [open] : [])].map(unsentIn))
    return counts.reduce((sum, count) => sum + count, 0)
  }
}
