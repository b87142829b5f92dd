import { freemem, totalmem } from 'node:os'
import { statfsSync } from 'node:fs'
import { AppError } from '#common/contract/errors'
import type { Check } from '#desktop/bridge/support'
import { log, logFiles, withoutHome } from '../log.ts'
import type { Network } from '../network/network.ts'
import { type Managed, managedSettings } from '../policy/resolve.ts'
import type { Session } from '../session/session.ts'
import type { Settings } from '../settings.ts'
import { asJson, type Piece } from './bundle.ts'
import { type Crashes, listDumps } from './crashes.ts'
import { diagnose } from './diagnosis.ts'
import type { SyncHistory } from './history.ts'

export interface GatheringOptions {
  session: Pick<Session, 'state' | 'status' | 'workspace'>
  settings: Settings
  managed: Managed
  network: Network
  crashes: Crashes
  history: SyncHistory
  app: { version: string; platform: string; isPackaged: boolean; locale: string }
  folders: { userData: string; logs: string; dumps: string }
}

const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)

/**
 * What whoever helps needs to know of this computer. Each piece is made of figures, codes, times and words of the app:
 * what is not named here is not in it, and records, people and secrets are named nowhere.
 */
export class Gathering {
  readonly #options: GatheringOptions

  constructor(options: GatheringOptions) {
    this.#options = options
  }

  facts(): { name: string; value: string }[] {
    const { app } = this.#options
    return [
      { name: 'Fieldbook', value: `${app.version}${app.isPackaged ? '' : ', from source'}` },
      { name: 'System', value: `${app.platform}, ${process.arch}` },
      { name: 'Electron', value: `${process.versions.electron} (Chromium ${process.versions.chrome})` },
      {
        name: 'Language and time zone',
        value: `${app.locale}, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`,
      },
    ]
  }

  diagnose(): Promise<Check[]> {
    const { session, network } = this.#options
    return diagnose(session.state().server, network)
  }

  async pieces(): Promise<Piece[]> {
    const { managed, network, crashes, history, folders } = this.#options
    return [
      { name: 'about.json', about: 'Versions, memory and space on the disk.', text: asJson(this.#about()) },
      {
        name: 'settings.json',
        about: 'How the app is set up, without who uses it.',
        text: asJson(this.#settings()),
      },
      {
        name: 'managed.json',
        about: 'What your organisation has set, where, and what of it could not be used.',
        text: withoutHome(asJson({ ...managedSettings(managed), notCarriedOut: network.problems })),
      },
      {
        name: 'storage.json',
        about: 'How much is kept on this device and waits to be sent, by kind; no contents.',
        text: asJson(await this.#storage()),
      },
      {
        name: 'sync.json',
        about: 'How synchronising went since the app was started.',
        text: asJson({ now: this.#options.session.status(), history: history.stretches }),
      },
      {
        name: 'network.json',
        about: 'Whether the server can be reached, its certificate, the proxy and the clock.',
        text: asJson(await this.diagnose()),
      },
      {
        name: 'crashes.json',
        about: 'When something of the app stopped, and which dumps are on this device; not the dumps.',
        text: asJson({ crashes: crashes.list(), dumps: listDumps(folders.dumps) }),
      },
      ...logFiles(folders.logs).map(({ name, text }) => ({
        name: `logs/${name}`,
        about: 'What the app noted of its work.',
        text,
      })),
    ]
  }

  #about() {
    const { folders } = this.#options
    const disk = attempt(() => statfsSync(folders.userData))
    return {
      ...Object.fromEntries(this.facts().map(({ name, value }) => [name, value])),
      startedSecondsAgo: Math.round(process.uptime()),
      memoryMegabytes: { total: megabytes(totalmem()), free: megabytes(freemem()) },
      diskMegabytes: disk && {
        total: megabytes(disk.blocks * disk.bsize),
        free: megabytes(disk.bavail * disk.bsize),
      },
    }
  }

  #settings() {
    const { settings, session } = this.#options
    const { phase, keepsData, mustSignIn, user, entered } = session.state()
    return {
      server: settings.server,
      window: settings.window,
      signedInBefore: settings.account !== null,
      phase,
      keepsData,
      mustSignIn,
      roles: user?.roles ?? [],
      sites: user?.sites.map(({ role }) => role) ?? [],
      actsInAnOrganisation: entered !== null,
    }
  }

  async #storage(): Promise<unknown> {
    try {
      return await this.#options.session.workspace().store.figures()
    } catch (error) {
      // Nobody is signed in, or the files cannot be opened; the log says why.
      if (!(error instanceof AppError)) log('the figures of the storage cannot be read', error)
      return { cannotBeRead: error instanceof AppError ? error.code : (error as Error).name }
    }
  }
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
