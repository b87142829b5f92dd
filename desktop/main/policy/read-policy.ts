import { managedPreferences } from './managed-preferences.ts'
import { policyFileSource } from './policy-file.ts'
import { registrySources } from './registry.ts'
import { type Managed, resolvePolicy } from './resolve.ts'

interface Computer {
  platform: NodeJS.Platform
  isPackaged: boolean
  env: NodeJS.ProcessEnv
}

/**
 * What IT prescribes on this computer. Only an app that runs from its source can be shown another file, as in tests; of
 * one that is installed whoever starts it chooses the environment, and not the policy.
 */
export function readPolicy({ platform, isPackaged, env }: Computer): Managed {
  const { FIELDBOOK_POLICY_FILE: other } = env
  if (other && !isPackaged) return resolvePolicy(policyFileSource(other, [0, process.getuid?.() ?? 0]))
  if (platform === 'win32') return resolvePolicy(registrySources())
  return resolvePolicy(platform === 'darwin' ? managedPreferences() : policyFileSource())
}
