import { join } from 'node:path'
import { startEmbeddedPostgres } from '#db/embedded'
import { type Config, readConfig } from './config.ts'
import { explainFailure } from './shared/failure.ts'

/** What a command found out, in words; `ok: false` ends it with code 1. */
export interface Outcome {
  ok: boolean
  words: string
}

/** Runs a command. What stands in its way is said in one line, and ends it with code 1. */
export async function runWithSettings(work: (config: Config) => Promise<Outcome>): Promise<void> {
  let config: Config | null = null
  try {
    config = readConfig(process.env)
    const { ok, words } = await work(config)
    console.log(words)
    if (!ok) process.exitCode = 1
  } catch (error) {
    console.error(explainFailure(error, config))
    process.exit(1)
  }
}

/** Runs one on `DATABASE_DIRECT_URL`, on `DATABASE_URL` or on the embedded database under `DATA_DIR`, beside a server at work too. */
export const runCommand = (work: (databaseUrl: string, config: Config) => Promise<Outcome>) =>
  runWithSettings(async (config) => {
    const embedded = config.databaseUrl ? null : await startEmbeddedPostgres(join(config.dataDir, 'postgres'))
    try {
      return await work(config.databaseDirectUrl ?? config.databaseUrl ?? embedded!.url, config)
    } finally {
      // A server that is at work keeps its database.
      if (!embedded?.adopted) await embedded?.stop()
    }
  })
