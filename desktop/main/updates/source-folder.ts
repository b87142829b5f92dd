import type { AppUpdater } from 'electron-updater'
import type { ElectronHttpExecutor } from 'electron-updater/out/electronHttpExecutor.js'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

type Download = ElectronHttpExecutor['download']

/** electron-updater's own; its types keep it to themselves. */
export const executorOf = (updater: AppUpdater): { download: Download } =>
  (updater as unknown as { httpExecutor: { download: Download } }).httpExecutor

/** Lets an updater take its files from a folder, as from a server: nothing is taken whose hash is another. */
export function readFromFolder(updater: AppUpdater): void {
  updater.disableDifferentialDownload = true
  executorOf(updater).download = async (url, destination, { sha512 }) => {
    await copyFile(fileURLToPath(url), destination)
    const hash = createHash('sha512')
    await pipeline(createReadStream(destination), hash)
    if (hash.digest('base64') !== sha512) {
      throw Object.assign(new Error('The file is not the one that was announced'), {
        code: 'ERR_CHECKSUM_MISMATCH',
      })
    }
    return destination
  }
}
