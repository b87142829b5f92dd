import { useEffect, useEffectEvent } from 'react'
import type { Event } from '#desktop/bridge/channels'
import { on } from './bridge.ts'
import { isPressed, type ShortcutName } from './keys.ts'
import { showOverlay } from './overlay.ts'
import { useMay } from './session.ts'
import { startSignOut } from './SignOut.tsx'
import { closePanel, showFinder, showSyncCentre, startNew, useWorkspace } from './workspace.ts'

/** The search field of the title bar. */
export const searchFieldId = 'search'

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest('input:not([type=radio], [type=checkbox]), textarea, select') !== null)

/** A dialog, menu or popover is in front and has the keyboard to itself. */
const covered = () => document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null

export function focusSearch() {
  const field = document.getElementById(searchFieldId)
  if (field instanceof HTMLInputElement) {
    field.focus()
    field.select()
  }
}

/** Signs that are also text mean themselves while somebody writes. */
const isText = ({ key, ctrlKey, metaKey }: KeyboardEvent) => key.length === 1 && !ctrlKey && !metaKey

/** What holds everywhere in the window; the application menu asks for the same. */
export function useShortcuts() {
  const mayCreate = useMay('interaction.create')
  const add = () => mayCreate && startNew()
  const save = () => void useWorkspace.getState().form?.save()
  const works: Partial<Record<ShortcutName, () => void>> = {
    palette: () => showOverlay('palette'),
    help: () => showOverlay('help'),
    search: focusSearch,
    add,
    save,
    finder: showFinder,
    syncCentre: () => showSyncCentre(),
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || covered()) return
    const { view, panel } = useWorkspace.getState()
    const act = (work: () => void) => {
      event.preventDefault()
      work()
    }
    if (isPressed(event, 'close') && view === 'finder' && panel) return act(closePanel)
    if (isText(event) && typing(event.target)) return
    for (const [name, work] of Object.entries(works) as [ShortcutName, () => void][]) {
      if (isPressed(event, name)) return act(work)
    }
  })

  const onMenu = useEffectEvent((command: Event<'menu.chosen'>['command']) => {
    // There also while nobody is signed in.
    if (command === 'support' || covered()) return
    const commands: Record<typeof command, () => void> = {
      new: add,
      save,
      search: focusSearch,
      'sync-centre': () => showSyncCentre(),
      'sign-out': startSignOut,
      finder: showFinder,
      palette: () => showOverlay('palette'),
      help: () => showOverlay('help'),
      about: () => showOverlay('about'),
    }
    commands[command]()
  })

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    window.addEventListener('keydown', listen)
    const stop = on('menu.chosen', ({ command }) => onMenu(command))
    return () => {
      window.removeEventListener('keydown', listen)
      stop()
    }
  }, [])
}
