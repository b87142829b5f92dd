import { create } from 'zustand'
import type { LocalInteraction } from '#desktop/bridge/channels'

interface RowMenu {
  record: LocalInteraction | null
  at: { left: number; top: number }
}

/** The record whose actions are shown, and where. */
export const useRowMenu = create<RowMenu>(() => ({ record: null, at: { left: 0, top: 0 } }))

export const openRowMenu = (record: LocalInteraction, at: RowMenu['at']) =>
  useRowMenu.setState({ record, at })
