import { create } from 'zustand'

type Menu = 'filters' | 'columns'

/** The menu above the list that is open, so that it can be opened from elsewhere. */
const useMenus = create<{ open: Menu | null }>(() => ({ open: null }))

export const openMenu = (open: Menu | null) => useMenus.setState({ open })

/** What a popover needs to be opened by its button and from elsewhere. */
export function useMenu(menu: Menu) {
  const open = useMenus((menus) => menus.open === menu)
  return { open, onOpenChange: (next: boolean) => openMenu(next ? menu : null) }
}
