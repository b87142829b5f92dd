import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort, startEmbeddedPostgres } from '#db/embedded'
import { newName, onServer, urlOf } from '#server/test/database'
import { fixture } from '#server/test/fixture'
import { letOwnerSee } from '#server/test/global-setup'
import { numberOf, type Options, type Part } from '../part.ts'
import { Office, serverOf, verdict } from './office.ts'
import { startServer } from './server-process.ts'
import { createFolder, openWorld, populate, type World } from './world.ts'

/**
 * The database is backed up while people work, they work on, the server goes and with it the database; the backup is
 * restored by the command that is for it. Whatever was told to be saved, before the backup, since, or while there was
 * no server, is on the restored server once, or in front of the person.
 */

const project = resolve(import.meta.dirname, '../..')
const execute = promisify(execFile)

/** `--count`: edits that are acknowledged before the backup, and at least as many after it. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 400)
  const seed = numberOf(options, 'seed', 1)
  const folder = await createFolder()
  const postgres = options.database ? null : await startEmbeddedPostgres(join(folder, 'postgres'))
  const databases = options.database ?? postgres!.url
  const [before, after] = [newName(), newName()]
  await onServer(databases, `CREATE DATABASE ${before}`)
  const cli = (world: World, ...args: string[]) =>
    execute(process.execPath, ['db/cli.ts', ...args], {
      cwd: project,
      env: { ...process.env, DATABASE_URL: world.url, DATA_DIR: folder },
    })

  await populate(urlOf(databases, before), fixture)
  const first = openWorld(urlOf(databases, before), folder, () =>
    onServer(databases, `DROP DATABASE ${before} WITH (FORCE)`),
  )
  const port = await freePort()
  let server = (await startServer(serverOf(first, port)))!
  const office = await Office.open(server.url, seed, { desk: false })
  const acknowledged = async (world: World) =>
    (await world.rows<{ count: number }>('SELECT count(*)::int FROM sync_receipts'))[0]!.count
  const until = async (edits: number) => {
    while ((await acknowledged(first)) < edits) await delay(50)
  }

  await until(count)
  const backup = join(folder, 'backup')
  const begun = await acknowledged(first)
  await cli(first, 'backup', backup)
  const ended = await acknowledged(first)
  await until(ended + count)
  await server.kill()
  while (office.waiting < 10) await delay(50)
  const last = await acknowledged(first)
  await first.close()

  await onServer(databases, `CREATE DATABASE ${after}`)
  const second = { ...openWorld(urlOf(databases, after), folder, async () => {}), key: first.key }
  await cli(second, 'restore', backup)
  await letOwnerSee(second.url)
  const restored = await acknowledged(second)
  server = (await startServer(serverOf(second, port)))!
  const wrong = await verdict(second, await office.close())
  if (restored < begun || restored > ended)
    wrong.push(
      `The backup has ${restored} edits, and there were ${begun} when it began and ${ended} when it ended`,
    )
  if (restored >= last) wrong.push('Nothing was acknowledged after the backup: this shows nothing')
  await server.kill()
  await second.close()
  await onServer(databases, `DROP DATABASE ${after} WITH (FORCE)`)
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })

  const replay = `npm run test:sync -- restore --count=${count} --seed=${seed}`
  return {
    name: 'restore',
    figures: {
      'acknowledged when the backup began': begun,
      'and when it was done': ended,
      'acknowledged in the end': last,
      'in the backup': restored,
      'sent again to the restored server': last - restored,
      'broken promises': wrong.length,
    },
    failures: wrong.map((what) => ({ what, replay })),
  }
}
