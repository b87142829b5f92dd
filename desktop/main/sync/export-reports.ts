import { ServerError } from '../api/failures.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import type { Store } from '../store/store.ts'
import { judge } from './verdict.ts'

export interface ExportReportsOptions {
  store: Store
  client: SignedInClient
  /** It failed for a reason that lies on this device. */
  fault(error: unknown): void
}

/** Tells the server of the files that were written on this device, as soon as it can be reached. */
export class ExportReports {
  readonly #options: ExportReportsOptions
  /** What the server did not want to hear; it is told again when the app next starts. */
  readonly #refused = new Set<string>()
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: ExportReportsOptions) {
    this.#options = options
  }

  /** The server answers, so what waits is sent. What cannot be is sent at the next contact. */
  contact(): void {
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : this.#send()))
      .catch((error: unknown) => {
        if (judge(error) === null) this.#options.fault(error)
      })
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#turn
  }

  async #send() {
    const { store, client } = this.#options
    for (const { id, siteId, report } of await store.exportNotes()) {
      if (this.#refused.has(id)) continue
      try {
        const target = { params: { id }, headers: { 'x-site-id': siteId } }
        await client.call('reportLocalExport', { ...target, body: report })
        await store.dropExportNote(id)
      } catch (error) {
        const isFinal = error instanceof ServerError && [400, 403, 404, 409, 422].includes(error.status)
        if (!isFinal) throw error
        this.#refused.add(id)
      }
    }
  }
}
