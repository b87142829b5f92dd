import { create } from 'zustand'

/** What lies over the whole window: the command palette, the list of shortcuts, or nothing. */
export const useOverlay = create<{ open: 'palette' | 'help' | null }>(() => ({ open: null }))

export const showOverlay = (open: 'palette' | 'help' | null) => useOverlay.setState({ open })
