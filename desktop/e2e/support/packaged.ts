import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sandboxArguments } from '#build/desktop-process'
import { freePort } from '#db/embedded'
import { signIn } from './device.ts'

/**
 * A computer with the packaged app on it, exactly as it ships: its fuses let nobody inspect the main process, so it is
 * driven through its window alone, over Chromium's own debugging port. It may end and come back by itself.
 */
export class PackagedDevice {
  readonly folder: string
  readonly installed: string
  readonly #serverUrl: string
  readonly #env: NodeJS.ProcessEnv
  #port = 0
  #browser: Browser | null = null
  #page: Page | null = null

  constructor(folder: string, serverUrl: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.installed = join(folder, 'Fieldbook')
    this.#serverUrl = serverUrl
    this.#env = env
  }

  static async create(serverUrl: string, env: NodeJS.ProcessEnv = {}): Promise<PackagedDevice> {
    return new PackagedDevice(await mkdtemp(join(tmpdir(), 'fieldbook-packaged-')), serverUrl, env)
  }

  get page(): Page {
    if (!this.#page) throw new Error('The app does not run')
    return this.#page
  }

  /** `env` is for this run alone. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<Page> {
    this.#port = await freePort()
    const child = spawn(
      join(this.installed, 'fieldbook'),
      [
        ...sandboxArguments(),
        `--remote-debugging-port=${this.#port}`,
        ...(process.platform === 'linux' ? ['--password-store=gnome-libsecret'] : []),
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          FIELDBOOK_USER_DATA: join(this.folder, 'data'),
          FIELDBOOK_SERVER_URL: this.#serverUrl,
          XDG_CACHE_HOME: join(this.folder, 'cache'),
          ...this.#env,
          ...env,
        },
      },
    )
    child.unref()
    return this.#connect()
  }

  /** Waits for the app to end; `cause` makes it. */
  async #ended(cause: () => Promise<unknown>): Promise<void> {
    const browser = this.#browser!
    const gone = new Promise<void>((done) => browser.once('disconnected', () => done()))
    // The window may be gone before it has answered.
    await cause().catch(() => {})
    await gone
    this.#browser = this.#page = null
  }

  /** Closes the window, and so the app, as a person would; resolves when no process of it is left. */
  async quit(): Promise<void> {
    await this.#ended(() => this.page.evaluate(() => window.close()))
    await expect.poll(() => this.processes()).toEqual([])
  }

  /** `cause` makes the app end and come back by itself. */
  async comesBack(cause: () => Promise<unknown>): Promise<Page> {
    await this.#ended(cause)
    return this.#connect()
  }

  /** What runs out of the folder of this computer. */
  async processes(): Promise<number[]> {
    const found: number[] = []
    for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
      const exe = await readlink(join('/proc', name, 'exe')).catch(() => '')
      if (exe.startsWith(`${this.folder}/`)) found.push(Number(name))
    }
    return found
  }

  async dispose(): Promise<void> {
    for (const pid of await this.processes()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async signIn(username: string, site?: string): Promise<void> {
    await signIn(this.page, username, site)
  }

  async #connect(): Promise<Page> {
    for (;;) {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${this.#port}`).catch(() => null)
      const page = browser
        ?.contexts()[0]
        ?.pages()
        .find((candidate) => candidate.url().startsWith('app:'))
      if (browser && page) {
        this.#browser = browser
        this.#page = page
        return page
      }
      await browser?.close()
      await delay(100)
    }
  }
}
