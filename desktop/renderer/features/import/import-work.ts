import { create } from 'zustand'
import type { Import, ImportOptions } from '#common/contract/imports'
import { guessOptions } from '#common/rules/import-rows'
import type {
  Answer,
  ImportProgress,
  Problem,
  Request,
  TableFile,
  UnreadFile,
} from '#desktop/bridge/channels'
import { ask, on, problemOf } from '../../app/bridge.ts'
import { prefer, usePreferences } from '../../app/preferences.ts'
import { useSession } from '../../app/session.ts'
import { readerZone } from '../../ui/date-words.ts'
import { remembered, remembering } from './import-memory.ts'

/** The import a person is at; it stays as it is while they are on another screen. */
interface ImportWork {
  step: 'list' | 'unread' | 'columns' | 'import'
  /** The file is chosen and being read. */
  reading: boolean
  file: TableFile | null
  unread: UnreadFile | null
  options: ImportOptions | null
  /** The options are those that a table with these columns had before. */
  asLastTime: boolean
  /** The import that was begun with the rows of the file. */
  importId: string | null
  progress: ImportProgress | null
  /** A step to the server is under way. */
  busy: boolean
  problem: Problem | null
}

export const useImport = create<ImportWork>(() => ({
  step: 'list',
  reading: false,
  file: null,
  unread: null,
  options: null,
  asLastTime: false,
  importId: null,
  progress: null,
  busy: false,
  problem: null,
}))

const set = useImport.setState
const get = useImport.getState
const preference = 'import.mappings'

export interface GuessContext {
  timezone: string | undefined
  types: readonly string[]
}

/** Does something that main or the server may refuse. */
async function attempt(work: () => Promise<void>): Promise<void> {
  set({ problem: null, busy: true })
  try {
    await work()
  } catch (error) {
    set({ problem: problemOf(error) })
  } finally {
    set({ busy: false, reading: false })
  }
}

const siteId = () => useSession.getState().siteId!

export const openFile = (context: GuessContext) =>
  attempt(async () => {
    set({ reading: true })
    adopt(await ask('import.open', { siteId: siteId() }), context)
  })

/** Reads the file another way; what was begun with the rows as they were is over. */
export const reopen = (choice: Omit<Request<'import.reopen'>, 'fileId'>, context: GuessContext) =>
  attempt(async () => {
    const { file, unread } = get()
    const fileId = file?.fileId ?? unread?.fileId
    if (!fileId) return
    set({ reading: true })
    dropBegun()
    adopt(await ask('import.reopen', { fileId, ...choice }), context)
  })

function adopt({ file, unread }: Answer<'import.open'>, { timezone, types }: GuessContext) {
  if (!file && !unread) return
  if (unread)
    return set({ step: 'unread', file: null, unread, options: null, importId: null, progress: null })
  if (!file) return
  const known = remembered(usePreferences.getState().values[preference], file.headers)
  const options =
    known ?? guessOptions(file.headers, file.sample, { timezone: timezone ?? readerZone(), types })
  set({
    step: 'columns',
    file,
    unread: null,
    options,
    asLastTime: known !== null,
    importId: null,
    progress: null,
  })
}

export const change = (options: ImportOptions) => set({ options, asLastTime: false })

export const guessAnew = ({ timezone, types }: GuessContext) => {
  const { file } = get()
  if (file) change(guessOptions(file.headers, file.sample, { timezone: timezone ?? readerZone(), types }))
}

/** Has the rows checked; also goes on where sending them was broken off. */
export const check = () =>
  attempt(async () => {
    const { file, options, importId } = get()
    if (!file || !options) return
    const kept = usePreferences.getState().values[preference]
    prefer(preference, remembering(kept, file.headers, options))
    const { progress } = await ask('import.check', {
      siteId: siteId(),
      fileId: file.fileId,
      importId,
      options,
    })
    set({ step: 'import', importId: progress.import.id, progress })
  })

/** Goes on with one whose file is not open any more: it is chosen again, where rows of it are still to be sent. */
export const resume = ({ id, options }: Import) =>
  attempt(async () => {
    const { progress, file } = await ask('import.resume', { siteId: siteId(), id })
    if (!progress) return
    set({ step: 'import', progress, ...(file && { file, options, asLastTime: false, importId: id }) })
  })

export const backToColumns = () => set({ step: 'columns', problem: null })

const act = (name: 'import.run' | 'import.undo', id: string) =>
  attempt(async () => {
    const { progress } = await ask(name, { siteId: siteId(), id })
    // What has been run cannot be given other columns.
    set({ step: 'import', progress, file: null, options: null, importId: null })
  })

export const run = (id: string) => act('import.run', id)
export const undo = (id: string) => act('import.undo', id)

/** Stops what is going on; what was never run is gone then. */
export const cancel = ({ id, state }: Import) =>
  attempt(async () => {
    await ask('import.cancel', { siteId: siteId(), id })
    if (state === 'running' || state === 'undoing') {
      const { progress } = await ask('import.watch', { siteId: siteId(), id })
      return set({ progress })
    }
    if (get().importId === id) set({ importId: null })
    set(({ file }) => ({ step: file ? 'columns' : 'list', progress: null }))
  })

/** Looks at an import from the list. */
export const showImport = (found: Import) =>
  attempt(async () => {
    set({ step: 'import', progress: { import: found, sending: false, interrupted: null } })
    if (get().importId !== found.id) set({ file: null, options: null, unread: null, importId: null })
    const { progress } = await ask('import.watch', { siteId: siteId(), id: found.id })
    if (get().progress?.import.id === found.id) set({ progress })
  })

/** Looks again at what is on screen, as after the server was out of reach. */
export function lookAgain(id: string) {
  ask('import.watch', { siteId: siteId(), id }).then(
    ({ progress }) =>
      set((work) => (work.progress?.import.id === id && !work.progress.interrupted ? { progress } : {})),
    () => {},
  )
}

/** Back to the list; what goes on goes on, and what was only prepared is given up. */
export function showList() {
  if (get().step === 'columns') dropBegun()
  set(useImport.getInitialState(), true)
}

/** Removes what was sent and never run. */
function dropBegun() {
  const { importId } = get()
  if (importId) ask('import.cancel', { siteId: siteId(), id: importId }).catch(() => {})
  set({ importId: null, progress: null })
}

on('import.changed', (progress) => {
  if (get().progress?.import.id === progress.import.id) set({ progress })
})

// In another site, or for another person, there is another list.
useSession.subscribe(({ user, siteId }, before) => {
  if (user?.id !== before.user?.id || siteId !== before.siteId) set(useImport.getInitialState(), true)
})
