import type { Jobs } from '../../shared/jobs.ts'
import { noTenant, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import { compactTallies } from './tallies.repository.ts'

/** New rows of a ledger that are added up in one transaction. */
const rowsAtOnce = 5000

/** Adds up the ledgers figures are read from. What they say stays the same: it is then read from fewer rows. */
export const createTallies = (transact: Transact) => ({
  everyMinute(jobs: Jobs): void {
    jobs.define('tallies', {
      everyMinute: true,
      async work(_, signal) {
        for (;;) {
          signal.throwIfAborted()
          const added = await transact(systemScope(noTenant), (tx) => compactTallies(tx, rowsAtOnce), {
            statementSeconds: 60,
          })
          if (added === 0) return
        }
      },
    })
  },
})
