import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  net,
  powerMonitor,
  protocol,
  safeStorage,
  session as electronSession,
  shell,
  utilityProcess,
} from 'electron'
import ElectronStore from 'electron-store'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { openWebSocket } from './api/web-socket.ts'
import type { ChildPort } from './calls.ts'
import { chosenFiles } from './files.ts'
import { createHandlers } from './ipc/handlers.ts'
import { registerChannels, tell } from './ipc/register.ts'
import { log } from './log.ts'
import { menuTemplate } from './menu.ts'
import { appOrigin, appScheme, serveApp } from './security/app-protocol.ts'
import { osKeychain } from './security/keychain.ts'
import { lockDown } from './security/lock-down.ts'
import { defaultServer, readServerAddress } from './session/server-address.ts'
import { sessionPictures } from './session/pictures.ts'
import { ProviderSignIn } from './session/provider-sign-in.ts'
import { Session } from './session/session.ts'
import { Settings } from './settings.ts'
import { LocalExports } from './spreadsheet/local-exports.ts'
import { openRemoteStore } from './store/remote-store.ts'
import { openWindow } from './windows.ts'

/** Puts the app together and starts it; everything else is in the files this one names. */

const output = import.meta.dirname
const quitPatience = 5_000
const networkCheckEvery = 3_000

const {
  FIELDBOOK_USER_DATA: userData,
  FIELDBOOK_SERVER_URL: serverUrl,
  ELECTRON_RENDERER_URL: rendererUrl,
} = process.env
/** Pages come from the development server only in an app that is not packaged. */
const developmentUrl = app.isPackaged ? undefined : rendererUrl
const pageUrl = developmentUrl ?? `${appOrigin}/index.html`
const isOurPage = (url: string) =>
  url.startsWith(`${developmentUrl ? new URL(developmentUrl).origin : appOrigin}/`)

if (userData) app.setPath('userData', resolve(userData))
protocol.registerSchemesAsPrivileged([appScheme])
// Chromium's sandbox refuses root, whom only containers and tests have; they start the app with --no-sandbox.
if (process.getuid?.() !== 0) app.enableSandbox()

const givenServer = readGivenServer()
if (givenServer === undefined) app.exit(1)
else if (app.requestSingleInstanceLock()) void app.whenReady().then(() => run(givenServer))
else app.quit()

/** Null where none is prescribed; undefined, with a line saying why, where it cannot be used. */
function readGivenServer(): string | null | undefined {
  if (!serverUrl) return null
  try {
    return readServerAddress(serverUrl)
  } catch (error) {
    process.stderr.write(`FIELDBOOK_SERVER_URL: ${(error as Error).message}\n`)
    return undefined
  }
}

async function run(server: string | null) {
  const startStore = startedEarly(() => startProcess('store-process', 'Fieldbook storage'))
  lockDown(app, electronSession.defaultSession, isOurPage)
  const settings = new Settings(
    new ElectronStore<Record<string, unknown>>({ name: 'settings', clearInvalidConfig: true }),
    {
      server,
      defaultServer,
    },
  )
  let window: BrowserWindow | undefined
  let agreeToClose = () => {}
  const contents = () => window?.webContents
  // Without "persist:" this session keeps nothing, so no answer of the server reaches the disk in a cache.
  const network = electronSession.fromPartition('server')

  const session = new Session({
    accountsFolder: join(app.getPath('userData'), 'accounts'),
    keychain: osKeychain(safeStorage, process.platform),
    settings,
    openStore: (place, onStopped) => openRemoteStore(startStore, place, onStopped),
    fetch: (input, init) => network.fetch(input as string, init),
    openSocket: openWebSocket,
    clock: {
      now: () => Date.now(),
      after: (milliseconds, work) => {
        const timer = setTimeout(work, milliseconds)
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    deviceName: hostname().slice(0, 100) || 'Computer',
    app: { version: app.getVersion(), platform: platformWords() },
    events: {
      session: (state) => {
        pictures.follow()
        tell(contents(), 'session.changed', state)
      },
      sync: (status) => tell(contents(), 'sync.changed', status),
      dataChanged: (siteIds) => tell(contents(), 'data.changed', { siteIds }),
      viewsChanged: (siteId) => tell(contents(), 'views.changed', { siteId }),
      photoChanged: (progress) => tell(contents(), 'photo.changed', progress),
      log,
    },
  })
  const pictures = sessionPictures(session)
  serveApp(protocol, join(output, '../renderer'), pictures)
  const provider = new ProviderSignIn({
    session: () => session,
    openInBrowser: (url) => shell.openExternal(url),
  })
  const files = chosenFiles(dialog, shell, () => window)
  const exports = new LocalExports({
    session: () => session,
    folder: join(app.getPath('userData'), 'exports'),
    files,
    startProcess: startSpreadsheetProcess,
    now: () => Date.now(),
    tell: (state) => tell(contents(), 'export.changed', state),
    log,
  })
  void exports.sweep()
  registerChannels(ipcMain, isOurPage, {
    handlers: createHandlers(session, provider, files, () => agreeToClose(), exports, {
      startProcess: startSpreadsheetProcess,
      tell: (progress) => tell(contents(), 'import.changed', progress),
    }),
    storageFailed: (error) => session.storageFailed(error),
    log,
  })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, app.isPackaged, (command) =>
        tell(contents(), 'menu.chosen', { command }),
      ),
    ),
  )

  const open = () => {
    const opened = openWindow({
      url: pageUrl,
      preload: join(output, '../preload/preload.cjs'),
      settings,
      mayHoldWork: () => ['signed-in', 'choosing-site'].includes(session.state().phase),
      askPage: () => tell(contents(), 'window.closing', {}),
      losesWork: () => session.losesWorkOnQuit(),
      mayLose: (closing) => mayLoseWork(session, closing),
    })
    window = opened.window
    agreeToClose = opened.agree
  }
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open()
  })
  endInOrder(session)
  wakeWithTheMachine(session)
  open()
  await session.start().catch((error: unknown) => log('the start failed', error))
}

/** The system this runs on, as “Windows 10.0.26100”. */
function platformWords(): string {
  const names: Partial<Record<NodeJS.Platform, string>> = {
    win32: 'Windows',
    darwin: 'macOS',
    linux: 'Linux',
  }
  return `${names[process.platform] ?? process.platform} ${process.getSystemVersion()}`.slice(0, 60)
}

/** However large a file is, the rest of the computer keeps its memory. */
const startSpreadsheetProcess = () =>
  startProcess('spreadsheet-process', 'Fieldbook spreadsheets', ['--max-old-space-size=2048'])

/** The first one is started now: a process takes as long to start as a window, and both are waited for. */
function startedEarly(start: () => ChildPort): () => ChildPort {
  let first: ChildPort | null = start()
  first.onExit(() => (first = null))
  return () => {
    const port = first ?? start()
    first = null
    return port
  }
}

function startProcess(entry: string, serviceName: string, execArgv: string[] = []): ChildPort {
  const child = utilityProcess.fork(join(output, `${entry}.js`), [], { serviceName, execArgv })
  return {
    postMessage: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.on('exit', listener),
    kill: () => child.kill(),
  }
}

/** Asks only where closing would lose work: nothing is kept on this computer, and some of it is not sent. */
async function mayLoseWork(session: Session, window: BrowserWindow): Promise<boolean> {
  const unsent = await session.unsentInMemory().catch(() => 0)
  if (unsent === 0) return true
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: unsent === 1 ? 'One change has not been sent yet.' : `${unsent} changes have not been sent yet.`,
    detail: 'This computer keeps nothing on its disk, so quitting now loses them.',
    buttons: ['Quit and lose them', 'Stay'],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

/** The files are closed before the app ends, but they do not keep it from ending: they stand a crash as well. */
function endInOrder(session: Session) {
  app.once('will-quit', (event) => {
    event.preventDefault()
    const overdue = new Promise((done) => setTimeout(done, quitPatience))
    // A second `quit` would hang with a debugger attached; by now every window has agreed anyway.
    void Promise.race([session.close().catch(() => {}), overdue]).then(() => app.exit())
  })
}

/** Sync tries at once when there is reason to hope. */
function wakeWithTheMachine(session: Session) {
  powerMonitor.on('resume', () => session.wake())
  powerMonitor.on('unlock-screen', () => session.wake())
  let online = net.isOnline()
  setInterval(() => {
    const before = online
    online = net.isOnline()
    if (online && !before) session.wake()
  }, networkCheckEvery)
}
