import type { UpdateState } from '#desktop/bridge/updates'
import type { UpdatePolicy } from './policy.ts'
import { wordsOf } from './words.ts'

/** What does the work; each may reject, and changes nothing of the installed app until `install`. */
export interface Installer {
  /** The version to be had; null when there is none for this computer. */
  check(): Promise<string | null>
  /** Has it checked and ready. */
  download(): Promise<void>
  /** Puts it in place as the app ends, which has to be at once; false where it ends the app itself. */
  install(restart: boolean): boolean
}

export interface UpdatesOptions {
  /** The version that runs. */
  version: string
  policy: UpdatePolicy
  /** Null where this copy of the app cannot renew itself. Called when the first check is due. */
  createInstaller: (() => Promise<Installer>) | null
  settings: { updatesCheckedAt: string | null }
  now(): number
  after(milliseconds: number, work: () => void): () => void
  tell(state: UpdateState): void
  /** Ends the app as a person would, so that nothing unsaved is lost. */
  quit(): void
  log(message: string, error?: unknown): void
}

/** The start of the app is for the person's work. */
const firstCheckAfter = 60_000
const checkEvery = 4 * 3_600_000

/**
 * Looks for updates in the background, fetches them, and puts one in place when the app ends. Whatever goes wrong is
 * words in the state; the app goes on as it is.
 */
export class Updates {
  readonly #options: UpdatesOptions
  #installer: Promise<Installer> | null = null
  #running: Promise<void> | null = null
  #ready: Installer | null = null
  #restart = false
  #state: UpdateState

  constructor(options: UpdatesOptions) {
    this.#options = options
    const { policy, createInstaller, settings, version } = options
    const isOff = policy.off || !policy.source || !createInstaller
    this.#state = {
      version,
      phase: isOff ? 'off' : 'idle',
      next: null,
      checkedAt: settings.updatesCheckedAt,
      words: isOff ? wordsWhenOff(policy) : null,
    }
  }

  state(): UpdateState {
    return this.#state
  }

  /** Now and then, from a while after the start on. */
  begin(): void {
    if (this.#state.phase === 'off') return
    const again = (wait: number) => {
      this.#options.after(wait, () => void this.check().then(() => again(checkEvery)))
    }
    again(firstCheckAfter)
  }

  /** Never rejects. Resolves when there is nothing to fetch, or when it is fetched. */
  check(): Promise<void> {
    if (this.#state.phase === 'off') return Promise.resolve()
    this.#running ??= this.#check().finally(() => (this.#running = null))
    return this.#running
  }

  /** Ends the app and comes back with the new version; the person may still stay where something is not saved. */
  restart(): void {
    if (!this.#ready) return
    this.#restart = true
    this.#options.quit()
  }

  /** At the very end, when all files are closed. True when the app is to end itself. */
  installAtEnd(): boolean {
    try {
      return this.#ready?.install(this.#restart) ?? true
    } catch (error) {
      this.#options.log('the update was not installed', error)
      return true
    }
  }

  async #check() {
    const { createInstaller, settings, now, log } = this.#options
    this.#tell({ phase: 'checking', words: null })
    try {
      this.#installer ??= createInstaller!()
      const installer = await this.#installer
      const next = await installer.check()
      settings.updatesCheckedAt = new Date(now()).toISOString()
      this.#tell({ checkedAt: settings.updatesCheckedAt })
      // What was ready may have been withdrawn meanwhile.
      this.#ready = null
      if (next === null) return this.#tell({ phase: 'idle', next })
      this.#tell({ phase: 'fetching', next })
      await installer.download()
      this.#ready = installer
      this.#tell({ phase: 'ready' })
    } catch (error) {
      log('no update was taken', error)
      this.#tell({ phase: this.#ready ? 'ready' : 'failed', words: wordsOf(error) })
    }
  }

  #tell(change: Partial<UpdateState>) {
    this.#state = { ...this.#state, ...change }
    this.#options.tell(this.#state)
  }
}

function wordsWhenOff({ problem, off, source }: UpdatePolicy): string {
  if (problem) return problem
  if (off) return 'Updates are turned off by whoever looks after this computer.'
  if (!source) return 'Updates come from whoever looks after this computer.'
  return 'This copy of Fieldbook is renewed by whoever installed it.'
}
