import { AppError, type ErrorCode, type FieldProblem } from '#common/contract/errors'
import { StorageError, type StorageReason } from './failures.ts'
import type { LocalStore, StoreOptions } from './local-store.ts'
import { callMethod, isStoreMethod, type Store, storeFrom } from './store.ts'

/** The store in a process of its own: what crosses between the two, and both ends of it. */

export type StorePlace = StoreOptions['place']

interface Call {
  id: number
  method: string
  args: unknown[]
}

type Failure =
  | { kind: 'app'; code: ErrorCode; message: string; details: FieldProblem[] | undefined }
  | { kind: 'storage'; reason: StorageReason }
  /** A fault of ours: where it happened, without a message that might quote a record. */
  | { kind: 'fault'; code: string; stack: string }

type Reply = { id: number; value: unknown } | { id: number; failure: Failure }

/** One end of a line between processes. */
export interface Port {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** The main process' end: it also sees the other process end, and can end it. */
export interface ChildPort extends Port {
  onExit(listener: () => void): void
  kill(): void
}

/** Answers calls in the storage process; the first one is `open`, with the place. */
export function serveStore(port: Port, open: (place: StorePlace) => LocalStore): void {
  let store: LocalStore | null = null
  const answer = ({ method, args }: Call): unknown => {
    if (method === 'open') {
      store = open(args[0] as StorePlace)
      return null
    }
    if (!store || !isStoreMethod(method)) throw new Error(`The store cannot ${method}`)
    return callMethod(store, method, args)
  }
  port.onMessage((message) => {
    const call = message as Call
    try {
      port.postMessage({ id: call.id, value: answer(call) } satisfies Reply)
    } catch (error) {
      port.postMessage({ id: call.id, failure: toFailure(error) } satisfies Reply)
    }
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
  let process = new StoreProcess(start(), onStopped)
  let opened = process.call('open', [place])
  await opened.catch((error: unknown) => {
    process.end()
    throw error
  })
  return storeFrom(async (method, args) => {
    if (process.ended === 'by itself') {
      process = new StoreProcess(start(), onStopped)
      opened = process.call('open', [place])
    }
    await opened
    const answer = process.call(method, args)
    if (method !== 'close') return answer
    return answer.catch(() => {}).finally(() => process.end())
  })
}

class StoreProcess {
  readonly #port: ChildPort
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #lastId = 0
  ended: 'by itself' | 'on purpose' | null = null

  constructor(port: ChildPort, onStopped: () => void) {
    this.#port = port
    port.onMessage((message) => this.#settle(message as Reply))
    port.onExit(() => {
      const unexpected = this.ended === null
      if (unexpected) this.ended = 'by itself'
      for (const { reject } of this.#waiting.values()) reject(new StorageError('stopped'))
      this.#waiting.clear()
      if (unexpected) onStopped()
    })
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    if (this.ended) return Promise.reject(new StorageError('stopped'))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#port.postMessage({ id, method, args } satisfies Call)
    })
  }

  end() {
    this.ended = 'on purpose'
    this.#port.kill()
  }

  #settle(reply: Reply) {
    const call = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('failure' in reply) call?.reject(toError(reply.failure))
    else call?.resolve(reply.value)
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    return { kind: 'app', code: error.code, message: error.message, details: error.details }
  }
  if (error instanceof StorageError) return { kind: 'storage', reason: error.reason }
  const { code, stack = '' } = error as { code?: unknown; stack?: string }
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return { kind: 'fault', code: typeof code === 'string' ? code : '', stack: frames.join('\n') }
}

function toError(failure: Failure): Error {
  switch (failure.kind) {
    case 'app':
      return new AppError(failure.code, failure.message, failure.details && { details: failure.details })
    case 'storage':
      return new StorageError(failure.reason)
    case 'fault': {
      const { code, stack } = failure
      return Object.assign(new Error('The storage process failed'), { code, stack: `StorageFault\n${stack}` })
    }
  }
}
