import { type AppUpdater, Provider, type ResolvedUpdateFileInfo, type UpdateInfo } from 'electron-updater'
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider.js'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readVersionList } from './version-list.ts'

export interface SourceOptions {
  /** A folder, on a server or in reach of the file system. */
  source: URL
  list: string
  keys: readonly string[]
  /** The version that asks. */
  running: string
}

/** Reads the signed list of versions where electron-updater would trust whatever the server says. */
class SignedSource extends Provider<UpdateInfo> {
  readonly #options: SourceOptions
  readonly #updater: AppUpdater

  constructor(options: SourceOptions, updater: AppUpdater, runtime: ProviderRuntimeOptions) {
    super(runtime)
    this.#options = options
    this.#updater = updater
  }

  async getLatestVersion(): Promise<UpdateInfo> {
    const { source, list: name, keys, running } = this.#options
    const url = new URL(`${name}.json`, source)
    const text =
      url.protocol === 'file:'
        ? await readFile(fileURLToPath(url), 'utf8')
        : await this.httpRequest(url, { 'cache-control': 'no-cache' })
    const list = readVersionList(text ?? '', name, keys)
    // An older version is an attack or a mistake, unless the makers sent this one version back to it.
    this.#updater.allowDowngrade = list.rollbackFrom === running
    const files = list.files.map(({ name: file, size, sha512 }) => ({ url: file, size, sha512 }))
    return {
      version: list.version,
      files,
      path: files[0]!.url,
      sha512: files[0]!.sha512,
      releaseDate: list.released,
      stagingPercentage: list.staged,
    }
  }

  resolveFiles({ files }: UpdateInfo): ResolvedUpdateFileInfo[] {
    return files.map((info) => ({ url: new URL(info.url, this.#options.source), info }))
  }
}

/** electron-updater makes its providers itself. */
export const signedSource = (
  options: SourceOptions,
): new (given: unknown, updater: AppUpdater, runtime: ProviderRuntimeOptions) => Provider<UpdateInfo> =>
  class extends SignedSource {
    constructor(_: unknown, updater: AppUpdater, runtime: ProviderRuntimeOptions) {
      super(options, updater, runtime)
    }
  }
