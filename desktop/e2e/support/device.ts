import { _electron, type ElectronApplication, expect, type Page } from '@playwright/test'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sandboxArguments } from '#build/desktop-process'
import { electronBinary } from '#build/electron-binary'
import { demoPassword } from '#db/seeds/demo'

const project = resolve(import.meta.dirname, '../../..')

export interface DeviceOptions {
  /** Without one the app has nowhere to keep a key. */
  keyring?: boolean
  /** Where its disk is; the one of the machine that runs the test where none is given. */
  disk?: string
  /** What the app is started with besides, each time. */
  arguments?: string[]
  env?: Record<string, string>
}

/** A computer with the app on it: a user-data folder that outlives the app's runs. */
export class Device {
  readonly folder: string
  readonly #serverUrl: string
  readonly #options: DeviceOptions
  #app: ElectronApplication | null = null
  #page: Page | null = null

  constructor(folder: string, serverUrl: string, options: DeviceOptions) {
    this.folder = folder
    this.#serverUrl = serverUrl
    this.#options = options
  }

  static async create(serverUrl: string, options: DeviceOptions = {}): Promise<Device> {
    return new Device(await mkdtemp(join(options.disk ?? tmpdir(), 'fieldbook-device-')), serverUrl, options)
  }

  get page(): Page {
    if (!this.#page) throw new Error('The app does not run')
    return this.#page
  }

  get app(): ElectronApplication {
    if (!this.#app) throw new Error('The app does not run')
    return this.#app
  }

  async start(): Promise<Page> {
    const { executable } = await electronBinary()
    const { keyring = true, arguments: more = [], env = {} } = this.#options
    const store =
      process.platform === 'linux' ? [`--password-store=${keyring ? 'gnome-libsecret' : 'basic'}`] : []
    this.#app = await _electron.launch({
      executablePath: executable,
      // Behind the app they would not reach its child processes.
      args: [...more, project, ...sandboxArguments(), ...store],
      env: {
        ...(process.env as Record<string, string>),
        FIELDBOOK_USER_DATA: this.folder,
        FIELDBOOK_SERVER_URL: this.#serverUrl,
        ...env,
      },
      colorScheme: 'light',
    })
    this.#page = await this.#app.firstWindow()
    // A small laptop's.
    await this.#app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.setContentSize(1280, 800),
    )
    return this.#page
  }

  /** Quits as a person would. */
  async quit(): Promise<void> {
    const app = this.#app
    this.#app = this.#page = null
    await app?.close()
  }

  /** As a person would: the window's own way of closing. */
  closeWindow(): Promise<void> {
    return this.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())
  }

  /** `kill -9`, as a power cut or a crash would. */
  async kill(): Promise<void> {
    const child = this.app.process()
    this.#app = this.#page = null
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async dispose(): Promise<void> {
    // Whatever it is doing, asking the person something perhaps.
    if (this.#app) await this.kill()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** `site` is needed where the person has several and has not chosen one before. */
  async signIn(username: string, site?: string): Promise<void> {
    await signIn(this.page, username, site)
  }

  async giveCredentials(username: string): Promise<void> {
    await giveCredentials(this.page, username)
  }
}

async function giveCredentials(page: Page, username: string): Promise<void> {
  await page.getByRole('textbox', { name: 'User name or e-mail' }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function signIn(page: Page, username: string, site?: string): Promise<void> {
  await giveCredentials(page, username)
  const finder = page.getByRole('heading', { name: 'Interactions', exact: true })
  const sites = page.getByRole('region', { name: 'Where are you working?' })
  if (site) await sites.getByRole('button', { name: site }).or(finder).first().click()
  await expect(finder).toBeVisible({ timeout: 60_000 })
}
