import { AppError } from '#common/contract/errors'
import { problemsOf } from '#common/contract/sentences'
import { type Answer, type Outcome, type Request, type RequestName, requests } from '#desktop/bridge/channels'
import { NetworkError } from '../api/failures.ts'
import { StorageError } from '../store/failures.ts'
import type { Handlers } from './handlers.ts'
import { toProblem } from './problem.ts'

export interface AnswerOptions {
  handlers: Handlers
  /** Takes what the storage threw, which may mean that it has to be closed. */
  storageFailed(error: StorageError): void
  log(message: string, error?: unknown): void
}

/** Answers a request whose sender has been checked; it is held against its schema, and never throws. */
export async function answerRequest<N extends RequestName>(
  name: N,
  request: unknown,
  { handlers, storageFailed, log }: AnswerOptions,
): Promise<Outcome<Answer<N>>> {
  try {
    const details = problemsOf(requests[name].request, request).map(({ field, message }) => ({
      field: field.replace(/^fields\./, ''),
      message,
    }))
    if (details.length > 0)
      throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
    return { ok: true, value: await handlers[name](request as Request<N>) }
  } catch (error) {
    if (error instanceof StorageError) storageFailed(error)
    else if (!(error instanceof AppError || error instanceof NetworkError)) log(`${name} failed`, error)
    return { ok: false, problem: toProblem(error) }
  }
}
