import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '#db/embedded'
import { migrate } from '#db/migrate'
import type { TestDatabase } from './database.ts'
import { createFolder } from './folder.ts'
import { letOwnerSee, loadFixture } from './global-setup.ts'

const settings = { fsync: 'off', synchronous_commit: 'off', autovacuum: 'off' }

/** A PostgreSQL with the fixture in it, and another one that follows it (streaming replication). */
export async function startReplicated() {
  const folder = await createFolder()
  const first = await startEmbeddedPostgres(join(folder.path, 'primary'), { settings })
  await migrate(first.url)
  await loadFixture(first.url)
  await letOwnerSee(first.url)
  await first.stop()
  const copy = join(folder.path, 'standby')
  execFileSync('cp', ['-a', first.data, copy])
  execFileSync('cp', ['-a', `${first.data}.password`, `${copy}.password`])
  await writeFile(join(copy, 'standby.signal'), '')
  const primary = await startEmbeddedPostgres(join(folder.path, 'primary'), { settings })
  const password = await readFile(`${first.data}.password`, 'utf8')
  const { port } = new URL(primary.url)
  const from = `host=127.0.0.1 port=${port} user=postgres password=${password}`
  const standby = await startEmbeddedPostgres(copy, { settings: { ...settings, primary_conninfo: from } })

  const owner = new pg.Pool({ connectionString: primary.url, max: 4 })
  const database: TestDatabase = { url: primary.url, owner, drop: () => owner.end() }
  const asSuperuser = async (sql: string) => {
    const url = new URL(standby.url)
    const client = new pg.Client({ host: url.hostname, port: Number(url.port), user: 'postgres', password })
    await client.connect()
    try {
      return (await client.query<Record<string, string>>(sql)).rows[0]!
    } finally {
      await client.end()
    }
  }
  let isKilled = false
  return {
    database,
    url: standby.url,
    /** From now on it does not notice what is written. */
    async pause(): Promise<void> {
      await asSuperuser('SELECT pg_wal_replay_pause()')
      while ((await asSuperuser('SELECT pg_get_wal_replay_pause_state() AS state')).state !== 'paused');
    },
    resume: () => asSuperuser('SELECT pg_wal_replay_resume()'),
    async kill(): Promise<void> {
      isKilled = true
      const [pid] = (await readFile(join(standby.data, 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGQUIT')
    },
    async close(): Promise<void> {
      await database.drop()
      if (!isKilled) await standby.stop()
      await primary.stop()
      await folder.remove()
    },
  }
}
