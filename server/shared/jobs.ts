import type { Transaction } from './transaction.ts'

/** A kind of work that goes on after the request that asked for it. */
export interface JobKind<Data> {
  /**
   * Does it. What is thrown is logged and tried again, later each time; so is what a server was at when it died. It may
   * therefore find work half done, and, where a server was only thought dead, somebody else at it. `signal` says that
   * the server is closing or the job is no longer its own: throw then, before the next step, and it is done elsewhere.
   */
  work(data: Data, signal: AbortSignal): Promise<void>
  /** It was tried often enough and will not be any more. */
  failed?(data: Data): Promise<void>
  /** How many of them one server works on at the same time; one, if nothing is said. */
  atOnce?: number
  /** When it is to be done without anybody sending it, each day at this time of UTC; with empty data. */
  daily?: { hour: number; minute: number }
  /** The same, each minute. */
  everyMinute?: true
}

/** Has it done; with a transaction once that is committed, and never if it is not. */
export type SendJob<Data> = (tx: Transaction | null, data: Data) => Promise<void>

export interface Jobs {
  /**
   * Tells, before the server is ready, how this kind of job is done. `name` is that of a queue, which a migration made.
   * `data` holds ids and no more: it is under no row-level security.
   */
  define<Data extends object>(name: string, kind: JobKind<Data>): SendJob<Data>
}
