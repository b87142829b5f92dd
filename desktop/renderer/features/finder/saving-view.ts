import { create } from 'zustand'
import type { View } from '#common/contract/views'

/** The view whose name is being asked for; `new` for one that is to be made. */
export const useSavingView = create<{ saving: View | 'new' | null }>(() => ({ saving: null }))
