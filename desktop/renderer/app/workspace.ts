import type { DeviceState } from '#common/contract/devices'
import { create } from 'zustand'
import type { InteractionFields } from '#common/contract/interactions'
import type { VisitStatus } from '#common/contract/visits'
import { ask, on } from './bridge.ts'
import { asksForDialog, dialogHoldsWork } from '../ui/unsaved-dialog.ts'
import { useSession } from './session.ts'

/** The record in the side panel. A new one has no id until it is saved; the key stays the same through that. */
export interface Panel {
  key: number
  id: string | null
  /** Put the cursor in the form: it was opened by keyboard or to write something new. */
  focus: boolean
  /** What a new record starts with, where it is a copy. */
  copied: InteractionFields | null
}

/** The form that is open for writing: a record's, or that of a screen of settings. */
interface OpenForm {
  /** False when something is wrong, which the form then shows. */
  save: () => Promise<boolean>
  /** Forgets what was typed, on the disk too. */
  discard: () => void
  /** It is saved before something takes its place, and asked about only where it cannot be. */
  savesItself?: boolean
}

/** `deleted` and those after it are for looking after things, and may not be offered to everybody. */
export type View =
  | 'finder'
  | 'today'
  | 'visits'
  | 'goals'
  | 'call-cycles'
  | 'analytics'
  | 'start'
  | 'organisations'
  | 'sync-centre'
  | 'account'
  | 'deleted'
  | 'import'
  | 'people'
  | 'sites'
  | 'teams'
  | 'shops'
  | 'surveys'
  | 'brands'
  | 'devices'
  | 'notices'
  | 'reports'
  | 'types'
  | 'site-settings'
  | 'settings'
  | 'audit'
  | 'activity'

/** Something that happened and needs nothing done, with what can be done about it. */
export interface Told {
  words: string
  action?: { words: string; onClick: () => void }
}

/**
 * Which visits are to be listed: those behind a figure. Days, both included, are those on the clocks where a visit began;
 * a team stands for its people and those of teams below.
 */
export interface VisitsSought {
  from: string
  until: string
  status?: VisitStatus
  siteId?: string
  /** With what each is called. */
  shop?: Sought
  agent?: Sought
  team?: Sought
  brand?: Sought
  /** Only those: begun too far from the shop, with a survey, with a shelf that is marked on a photo. */
  isFar?: true
  hasSurvey?: true
  marked?: true
}

export interface Sought {
  id: string
  name: string
}

interface Workspace {
  view: View
  /** The record Sync centre should show when it opens. */
  attention: string | null
  panel: Panel | null
  /** The list has made room for the panel, which until then lies over it. */
  panelHasRoom: boolean
  /** The panel has the whole width, in place of the list. */
  isWide: boolean
  /** The visit that stands in place of the list of the screen. */
  visit: string | null
  /** What the list of visits begins with. */
  visitsSought: VisitsSought | null
  /** The call cycle that stands in place of the list of them; closing it goes back to Today. */
  cycleSought: string | null
  /** What the list of devices begins with. */
  devicesSought: DeviceState | null
  form: OpenForm | null
  /** Puts the cursor into the list of records. */
  focusList: (() => void) | null
  dirty: boolean
  /** What is to happen once the person has decided about their unsaved changes. */
  leaving: (() => void) | null
  told: Told | null
}

/** What is on screen: the view, the open record and whether it has unsaved changes. */
export const useWorkspace = create<Workspace>(() => ({
  view: 'finder',
  attention: null,
  panel: null,
  panelHasRoom: false,
  isWide: false,
  visit: null,
  visitsSought: null,
  cycleSought: null,
  devicesSought: null,
  form: null,
  focusList: null,
  dirty: false,
  leaving: null,
  told: null,
}))

const set = useWorkspace.setState
let keys = 0

/** Runs `then` at once, or after the person has saved or discarded what they were writing. */
export function whenClean(then: () => void) {
  if (asksForDialog(() => whenClean(then))) return
  const { dirty, form } = useWorkspace.getState()
  if (!dirty) then()
  else if (form?.savesItself) void form.save().then((saved) => (saved ? then() : set({ leaving: then })))
  else set({ leaving: then })
}

const keepsForm = (view: View) => view === 'finder' || view === 'sync-centre'

/** The form of a record stays as it is behind Sync centre; a form of another screen ends with its screen. */
const leaveScreen = (then: () => void) => (keepsForm(useWorkspace.getState().view) ? then() : whenClean(then))

const openPanel = (panel: Omit<Panel, 'key'>) =>
  whenClean(() => set({ view: 'finder', told: null, panel: { key: ++keys, ...panel } }))

export function openRecord(id: string, { focus }: { focus: boolean }) {
  const { panel } = useWorkspace.getState()
  if (panel?.id === id) return leaveScreen(() => set({ view: 'finder', panel: { ...panel, focus } }))
  openPanel({ id, focus, copied: null })
}

export const startNew = () => openPanel({ id: null, focus: true, copied: null })

/** Starts a new record with the values of another; nothing is saved until the person saves it. */
export const duplicate = (copied: InteractionFields) => openPanel({ id: null, focus: true, copied })

export const closePanel = () => whenClean(() => set({ panel: null, isWide: false }))

export const widenPanel = (isWide: boolean) => set({ isWide })

/** The new record in the panel is saved and has an id from now on. */
export const panelSaved = (id: string) =>
  set(({ panel }) => ({ panel: panel && { ...panel, id, focus: false } }))

export function showScreen(view: View, attention: string | null = null) {
  const leave = keepsForm(view) ? leaveScreen : whenClean
  const { view: before, visit } = useWorkspace.getState()
  if (view === before) return visit === null ? set({ attention }) : closeVisit()
  leave(() =>
    set({
      view,
      attention,
      told: null,
      visit: null,
      visitsSought: null,
      cycleSought: null,
      devicesSought: null,
      ...(!keepsForm(view) && { panel: null, isWide: false }),
    }),
  )
}

/** Shows a visit in place of a list, to which closing it goes back. */
export const openVisit = (id: string, view: 'today' | 'visits') =>
  whenClean(() => set({ view, visit: id, told: null, panel: null, isWide: false }))

/** Lists the visits behind a figure. */
export const openVisits = (visitsSought: VisitsSought) =>
  whenClean(() => set({ view: 'visits', visit: null, visitsSought, told: null, panel: null, isWide: false }))

/** Shows a call cycle of Today. */
export const openCycle = (cycleSought: string) =>
  whenClean(() => set({ view: 'call-cycles', cycleSought, told: null, panel: null, isWide: false }))

/** Lists the devices behind a figure; null for all of them. */
export const openDevices = (devicesSought: DeviceState | null) =>
  whenClean(() => set({ view: 'devices', devicesSought, told: null, panel: null, isWide: false }))

export const closeVisit = () => whenClean(() => set({ visit: null }))

export const showFinder = () => showScreen('finder')

export const showSyncCentre = (attention: string | null = null) => showScreen('sync-centre', attention)

/** Says something over the bottom of the screen until it is read or the person goes on to something else. */
export const tell = (words: string, action?: Told['action']) =>
  set({ told: { words, ...(action && { action }) } })

export const hideTold = () => set({ told: null })

export const forgetWorkspace = () => set(useWorkspace.getInitialState(), true)

// In another site, or when the site was taken away, a record stays open only for what is not saved yet.
useSession.subscribe(({ siteId }, before) => {
  if (siteId !== before.siteId && !useWorkspace.getState().dirty)
    set({ panel: null, isWide: false, visit: null })
})

on('window.closing', () => whenClean(() => void ask('window.close', {})))

window.addEventListener('beforeunload', (event) => {
  if (useWorkspace.getState().dirty || dialogHoldsWork()) event.preventDefault()
})
