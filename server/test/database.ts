import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database for one test file: a copy of the template that has been migrated and holds the fixture. */
export interface TestDatabase {
  url: string
  /** As the owner, whom no policy binds: to arrange what the application could not, and to look behind it. */
  owner: pg.Pool
  drop(): Promise<void>
}

export const newName = () => `fieldbook_test_${randomBytes(6).toString('hex')}`

export function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

/** One statement on the server itself, outside every test's database. */
export async function onServer(server: string, sql: string): Promise<void> {
  const client = new pg.Client(server)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** With `template: null` it is empty: not even migrated. */
export async function createDatabase({
  template,
}: { template: null } | { template?: string } = {}): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const name = newName()
  const from = template === null ? 'template0' : (template ?? inject('templateDatabase'))
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${from}`)
  const url = urlOf(server, name)
  const owner = new pg.Pool({ connectionString: url, max: 4 })
  return {
    url,
    owner,
    drop: async () => {
      await owner.end()
      // The server waits for connections that are about to end; those that were forgotten are cut.
      await onServer(server, `DROP DATABASE ${name}`).catch(() =>
        onServer(server, `DROP DATABASE ${name} WITH (FORCE)`),
      )
    },
  }
}
