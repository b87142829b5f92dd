/** The database is away, too slow or shutting down: worth trying again, unlike a bug. */
export function isOutage(error: Error & { code?: string }): boolean {
  const code = error.code ?? ''
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|EAI_)/.test(code) ||
    /^(08|53|57)/.test(code) ||
    error.name === 'KnexTimeoutError' ||
    /connection (terminated|timeout|error)|timeout exceeded when trying to connect|unable to acquire/i.test(
      error.message,
    )
  )
}
