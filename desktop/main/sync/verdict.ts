import { isReadOnly } from '#common/contract/errors'
import { NetworkError, PasswordChangeNeeded, ServerError, SignInNeeded } from '../api/failures.ts'

/** What a failed request means for the queue (SYNC.md, When things go wrong). */
export type Verdict =
  /**
   * Nothing is wrong with what was sent: try again. `smaller`: it was perhaps too much at once, and with `tooLarge` that
   * is certain, so that less of it may be sent without waiting.
   */
  | {
      kind: 'later'
      offline: boolean
      /** The server reads, and takes nothing for now. */
      readOnly: boolean
      smaller: boolean
      tooLarge: boolean
      retryAfter: number | undefined
    }
  /** Wait for the person to sign in. */
  | { kind: 'sign-in' }
  /** Wait for the person to choose another password. */
  | { kind: 'held' }
  /** The server will not take what was sent, however often it is sent. */
  | { kind: 'refused'; error: ServerError }

/** Null for a failure that is not the network's or the server's. */
export function judge(error: unknown): Verdict | null {
  if (error instanceof SignInNeeded) return { kind: 'sign-in' }
  if (error instanceof PasswordChangeNeeded) return { kind: 'held' }
  if (error instanceof ServerError) {
    if (error.status === 401) return { kind: 'sign-in' }
    if ([400, 403, 409].includes(error.status)) return { kind: 'refused', error }
    return {
      kind: 'later',
      offline: error.status >= 500 && !isReadOnly(error),
      readOnly: isReadOnly(error),
      smaller: error.status === 408 || error.status === 500,
      tooLarge: false,
      retryAfter: error.retryAfter,
    }
  }
  if (error instanceof NetworkError) {
    const tooLarge = error.status === 413
    const smaller =
      tooLarge || error.trouble === 'timeout' || [408, 500, 502, 504].includes(error.status ?? 0)
    return { kind: 'later', offline: !tooLarge, readOnly: false, smaller, tooLarge, retryAfter: undefined }
  }
  return null
}
