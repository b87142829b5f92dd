import { AppError, type ErrorCode, type FieldProblem } from '#common/contract/errors'
import { StorageError, type StorageReason } from './store/failures.ts'

/** Calls to a process of ours and their answers: what crosses between the two, and both ends of it. */

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

/** Answers calls, in the process that is called. Work that does not wait is done in the order of the calls. */
export function answerCalls(port: Port, answer: (method: string, args: unknown[]) => unknown): void {
  port.onMessage((message) => {
    const { id, method, args } = message as Call
    const fail = (error: unknown) => port.postMessage({ id, failure: toFailure(error) } satisfies Reply)
    try {
      const value = answer(method, args)
      if (value instanceof Promise) {
        value.then((value: unknown) => port.postMessage({ id, value } satisfies Reply)).catch(fail)
      } else port.postMessage({ id, value } satisfies Reply)
    } catch (error) {
      fail(error)
    }
  })
}

/**
 * Calls a process that has been started. When it ends by itself, calls under way and all later ones fail with what
 * `stopped` makes, and `onStopped` is told.
 */
export class CalledProcess {
  readonly #port: ChildPort
  readonly #stopped: () => Error
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #lastId = 0
  ended: 'by itself' | 'on purpose' | null = null

  constructor(port: ChildPort, stopped: () => Error, onStopped: () => void) {
    this.#port = port
    this.#stopped = stopped
    port.onMessage((message) => this.#settle(message as Reply))
    port.onExit(() => {
      const unexpected = this.ended === null
      if (unexpected) this.ended = 'by itself'
      for (const { reject } of this.#waiting.values()) reject(stopped())
      this.#waiting.clear()
      if (unexpected) onStopped()
    })
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    if (this.ended) return Promise.reject(this.#stopped())
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
      return Object.assign(new Error('A process of the app failed'), {
        code,
        stack: `ProcessFault\n${stack}`,
      })
    }
  }
}
