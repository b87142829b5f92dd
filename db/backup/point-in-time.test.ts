import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import type { SessionUser, SignedIn } from '#common/contract/auth'
import type { PullPage } from '#common/contract/sync'
import { buildApp } from '#server/app'
import { keyringOf } from '#server/modules/auth/keyring'
import { client } from '#server/test/app'
import { generousLimits } from '#server/test/config'
import { createFolder } from '#server/test/folder'
import { password as demoPassword } from '#server/test/fixture'
import { loadFixture } from '#server/test/global-setup'
import { startEmbeddedPostgres } from '../embedded.ts'
import { migrate } from '../migrate.ts'

/** docs/operations.md, “To a point in time”, step by step on a real PostgreSQL. */

async function asSuperuser<T>(
  { url, data }: { url: string; data: string },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { hostname: host, port } = new URL(url)
  const password = await readFile(`${data}.password`, 'utf8')
  const superuser = new pg.Client({ host, port: Number(port), user: 'postgres', password })
  await superuser.connect()
  try {
    return await work(superuser)
  } finally {
    await superuser.end()
  }
}

/** The application on a database, and an editor who is signed in. */
async function serve(url: string, token?: string) {
  const app = await buildApp({
    databaseUrl: url,
    config: { ...generousLimits },
    keys: keyringOf(inject('jwtPrivateKey')),
    jobs: { work: false },
    pressure: {},
  })
  const signIn = async () => {
    const { body } = await client(app).post<SignedIn>('/auth/login', {
      username: 'editor',
      password: demoPassword,
    })
    return { token: body.token, user: body.user }
  }
  const session: { token: string; user: SessionUser | null } = token ? { token, user: null } : await signIn()
  return { app, session }
}

test('a database that is recovered to a moment has what was written before it, and devices begin anew', async () => {
  const folder = await createFolder()
  const archive = join(folder.path, 'archive')
  await mkdir(archive)
  await chmod(archive, 0o777)
  const first = await startEmbeddedPostgres(join(folder.path, 'first'), {
    settings: { archive_mode: 'on', archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f` },
  })
  await migrate(first.url)
  await loadFixture(first.url)

  const before = await serve(first.url)
  const site = before.session.user!.sites[0]!.id
  const deviceId = '01990000-0000-7000-8000-00000000d001'
  const editor = client(before.app, before.session.token, site)
  // A base backup, as pg_basebackup makes it.
  const base = join(folder.path, 'base')
  await asSuperuser(first, async (superuser) => {
    await superuser.query(`SELECT pg_backup_start('base', true)`)
    execFileSync('cp', ['-a', first.data, base])
    const { rows } = await superuser.query<{ labelfile: string }>('SELECT * FROM pg_backup_stop()')
    await writeFile(join(base, 'backup_label'), rows[0]!.labelfile)
  })
  await editor.create({ title: 'Before the moment' })
  const pulled = (await editor.get<PullPage>(`/sync/pull?deviceId=${deviceId}`)).body
  const moment = await asSuperuser(first, async (superuser) => {
    const { rows } = await superuser.query<{ at: string }>('SELECT clock_timestamp()::text AS at')
    return rows[0]!.at
  })
  await editor.create({ title: 'After the moment' })
  await asSuperuser(first, async (superuser) => {
    const { rows } = await superuser.query<{ file: string }>(
      'SELECT pg_walfile_name(pg_switch_wal()) AS file',
    )
    while (!(await readdir(archive)).includes(rows[0]!.file)) await superuser.query('SELECT pg_sleep(0.05)')
  })
  await before.app.close()
  await first.stop()

  await rm(join(base, 'postmaster.pid'), { force: true })
  await rm(join(base, 'pg_wal'), { recursive: true })
  await mkdir(join(base, 'pg_wal'), { mode: 0o700 })
  await writeFile(join(base, 'recovery.signal'), '')
  // Whom PostgreSQL runs as, which may not be whoever runs this.
  const { uid, gid } = await stat(base)
  for (const name of ['pg_wal', 'recovery.signal', 'backup_label']) await chown(join(base, name), uid, gid)
  execFileSync('cp', ['-a', `${first.data}.password`, `${base}.password`])
  const second = await startEmbeddedPostgres(base, {
    settings: {
      restore_command: `cp ${archive}/%f %p`,
      recovery_target_time: moment,
      recovery_target_action: 'promote',
    },
  })
  await asSuperuser(second, async (superuser) => {
    const isRecovering = async () =>
      (await superuser.query<{ so: boolean }>('SELECT pg_is_in_recovery() AS so')).rows[0]!.so
    while (await isRecovering()) await superuser.query('SELECT pg_sleep(0.05)')
  })
  const after = await serve(second.url, before.session.token)
  const again = client(after.app, before.session.token, site)
  const { body } = await again.get<{ interactions: { title: string }[] }>('/interactions?search=the moment')
  expect(body.interactions.map(({ title }) => title)).toEqual(['Before the moment'])
  const cursor = encodeURIComponent(pulled.cursor)
  const next = (await again.get<PullPage>(`/sync/pull?deviceId=${deviceId}&cursor=${cursor}`)).body
  expect(next.reset).toBe(true)
  expect(next.epoch).not.toBe(pulled.epoch)
  await after.app.close()
  await second.stop()
  await folder.remove()
}, 120_000)
