import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SignedIn } from '#common/contract/auth'
import { generateInteractions } from '#db/seeds/generated'
import { fixture } from '#server/test/fixture'
import { numberOf, type Options, type Part } from '../part.ts'
import { compiled, generous, preloads, signIn, startServer } from './server-process.ts'
import { createWorld, type World } from './world.ts'

/**
 * The first sync of a large site: usable with the first page, newest first, cut off in the middle by `kill -9` and
 * carried on from there.
 */

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 100_000)
  const seed = numberOf(options, 'seed', 1)
  const [first, ...others] = fixture
  const large = Math.round(count * 0.9)
  const sites = {
    Marketing: generateInteractions(large, seed),
    Sales: generateInteractions(count - large, seed + 1),
    Support: [],
  }
  const world = await createWorld(options, [{ ...first, sites }, ...others])
  const server = (await startServer({
    ...generous,
    DATABASE_URL: world.url,
    DATA_DIR: world.folder,
    JWT_PRIVATE_KEY: world.key,
    ACCESS_TOKEN_TTL: '3600',
  }))!
  try {
    const session = await signIn(server.url, 'editor')
    const folder = join(world.folder, 'device')
    await mkdir(folder)
    const begun = await sync(server.url, session, folder, count * 0.4)
    const resumed = await sync(server.url, session, folder, Infinity)
    const wrong = await check(world, count, begun, resumed)
    const replay = `npm run test:sync -- many-records --count=${count} --seed=${seed}`
    const seconds = (begun.lasted + resumed.done!) / 1000
    return {
      name: 'many-records',
      figures: {
        records: count,
        'usable after, ms': begun.usable!.usable,
        'killed after records': begun.fetched.length,
        'fetched twice': begun.fetched.length + resumed.fetched.length - new Set(idsOf(begun, resumed)).size,
        'all there and indexed after, s': Math.round(seconds),
        'records a second': Math.round(count / seconds),
        'peak memory, MiB': Math.max(begun.peak, resumed.peak),
      },
      failures: wrong.map((what) => ({ what, replay })),
    }
  } finally {
    await server.kill()
    await world.close()
  }
}

type Fetched = [id: string, siteId: string, startDateTime: string | null]

interface Told {
  fetched?: Fetched[]
  at?: number
  firstSync?: { stored: number; remaining: number } | null
  usable?: number
  rows?: number
  found?: number
  saved?: string
  done?: number
  peak?: number
  waiting?: number
}

interface Life {
  fetched: Fetched[]
  pages: number[]
  progress: { stored: number; remaining: number }[]
  usable: Required<Pick<Told, 'usable' | 'rows' | 'found' | 'saved'>> | null
  done: number | null
  /** Milliseconds until its last page, or until it was done. */
  lasted: number
  waiting: number | null
  peak: number
}

/** Runs a device until it has so many records, and kills it then. */
async function sync(server: string, session: SignedIn, folder: string, enough: number): Promise<Life> {
  const script = join(import.meta.dirname, 'first-sync-process.ts')
  const child = spawn(process.execPath, [...preloads, script, server, folder], {
    env: { ...process.env, ...compiled },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdin.end(JSON.stringify(session))
  const life: Life = {
    fetched: [],
    pages: [],
    progress: [],
    usable: null,
    done: null,
    lasted: 0,
    waiting: null,
    peak: 0,
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as Told
    if (told.fetched) {
      life.fetched.push(...told.fetched)
      life.pages.push(told.fetched.length)
    }
    if (told.usable !== undefined) life.usable = told as Life['usable']
    if (told.firstSync) life.progress.push(told.firstSync)
    if (told.done !== undefined) {
      life.done = told.done
      life.peak = told.peak!
      life.waiting = told.waiting!
    }
    life.lasted = told.at ?? told.done ?? life.lasted
    if (life.fetched.length >= enough) child.kill('SIGKILL')
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The device ended with ${code ?? signal}`)
  return life
}

const idsOf = (...lives: Life[]) => lives.flatMap(({ fetched }) => fetched.map(([id]) => id))

async function check(world: World, count: number, begun: Life, resumed: Life): Promise<string[]> {
  const wrong: string[] = []
  if (begun.done !== null) wrong.push('The first run was not cut off')
  if (resumed.done === null) return [...wrong, 'The sync did not come to its end']
  if (!begun.usable || begun.usable.rows === 0 || begun.usable.found === 0)
    wrong.push('With the first page here, the list or the search was empty')
  if (resumed.waiting !== 0) wrong.push('What was saved meanwhile still waits')
  for (const life of [begun, resumed])
    if (life.usable) {
      const there = await world.rows('SELECT FROM interactions WHERE id = $1', [life.usable.saved])
      if (there.length !== 1) wrong.push('What was saved meanwhile is not on the server')
    }
  const ids = idsOf(begun, resumed)
  const live = await world.rows<{ id: string }>(`SELECT id FROM interactions WHERE title <> 'Meanwhile'`)
  const fetched = new Set(ids)
  const missing = live.filter(({ id }) => !fetched.has(id)).length
  if (live.length !== count || missing > 0) wrong.push(`${missing} of ${live.length} records never came`)
  // The page under way when it was killed comes again, and what was saved here, once.
  const twice = ids.length - fetched.size
  if (twice > Math.max(...begun.pages) + 2) wrong.push(`${twice} records came twice`)
  wrong.push(...disorder([...begun.fetched, ...resumed.fetched]))
  for (const progress of [begun.progress, resumed.progress])
    for (const [n, { stored, remaining }] of progress.entries()) {
      const before = progress[n - 1]
      if (before && (stored < before.stored || remaining > before.remaining))
        wrong.push(`Progress went back: ${before.stored}, ${before.remaining} to ${stored}, ${remaining}`)
    }
  const [last, next] = [begun.progress.at(-1), resumed.progress[0]]
  if (last && next && next.stored < last.stored) wrong.push('After the restart it started over')
  return wrong
}

/** Each site comes newest first; what has been saved meanwhile is new, and comes when it comes. */
function disorder(fetched: readonly Fetched[]): string[] {
  const last = new Map<string, string>()
  const seen = new Set<string>()
  for (const [id, siteId, start] of fetched) {
    if (seen.has(id)) continue
    seen.add(id)
    const before = last.get(siteId)
    if (before !== undefined && start !== null && start > before && start !== meanwhile)
      return [`${id} of ${start} came after one of ${before}`]
    if (start !== null && start !== meanwhile) last.set(siteId, start)
  }
  return []
}

/** When the record that is made during the sync begins. */
const meanwhile = '2026-03-01T09:00:00.000Z'
