import { app, BrowserWindow, dialog, nativeTheme, screen, type WebContents } from 'electron'
import { Closing } from './closing.ts'
import { fitToDisplays } from './window-place.ts'
import type { Settings } from './settings.ts'

export interface WindowOptions {
  url: string
  preload: string
  settings: Settings
  /** Whether the page may hold something not saved, so that it is asked before the window closes. */
  mayHoldWork(): boolean
  /** Asks the page; its answer is `agree`. */
  askPage(): void
  /** Whether quitting now might lose work that is nowhere else. */
  losesWork(): boolean
  /** Asks the person then; false keeps the window open. */
  mayLose(window: BrowserWindow): Promise<boolean>
}

/** The page's own background, so that nothing flashes before it is drawn. */
const background = () => (nativeTheme.shouldUseDarkColors ? '#12161c' : '#f6f7f9')

/**
 * The one place where windows are made: sandboxed, isolated from Electron, and where they were left. `agree` closes the
 * window, or the app, once its page has been asked.
 */
export function openWindow(options: WindowOptions): { window: BrowserWindow; agree: () => void } {
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
  const agree = askBeforeClosing(window, options)
  void window.loadURL(url)
  return { window, agree }
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

/** Resolves when it is gone: before that a window would still wait for its word. */
function endPage(page: WebContents): Promise<void> {
  if (page.isCrashed()) return Promise.resolve()
  return new Promise((resolve) => {
    page.once('render-process-gone', () => resolve())
    page.forcefullyCrashRenderer()
  })
}

function askBeforeClosing(
  window: BrowserWindow,
  { mayHoldWork, askPage, losesWork, mayLose }: WindowOptions,
): () => void {
  const closing = new Closing({
    mayHoldWork,
    ask: askPage,
    isAlive: () =>
      window.webContents.isCrashed()
        ? Promise.reject(new Error('The page has crashed'))
        : window.webContents.executeJavaScript('0'),
    endPage: () => endPage(window.webContents),
    close: (quits) => (quits ? app.quit() : window.close()),
    after: (milliseconds, work) => {
      const timer = setTimeout(work, milliseconds)
      return () => clearTimeout(timer)
    },
  })
  const onQuit = () => closing.quitting()
  app.on('before-quit', onQuit)
  window.once('closed', () => app.off('before-quit', onQuit))

  let agreed = false
  window.on('close', (event) => {
    if (closing.holdsBack()) return event.preventDefault()
    if (agreed || !losesWork()) return
    event.preventDefault()
    void mayLose(window).then((may) => {
      agreed = may
      if (may) app.quit()
      else closing.stay()
    })
  })

  // The page keeps a form with unsaved changes from being unloaded; it cannot ask in words of its own.
  window.webContents.on('will-prevent-unload', (event) => {
    if (closing.agreed) return event.preventDefault()
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
  return () => closing.agree()
}
