import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Random } from '#desktop/main/test/random'

/**
 * What a disk may hold after the power has gone, worked out from the system calls of the process that wrote to it.
 *
 * The model. What was written to a file before an fsync or fdatasync of it returned is there. Of what was written
 * since, each sector of 512 bytes holds what any moment since then had put into it, whatever its neighbours hold: so
 * any part of the writes, in any order, torn anywhere between sectors. The file is as long as it was at any of these
 * moments; what was never written to is zeros. An entry of a folder (a file made, removed or renamed) is certain once
 * the folder was synced; of the changes since, the disk has the first few, in order, since file systems keep names in
 * a journal. A file that was synced has its name, too: the journals of ext4, XFS, APFS and NTFS commit both together.
 * A sector itself is written whole or not at all. `-shm` files are memory, and are gone.
 */

export type Event = { fd?: number } & (
  | { call: 'open'; path: string; fd: number; creates: boolean; truncates: boolean }
  | { call: 'write'; data: Buffer; offset: number | null }
  | { call: 'truncate'; length: number }
  | { call: 'sync' }
  | { call: 'close' }
  | { call: 'unlink'; path: string }
  | { call: 'rename'; path: string; to: string }
)

export const traced =
  'open,openat,creat,pwrite64,pwritev,write,writev,ftruncate,truncate,fallocate,fdatasync,fsync,sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,close'

const bytes = (text: string) => Buffer.from(text.replaceAll('\\x', ''), 'hex')
const textOf = (text: string) => bytes(text).toString()

/** Reads what `strace -xx` has written; what a process here never calls is refused rather than passed over. */
export function readTrace(file: string): Event[] {
  const events: Event[] = []
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const call = /^(\w+)\((.*)\) += (-?\d+)/.exec(line)
    if (!call || Number(call[3]) < 0) continue
    const [, name, args, result] = call as unknown as [string, string, string, string]
    const fd = Number.parseInt(args, 10)
    const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text]) => text!)
    switch (name) {
      case 'openat':
        events.push({
          call: 'open',
          path: textOf(strings[0]!),
          fd: Number(result),
          creates: args.includes('O_CREAT'),
          truncates: args.includes('O_TRUNC'),
        })
        break
      case 'pwrite64':
        events.push({ call: 'write', fd, data: bytes(strings[0]!), offset: Number(/(\d+)$/.exec(args)![1]) })
        break
      case 'write':
        events.push({ call: 'write', fd, data: bytes(strings[0]!), offset: null })
        break
      case 'ftruncate':
        events.push({ call: 'truncate', fd, length: Number(/(\d+)$/.exec(args)![1]) })
        break
      case 'fsync':
      case 'fdatasync':
        events.push({ call: 'sync', fd })
        break
      case 'close':
        events.push({ call: 'close', fd })
        break
      case 'unlink':
        events.push({ call: 'unlink', path: textOf(strings[0]!) })
        break
      case 'rename':
        events.push({ call: 'rename', path: textOf(strings[0]!), to: textOf(strings[1]!) })
        break
      case 'writev':
        // Of Node's own pipes.
        break
      default:
        throw new Error(`The trace has a call this model does not know: ${name}`)
    }
  }
  return events
}

const sector = 512

type Change = { data: Buffer; offset: number } | { length: number }

class File {
  /** As of the last sync. */
  #durable = Buffer.alloc(0)
  #pending: Change[] = []

  change(change: Change) {
    this.#pending.push(change)
  }

  sync() {
    this.#durable = this.#at(this.#pending.length)
    this.#pending = []
  }

  /** One of the contents the disk may have now. */
  imagine(random: Random): Buffer {
    const last = this.#pending.length
    if (last === 0) return this.#durable
    const any = () => random.below(last + 1)
    const mood = random.below(5)
    if (mood === 0) return this.#at(last)
    if (mood === 1) return this.#durable
    if (mood === 2) return this.#at(any())
    return this.#torn(any(), mood === 3 ? any : () => (random.chance(0.5) ? last : 0))
  }

  /** As it was after the first `count` changes. */
  #at(count: number): Buffer<ArrayBuffer> {
    const changes = this.#pending.slice(0, count)
    const lengths = this.#lengths(changes)
    const content = Buffer.alloc(Math.max(...lengths))
    this.#durable.copy(content)
    for (const change of changes) {
      if ('data' in change) change.data.copy(content, change.offset)
      else content.fill(0, change.length)
    }
    return content.subarray(0, lengths.at(-1))
  }

  /** As long as after the first `count` changes, and each sector of another moment. */
  #torn(count: number, moment: () => number): Buffer {
    const content = Buffer.alloc(this.#lengths(this.#pending)[count]!)
    this.#durable.copy(content)
    const touching = new Map<number, number[]>()
    for (const [index, change] of this.#pending.entries()) {
      const from = 'data' in change ? change.offset : change.length
      const to = 'data' in change ? change.offset + change.data.length : content.length
      for (let at = Math.floor(from / sector); at * sector < to; at++)
        touching.set(at, [...(touching.get(at) ?? []), index])
    }
    for (const [at, indexes] of touching) {
      const until = moment()
      const place = content.subarray(at * sector, (at + 1) * sector)
      for (const change of indexes.filter((index) => index < until).map((index) => this.#pending[index]!)) {
        if ('data' in change) {
          const skipped = Math.max(0, at * sector - change.offset)
          change.data.copy(place, Math.max(0, change.offset - at * sector), skipped)
        } else place.fill(0, Math.max(0, change.length - at * sector))
      }
    }
    return content
  }

  /** Before the first change and after each. */
  #lengths(changes: readonly Change[]): number[] {
    const lengths = [this.#durable.length]
    for (const change of changes) {
      const before = lengths.at(-1)!
      lengths.push('data' in change ? Math.max(before, change.offset + change.data.length) : change.length)
    }
    return lengths
  }
}

type Entries = Map<string, File>

/** The files of one folder as a process works on them; `after` an event at a time. */
export class Disk {
  readonly #folder: string
  #entries: Entries = new Map()
  #certain: Entries = new Map()
  #since: { file: File; make: (entries: Entries) => void }[] = []
  readonly #open = new Map<number, { file: File; position: number } | 'folder'>()

  constructor(folder: string) {
    this.#folder = folder
  }

  after(event: Event): void {
    const open = event.fd === undefined ? undefined : this.#open.get(event.fd)
    switch (event.call) {
      case 'open':
        return this.#opened(event)
      case 'close':
        this.#open.delete(event.fd!)
        return
      case 'unlink':
        this.#change(this.#entries.get(event.path), (entries) => entries.delete(event.path))
        return
      case 'rename': {
        const file = this.#entries.get(event.path)
        this.#change(file, (entries) => {
          entries.delete(event.path)
          entries.set(event.to, file!)
        })
        return
      }
      case 'sync':
        if (open === 'folder') this.#settle(this.#since.length)
        else if (open) {
          open.file.sync()
          this.#settle(this.#since.findLastIndex(({ file }) => file === open.file) + 1)
        }
        return
      case 'write':
        if (!open || open === 'folder') return
        open.file.change({ data: event.data, offset: event.offset ?? open.position })
        if (event.offset === null) open.position += event.data.length
        return
      case 'truncate':
        if (open && open !== 'folder') open.file.change({ length: event.length })
    }
  }

  /** One of the contents the folder may have if the power went now, by path. */
  imagine(random: Random): Map<string, Buffer> {
    const entries = new Map(this.#certain)
    for (const { make } of this.#since.slice(0, random.below(this.#since.length + 1))) make(entries)
    const images = new Map<string, Buffer>()
    for (const [path, file] of entries) if (!path.endsWith('-shm')) images.set(path, file.imagine(random))
    return images
  }

  #opened({ path, fd, creates, truncates }: Extract<Event, { call: 'open' }>) {
    this.#open.delete(fd)
    if (path === this.#folder) this.#open.set(fd, 'folder')
    if (dirname(path) !== this.#folder) return
    let file = this.#entries.get(path)
    if (!file && !creates) return
    if (!file) {
      const made = (file = new File())
      this.#change(made, (entries) => entries.set(path, made))
    } else if (truncates) file.change({ length: 0 })
    this.#open.set(fd, { file, position: 0 })
  }

  #change(file: File | undefined, make: (entries: Entries) => void) {
    if (!file) return
    make(this.#entries)
    this.#since.push({ file, make })
  }

  #settle(count: number) {
    for (const { make } of this.#since.slice(0, count)) make(this.#certain)
    this.#since = this.#since.slice(count)
  }
}
