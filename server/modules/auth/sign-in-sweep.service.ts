import { systemScope } from '../../shared/scope.ts'
import type { TenantSweep } from '../housekeeping/housekeeping.service.ts'
import { sweepFailures } from './auth.repository.ts'

/** Forgets failures that count no longer: made-up names are counted too, and would be kept for ever. */
export const sweepSignInFailures: TenantSweep = async (transact, tenantId) => {
  while (await transact(systemScope(tenantId), (tx) => sweepFailures(tx)));
}
