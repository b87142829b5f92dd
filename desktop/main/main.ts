import {
  app,
  BrowserWindow,
  crashReporter,
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
import { logLevels } from '#desktop/bridge/policy'
import type { ChildPort } from './calls.ts'
import { chosenFiles } from './files.ts'
import { createHandlers } from './ipc/handlers.ts'
import { policyHandlers } from './ipc/policy.ts'
import { registerChannels, tell } from './ipc/register.ts'
import { supportHandlers } from './ipc/support.ts'
import { log, logToFiles, note } from './log.ts'
import { menuTemplate } from './menu.ts'
import { openNetwork } from './network/network.ts'
import { ProxySignIn } from './network/proxy-sign-in.ts'
import { readPolicy } from './policy/read-policy.ts'
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
import { Crashes, tidyDumps } from './support/crashes.ts'
import { Gathering } from './support/gather.ts'
import { SyncHistory } from './support/history.ts'
import { watchCrashes } from './support/watch.ts'
import { startUpdates } from './updates/start.ts'
import type { Updates } from './updates/updates.ts'
import { openWindow } from './windows.ts'

/** Puts the app together and starts it; everything else is in the files this one names. */

const output = import.meta.dirname
const quitPatience = 5_000
const networkCheckEvery = 3_000

const {
  FIELDBOOK_USER_DATA: userData,
  FIELDBOOK_SERVER_URL: serverUrl,
  FIELDBOOK_LOG_LEVEL: givenLevel,
  ELECTRON_RENDERER_URL: rendererUrl,
} = process.env
/** However its program is called: what runs from an archive was installed. */
const isPackaged = app.isPackaged || app.getAppPath().endsWith('.asar')
/** Pages come from the development server only in an app that is not packaged. */
const developmentUrl = isPackaged ? undefined : rendererUrl
const pageUrl = developmentUrl ?? `${appOrigin}/index.html`
const isOurPage = (url: string) =>
  url.startsWith(`${developmentUrl ? new URL(developmentUrl).origin : appOrigin}/`)

if (userData) app.setPath('userData', resolve(userData))
const folders = {
  userData: app.getPath('userData'),
  logs: join(app.getPath('userData'), 'logs'),
  dumps: join(app.getPath('userData'), 'dumps'),
}
const managed = readPolicy({ platform: process.platform, isPackaged, env: process.env })
const { policy } = managed
// Switches that anybody can start the app with, and that would have it believe anybody to be the server.
for (const name of ['ignore-certificate-errors', 'ignore-certificate-errors-spki-list'])
  app.commandLine.removeSwitch(name)
if (policy.crashDumps !== false) {
  app.setPath('crashDumps', folders.dumps)
  crashReporter.start({ uploadToServer: false })
}
protocol.registerSchemesAsPrivileged([appScheme])
// Chromium's sandbox refuses root, whom only containers and tests have; they start the app with --no-sandbox.
if (process.getuid?.() !== 0) app.enableSandbox()

const givenServer = policy.serverAddress ?? readGivenServer()
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
  beginLog()
  const crashes = new Crashes({
    folder: folders.userData,
    version: app.getVersion(),
    now: () => Date.now(),
    crashed: (crash) => tell(contents(), 'support.crashed', { crash }),
  })
  crashes.begin()
  watchCrashes(app, crashes)
  tidyDumps(folders.dumps, Date.now(), policy.crashDumps === false ? 0 : undefined)
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
  const proxySignIn = new ProxySignIn((asking) => tell(contents(), 'proxy.changed', { asking }))
  const network = openNetwork(electronSession.fromPartition('server'), policy, proxySignIn)
  for (const problem of network.problems) note('error', problem)
  // electron-updater's own: updates come through the same proxies, from servers of the same authorities.
  openNetwork(electronSession.fromPartition('electron-updater', { cache: false }), policy, proxySignIn)
  const history = new SyncHistory()

  const session = new Session({
    accountsFolder: join(app.getPath('userData'), 'accounts'),
    keychain: osKeychain(safeStorage, process.platform),
    settings,
    policy,
    openStore: (place, onStopped) => openRemoteStore(startStore, place, onStopped),
    fetch: network.fetch,
    openSocket: network.openSocket,
    clock: {
      now: () => Date.now(),
      after,
    },
    random: Math.random,
    deviceName: hostname().slice(0, 100) || 'Computer',
    app: {
      version: app.getVersion(),
      platform: platformWords(),
      managed: Object.keys(policy).length > 0,
    },
    events: {
      session: (state) => {
        pictures.follow()
        // Nothing is left of who was here, in what a crashed process had in its memory either.
        if (state.phase === 'signed-out') tidyDumps(folders.dumps, Date.now(), 0)
        tell(contents(), 'session.changed', state)
      },
      sync: (status) => tell(contents(), 'sync.changed', status),
      dataChanged: (siteIds) => tell(contents(), 'data.changed', { siteIds }),
      viewsChanged: (siteId) => tell(contents(), 'views.changed', { siteId }),
      noticesChanged: (notices) => tell(contents(), 'notices.changed', { notices }),
      photoChanged: (progress) => tell(contents(), 'photo.changed', progress),
      cycled: (outcome) => {
        const isOther = history.note(outcome, Date.now())
        note(isOther ? 'info' : 'debug', `sync: ${outcome}`)
      },
      log,
    },
  })
  const pictures = sessionPictures(session)
  serveApp(protocol, join(output, '../renderer'), pictures)
  const provider = new ProviderSignIn({
    session: () => session,
    openInBrowser: (url) => shell.openExternal(url),
  })
  const files = chosenFiles(dialog, shell, () => window, policy.exportsToDisk !== false)
  const gathering = new Gathering({
    session,
    settings,
    managed,
    network,
    crashes,
    history,
    app: { version: app.getVersion(), platform: platformWords(), isPackaged, locale: app.getLocale() },
    folders,
  })
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
  const updates = startUpdates({
    settings,
    managed: policy,
    after,
    tell: (state) => tell(contents(), 'updates.changed', state),
  })
  registerChannels(ipcMain, isOurPage, {
    handlers: {
      ...createHandlers(
        session,
        provider,
        files,
        () => agreeToClose(),
        exports,
        {
          startProcess: startSpreadsheetProcess,
          tell: (progress) => tell(contents(), 'import.changed', progress),
        },
        updates,
      ),
      ...policyHandlers(managed),
      ...supportHandlers(gathering, crashes, proxySignIn, files, () =>
        files.show(join(folders.logs, 'fieldbook.log')),
      ),
    },
    storageFailed: (error) => session.storageFailed(error),
    log,
  })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, isPackaged, (command) => tell(contents(), 'menu.chosen', { command })),
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
  endInOrder(session, crashes, updates)
  wakeWithTheMachine(session)
  open()
  await session.start().catch((error: unknown) => log('the start failed', error))
}

/** The log's first lines say what runs here, and what of IT's settings cannot be used. */
function beginLog() {
  const level = policy.logLevel ?? logLevels.find((known) => known === givenLevel) ?? 'info'
  try {
    logToFiles(folders.logs, level)
  } catch (error) {
    log('no log file can be written', error)
  }
  note('info', `Fieldbook ${app.getVersion()} on ${platformWords()}`)
  for (const { source, setting, message } of managed.problems)
    note('error', `managed settings: ${source}${setting === null ? '' : `, ${setting}`}: ${message}`)
}

/** Returns how to call it off. */
function after(milliseconds: number, work: () => void): () => void {
  const timer = setTimeout(work, milliseconds)
  return () => clearTimeout(timer)
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
function endInOrder(session: Session, crashes: Crashes, updates: Updates) {
  // The system does not wait for what comes after.
  powerMonitor.on('shutdown', () => crashes.end())
  app.on('browser-window-created', (_, window) => window.on('session-end', () => crashes.end()))
  app.once('will-quit', (event) => {
    crashes.end()
    event.preventDefault()
    const overdue = new Promise((done) => setTimeout(done, quitPatience))
    // A second `quit` would hang with a debugger attached; by now every window has agreed anyway.
    void Promise.race([session.close().catch(() => {}), overdue]).then(() => {
      if (updates.installAtEnd()) app.exit()
      else setTimeout(() => app.exit(), quitPatience)
    })
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
