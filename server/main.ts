import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startEmbeddedPostgres } from '#db/embedded'
import { migrate, pendingMigrations } from '#db/migrate'
import { seedDemo } from '#db/seeds/demo'
import { buildApp } from './app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { folderKeyring, keyringOf } from './modules/auth/keyring.ts'
import { explainFailure } from './shared/failure.ts'
import { logging } from './shared/logging.ts'

/**
 * Starts the API and all it stands on, and takes it down again in order; with the argument `worker` what works on jobs
 * alone, and answers whoever watches it. Anything that stops it is one clear line.
 */

const isWorker = process.argv[2] === 'worker'

type Closing = () => Promise<void>

async function start(config: Config, closing: Closing[]): Promise<void> {
  if (isWorker && config.databaseUrl === null)
    throw new ConfigError('A worker needs DATABASE_URL: the embedded database belongs to the server on it')
  const databaseUrl = config.databaseUrl ?? (await startOwnDatabase(config, closing))
  if (config.databaseUrl === null) {
    await migrate(databaseUrl)
    if (config.demoData) await seedDemo(databaseUrl, { meetings: config.demoMeetings })
  } else if (config.migrateAtStart) {
    await (config.databaseDirectUrl ? migrate(config.databaseDirectUrl, databaseUrl) : migrate(databaseUrl))
  } else {
    const pending = await pendingMigrations(config.databaseDirectUrl ?? databaseUrl)
    if (pending.length > 0) {
      throw new ConfigError(
        'The database is not up to date; run npm run db:migrate and start again, or set MIGRATE_AT_START=on',
      )
    }
  }

  const keys = config.jwtPrivateKey ? keyringOf(config.jwtPrivateKey) : await folderKeyring(config.dataDir)
  const app = await buildApp({
    config,
    databaseUrl,
    behindPooler: config.databaseDirectUrl !== null,
    keys,
    logger: logging(config.logLevel),
    jobs: { work: isWorker || config.workOnJobs },
    only: isWorker ? 'operations' : null,
    measureProcess: true,
    isEnding: () => stopping,
  })
  closing.push(() => app.close())
  await app.listen({ host: config.host, port: config.port })
}

async function startOwnDatabase(config: Config, closing: Closing[]): Promise<string> {
  await mkdir(config.dataDir, { recursive: true })
  closing.push(await claim(join(config.dataDir, 'server.pid')))
  const postgres = await startEmbeddedPostgres(join(config.dataDir, 'postgres'))
  closing.push(postgres.stop)
  return postgres.url
}

/** One server at a time works on a data folder; the file of one that was killed counts for nothing. */
async function claim(path: string): Promise<Closing> {
  const holder = Number(await readFile(path, 'utf8').catch(() => ''))
  if (holder && holder !== process.pid && isRunning(holder)) {
    throw new ConfigError(
      `Another server (process ${holder}) works on this data folder; stop it or set DATA_DIR`,
    )
  }
  await writeFile(path, String(process.pid))
  return () => rm(path, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const closing: Closing[] = []
let config: Config | null = null
let stopping = false

async function stop(exitCode: number): Promise<void> {
  if (stopping) return
  stopping = true
  // Balancers notice that it ends before it takes nothing more.
  if (exitCode === 0 && config?.drainSeconds) await delay(config.drainSeconds * 1000)
  for (const close of closing.reverse()) {
    await close().catch((error: unknown) => console.error(`Could not close cleanly: ${String(error)}`))
  }
  process.exit(exitCode)
}

process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))
// Whoever started this server with a channel (npm start) is gone.
process.on('disconnect', () => void stop(0))

try {
  config = readConfig(process.env)
  await start(config, closing)
} catch (error) {
  console.error(`Fieldbook cannot start: ${explainFailure(error, config)}`)
  await stop(1)
}
