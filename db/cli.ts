import { join, resolve } from 'node:path'
import { type Config, readConfig } from '#server/config'
import { verifyAudit } from '#server/modules/journal/verification.service'
import { explainFailure } from '#server/shared/failure'
import { createPool } from '#server/shared/pool'
import { createTransact } from '#server/shared/transaction'
import packageJson from '../package.json' with { type: 'json' }
import { backUp } from './backup/backup.ts'
import { BackupError, type Manifest } from './backup/format.ts'
import { restore } from './backup/restore.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { beginEpoch } from './epoch.ts'
import { migrate, rollback } from './migrate.ts'
import { seedDemo } from './seeds/demo.ts'

/**
 * `node db/cli.ts migrate|rollback|seed|backup|restore|new-epoch`, on `DATABASE_DIRECT_URL`, `DATABASE_URL` or on the
 * embedded database under `DATA_DIR`. A backup goes to the folder that is named, else to one by its time in
 * `DATA_DIR/backups`.
 */

const commands: Record<string, (url: string, config: Config, folder?: string) => Promise<string>> = {
  migrate: async (url, config) =>
    list(await migrate(url, poolerUrlOf(config)), 'Ran', 'The database is up to date'),
  rollback: async (url) => list(await rollback(url), 'Undid', 'There is nothing to undo'),
  seed: async (url) => {
    await migrate(url)
    const seeded = await seedDemo(url, { meetings: readConfig(process.env).demoMeetings })
    return seeded
      ? `Added the demo with ${seeded} interactions`
      : 'The database has records already; nothing was added'
  },
  backup: async (url, { dataDir, photoFolder, s3 }, folder) => {
    const to = resolve(folder ?? join(dataDir, 'backups', new Date().toISOString().replace(/[:.]/g, '-')))
    const photos = s3 ? null : photoFolder
    return `Backed up ${contentsOf(await backUp({ url, photoFolder: photos, version: packageJson.version }, to))} to ${to}`
  },
  restore: async (url, config, folder) => {
    const { photoFolder, s3, auditAnchors } = config
    if (!folder) throw new BackupError('Say which backup: npm run db:restore -- <folder>')
    const manifest = await restore(resolve(folder), {
      url,
      poolerUrl: poolerUrlOf(config),
      photoFolder: s3 ? null : photoFolder,
      auditAnchors,
    })
    const pool = createPool(url, 1)
    try {
      const { breaks } = await verifyAudit(createTransact(pool), new Map())
      const audit =
        breaks.length === 0 ? 'the audit is whole' : 'the audit is not whole: npm run audit:verify says where'
      return `Restored ${contentsOf(manifest)}, as it was at ${manifest.takenAt}; ${audit}`
    } finally {
      await pool.destroy()
    }
  },
  'new-epoch': async (url) => {
    await beginEpoch(url)
    return 'Devices will fetch everything again, and send again what this database may have lost'
  },
}

/** Where servers come from, where a pooler stands between. */
const poolerUrlOf = ({ databaseUrl, databaseDirectUrl }: Config) => databaseDirectUrl && databaseUrl

const count = (number: number) => number.toLocaleString('en-GB')

function contentsOf({ tables, photos }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const pictures = photos ? `${count(photos.length)} files of photos` : 'no photos, which are in the bucket'
  return `${count(rows)} rows of ${tables.length} tables and ${pictures}`
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
    console.log(
      await command(config.databaseDirectUrl ?? config.databaseUrl ?? embedded!.url, config, process.argv[3]),
    )
  } finally {
    // A server that is at work keeps its database.
    if (!embedded?.adopted) await embedded?.stop()
  }
} catch (error) {
  console.error(explainFailure(error, config))
  process.exit(1)
}
