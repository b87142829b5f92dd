import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** What systems and disks answer that cannot flush a folder: there is nothing more to be done there. */
const unflushable = ['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']

/**
 * Leaves under its name the whole new content, for its owner's eyes alone, or what was there before, whatever happens
 * meanwhile. When it returns, the new content would survive a power cut. The name with `.new` after it is used up.
 */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`
  try {
    rmSync(draft, { force: true })
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600, flush: true })
    renameDurably(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Gives a file that is on the disk another name; when it returns, the name would survive a power cut. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to)
  flushFolder(dirname(to))
}

/** Makes a folder, for its owner alone, in one that is there; when it returns, it would survive a power cut. */
export function makeFolderDurably(path: string): void {
  if (existsSync(path)) return
  mkdirSync(path, { mode: 0o700 })
  flushFolder(dirname(path))
}

function flushFolder(path: string) {
  try {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch (error) {
    if (!unflushable.includes((error as NodeJS.ErrnoException).code!)) throw error
  }
}
