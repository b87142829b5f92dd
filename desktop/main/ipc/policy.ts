import { type Managed, managedSettings } from '../policy/resolve.ts'
import type { Handlers } from './handlers.ts'

/** What IT prescribes on this computer. */
export const policyHandlers = (managed: Managed): Pick<Handlers, 'policy.read'> => ({
  'policy.read': () => Promise.resolve(managedSettings(managed)),
})
