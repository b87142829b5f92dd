import { randomUUID } from 'node:crypto'
import { archiveAfterYears } from '#common/contract/tenants'
import type { Jobs } from '../../shared/jobs.ts'
import { isOutage, isTooSlow } from '../../shared/outage.ts'
import { systemScope } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { InteractionsService } from '../interactions/interactions.service.ts'
import type { Origin } from '../journal/journal.service.ts'
import { createHousekeepingRepository } from './housekeeping.repository.ts'

const rowsAtOnce = 500

/** Nobody: the audit has no person for what the server does by itself. */
const origin = (requestId: string): Origin => ({ id: null, requestId, address: 'local', device: null })

/** Removes a little of what has expired at the scope's site; false when there is no more. */
export type Sweep = (tx: Transaction) => Promise<boolean>

/** The same for a whole tenant, all of it. */
export type TenantSweep = (transact: Transact, tenantId: string, origin: Origin) => Promise<unknown>

export interface Housekept {
  purged: number
  archived: number
}

/** One that fails does not keep the others from their turn; when all had theirs, it is thrown. An outage ends it at once. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const failures: Error[] = []
  for (const item of items) {
    await work(item).catch((error: Error) => {
      if (isOutage(error) && !isTooSlow(error)) throw error
      failures.push(error)
    })
  }
  if (failures[0]) throw failures[0]
}

/**
 * What has to be done now and then, whoever calls: removing for good what can be restored no longer or has expired,
 * and archiving what nobody has changed for years (`archiveAfterYears` in the tenant's settings; null switches it
 * off). Every batch is a transaction of its own, so it can be cut short at any time, run again, and run beside another.
 */
export function createHousekeepingService(
  transact: Transact,
  interactions: InteractionsService,
  sweeps: readonly Sweep[],
  tenantSweeps: readonly TenantSweep[] = [],
) {
  const { inTransaction } = interactions

  /** Site by site; `work` answers with how many rows it found to do. */
  async function inBatches(
    tenantId: string,
    work: (tx: Transaction, limit: number) => Promise<number>,
    batch: number,
  ): Promise<number> {
    const sites = await transact({ tenantId, siteId: null }, (tx) =>
      createHousekeepingRepository(tx).siteIds(),
    )
    let done = 0
    await forEach(sites, async (siteId) => {
      let count: number
      do {
        count = await transact(systemScope(tenantId, siteId), (tx) => work(tx, batch))
        done += count
      } while (count === batch)
    })
    return done
  }

  const purge = (tenantId: string, requestId: string, batch = rowsAtOnce): Promise<number> =>
    inBatches(tenantId, (tx, limit) => inTransaction.purge(tx, origin(requestId), limit), batch)

  async function archive(tenantId: string, requestId: string, batch = rowsAtOnce): Promise<number> {
    const settings = await transact({ tenantId, siteId: null }, (tx) =>
      createHousekeepingRepository(tx).settings(),
    )
    const { archiveAfterYears: years = archiveAfterYears } = settings
    if (typeof years !== 'number' || !(years > 0)) return 0
    const before = new Date()
    before.setUTCMonth(before.getUTCMonth() - Math.round(years * 12))
    return inBatches(
      tenantId,
      (tx, limit) => inTransaction.archiveStale(tx, origin(requestId), before.toISOString(), limit),
      batch,
    )
  }

  const sweep = (tenantId: string): Promise<void> =>
    forEach(sweeps, async (each) => {
      await inBatches(tenantId, async (tx) => Number(await each(tx)), 1)
    })

  /** All of it, for every organisation. */
  async function run(requestId: string): Promise<Housekept> {
    const tenants = await transact({ tenantId: '', siteId: null }, (tx) =>
      createHousekeepingRepository(tx).tenantIds(),
    )
    const sum = { purged: 0, archived: 0 }
    await forEach(tenants, (tenantId) =>
      forEach(
        [
          async () => (sum.purged += await purge(tenantId, requestId)),
          async () => (sum.archived += await archive(tenantId, requestId)),
          () => sweep(tenantId),
          ...tenantSweeps.map((each) => () => each(transact, tenantId, origin(requestId))),
        ],
        (part) => part(),
      ),
    )
    return sum
  }

  return {
    purge,
    archive,
    run,

    /** Has it done every night by one of the servers that are at work. */
    daily: (jobs: Jobs) =>
      jobs.define('housekeeping', {
        daily: { hour: 2, minute: 15 },
        work: async (_, signal) => {
          const unlessClosing: Transact = (...transaction) => {
            signal.throwIfAborted()
            return transact(...transaction)
          }
          await createHousekeepingService(unlessClosing, interactions, sweeps, tenantSweeps).run(randomUUID())
        },
      }),
  }
}
