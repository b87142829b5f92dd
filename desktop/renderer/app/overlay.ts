import { create } from 'zustand'

/** What lies over the whole window: the command palette, the list of shortcuts, what version this is, or nothing. */
type Overlay = 'palette' | 'help' | 'about' | null

export const useOverlay = create<{ open: Overlay }>(() => ({ open: null }))

export const showOverlay = (open: Overlay) => useOverlay.setState({ open })
