import { basename } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Import } from '#common/contract/imports'
import { importOptionProblems } from '#common/rules/import-rows'
import { may } from '#common/rules/permissions'
import type { Answer, ImportProgress, Request, TableFile } from '#desktop/bridge/channels'
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
  { startProcess, tell: tellWindow }: Importing,
): Pick<Handlers, Names> {
  const files = new Map<string, OpenFile>()
  /** Imports that are sent or looked at, each once; what is taken out ends at its next step. */
  const sent = new Map<string, { stop: boolean; known: Import }>()
  const watched = new Map<string, Workspace>()

  /** Nobody hears of it who is signed in after that workspace was left. */
  const tell = (workspace: Workspace, progress: ImportProgress) => {
    if (!workspace.isLeft) tellWindow(progress)
  }

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

  const choose = async (userId: string): Promise<OpenFile | null> => {
    const path = await dialogs.chooseTable()
    if (path === null) return null
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
    return file
  }

  const read = async (file: OpenFile, choice: ReadingChoice): Promise<Answer<'import.open'>> => {
    const { fileId, fileName } = file
    try {
      file.head = await file.reader.read(choice)
      return { file: shown(file, file.head), unread: null }
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
    if (watched.get(id) === workspace) return
    watched.set(id, workspace)
    try {
      let last = ''
      for (let looks = 0; ; looks++) {
        await workspace.pause(looks < 10 ? firstLook : nextLook)
        try {
          const { import: found } = await patiently(workspace, () =>
            workspace.client.call('readImport', { params: { id }, headers: inSite(siteId) }),
          )
          const text = JSON.stringify(found)
          if (text !== last) tell(workspace, { import: found, sending: false, interrupted: null })
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
      if (watched.get(id) === workspace) watched.delete(id)
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
    const turn = { stop: false, known: begun }
    sent.set(id, turn)
    file.sending.add(id)
    try {
      while (turn.known.received < turn.known.rows) {
        const from = turn.known.received
        const rows = await file.reader.part(from)
        if (turn.stop) return
        const { received } = await patiently(workspace, () =>
          workspace.client.call('sendImportRows', {
            params: { id },
            headers: inSite(siteId),
            body: { from, rows },
          }),
        )
        if (turn.stop) return
        turn.known = { ...turn.known, received }
        tell(workspace, { import: turn.known, sending: true, interrupted: null })
      }
      const { import: checking } = await patiently(workspace, () =>
        workspace.client.call('checkImport', { params: { id }, headers: inSite(siteId), body: { options } }),
      )
      sent.delete(id)
      tell(workspace, progressOf(workspace, checking).progress)
    } catch (error) {
      if (!turn.stop) tell(workspace, { import: turn.known, sending: false, interrupted: wordsOf(error) })
    } finally {
      if (sent.get(id) === turn) sent.delete(id)
      file.sending.delete(id)
    }
  }

  return {
    'import.open': async ({ siteId }) => {
      const userId = permit(siteId)
      const file = await choose(userId)
      return file ? read(file, {}) : { file: null, unread: null }
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
      const { headers, rows, digest } = file.head
      const details = importOptionProblems(headers, options)
      if (details.length > 0)
        throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
      if (importId !== null && !file.imports.has(importId))
        throw new AppError('CONFLICT', 'This import was begun with other rows. Begin a new one.')
      const workspace = session.workspace()
      const { fileName } = file
      const body = { id: importId ?? uuidv7(), fileName, digest, rows, headers, options }
      const { import: begun } = await ask(({ client }) =>
        client.call('startImport', { headers: inSite(siteId), body }),
      )
      file.imports.add(begun.id)
      if (sent.has(begun.id)) return { progress: { import: begun, sending: true, interrupted: null } }
      void send(workspace, file, begun, options)
      return { progress: { import: begun, sending: true, interrupted: null } }
    },
    'import.resume': async ({ siteId, id }) => {
      const userId = permit(siteId)
      const workspace = session.workspace()
      const { import: found } = await ask(({ client }) =>
        client.call('readImport', { params: { id }, headers: inSite(siteId) }),
      )
      if (found.received === found.rows) {
        const { import: checking } = await ask(({ client }) =>
          client.call('checkImport', { params: { id }, headers: inSite(siteId), body: {} }),
        )
        return { ...progressOf(workspace, checking), file: null }
      }
      const file = await choose(userId)
      if (!file) return { progress: null, file: null }
      const head = await readAgain(file.reader, found).catch((error: Error) => {
        closeOthers()
        throw error
      })
      // Whoever chose the file may have signed out meanwhile.
      fileOf(file.fileId)
      file.head = head
      file.imports.add(id)
      if (!sent.has(id)) void send(workspace, file, found, found.options)
      return { progress: { import: found, sending: true, interrupted: null }, file: shown(file, head) }
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
      const workspace = session.workspace()
      try {
        await ask(({ client }) => client.call('cancelImport', { params: { id }, headers: inSite(siteId) }))
      } catch (error) {
        // It is there still, and can go on.
        if (turn) tell(workspace, { import: turn.known, sending: false, interrupted: null })
        throw error
      }
      workspace.wake()
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

/** What the window is told of a file. */
const shown = ({ fileId, fileName }: OpenFile, { digest: _, ...head }: TableHead): TableFile => ({
  fileId,
  fileName,
  ...head,
})

/** The table an import was begun with, in whichever way it was read then. Throws when the file has it no more. */
async function readAgain(reader: TableReader, { fileName, rows, digest }: Import): Promise<TableHead> {
  const ways: ReadingChoice[] = [{}]
  const unreadable: string[] = []
  for (const [index, way] of ways.entries()) {
    let others: Pick<UnreadableTable, 'encodings' | 'sheets'>
    try {
      const head = await reader.read(way)
      if (head.digest === digest) return head
      others = { encodings: [], sheets: head.sheets.filter((sheet) => sheet !== head.sheet) }
    } catch (error) {
      if (!(error instanceof UnreadableTable)) throw error
      unreadable.push(error.message)
      others = error
    }
    if (index > 0) continue
    ways.push(...others.encodings.map((encoding) => ({ encoding })))
    ways.push(...others.sheets.map((sheet) => ({ sheet })))
  }
  const begun = `“${fileName}”, with ${rows.toLocaleString('en-GB')} rows`
  throw new AppError(
    'VALIDATION_ERROR',
    unreadable.length === ways.length
      ? unreadable[0]!
      : `This import was begun with another table: ${begun}. Choose that file as it was then; or remove this import and begin a new one.`,
  )
}

/** Why rows stopped travelling, and that nothing is lost. */
function wordsOf(error: unknown): string {
  if (error instanceof SignInNeeded) return error.message
  if (error instanceof NetworkError) return `${error.message} What has been sent is kept.`
  if (error instanceof AppError || error instanceof UnreadableTable) return error.message
  return 'Something in the app went wrong. Try again; what has been sent is kept.'
}
