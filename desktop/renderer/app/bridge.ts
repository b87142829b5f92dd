import type { Answer, Bridge, Problem, Request, RequestName } from '#desktop/bridge/channels'

declare global {
  interface Window {
    fieldbook: Bridge
  }
}

/** A request that main refused or could not carry out; `problem.message` is meant for the person. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** Asks main. Rejects with a ProblemError where the answer is a problem. */
export async function ask<N extends RequestName>(name: N, request: Request<N>): Promise<Answer<N>> {
  const outcome = await window.fieldbook.ask(name, request)
  if (!outcome.ok) throw new ProblemError(outcome.problem)
  return outcome.value
}

/** Listens to main; answers how to stop. */
export const on: Bridge['on'] = (name, listener) => window.fieldbook.on(name, listener)

/** What to tell the person about any failure. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return {
    code: 'INTERNAL_ERROR',
    message: 'Something in the app went wrong. Try again; if it stays, restart Fieldbook.',
    reference: null,
    details: [],
  }
}
