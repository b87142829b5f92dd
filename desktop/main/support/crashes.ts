import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import Type from 'typebox'
import { Crash } from '#desktop/bridge/support'

const most = 20
const Kept = Type.Array(Crash)
const mostDumps = 5
const oldestDump = 30 * 86_400_000

export interface CrashesOptions {
  folder: string
  version: string
  now(): number
  /** Something stopped, and the app goes on. */
  crashed(crash: Crash): void
}

/**
 * What stopped without being told to, on this computer: a file that is there while the app runs says, when it is still
 * there at the next start, that the app did not end by itself. What cannot be written is forgotten.
 */
export class Crashes {
  readonly #options: CrashesOptions
  readonly #file: string
  readonly #running: string
  #untold: Crash | null = null

  constructor(options: CrashesOptions) {
    this.#options = options
    this.#file = join(options.folder, 'crashes.json')
    this.#running = join(options.folder, 'running')
  }

  /** The app begins; it alone works in the folder. */
  begin(): void {
    if (existsSync(this.#running)) this.#note('app', 'ended without being closed')
    attempt(() => writeFileSync(this.#running, ''))
  }

  /** The app ends as it should. */
  end(): void {
    attempt(() => rmSync(this.#running, { force: true }))
  }

  note(what: Crash['what'], reason: string): void {
    this.#options.crashed(this.#note(what, reason))
  }

  /** The latest that the person was not told of. */
  get untold(): Crash | null {
    return this.#untold
  }

  dismiss(): void {
    this.#untold = null
  }

  list(): Crash[] {
    const kept = attempt(() => JSON.parse(readFileSync(this.#file, 'utf8')) as unknown)
    return Value.Check(Kept, kept) ? kept : []
  }

  #note(what: Crash['what'], reason: string): Crash {
    const { now, version } = this.#options
    const crash = { at: new Date(now()).toISOString(), what, reason, version }
    this.#untold = crash
    attempt(() => writeFileSync(this.#file, JSON.stringify([crash, ...this.list()].slice(0, most))))
    return crash
  }
}

export interface Dump {
  at: string
  bytes: number
}

const dumpsIn = (folder: string) =>
  (attempt(() => readdirSync(folder, { recursive: true, withFileTypes: true })) ?? [])
    .filter((entry) => entry.isFile() && entry.name.endsWith('.dmp'))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name)
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats ? [{ path, at: stats.mtimeMs, bytes: stats.size }] : []
    })
    .toSorted((a, b) => b.at - a.at)

export const listDumps = (folder: string): Dump[] =>
  dumpsIn(folder).map(({ at, bytes }) => ({ at: new Date(at).toISOString(), bytes }))

/** Keeps the latest few of what the memory of crashed processes was, and none that is old. */
export function tidyDumps(folder: string, now: number, keep = mostDumps): void {
  for (const [index, { path, at }] of dumpsIn(folder).entries())
    if (index >= keep || now - at > oldestDump) attempt(() => rmSync(path, { force: true }))
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
