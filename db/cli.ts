import { join } from 'node:path'
import { type Config, readConfig } from '#server/config'
import { explainFailure } from '#server/shared/failure'
import { startEmbeddedPostgres } from './embedded.ts'
import { migrate, rollback } from './migrate.ts'
import { seedDemo } from './seeds/demo.ts'

/** `node db/cli.ts migrate|rollback|seed`, on `DATABASE_URL` or on the embedded database under `DATA_DIR`. */

const commands: Record<string, (url: string) => Promise<string>> = {
  migrate: async (url) => list(await migrate(url), 'Ran', 'The database is up to date'),
  rollback: async (url) => list(await rollback(url), 'Undid', 'There is nothing to undo'),
  seed: async (url) => {
    await migrate(url)
    const seeded = await seedDemo(url, { meetings: readConfig(process.env).demoMeetings })
    return seeded
      ? `Added the demo with ${seeded} interactions`
      : 'The database has records already; nothing was added'
  },
}

const list = (names: string[], verb: string, none: string) =>
  names.length ? `${verb} ${names.join(', ')}` : none

const command = commands[process.argv[2] ?? '']
if (!command) {
  console.error(`Say what to do: ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
let config: Config | null = null
try {
  config = readConfig(process.env)
  const embedded = config.databaseUrl ? null : await startEmbeddedPostgres(join(config.dataDir, 'postgres'))
  try {
    console.log(await command(config.databaseUrl ?? embedded!.url))
  } finally {
    // A server that is at work keeps its database.
    if (!embedded?.adopted) await embedded?.stop()
  }
} catch (error) {
  console.error(explainFailure(error, config))
  process.exit(1)
}
