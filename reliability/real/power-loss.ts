import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { LocalStore } from '#desktop/main/store/local-store'
import { filled, siteA } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { Random } from '#desktop/main/test/random'
import { numberOf, type Options, type Part } from '../part.ts'
import { Disk, type Event, readTrace, traced } from './disk.ts'
import { profile } from './day.ts'
import { digestOfQueue, queueConnection } from './observe.ts'
import { preloads } from './server-process.ts'

/**
 * Cuts the power while a real process works on a real queue: its system calls are recorded, and from them are made
 * the contents its disk may have had at any moment (disk.ts). Each is opened as the app opens it, and must hold
 * everything that had been acknowledged, and nothing by halves. The same with `synchronous=NORMAL` shows that the
 * images are cruel enough: there, acknowledged edits go missing.
 */

const imagesPerDay = 250
const stepsOfDay = 220
/** The first system calls of a day make the files, which happens once and may be cut short like all the rest. */
const firstCalls = 200
/** Images are opened many times over, and nobody cuts their power. */
const fastFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface Mark {
  step: string
  digest: string
}

interface Tally {
  images: number
  calls: number
  days: number
  lost: number
  halved: number
  unopened: number
  cachesReplaced: number
}

export async function run(options: Options): Promise<Part> {
  const only = options.image === undefined ? null : Number(options.image)
  const count = only === null ? numberOf(options, 'count', 2000) : only + 1
  const seed = numberOf(options, 'seed', 1)
  const failures: Part['failures'] = []
  const full = newTally()
  for (let day = 0; day * imagesPerDay < count; day++) {
    const images = Math.min(imagesPerDay, count - day * imagesPerDay)
    liveThrough(seed + day, images, only, full, options.synchronous, (what, image) =>
      failures.push({
        what,
        replay: `npm run test:sync -- power-loss --seed=${seed + day} --image=${image}`,
      }),
    )
  }
  const weak = newTally()
  if (only === null) {
    liveThrough(seed, Math.min(imagesPerDay, Math.ceil(count / 4)), null, weak, 'NORMAL', () => {})
    if (weak.lost === 0)
      failures.push({
        what: 'With synchronous=NORMAL nothing was lost: the images are too kind',
        replay: `npm run test:sync -- power-loss --count=${count} --seed=${seed}`,
      })
  }
  const figures = {
    images: full.images,
    days: full.days,
    'system calls': full.calls,
    'acknowledged edits lost': full.lost,
    'half done': full.halved,
    'not opened': full.unopened,
    'caches replaced': full.cachesReplaced,
    'with NORMAL, images': weak.images,
    'with NORMAL, edits lost in': `${Math.round((100 * weak.lost) / Math.max(1, weak.images))} %`,
  }
  return { name: 'power-loss', figures, failures }
}

const newTally = (): Tally => ({
  images: 0,
  calls: 0,
  days: 0,
  lost: 0,
  halved: 0,
  unopened: 0,
  cachesReplaced: 0,
})

function liveThrough(
  seed: number,
  images: number,
  only: number | null,
  tally: Tally,
  synchronous: string | undefined,
  fail: (what: string, image: number) => void,
): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fieldbook-day-')))
  try {
    const { data, events, marksFile } = record(folder, seed, synchronous)
    tally.days++
    tally.calls += events.length
    const random = new Random(seed)
    const cuts = Array.from({ length: images }, (_, image) => ({
      image,
      cut: random.below(random.chance(0.1) ? firstCalls : events.length),
    }))
    cuts.sort((a, b) => a.cut - b.cut)
    const disk = new Disk(data)
    const marks = new Marks(marksFile, events)
    let next = 0
    for (const { image, cut } of cuts) {
      for (; next < cut; next++) {
        disk.after(events[next]!)
        marks.after(events[next]!)
      }
      const content = disk.imagine(new Random(seed * 1_000_003 + image))
      if (only !== null && only !== image) continue
      const problem = check(content, marks, tally)
      tally.images++
      if (problem) fail(`${problem} (after system call ${cut} of ${events.length})`, image)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function record(folder: string, seed: number, synchronous?: string) {
  const data = join(folder, 'account')
  mkdirSync(data)
  const trace = join(folder, 'trace')
  const marksFile = join(folder, 'marks')
  const day = [join(import.meta.dirname, 'day-process.ts'), data, marksFile, String(seed), String(stepsOfDay)]
  const { status, error, stderr } = spawnSync(
    'strace',
    [
      '-xx',
      '-s',
      '10000000',
      '-o',
      trace,
      '-e',
      `trace=${traced}`,
      process.execPath,
      ...preloads,
      ...day,
      synchronous ?? '',
    ],
    { encoding: 'utf8' },
  )
  if (error) throw error
  if (status !== 0) throw new Error(`The day with seed ${seed} ended badly: ${stderr}`)
  const events = readTrace(trace)
  // The process loads its own code first; the disk is of interest from the first call in the folder.
  const start = events.findIndex((event) => 'path' in event && event.path.startsWith(data))
  const end = events.findLastIndex((event) => 'path' in event && event.path.startsWith(data))
  const opensMarks = events.filter((event) => event.call === 'open' && event.path === marksFile)
  return { data, marksFile, events: [...opensMarks, ...events.slice(start, end + 1)] }
}

/** What the process acknowledged, in order, and how much of it by now. */
class Marks {
  readonly #file: string
  readonly #all: Mark[]
  #fd = -1
  #count = 0

  constructor(file: string, events: readonly Event[]) {
    this.#file = file
    this.#all = []
    for (const event of events)
      if (this.#isMark(event)) this.#all.push(JSON.parse(String(event.data)) as Mark)
  }

  after(event: Event) {
    if (this.#isMark(event)) this.#count++
  }

  /** Null when the queue holds what was acknowledged last, or the step after it as well. */
  problemWith(digest: string): 'lost' | 'halved' | null {
    const [last, next] = [this.#all[this.#count - 1], this.#all[this.#count]]
    if (!last || digest === last.digest || digest === next?.digest) return null
    return this.#all.slice(0, this.#count).some((mark) => mark.digest === digest) ? 'lost' : 'halved'
  }

  get place() {
    return `after ${this.#all[this.#count - 1]?.step ?? 'nothing'}, before ${this.#all[this.#count]?.step ?? 'the end'}`
  }

  #isMark(event: Event): event is Event & { call: 'write' } {
    if (event.call === 'open' && event.path === this.#file) this.#fd = event.fd
    return event.call === 'write' && event.fd === this.#fd
  }
}

function check(content: Map<string, Buffer>, marks: Marks, tally: Tally): string | null {
  const folder = mkdtempSync(join(fastFolder, 'fieldbook-image-'))
  for (const [path, bytes] of content) writeFileSync(join(folder, basename(path)), bytes)
  const open = () =>
    new LocalStore({ place: { folder, key: testKey }, newId: uuidv7, now: () => new Date().toISOString() })
  try {
    const store = open()
    try {
      if (store.takeNotice()) tally.cachesReplaced++
      const problem = marks.problemWith(digestOfQueue())
      if (problem === 'lost') tally.lost++
      if (problem === 'halved') tally.halved++
      if (problem)
        return `${problem === 'lost' ? 'An acknowledged step is gone' : 'A step is half done'}, ${marks.place}`
      if (queueConnection().pragma('quick_check', { simple: true }) !== 'ok') return 'The queue is damaged'
      if (!store.meta().profile) store.writeMeta({ profile })
      const saved = store.save({ siteId: siteA, opened: null, fields: filled })
      store.close()
      const again = open()
      const kept = again.read(saved.id)
      again.close()
      return kept ? null : 'A later save was not kept'
    } finally {
      store.close()
    }
  } catch (error) {
    tally.unopened++
    return `Not usable ${marks.place}: ${String(error)} (${[...content].map(([path, { length }]) => `${basename(path)}: ${length}`).join(', ')})`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
