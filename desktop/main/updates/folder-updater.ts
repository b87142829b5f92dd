import { app } from 'electron'
import { BaseUpdater } from 'electron-updater'
import type { DownloadUpdateOptions } from 'electron-updater/out/AppUpdater.js'
import type { InstallOptions } from 'electron-updater/out/BaseUpdater.js'
import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { executorOf } from './source-folder.ts'
import { swapFolders } from './swap.ts'
import { UpdateRefused } from './version-list.ts'

const run = promisify(execFile)
const ending = 'tar.gz'

/**
 * Updates a Fieldbook that is a folder somewhere, unpacked by a person or by IT on Linux without a package manager.
 * electron-updater knows AppImages and packages; the checking and downloading is its own. The new version is unpacked
 * beside the running one and takes its name when the app ends.
 */
export class FolderUpdater extends BaseUpdater {
  readonly #folder: string
  #unpacked: string | null = null

  constructor(folder: string) {
    super(null)
    this.#folder = folder
  }

  protected override async doDownloadUpdate(downloadUpdateOptions: DownloadUpdateOptions) {
    const { info, provider } = downloadUpdateOptions.updateInfoAndProvider
    const fileInfo = provider.resolveFiles(info).find(({ info: { url } }) => url.endsWith(`.${ending}`))
    if (!fileInfo) throw new UpdateRefused(`Version ${info.version} is not offered as a folder for Linux.`)
    const downloaded = await this.executeDownload({
      fileExtension: ending,
      fileInfo,
      downloadUpdateOptions,
      task: async (file, options) => {
        await executorOf(this).download(fileInfo.url, file, options)
      },
    })
    await this.#unpack(downloaded.updateFile, info.version)
    return downloaded
  }

  async #unpack(archive: string, version: string) {
    const folder = join(dirname(this.#folder), `.${basename(this.#folder)}-${version}`)
    if (this.#unpacked === folder) return
    this.#unpacked = null
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    try {
      await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', '--no-same-owner'])
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
    this.#unpacked = folder
  }

  protected override doInstall({ isForceRunAfter }: InstallOptions): boolean {
    if (!this.#unpacked) return false
    swapFolders(this.#folder, this.#unpacked)
    if (isForceRunAfter) app.relaunch()
    return true
  }
}
