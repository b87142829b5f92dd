import { answerCalls, CalledProcess, type ChildPort, type Port } from '../calls.ts'
import { StorageError } from './failures.ts'
import type { LocalStore, StoreOptions } from './local-store.ts'
import { callMethod, isStoreMethod, type Store, storeFrom } from './store.ts'

/** The store in a process of its own: both ends of it. */

export type StorePlace = StoreOptions['place']

/** Answers calls in the storage process; the first one is `open`, with the place. */
export function serveStore(port: Port, open: (place: StorePlace) => LocalStore): void {
  let store: LocalStore | null = null
  answerCalls(port, (method, args) => {
    if (method === 'open') {
      store = open(args[0] as StorePlace)
      return null
    }
    if (!store || !isStoreMethod(method)) throw new Error(`The store cannot ${method}`)
    return callMethod(store, method, args)
  })
}

/**
 * Opens a store in a process of its own. When that process ends by itself, calls under way fail with StorageError
 * `stopped`, `onStopped` is told, and the next call starts another one over the same files.
 */
export async function openRemoteStore(
  start: () => ChildPort,
  place: StorePlace,
  onStopped: () => void,
): Promise<Store> {
  const startProcess = () => new CalledProcess(start(), () => new StorageError('stopped'), onStopped)
  let process = startProcess()
  let opened = process.call('open', [place])
  await opened.catch((error: unknown) => {
    process.end()
    throw error
  })
  return storeFrom(async (method, args) => {
    if (process.ended === 'by itself') {
      process = startProcess()
      opened = process.call('open', [place])
    }
    await opened
    const answer = process.call(method, args)
    if (method !== 'close') return answer
    return answer.catch(() => {}).finally(() => process.end())
  })
}
