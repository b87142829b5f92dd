import type { MenuItemConstructorOptions } from 'electron'
import type { Event } from '#desktop/bridge/channels'

export type MenuCommand = Event<'menu.chosen'>['command']

/** The application menu; its own commands go to the page, the rest is the system's. */
export function menuTemplate(
  platform: NodeJS.Platform,
  isPackaged: boolean,
  choose: (command: MenuCommand) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const command = (label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator && { accelerator }),
    click: () => choose(name),
  })
  const separator = { type: 'separator' } as const
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('&New interaction', 'new', 'CmdOrCtrl+N'),
        command('&Save', 'save', 'CmdOrCtrl+S'),
        separator,
        command('Sign &out…', 'sign-out'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        separator,
        command('&Find…', 'search', 'CmdOrCtrl+F'),
        command('&Commands…', 'palette', 'CmdOrCtrl+K'),
      ],
    },
    {
      label: '&View',
      submenu: [
        command('F&inder', 'finder', 'CmdOrCtrl+1'),
        command('Sync &centre', 'sync-centre', 'CmdOrCtrl+2'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(isPackaged ? [] : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        command('&Keyboard shortcuts', 'help', 'F1'),
        command('&Support…', 'support'),
        separator,
        command('&About Fieldbook', 'about'),
      ],
    },
  ]
}
