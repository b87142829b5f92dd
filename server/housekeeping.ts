import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '#db/embedded'
import { type Config, readConfig } from './config.ts'
import { sweepExports } from './modules/exports/exports.service.ts'
import { createHousekeepingService } from './modules/housekeeping/housekeeping.service.ts'
import { sweepImports } from './modules/imports/import-sweep.service.ts'
import { createInteractionsService } from './modules/interactions/interactions.service.ts'
import { journal } from './modules/journal/journal.service.ts'
import { explainFailure } from './shared/failure.ts'
import { createPool } from './shared/pool.ts'
import { createTransact } from './shared/transaction.ts'

/** `npm run housekeeping`, on `DATABASE_URL` or on the embedded database under `DATA_DIR`; beside a server at work too. */

async function keepHouse(url: string): Promise<string> {
  const pool = createPool(url, 1)
  try {
    const transact = createTransact(pool)
    const interactions = createInteractionsService(transact, journal)
    const housekeeping = createHousekeepingService(transact, interactions, [sweepExports, sweepImports])
    const { purged, archived } = await housekeeping.run(randomUUID())
    return `Purged ${purged} and archived ${archived} interactions`
  } finally {
    await pool.destroy()
  }
}

let config: Config | null = null
try {
  config = readConfig(process.env)
  const embedded = config.databaseUrl ? null : await startEmbeddedPostgres(join(config.dataDir, 'postgres'))
  try {
    console.log(await keepHouse(config.databaseUrl ?? embedded!.url))
  } finally {
    // A server that is at work keeps its database.
    if (!embedded?.adopted) await embedded?.stop()
  }
} catch (error) {
  console.error(explainFailure(error, config))
  process.exit(1)
}
