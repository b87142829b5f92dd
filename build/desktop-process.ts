import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { electronBinary } from './electron-binary.ts'

/** The app's window as a child process of a build command. */
export type DesktopProcess = {
  /** Resolves with its exit code: 0 when the person closed it. */
  ended: Promise<number>
  stop: () => Promise<void>
}

const project = resolve(import.meta.dirname, '..')
const viteCommand = join(project, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
const patience = 10_000

export function hasDisplay() {
  return process.platform !== 'linux' || !!(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** Chromium's sandbox refuses root. Nobody runs an installed app as root; containers run everything so. */
export function sandboxArguments() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
}

/** Compiles the app when its sources are newer than what is in `out/`. */
export async function buildDesktop() {
  const sources = globSync('{common,desktop}/**/*', {
    cwd: project,
    exclude: ['desktop/e2e/**', '**/*.test.*'],
  })
  const newest = Math.max(
    ...['package-lock.json', 'electron.vite.config.ts', ...sources].map((file) =>
      modified(join(project, file)),
    ),
  )
  if (modified(join(project, 'out/desktop/renderer/index.html')) > newest) return
  const [code] = (await once(
    run(process.execPath, [viteCommand, 'build', '--logLevel', 'warn']),
    'exit',
  )) as [number]
  if (code !== 0) throw new Error('The app could not be built; the lines above say why.')
}

function modified(file: string) {
  return existsSync(file) ? statSync(file).mtimeMs : 0
}

/** Switches go before the app: behind it they are the app's own and do not reach its child processes. */
function appArguments() {
  return [...sandboxArguments(), project]
}

/** Opens the built app's window against the server at `url`. */
export async function startDesktop(url: string): Promise<DesktopProcess> {
  const { executable } = await electronBinary()
  return follow(run(executable, appArguments(), { FIELDBOOK_SERVER_URL: url }))
}

/** Opens the window from source: the page reloads in place, main and preload restart the app. */
export async function startDesktopDevelopment(url: string): Promise<DesktopProcess> {
  const { executable } = await electronBinary()
  const [entry, ...more] = appArguments()
  return follow(
    run(process.execPath, [viteCommand, 'dev', '--watch', '--', ...more], {
      FIELDBOOK_SERVER_URL: url,
      ELECTRON_EXEC_PATH: executable,
      ELECTRON_ENTRY: entry,
    }),
  )
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  return spawn(command, args, {
    cwd: project,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  })
}

function follow(child: ChildProcess): DesktopProcess {
  const ended = once(child, 'exit').then(([code]) => (code as number | null) ?? 1)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const overdue = setTimeout(() => child.kill('SIGKILL'), patience)
    await ended
    clearTimeout(overdue)
  }
  return { ended, stop }
}
