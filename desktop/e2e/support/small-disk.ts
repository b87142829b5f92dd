import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Device } from './device.ts'

const run = promisify(execFile)

/**
 * A disk that can be full. As root on Linux it is one of its own, in memory, filled to the last block. Elsewhere it is
 * a folder, and "full" means that the system lets the app's storage process write no file any more.
 */
export class SmallDisk {
  readonly folder: string
  readonly #isMounted: boolean

  constructor(folder: string, isMounted: boolean) {
    this.folder = folder
    this.#isMounted = isMounted
  }

  static async create(): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'fieldbook-disk-'))
    const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'fieldbook', folder]).then(
      () => true,
      () => false,
    )
    return new SmallDisk(folder, isMounted)
  }

  async fill(device: Device): Promise<void> {
    if (!this.#isMounted) return limitFiles(device, '1')
    for (;;) {
      const { bavail, bsize } = await statfs(this.folder)
      if (bavail === 0) return
      // What others free meanwhile is taken by the next round.
      await writeFile(join(this.folder, `filler-${bavail}`), Buffer.alloc(bavail * bsize)).catch(() => {})
    }
  }

  async makeRoom(device: Device): Promise<void> {
    if (!this.#isMounted) return limitFiles(device, 'unlimited')
    await run('sh', ['-c', 'rm "$0"/filler-*', this.folder])
  }

  async dispose(): Promise<void> {
    if (this.#isMounted) await run('umount', ['--lazy', this.folder])
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Sets how large a file the storage process may make or reach; only on Linux. */
async function limitFiles(device: Device, bytes: string): Promise<void> {
  const pid = await device.app.evaluate(
    ({ app }) => app.getAppMetrics().find(({ name }) => name === 'Fieldbook storage')?.pid,
  )
  await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])
}
