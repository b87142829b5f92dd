import { execFile } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { packageFolder, packArchive } from '#build/packaging'
import { createUpdateKey } from '#desktop/main/updates/version-list'
import { type FeedOptions, writeLists } from '#build/update-feed'

const run = promisify(execFile)

/** The makers of the app, who can release any version of it. All of them are made of one bundle. */
export class Makers {
  readonly folder: string
  readonly #keys = createUpdateKey()
  readonly #made = new Map<string, Promise<string>>()

  constructor(folder: string) {
    this.folder = folder
  }

  static async create(): Promise<Makers> {
    return new Makers(await mkdtemp(join(tmpdir(), 'fieldbook-makers-')))
  }

  /** The packaged folder of a version. */
  packaged(version: string): Promise<string> {
    const made =
      this.#made.get(version) ??
      packageFolder({ output: join(this.folder, version), version, updateKeys: [this.#keys.trusted] })
    this.#made.set(version, made)
    return made
  }

  /** As a person does who unpacks it; links cost neither time nor room. */
  async install(version: string, place: string): Promise<void> {
    await run('cp', ['-al', await this.packaged(version), place])
  }

  /** Makes `folder` what IT puts on a server. Signed by somebody else where `secret` is given. */
  async release(
    folder: string,
    version: string,
    options: Partial<FeedOptions> & { secret?: string } = {},
  ): Promise<void> {
    await mkdir(folder, { recursive: true })
    await packArchive(await this.packaged(version), folder, version, 1)
    await this.list(folder, version, options)
  }

  /** Signs anew what is there. */
  async list(
    folder: string,
    version: string,
    { secret = this.#keys.secret, ...options }: Partial<FeedOptions> & { secret?: string } = {},
  ): Promise<void> {
    const key = createPrivateKey(secret)
    await writeLists(folder, { channel: 'stable', staged: 100, rollbackFrom: null, ...options, version, key })
  }

  dispose(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

/** A static server, and nothing more: it gives out the files of one folder, and notes what it was asked. */
export class StaticServer {
  readonly url: string
  readonly asked: string[] = []
  readonly #server: Server

  constructor(server: Server, folder: string) {
    this.#server = server
    const { port } = server.address() as { port: number }
    this.url = `http://127.0.0.1:${port}/fieldbook`
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url!, this.url)
      this.asked.push(pathname)
      const file = createReadStream(join(folder, pathname.replace(/^\/fieldbook\//, '')))
      file.once('open', () => response.writeHead(200))
      pipeline(file, response).catch(() => response.headersSent || response.writeHead(404).end())
    })
  }

  static async of(folder: string): Promise<StaticServer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new StaticServer(server, folder)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
