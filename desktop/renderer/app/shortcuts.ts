import { useEffect, useEffectEvent } from 'react'
import { on } from './bridge.ts'
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

function search() {
  const field = document.getElementById(searchFieldId)
  if (field instanceof HTMLInputElement) {
    field.focus()
    field.select()
  }
}

/** `/` searches, `n` adds, Ctrl/Cmd+S saves, Esc closes the panel; the application menu asks for the same. */
export function useShortcuts() {
  const mayCreate = useMay('interaction.create')
  const add = () => mayCreate && startNew()
  const save = () => void useWorkspace.getState().form?.save()

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || covered()) return
    const { view, panel } = useWorkspace.getState()
    const command = event.ctrlKey || event.metaKey
    const act = (work: () => void) => {
      event.preventDefault()
      work()
    }
    if (command && !event.altKey && event.key.toLowerCase() === 's') act(save)
    else if (event.key === 'Escape' && view === 'finder' && panel) act(closePanel)
    else if (command || event.altKey || typing(event.target)) return
    else if (event.key === '/') act(search)
    else if (event.key === 'n') act(add)
  })

  const onMenu = useEffectEvent(
    (command: 'new' | 'save' | 'search' | 'sync-centre' | 'sign-out' | 'finder') => {
      if (covered()) return
      const commands = {
        new: add,
        save,
        search,
        'sync-centre': () => showSyncCentre(),
        'sign-out': startSignOut,
        finder: showFinder,
      }
      commands[command]()
    },
  )

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
