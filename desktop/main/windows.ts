import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron'
import { fitToDisplays } from './window-place.ts'
import type { Settings } from './settings.ts'

export interface WindowOptions {
  url: string
  preload: string
  settings: Settings
  /** Whether quitting now might lose work that is nowhere else. */
  losesWork(): boolean
  /** Asks the person then; false keeps the window open. */
  mayLose(window: BrowserWindow): Promise<boolean>
}

/** The page's own background, so that nothing flashes before it is drawn. */
const background = () => (nativeTheme.shouldUseDarkColors ? '#12161c' : '#f6f7f9')

/** The one place where windows are made: sandboxed, isolated from Electron, and where they were left. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { url, preload, settings } = options
  const { maximized, ...bounds } = fitToDisplays(
    settings.window,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  )
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Fieldbook',
    backgroundColor: background(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  const onTheme = () => window.setBackgroundColor(background())
  nativeTheme.on('updated', onTheme)
  window.once('closed', () => nativeTheme.off('updated', onTheme))
  rememberPlace(window, settings)
  askBeforeClosing(window, options)
  void window.loadURL(url)
  return window
}

/** Written a moment after the last change: dragging a window is hundreds of them. */
function rememberPlace(window: BrowserWindow, settings: Settings) {
  const write = () => {
    settings.window = { ...window.getNormalBounds(), maximized: window.isMaximized() }
  }
  let pending: NodeJS.Timeout | undefined
  const later = () => {
    clearTimeout(pending)
    pending = setTimeout(write, 500)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', () => {
    clearTimeout(pending)
    write()
  })
}

function askBeforeClosing(window: BrowserWindow, { losesWork, mayLose }: WindowOptions) {
  let agreed = false
  window.on('close', (event) => {
    if (agreed || !losesWork()) return
    event.preventDefault()
    void mayLose(window).then((may) => {
      agreed = may
      if (may) app.quit()
    })
  })

  // The page keeps a form with unsaved changes from being unloaded; it cannot ask in words of its own.
  window.webContents.on('will-prevent-unload', (event) => {
    const choice = dialog.showMessageBoxSync(window, {
      type: 'warning',
      message: 'Leave without saving?',
      detail: 'The form has changes that are not saved.',
      buttons: ['Leave without saving', 'Stay'],
      defaultId: 1,
      cancelId: 1,
    })
    if (choice === 0) event.preventDefault()
    else agreed = false
  })
}
