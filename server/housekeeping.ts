import { randomUUID } from 'node:crypto'
import { runCommand } from './command.ts'
import { sweepSignInFailures } from './modules/auth/sign-in-sweep.service.ts'
import { sweepExports } from './modules/exports/exports.service.ts'
import { createHousekeepingService } from './modules/housekeeping/housekeeping.service.ts'
import { sweepImports } from './modules/imports/import-sweep.service.ts'
import { createInteractionsService } from './modules/interactions/interactions.service.ts'
import { journal } from './modules/journal/journal.service.ts'
import { createAuditSweep } from './modules/journal/retention.service.ts'
import { createPool } from './shared/pool.ts'
import { createTransact } from './shared/transaction.ts'

/** `npm run housekeeping`: what the server does by itself at night, now. */

await runCommand(async (databaseUrl) => {
  const pool = createPool(databaseUrl, 1)
  try {
    const transact = createTransact(pool)
    const interactions = createInteractionsService(transact, journal)
    const housekeeping = createHousekeepingService(
      transact,
      interactions,
      [sweepExports, sweepImports],
      [createAuditSweep(journal), sweepSignInFailures],
    )
    const { purged, archived } = await housekeeping.run(randomUUID())
    return { ok: true, words: `Purged ${purged} and archived ${archived} interactions` }
  } finally {
    await pool.destroy()
  }
})
