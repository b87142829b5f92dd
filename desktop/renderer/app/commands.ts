import { useEffect } from 'react'
import type { ShortcutName } from './keys.ts'
import type { View } from './workspace.ts'

/** Something the person can have done, wherever the button for it is. */
export interface Command {
  id: string
  words: string
  shortcut?: ShortcutName
  run: () => void
}

const offers = new Map<View, () => Command[]>()

/** What a screen can do, for as long as it is there; asked anew each time it is about to be offered. */
export function useCommands(screen: View, commands: () => Command[]) {
  useEffect(() => {
    offers.set(screen, commands)
    return () => {
      offers.delete(screen)
    }
  })
}

export const commandsOf = (screen: View): Command[] => offers.get(screen)?.() ?? []
