import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import type { SignedIn } from '#common/contract/auth'
import type { Interaction, InteractionPage } from '#common/contract/interactions'
import { freePort, startEmbeddedPostgres } from '#db/embedded'
import { demoPassword, type DemoTenant, loadTenants } from '#db/seeds/demo'
import { createPool } from '#server/shared/pool'

const run = promisify(execFile)
const project = resolve(import.meta.dirname, '../../..')

/** Journeys ask for more in a minute than a person does; only those about the limits themselves have the server's own. */
export const generous = {
  RATE_LIMIT_MAX: '10000',
  RATE_LIMIT_AUTH_MAX: '1000',
  RATE_LIMIT_WRITE_MAX: '10000',
  RATE_LIMIT_UPLOAD_MAX: '10000',
  RATE_LIMIT_ADDRESS_MAX: '10000',
}

/** The real API as its own process on its own PostgreSQL, with the demo in it; stopped and started as a journey needs. */
export class TestServer {
  readonly url: string
  readonly #folder: string
  readonly #port: number
  #process: ChildProcess | null = null

  constructor(folder: string, port: number) {
    this.#folder = folder
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  static async create(): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'fieldbook-server-'))
    // PostgreSQL, which is not root, keeps its data here too, so that all of it goes when the folder does.
    await chmod(folder, 0o755)
    const server = new TestServer(folder, await freePort())
    await server.start()
    return server
  }

  /** With `log` what it notes is kept in that file. */
  async start(limits: NodeJS.ProcessEnv = generous, log?: string): Promise<void> {
    const child = spawn(process.execPath, ['server/main.ts'], {
      cwd: project,
      stdio: ['ignore', log === undefined ? 'ignore' : openSync(log, 'a'), 'inherit'],
      env: {
        ...process.env,
        PORT: String(this.#port),
        DATA_DIR: this.#folder,
        LOG_LEVEL: 'warn',
        // A folder without the real meetings: journeys see the same generated records everywhere.
        DEMO_MEETINGS: this.#folder,
        ...limits,
      },
    })
    this.#process = child
    while (child.exitCode === null) {
      const up = await fetch(`${this.url}/health`).then(
        (answer) => answer.ok,
        () => false,
      )
      if (up) return
      await delay(100)
    }
    throw new Error(`The server ended with code ${child.exitCode} before it was ready`)
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  async dispose(): Promise<void> {
    await this.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** What only the operator can do, past every policy of the running server's database. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const url = new URL((await this.#database()).url)
    url.username = 'postgres'
    const client = new pg.Client(url.href)
    await client.connect()
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end()
    }
  }

  /** Adds an organisation with its people, who have the password of the demo, and its records. */
  async load(tenant: DemoTenant): Promise<void> {
    const pool = createPool((await this.#database()).url, 1)
    try {
      await loadTenants(pool, [tenant])
    } finally {
      await pool.destroy()
    }
  }

  /** Backs up the database as a copy of its files; what it returns restores it. The server runs before and after. */
  async backUp(): Promise<() => Promise<void>> {
    const { data } = await this.#database()
    const backup = `${data}.backup`
    const whileStopped = async (work: () => Promise<unknown>) => {
      await this.stop()
      await work()
      await this.start()
    }
    await whileStopped(() => run('cp', ['-a', data, backup]))
    return () =>
      whileStopped(async () => {
        await rm(data, { recursive: true })
        await rename(backup, data)
      })
  }

  #database() {
    return startEmbeddedPostgres(join(this.#folder, 'postgres'))
  }

  /** The mails it has sent to this address, as they are, the oldest first. */
  async mailsTo(address: string): Promise<string[]> {
    const folder = join(this.#folder, 'mail')
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
    const mails = await Promise.all(names.toSorted().map((name) => readFile(join(folder, name), 'utf8')))
    return mails.filter((mail) => new RegExp(`^To: .*${address}`, 'm').test(mail))
  }

  /** A client of the API beside the app: another person, or another device. */
  async signIn(username: string): Promise<ApiClient> {
    const answer = await fetch(`${this.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: demoPassword }),
    })
    return new ApiClient(this.url, (await answer.json()) as SignedIn)
  }
}

export class ApiClient {
  readonly #url: string
  readonly session: SignedIn

  constructor(url: string, session: SignedIn) {
    this.#url = url
    this.session = session
  }

  site(name: string): string {
    return this.session.user.sites.find((site) => site.name === name)!.id
  }

  async find(site: string, search: string): Promise<Interaction[]> {
    return (await this.#list(site, search)).interactions
  }

  async count(site: string, search: string): Promise<number> {
    return (await this.#list(site, search)).total
  }

  async create(site: string, fields: Partial<Interaction>): Promise<Interaction> {
    const { interaction } = (await this.ask('POST', '/interactions', site, fields)) as {
      interaction: Interaction
    }
    return interaction
  }

  async update(
    site: string,
    { id, version }: Interaction,
    fields: Partial<Interaction>,
  ): Promise<Interaction> {
    const body = { ...fields, version }
    const { interaction } = (await this.ask('PUT', `/interactions/${id}`, site, body)) as {
      interaction: Interaction
    }
    return interaction
  }

  /** A file, as it is. */
  async bytes(path: string): Promise<Buffer> {
    const headers = { authorization: `Bearer ${this.session.token}` }
    const answer = await fetch(`${this.#url}/api/v1${path}`, { headers })
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
  }

  /** Sends the bytes of a picture that was announced, all at once. */
  async send(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = {
      authorization: `Bearer ${this.session.token}`,
      'content-type': 'application/octet-stream',
    }
    const answer = await fetch(`${this.#url}/api/v1${path}`, { method: 'PUT', headers, body: bytes })
    if (!answer.ok) throw new Error(`PUT ${path} answered ${answer.status}: ${await answer.text()}`)
  }

  async #list(site: string, search: string): Promise<InteractionPage> {
    const query = new URLSearchParams({ search, pageSize: '100', count: 'exact' })
    return (await this.ask('GET', `/interactions?${query}`, site)) as InteractionPage
  }

  /** Any request of the API, in a site; throws with the answer where it is no success. */
  async ask(method: string, path: string, site: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.session.token}`,
        'x-site-id': this.site(site),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
}
