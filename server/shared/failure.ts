import { type Config, ConfigError } from '../config.ts'

/** Why the server, or a command, cannot do its work: one line for whoever started it. */
export function explainFailure(error: unknown, config: Config | null): string {
  if (error instanceof ConfigError) return error.message
  const { code, message, syscall, hostname } = error as NodeJS.ErrnoException & { hostname?: string }
  if (code === 'EADDRNOTAVAIL' || (syscall === 'getaddrinfo' && hostname === config?.host)) {
    return `HOST must be an address of this machine; ${config?.host} is none`
  }
  if (code === 'EADDRINUSE') return `Port ${config?.port} is in use; stop what uses it or set PORT to another`
  if (code === 'EACCES')
    return `May not listen on port ${config?.port} or write to ${config?.dataDir}: ${message}`
  if (/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT)/.test(code ?? '') || /timeout/i.test(message)) {
    return 'The database at DATABASE_URL does not answer; check the address and that it is running'
  }
  if (/^(28|3D)/.test(code ?? '')) return `The database at DATABASE_URL refused: ${message}`
  return message || String(error)
}
