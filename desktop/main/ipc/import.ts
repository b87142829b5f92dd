import { basename } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Import } from '#common/contract/imports'
import { importOptionProblems } from '#common/rules/import-rows'
import { may } from '#common/rules/permissions'
import type { Answer, ImportProgress, Request } from '#desktop/bridge/channels'
import { NetworkError, ServerError, SignInNeeded } from '../api/failures.ts'
import type { Session } from '../session/session.ts'
import type { Workspace } from '../session/workspace.ts'
import type { ChildPort } from '../calls.ts'
import { type ReadingChoice, type TableHead, UnreadableTable } from '../spreadsheet/table.ts'
import { TableReader } from '../spreadsheet/table-reader.ts'
import type { Files, Handlers } from './handlers.ts'
import { inSite, patiently } from './record-keeping.ts'

/** Interactions from a file of the person's own: read here, sent to the server, and done there. */

export interface Importing {
  /** Starts a spreadsheet process. */
  startProcess(): ChildPort
  tell(progress: ImportProgress): void
}

type Names = Extract<keyof Handlers, `import.${string}`>

interface OpenFile {
  fileId: string
  fileName: string
  userId: string
  reader: TableReader
  head: TableHead | null
  /** Imports of its rows as they were read last, and those of which rows are still to be sent. */
  imports: Set<string>
  sending: Set<string>
}

const needsServer = 'An import is done by the server, so it has to wait until you are online.'
/** Milliseconds between two looks at an import that is at work, and when the server was out of reach. */
const firstLook = 500
const nextLook = 1_500
const lookAfterFailure = 5_000

const working: readonly Import['state'][] = ['checking', 'running', 'undoing']

export function importHandlers(
  session: Session,
  dialogs: Pick<Files, 'chooseTable' | 'save'>,
  { startProcess, tell }: Importing,
): Pick<Handlers, Names> {
  const files = new Map<string, OpenFile>()
  /** Imports that are sent or looked at, each once; what is taken out ends at its next step. */
  const sent = new Map<string, { stop: boolean }>()
  const watched = new Set<string>()

  const permit = (siteId: string) => {
    const { user } = session.state()
    if (!user || !may(user, 'interaction.import', { siteId }))
      throw new AppError('AUTHORIZATION_ERROR', 'Only administrators of the site can import into it.')
    return user.id
  }
  const ask = async <T>(work: (workspace: Workspace) => Promise<T>): Promise<T> => {
    const workspace = session.workspace()
    try {
      return await patiently(workspace, () => work(workspace))
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      throw new AppError('SERVICE_UNAVAILABLE', `${needsServer} ${error.message}`)
    }
  }
  const fileOf = (fileId: string): OpenFile => {
    const file = files.get(fileId)
    if (file && file.userId === session.state().user?.id && !file.reader.ended) return file
    throw new AppError('RESOURCE_NOT_FOUND', 'The file is not open any more. Choose it again.')
  }
  /** A file goes when another takes its place, once its rows are sent. */
  const closeOthers = (kept?: string) => {
    for (const [id, { reader, sending }] of files) {
      if (id === kept || sending.size > 0) continue
      reader.close()
      files.delete(id)
    }
  }

  const read = async (file: OpenFile, choice: ReadingChoice): Promise<Answer<'import.open'>> => {
    const { fileId, fileName } = file
    try {
      file.head = await file.reader.read(choice)
      return { file: { fileId, fileName, ...file.head }, unread: null }
    } catch (error) {
      if (!(error instanceof UnreadableTable)) throw error
      file.head = null
      const { message, encodings, sheets } = error
      return {
        file: null,
        unread: { fileId, fileName, message, encodings: [...encodings], sheets: [...sheets] },
      }
    }
  }

  /** Tells how an import goes on, until it stands still. */
  const watch = async (workspace: Workspace, siteId: string, id: string) => {
    if (watched.has(id)) return
    watched.add(id)
    try {
      let last = ''
      for (let looks = 0; ; looks++) {
        await workspace.pause(looks < 10 ? firstLook : nextLook)
        try {
          const { import: found } = await patiently(workspace, () =>
            workspace.client.call('readImport', { params: { id }, headers: inSite(siteId) }),
          )
          const text = JSON.stringify(found)
          if (text !== last) tell({ import: found, sending: false, interrupted: null })
          last = text
          if (!working.includes(found.state)) {
            if (found.state !== 'checked') workspace.wake({ insist: true })
            return
          }
        } catch (error) {
          if (!(error instanceof NetworkError) && !(error instanceof ServerError && error.status >= 500))
            return
          await workspace.pause(lookAfterFailure)
        }
      }
    } finally {
      watched.delete(id)
    }
  }
  const progressOf = (workspace: Workspace, found: Import): { progress: ImportProgress } => {
    if (working.includes(found.state)) void watch(workspace, found.siteId, found.id)
    return { progress: { import: found, sending: sent.has(found.id), interrupted: null } }
  }

  /** Sends what the server does not have, then has it checked. Whatever stops it is told; asked again it goes on. */
  const send = async (
    workspace: Workspace,
    file: OpenFile,
    begun: Import,
    options: Request<'import.check'>['options'],
  ) => {
    const { id, siteId } = begun
    const turn = { stop: false }
    sent.set(id, turn)
    file.sending.add(id)
    let known = begun
    try {
      while (known.received < known.rows) {
        const rows = await file.reader.part(known.received)
        if (turn.stop) return
        const from = known.received
        const { received } = await patiently(workspace, () =>
          workspace.client.call('sendImportRows', {
            params: { id },
            headers: inSite(siteId),
            body: { from, rows },
          }),
        )
        if (turn.stop) return
        known = { ...known, received }
        tell({ import: known, sending: true, interrupted: null })
      }
      const { import: checking } = await patiently(workspace, () =>
        workspace.client.call('checkImport', { params: { id }, headers: inSite(siteId), body: { options } }),
      )
      sent.delete(id)
      tell(progressOf(workspace, checking).progress)
    } catch (error) {
      if (!turn.stop) tell({ import: known, sending: false, interrupted: wordsOf(error) })
    } finally {
      if (sent.get(id) === turn) sent.delete(id)
      file.sending.delete(id)
    }
  }

  return {
    'import.open': async ({ siteId }) => {
      const userId = permit(siteId)
      const path = await dialogs.chooseTable()
      if (path === null) return { file: null, unread: null }
      closeOthers()
      const file: OpenFile = {
        fileId: uuidv7(),
        fileName: basename(path).slice(0, 255).toWellFormed(),
        userId,
        reader: new TableReader(startProcess(), path),
        head: null,
        imports: new Set(),
        sending: new Set(),
      }
      files.set(file.fileId, file)
      return read(file, {})
    },
    'import.reopen': async ({ fileId, ...choice }) => {
      const file = fileOf(fileId)
      if (file.sending.size > 0)
        throw new AppError('CONFLICT', 'The rows of this file are being sent. Cancel that first.')
      file.imports.clear()
      return read(file, choice)
    },
    'import.check': async ({ siteId, fileId, importId, options }) => {
      permit(siteId)
      const file = fileOf(fileId)
      if (!file.head) throw new AppError('VALIDATION_ERROR', 'The file could not be read.')
      const { headers, rows } = file.head
      const details = importOptionProblems(headers, options)
      if (details.length > 0)
        throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
      if (importId !== null && !file.imports.has(importId))
        throw new AppError('CONFLICT', 'This import was begun with other rows. Begin a new one.')
      const workspace = session.workspace()
      const body = { id: importId ?? uuidv7(), fileName: file.fileName, rows, headers, options }
      const { import: begun } = await ask(({ client }) =>
        client.call('startImport', { headers: inSite(siteId), body }),
      )
      file.imports.add(begun.id)
      if (sent.has(begun.id)) return { progress: { import: begun, sending: true, interrupted: null } }
      void send(workspace, file, begun, options)
      return { progress: { import: begun, sending: true, interrupted: null } }
    },
    'import.run': async ({ siteId, id }) => {
      permit(siteId)
      const { import: found } = await ask(({ client }) =>
        client.call('runImport', { params: { id }, headers: inSite(siteId) }),
      )
      closeOthers()
      return progressOf(session.workspace(), found)
    },
    'import.undo': async ({ siteId, id }) => {
      permit(siteId)
      const { import: found } = await ask(({ client }) =>
        client.call('undoImport', { params: { id }, headers: inSite(siteId) }),
      )
      return progressOf(session.workspace(), found)
    },
    'import.cancel': async ({ siteId, id }) => {
      permit(siteId)
      const turn = sent.get(id)
      if (turn) turn.stop = true
      sent.delete(id)
      await ask(({ client }) => client.call('cancelImport', { params: { id }, headers: inSite(siteId) }))
      session.workspace().wake()
      return {}
    },
    'import.list': async ({ siteId }) => {
      permit(siteId)
      return ask(({ client }) => client.call('listImports', { headers: inSite(siteId) }))
    },
    'import.watch': async ({ siteId, id }) => {
      permit(siteId)
      const { import: found } = await ask(({ client }) =>
        client.call('readImport', { params: { id }, headers: inSite(siteId) }),
      )
      return progressOf(session.workspace(), found)
    },
    'import.problems': async ({ siteId, id, after }) => {
      permit(siteId)
      return ask(({ client }) =>
        client.call('listImportProblems', {
          params: { id },
          headers: inSite(siteId),
          query: { ...(after !== null && { after }) },
        }),
      )
    },
    'import.report': async ({ siteId, id }) => {
      permit(siteId)
      const { import: found } = await ask(({ client }) =>
        client.call('readImport', { params: { id }, headers: inSite(siteId) }),
      )
      const content = await ask(({ client }) =>
        client.call('readImportFile', { params: { id }, headers: inSite(siteId) }),
      )
      const name = found.fileName.replace(/\.\w{1,5}$/, '')
      return { saved: await dialogs.save(`${name} – left out.csv`, content as Uint8Array) }
    },
  }
}

/** Why rows stopped travelling, and that nothing is lost. */
function wordsOf(error: unknown): string {
  if (error instanceof SignInNeeded) return error.message
  if (error instanceof NetworkError) return `${error.message} What has been sent is kept.`
  if (error instanceof AppError || error instanceof UnreadableTable) return error.message
  return 'Something in the app went wrong. Try again; what has been sent is kept.'
}
