import { basename, dirname } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import { exportedAtOnce, maxXlsxRows } from '#common/contract/exports'
import { may } from '#common/rules/permissions'
import { exportFileName } from '#common/spreadsheet/file-name'
import type { LocalExportState, Request } from '#desktop/bridge/channels'
import { CalledProcess, type ChildPort } from '../calls.ts'
import { toProblem } from '../ipc/problem.ts'
import type { Session } from '../session/session.ts'
import type { Workspace } from '../session/workspace.ts'
import { Drafts } from './drafts.ts'
import { told } from './told.ts'
import type { writeCommands } from './write-commands.ts'

export interface LocalExportsOptions {
  session(): Session
  /** A folder of its own, for what outlives the app. */
  folder: string
  files: {
    chooseSpreadsheet(suggestedName: string, format: Wanted['format']): Promise<string | null>
    show(path: string): void
  }
  /** Starts a spreadsheet process. */
  startProcess(): ChildPort
  /** Milliseconds since 1970. */
  now(): number
  /** How far an export has come, a few times a second. */
  tell(state: LocalExportState): void
  log(message: string, error?: unknown): void
}

type Wanted = Request<'export.start'>

interface Running {
  state: LocalExportState
  path: string
  /** Records that are in the file; those that went meanwhile are not. */
  written: number
  abort: AbortController
  /** Settles when nothing of it is left to do. */
  over: Promise<unknown>
}

/** Rows that are read in one step: other questions to the store come in between. */
const pageSize = 500
const tellEvery = 250

/**
 * Writes files from what this device holds, each in a process of its own. Under its name a file is whole or not there;
 * before it is, it is noted for the audit. Cancelling, failing, signing out and quitting leave nothing behind; what is
 * left of an app that was killed goes with `sweep`.
 */
export class LocalExports {
  readonly #options: LocalExportsOptions
  readonly #exports = new Map<string, Running>()
  readonly #drafts: Drafts

  constructor(options: LocalExportsOptions) {
    this.#options = options
    this.#drafts = new Drafts(options.folder)
  }

  /** Removes what an app that was killed left beside the files it was writing. */
  sweep(): Promise<void> {
    return this.#drafts.sweep(this.#options.now(), this.#options.log)
  }

  /**
   * Null when no place was chosen. Up to `exportedAtOnce` records it answers when all is done, or has failed; beyond
   * that as soon as the file is begun. Throws what people have to be told before that.
   */
  async start(request: Wanted): Promise<LocalExportState | null> {
    const { session, files, now } = this.#options
    const workspace = session().workspace()
    const site = this.#siteOf(request.siteId)
    const name = exportFileName(site.name, localDay(new Date(now())), request.format)
    const path = await files.chooseSpreadsheet(name, request.format)
    if (path === null) return null
    // What a person may do can have changed while they chose.
    this.#siteOf(request.siteId)
    return new Promise((answer, refuse) => {
      workspace
        .during((closing) => this.#run(request, path, workspace, closing, answer))
        .catch((error: Error) => refuse(error))
    })
  }

  async cancel(exportId: string): Promise<void> {
    const running = this.#exports.get(exportId)
    running?.abort.abort()
    await running?.over
  }

  show(exportId: string): void {
    const found = this.#exports.get(exportId)
    if (found?.state.state !== 'done')
      throw new AppError(
        'RESOURCE_NOT_FOUND',
        'This file was not written, or before Fieldbook was restarted.',
      )
    this.#options.files.show(found.path)
  }

  #siteOf(siteId: string) {
    const { user } = this.#options.session().state()
    const site = user?.sites.find(({ id }) => id === siteId)
    if (!user || !site || !may(user, 'interaction.export', { siteId }))
      throw new AppError('AUTHORIZATION_ERROR', 'Your role at this site does not allow you to export.')
    return site
  }

  async #run(
    request: Wanted,
    path: string,
    workspace: Workspace,
    closing: AbortSignal,
    answer: (state: LocalExportState) => void,
  ): Promise<void> {
    const { siteId, filter, sort, format, columns } = request
    const { store } = workspace
    const ids = await store.exportedIds({ siteId, filter, sort }, request.ids)
    assertSize(ids.length, format)
    const { people } = await store.lookups(siteId)
    const exportId = uuidv7()
    const folder = dirname(path)
    const draft = await told(async () => this.#drafts.begin(exportId, folder))
    const writer = new Writer(this.#options.startProcess())
    /** What cannot be removed now is when the app next starts. */
    const tidyUp = async () => {
      await writer.stop()
      await this.#drafts.end(exportId, folder).catch(() => {})
    }
    const abort = new AbortController()
    const signal = AbortSignal.any([closing, abort.signal])
    const stop = () => writer.end()
    signal.addEventListener('abort', stop)
    try {
      await writer.call('begin', { draft, path, format, columns, people })
    } catch (error) {
      await tidyUp()
      throw error
    }
    const state: LocalExportState = {
      exportId,
      state: 'running',
      done: 0,
      total: ids.length,
      fileName: basename(path),
      problem: null,
    }
    const end = Promise.withResolvers<void>()
    const running: Running = { state, path, written: 0, abort, over: end.promise }
    this.#exports.set(exportId, running)
    if (ids.length > exportedAtOnce) answer(state)
    try {
      await this.#write(running, request, ids, workspace, writer, signal)
      signal.removeEventListener('abort', stop)
      await this.#place(running, request, workspace, writer)
    } catch (error) {
      const { message } = toProblem(error)
      running.state = signal.aborted
        ? { ...running.state, state: 'cancelled' }
        : { ...running.state, state: 'failed', problem: message }
      if (!signal.aborted && !(error instanceof AppError)) this.#options.log('an export failed', error)
    }
    await tidyUp()
    end.resolve()
    this.#options.tell(running.state)
    answer(running.state)
  }

  /** Returns with all of it in the draft. Rejects when `signal` says so. */
  async #write(
    running: Running,
    { siteId }: Wanted,
    ids: readonly string[],
    { store }: Workspace,
    writer: Writer,
    signal: AbortSignal,
  ) {
    const { now, tell } = this.#options
    let toldAt = now()
    for (let from = 0; from < ids.length; from += pageSize) {
      const rows = await store.rows(siteId, ids.slice(from, from + pageSize))
      signal.throwIfAborted()
      await writer.call('write', rows)
      running.written += rows.length
      running.state = { ...running.state, done: Math.min(from + pageSize, ids.length) }
      if (now() - toldAt < tellEvery) continue
      toldAt = now()
      tell(running.state)
    }
    tell(running.state)
    await writer.call('flush')
    signal.throwIfAborted()
  }

  /** Gives the file its name, having noted it: what is out of hand should not go unnoted. */
  async #place(
    running: Running,
    { siteId, filter, ids, sort, format, columns }: Wanted,
    { store, exportReports, status }: Workspace,
    writer: Writer,
  ) {
    const { written: rows, state } = running
    const at = new Date(this.#options.now()).toISOString()
    const id = state.exportId
    const what = ids ? { filter: {}, chosen: ids.length } : { filter }
    await store.noteExport({ id, siteId, report: { format, ...what, sort, columns, rows, at } })
    try {
      await writer.call('place')
    } catch (error) {
      await store.dropExportNote(id).catch(() => {})
      throw error
    }
    running.state = { ...state, state: 'done', done: rows, total: rows }
    if (status.online) exportReports.contact()
  }
}

/** The process that writes one file. */
class Writer {
  readonly #process: CalledProcess
  readonly #exited: Promise<void>

  constructor(port: ChildPort) {
    this.#process = new CalledProcess(
      port,
      () => new AppError('INTERNAL_ERROR', stopped),
      () => {},
    )
    this.#exited = new Promise((resolve) => port.onExit(resolve))
  }

  async call<N extends keyof Commands>(name: N, ...args: Parameters<Commands[N]>): Promise<void> {
    await this.#process.call(name, args)
  }

  end() {
    if (!this.#process.ended) this.#process.end()
  }

  /** Ends it; then it writes no more. */
  async stop() {
    const hasEnded = this.#process.ended === 'by itself'
    this.end()
    if (!hasEnded) await this.#exited
  }
}

type Commands = ReturnType<typeof writeCommands>

const stopped =
  'Writing the file ended by itself, perhaps for want of memory. Try CSV, or fewer records at a time.'

function assertSize(rows: number, format: Wanted['format']) {
  if (rows === 0) throw new AppError('VALIDATION_ERROR', 'There is nothing to export.')
  if (format === 'xlsx' && rows > maxXlsxRows)
    throw new AppError(
      'VALIDATION_ERROR',
      `An Excel file takes up to ${maxXlsxRows.toLocaleString('en')} records. Choose CSV, or search for fewer.`,
    )
}

/** `2026-11-21`, by the clock of this computer. */
export function localDay(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
