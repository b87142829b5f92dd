/** It would have written to a database that only reads: a copy that nobody has promoted, or one that was told to. */
export const isReadOnlyDatabase = (error: unknown): boolean => (error as { code?: unknown }).code === '25006'

/** The database is away, only reads, too slow or shutting down: worth trying again, unlike a bug. */
export function isOutage(error: Error & { code?: string }): boolean {
  const code = error.code ?? ''
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|EAI_)/.test(code) ||
    /^(08|53|57)/.test(code) ||
    isReadOnlyDatabase(error) ||
    error.name === 'KnexTimeoutError' ||
    /connection (terminated|timeout|error)|timeout exceeded when trying to connect|unable to acquire/i.test(
      error.message,
    )
  )
}

/** A statement took longer than it may: trying the same again helps less than asking for less, or for longer. */
export const isTooSlow = (error: unknown): boolean => (error as { code?: unknown }).code === '57014'

/** Another record names the one that was to be removed, seen or not. */
export const isReferredTo = (error: unknown): boolean => (error as { code?: unknown }).code === '23503'
