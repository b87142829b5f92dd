/**
 * Notes for whoever looks after the app, on stderr only. Errors are noted by kind, place and the codes of the system;
 * their messages may quote what a person typed, so those of unknown origin are left out.
 */
export function log(message: string, error?: unknown): void {
  process.stderr.write(`fieldbook: ${message}${error === undefined ? '' : ` (${describe(error)})`}\n`)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const cause = error.cause === undefined ? '' : ` caused by ${describe(error.cause)}`
  return (
    [error.name, typeof code === 'string' ? code : '', ...frames.slice(0, 3).map((line) => line.trim())]
      .filter(Boolean)
      .join(' ') + cause
  )
}
