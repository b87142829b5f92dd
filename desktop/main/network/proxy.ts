import type { ProxyConfig } from 'electron'
import type { Policy } from '#desktop/bridge/policy'

/**
 * How Chromium is to reach the network; null leaves it as the system, or a switch of the command line, has it. Where
 * the mode's own setting is missing the system's counts, and `problems` says so.
 */
export function proxyConfig(
  { proxyMode, proxyServer, proxyPacUrl, proxyBypass }: Policy,
  problems: string[],
): ProxyConfig | null {
  const missing = (name: string) => {
    problems.push(`proxyMode: “${proxyMode}” needs ${name} too; until then the system’s proxy is used.`)
    return { mode: 'system' } as const
  }
  if (proxyMode === undefined) return null
  if (proxyMode === 'pac')
    return proxyPacUrl === undefined ? missing('proxyPacUrl') : { mode: 'pac_script', pacScript: proxyPacUrl }
  if (proxyMode !== 'server') return { mode: proxyMode }
  if (proxyServer === undefined) return missing('proxyServer')
  return {
    mode: 'fixed_servers',
    proxyRules: proxyServer,
    ...(proxyBypass && { proxyBypassRules: proxyBypass }),
  }
}
