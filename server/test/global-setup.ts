import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import type { SignedIn } from '#common/contract/auth'
import { startEmbeddedPostgres } from '#db/embedded'
import { migrate } from '#db/migrate'
import { loadTenants } from '#db/seeds/demo'
import { buildApp } from '../app.ts'
import { keyringOf } from '../modules/auth/keyring.ts'
import { createPool } from '../shared/pool.ts'
import { generousLimits } from './config.ts'
import { newName, onServer, urlOf } from './database.ts'
import { fixture, type FixtureIds, password, type PersonName } from './fixture.ts'

/**
 * One PostgreSQL for all tests of the server: an embedded one in a temporary folder, or the one at
 * `TEST_DATABASE_URL`, as a role that may create roles and databases. In it a template is made once, migrated and
 * with the fixture's people signed in; every test file works on its own copy.
 */

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: string
    templateDatabase: string
    jwtPrivateKey: string
    ids: FixtureIds
    sessions: Record<PersonName, { token: string; refreshToken: string }>
  }
}

const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
  shared_buffers: '256MB',
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-test-'))
  // The user that PostgreSQL runs as has to get in.
  await chmod(folder, 0o755)
  const external = process.env.TEST_DATABASE_URL
  const postgres = external ? null : await startEmbeddedPostgres(join(folder, 'postgres'), { settings })
  const server = external ?? postgres!.url
  const template = newName()
  await onServer(server, `CREATE DATABASE ${template}`)
  const url = urlOf(server, template)
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  })

  await migrate(url)
  await loadFixture(url)
  await letOwnerSee(url)
  project.provide('databaseServer', server)
  project.provide('templateDatabase', template)
  project.provide('jwtPrivateKey', pem.toString())
  project.provide('ids', await readIds(url))
  project.provide('sessions', await signEveryoneIn(url, pem.toString()))

  return async () => {
    await onServer(server, `DROP DATABASE ${template} WITH (FORCE)`)
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

export async function loadFixture(url: string): Promise<void> {
  const pool = createPool(url, 1)
  try {
    await loadTenants(pool, fixture)
  } finally {
    await pool.destroy()
  }
}

/** Row-level security binds the owner too; the tests have to look behind it. */
export async function letOwnerSee(url: string): Promise<void> {
  await onServer(
    url,
    `DO $$
     DECLARE name regclass;
     BEGIN
       FOR name IN SELECT oid FROM pg_class WHERE relrowsecurity LOOP
         EXECUTE format('CREATE POLICY test ON %s TO CURRENT_USER USING (true) WITH CHECK (true)', name);
       END LOOP;
     END $$`,
  )
}

export async function readIds(url: string): Promise<FixtureIds> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const idsOf = async (table: string, name: string) => {
      const { rows } = await client.query<{ name: string; id: string }>(
        `SELECT ${name} AS name, id FROM ${table}`,
      )
      return Object.fromEntries(rows.map((row) => [row.name, row.id]))
    }
    return {
      tenants: await idsOf('tenants', 'name'),
      sites: await idsOf('sites', 'name'),
      users: await idsOf('users', 'username'),
    } as FixtureIds
  } finally {
    await client.end()
  }
}

async function signEveryoneIn(url: string, pem: string) {
  const app = await buildApp({
    config: generousLimits,
    databaseUrl: url,
    keys: keyringOf(pem),
    jobs: { work: false },
  })
  try {
    const people = fixture.flatMap((tenant) => tenant.people.map(({ username }) => username))
    const sessions = people.map(async (username) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/auth/login',
        payload: { username, password },
      })
      if (answer.statusCode !== 200) throw new Error(`${username} could not sign in: ${answer.body}`)
      const { token, refreshToken } = answer.json<SignedIn>()
      return [username, { token, refreshToken }] as const
    })
    return Object.fromEntries(await Promise.all(sessions)) as Record<
      PersonName,
      { token: string; refreshToken: string }
    >
  } finally {
    await app.close()
  }
}
