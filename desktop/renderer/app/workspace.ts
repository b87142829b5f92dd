import { create } from 'zustand'
import { useSession } from './session.ts'

/** The record in the side panel. A new one has no id until it is saved; the key stays the same through that. */
export interface Panel {
  key: number
  id: string | null
  /** Put the cursor in the form: it was opened by keyboard or to write something new. */
  focus: boolean
}

interface Workspace {
  view: 'finder' | 'sync-centre'
  /** The record Sync centre should show when it opens. */
  attention: string | null
  panel: Panel | null
  /** What the open form can do from outside; null while none is open for editing. */
  form: { save: () => Promise<boolean> } | null
  /** Puts the cursor into the list of records. */
  focusList: (() => void) | null
  dirty: boolean
  /** What is to happen once the person has decided about their unsaved changes. */
  leaving: (() => void) | null
}

/** What is on screen: the view, the open record and whether it has unsaved changes. */
export const useWorkspace = create<Workspace>(() => ({
  view: 'finder',
  attention: null,
  panel: null,
  form: null,
  focusList: null,
  dirty: false,
  leaving: null,
}))

const set = useWorkspace.setState
let keys = 0

/** Runs `then` at once, or after the person has saved or discarded what they were writing. */
export function whenClean(then: () => void) {
  if (useWorkspace.getState().dirty) set({ leaving: then })
  else then()
}

export function openRecord(id: string, { focus }: { focus: boolean }) {
  const { panel } = useWorkspace.getState()
  if (panel?.id === id) return set({ view: 'finder', panel: { ...panel, focus } })
  whenClean(() => set({ view: 'finder', panel: { key: ++keys, id, focus } }))
}

export const startNew = () =>
  whenClean(() => set({ view: 'finder', panel: { key: ++keys, id: null, focus: true } }))

export const closePanel = () => whenClean(() => set({ panel: null }))

/** The new record in the panel is saved and has an id from now on. */
export const panelSaved = (id: string) =>
  set(({ panel }) => ({ panel: panel && { ...panel, id, focus: false } }))

export const showFinder = () => set({ view: 'finder' })

export const showSyncCentre = (attention: string | null = null) => set({ view: 'sync-centre', attention })

export const forgetWorkspace = () => set(useWorkspace.getInitialState(), true)

// In another site, or when the site was taken away, a record stays open only for what is not saved yet.
useSession.subscribe(({ siteId }, before) => {
  if (siteId !== before.siteId && !useWorkspace.getState().dirty) set({ panel: null })
})

window.addEventListener('beforeunload', (event) => {
  if (useWorkspace.getState().dirty) event.preventDefault()
})
