import { AppError } from '#common/contract/errors'
import type { Problem } from '#desktop/bridge/channels'
import { NetworkError, ServerError } from '../api/failures.ts'
import { StorageError } from '../store/failures.ts'

/** A failure in the form in which it crosses to the window. What is not meant for people is not told to them. */
export function toProblem(error: unknown): Problem {
  if (error instanceof AppError) {
    const reference = error instanceof ServerError ? error.reference : null
    return { code: error.code, message: error.message, reference, details: error.details ?? [] }
  }
  if (error instanceof NetworkError) return plain('SERVICE_UNAVAILABLE', error.message)
  if (error instanceof StorageError) return plain('INTERNAL_ERROR', error.message)
  return plain(
    'INTERNAL_ERROR',
    'Something went wrong in the app. Try again; if it happens again, restart Fieldbook.',
  )
}

const plain = (code: Problem['code'], message: string): Problem => ({
  code,
  message,
  reference: null,
  details: [],
})
