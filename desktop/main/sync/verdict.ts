import { NetworkError, ServerError, SignInNeeded } from '../api/failures.ts'

/** What a failed request means for the queue (SYNC.md, When things go wrong). */
export type Verdict =
  /** Nothing is wrong with what was sent: try again. `smaller`: it was too much at once. */
  | { kind: 'later'; offline: boolean; smaller: boolean; retryAfter: number | undefined }
  /** Wait for the person to sign in. */
  | { kind: 'sign-in' }
  /** The server will not take what was sent, however often it is sent. */
  | { kind: 'refused'; error: ServerError }

/** Null for a failure that is not the network's or the server's. */
export function judge(error: unknown): Verdict | null {
  if (error instanceof SignInNeeded) return { kind: 'sign-in' }
  if (error instanceof ServerError) {
    if (error.status === 401) return { kind: 'sign-in' }
    if ([400, 403, 409].includes(error.status)) return { kind: 'refused', error }
    return {
      kind: 'later',
      offline: error.status >= 500,
      smaller: error.status === 408,
      retryAfter: error.retryAfter,
    }
  }
  if (error instanceof NetworkError) {
    const smaller = error.trouble === 'timeout' || error.status === 408 || error.status === 413
    return { kind: 'later', offline: true, smaller, retryAfter: undefined }
  }
  return null
}
