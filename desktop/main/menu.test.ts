import { expect, it } from 'vitest'
import { type MenuCommand, menuTemplate } from './menu.ts'

function commandsOf(platform: NodeJS.Platform, isPackaged = true) {
  const chosen: MenuCommand[] = []
  const items = menuTemplate(platform, isPackaged, (command) => chosen.push(command)).flatMap(
    ({ submenu }) => (Array.isArray(submenu) ? submenu : []),
  )
  for (const { click } of items) (click as (() => void) | undefined)?.()
  return { chosen, items }
}

it('offers every command, each with the key people expect', () => {
  const { chosen, items } = commandsOf('linux')
  expect(new Set(chosen)).toEqual(
    new Set<MenuCommand>([
      'new',
      'save',
      'search',
      'finder',
      'sync-centre',
      'support',
      'sign-out',
      'palette',
      'help',
      'about',
    ]),
  )
  const keys = items.map(({ accelerator }) => accelerator).filter(Boolean)
  expect(keys).toEqual(
    expect.arrayContaining(['CmdOrCtrl+N', 'CmdOrCtrl+S', 'CmdOrCtrl+F', 'CmdOrCtrl+K', 'F1']),
  )
  expect(new Set(keys).size).toBe(keys.length)
})

it('has the developer’s tools in development only', () => {
  const roles = (isPackaged: boolean) => commandsOf('win32', isPackaged).items.map(({ role }) => role)
  expect(roles(true)).not.toContain('toggleDevTools')
  expect(roles(false)).toContain('toggleDevTools')
})
