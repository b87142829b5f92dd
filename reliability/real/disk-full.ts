import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { v7 as uuidv7 } from 'uuid'
import { LocalStore } from '#desktop/main/store/local-store'
import { testKey } from '#desktop/main/test/folder'
import { numberOf, type Options, type Part } from '../part.ts'
import { preloads } from './server-process.ts'
import { createFolder } from './world.ts'

/**
 * Saves on a disk that really fills up: a file system of a few MiB where this process may mount one (root on Linux),
 * and everywhere a limit on the size of files. A save returns and is there ever after, or is refused as `unwritable`
 * and nothing of it is left; once there is room, the next one works.
 */

const kinds = ['small disk', 'limit on files'] as const
type Kind = (typeof kinds)[number]

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 12)
  const seed = numberOf(options, 'seed', 1)
  const failures: Part['failures'] = []
  const figures: Record<string, number> = {}
  const add = (name: string, value: number) => (figures[name] = (figures[name] ?? 0) + value)
  const home = await createFolder()
  try {
    const usable = kinds.filter((kind) => kind === 'limit on files' || canMount(home))
    for (let n = 0; n < count; n++) {
      const kind = usable[n % usable.length]!
      const { saved, refused, wrong } = await fill(join(home, String(n)), kind, seed + n)
      add(`times full: ${kind}`, 1)
      add('saves kept', saved)
      add('saves refused', refused)
      const replay = `npm run test:sync -- disk-full --count=${count} --seed=${seed}`
      for (const what of wrong) failures.push({ what: `${kind}: ${what}`, replay })
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  return { name: 'disk-full', figures, failures }
}

function canMount(home: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const tried = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', home], { stdio: 'ignore' })
  if (tried.status === 0) execFileSync('umount', [home])
  return tried.status === 0
}

/** Kilobytes: more than an empty account takes, and less than a hundred edits. */
const room = 1400
const moreRoom = 64_000

async function fill(folder: string, kind: Kind, seed: number) {
  await mkdir(folder)
  const size = room + (seed % 7) * 90
  if (kind === 'small disk') execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', folder])
  try {
    const script = [
      process.execPath,
      ...preloads,
      join(import.meta.dirname, 'disk-full-process.ts'),
      folder,
      String(seed),
    ]
    // The soft limit alone, in blocks of 512 bytes, so that it can be raised again.
    const limited = ['sh', '-c', `ulimit -S -f ${size * 2}; exec "$@"`, 'sh', ...script]
    const [command, ...args] = kind === 'small disk' ? script : limited
    const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    const told: Told[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as Told
      told.push(said)
      if (!said.full) continue
      if (kind === 'small disk') execFileSync('mount', ['-o', `remount,size=${moreRoom}k`, folder])
      else execFileSync('prlimit', [`--pid=${child.pid}`, '--fsize=unlimited:'])
      child.stdin.write('room\n')
    }
    const [code, signal] = (await ended) as [number | null, string | null]
    const wrong = check(folder, told)
    if (code !== 0 && signal !== 'SIGKILL') wrong.push(`The device ended with ${code ?? signal}`)
    const saved = told.filter((each) => each.saved).length
    return { saved, refused: told.filter((each) => each.refused).length, wrong }
  } finally {
    if (kind === 'small disk') execFileSync('umount', [folder])
  }
}

interface Told {
  saved?: string
  refused?: string
  reason?: string
  shown?: boolean
  full?: boolean
}

function check(folder: string, told: readonly Told[]): string[] {
  const wrong: string[] = []
  const full = told.findIndex((each) => each.full)
  if (full < 0) return ['The disk did not fill up']
  for (const { refused, reason, shown } of told) {
    if (!refused) continue
    if (reason !== 'unwritable') wrong.push(`A save was refused with: ${reason}`)
    if (shown) wrong.push(`${refused} was refused and is shown`)
  }
  if (!told.slice(full + 1).some((each) => each.saved)) wrong.push('With room again, nothing can be saved')
  if (told.slice(full + 1).some((each) => each.refused)) wrong.push('With room again, a save was refused')
  const store = new LocalStore({ place: { folder, key: testKey }, newId: uuidv7, now: () => '' })
  try {
    const here = new Set(store.queueItems().map(({ entityId }) => entityId))
    for (const { saved, refused } of told) {
      if (saved && (!here.has(saved) || !store.read(saved))) wrong.push(`${saved} was saved and is gone`)
      if (refused && here.has(refused)) wrong.push(`${refused} was refused and is there`)
    }
  } finally {
    store.close()
  }
  return wrong
}
