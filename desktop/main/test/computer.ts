import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { onTestFinished } from 'vitest'
import type { ShownNotice } from '#common/contract/notices'
import type { ImportProgress, LocalExportState, SessionState } from '#desktop/bridge/channels'
import { createHandlers, type Files } from '../ipc/handlers.ts'
import { ProviderSignIn } from '../session/provider-sign-in.ts'
import { Session, type SessionSettings } from '../session/session.ts'
import { LocalExports } from '../spreadsheet/local-exports.ts'
import { LocalStore } from '../store/local-store.ts'
import type { PhotoProgress } from '../sync/photo-uploads.ts'
import { inProcess } from './device.ts'
import { temporaryFolder } from './folder.ts'
import { TestKeychain } from './keychain.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { spreadsheetProcess } from './spreadsheet-process.ts'
import { password, type WebModel } from './web-model.ts'
import { readUpdatePolicy } from '../updates/policy.ts'
import { Updates } from '../updates/updates.ts'

/** A computer with the app on it, without its window: folders, a keychain, a clock and a network. */
export class Computer {
  readonly folder = temporaryFolder()
  readonly keychain = new TestKeychain()
  readonly clock = new ManualClock()
  readonly settings: SessionSettings = { server: 'http://127.0.0.1:3000', account: null, siteId: null }
  readonly told: SessionState[] = []
  readonly dataChanged: string[] = []
  readonly viewsChanged: string[] = []
  readonly noticesChanged: ShownNotice[][] = []
  readonly photoChanges: PhotoProgress[] = []
  readonly web: WebModel
  session: Session
  stopStore = () => {}
  /** Called with each change of the session. */
  onSession = () => {}
  #stores: LocalStore[] = []
  #run = { over: false }

  constructor(web: WebModel) {
    this.web = web
    this.session = this.#newSession()
    onTestFinished(async () => {
      await this.session.close()
      this.#closeStores()
    })
  }

  get accountsFolder() {
    return join(this.folder, 'accounts')
  }

  get phase() {
    return this.session.state().phase
  }

  /** What the person lets the app write, and read, in the dialogs for files. */
  file: Buffer | null = null
  /** How often the window said that it may be closed. */
  closings = 0
  readonly files: Files = {
    save: async (_, content) => {
      this.file = Buffer.from(content)
      return true
    },
    open: async () => this.file,
    chooseSpreadsheet: async (name) => {
      this.suggested = name
      return this.target
    },
    chooseTable: async () => this.table,
    show: (path) => this.shown.push(path),
  }
  /** Where the person lets a spreadsheet be written, what the file would have been called, and what they looked at. */
  target: string | null = null
  suggested = ''
  readonly shown: string[] = []
  /** Every word of an export, and the processes that write. */
  readonly exportStates: LocalExportState[] = []
  readonly writing: ReturnType<typeof spreadsheetProcess>[] = []
  readonly exports = new LocalExports({
    session: () => this.session,
    folder: join(this.folder, 'exports'),
    files: this.files,
    startProcess: () => {
      const started = spreadsheetProcess()
      this.writing.push(started)
      return started
    },
    now: () => this.clock.now(),
    tell: (state) => this.exportStates.push(state),
    log: () => {},
  })

  /** The file with a table that the person chooses, and every word of an import. */
  table: string | null = null
  readonly importStates: ImportProgress[] = []

  /** Nobody said where updates come from. */
  readonly updates = new Updates({
    version: '0.1.0',
    policy: readUpdatePolicy({}),
    createInstaller: null,
    settings: { updatesCheckedAt: null },
    now: () => this.clock.now(),
    after: () => () => {},
    tell: () => {},
    quit: () => {},
    log: () => {},
  })

  /** Where the browser was sent. */
  readonly browsed: string[] = []
  readonly provider = new ProviderSignIn({
    session: () => this.session,
    openInBrowser: async (url) => void this.browsed.push(url),
  })

  get do() {
    return createHandlers(
      this.session,
      this.provider,
      this.files,
      () => this.closings++,
      this.exports,
      {
        startProcess: spreadsheetProcess,
        tell: (progress) => this.importStates.push(progress),
      },
      this.updates,
    )
  }

  /** Opens the app; when it returns, everything that needs no time has happened. */
  async start(): Promise<this> {
    await this.exports.sweep()
    await this.session.start()
    await settled()
    return this
  }

  /** Quits, or with `crash` is killed, and opens the app again. */
  async restart({ crash = false } = {}): Promise<this> {
    if (!crash) await this.session.close()
    this.#run.over = true
    this.#closeStores()
    this.session = this.#newSession()
    return this.start()
  }

  async signIn(username: string, more: { password?: string } = {}): Promise<SessionState> {
    const state = await this.session.signIn({ username, password, keepSignedIn: true, ...more })
    await settled()
    return state
  }

  /** Long enough for every retry that waits. */
  pass(milliseconds = 120_000): Promise<void> {
    return this.clock.pass(milliseconds)
  }

  #newSession(): Session {
    const run = (this.#run = { over: false })
    return new Session({
      accountsFolder: this.accountsFolder,
      keychain: this.keychain,
      settings: this.settings,
      openStore: (place, onStopped) => {
        const now = () => new Date(this.clock.now()).toISOString()
        const store = new LocalStore({ place, newId: uuidv7, now })
        this.#stores.push(store)
        this.stopStore = onStopped
        return Promise.resolve(inProcess(store))
      },
      fetch: this.web.fetch,
      openSocket: this.web.openSocket,
      clock: {
        now: () => this.clock.now(),
        // What a crashed app had planned never happens.
        after: (milliseconds, work) => this.clock.after(milliseconds, () => run.over || work()),
      },
      random: () => 1,
      deviceName: 'Test',
      app: { version: '1.2.3', platform: 'Test 1' },
      events: {
        session: (state) => {
          this.told.push(state)
          this.onSession()
        },
        sync: () => {},
        dataChanged: (siteIds) => this.dataChanged.push(...siteIds),
        noticesChanged: (notices) => this.noticesChanged.push(notices),
        viewsChanged: (siteId) => this.viewsChanged.push(siteId),
        photoChanged: (progress) => this.photoChanges.push(progress),
        log: () => {},
      },
    })
  }

  #closeStores() {
    for (const store of this.#stores) {
      try {
        store.close()
      } catch {
        // Closed already.
      }
    }
    this.#stores = []
  }
}
