import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What the journeys in a real Electron need from Debian, Redis, and a pooler. */
const debianPackages = [
  'xvfb',
  'xauth',
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libnotify4',
  'libsecret-1-0',
  'dbus',
  'dbus-x11',
  'gnome-keyring',
  'redis-server',
  'pgbouncer',
  'strace',
]
const linuxCommands = [
  'xvfb-run',
  'xauth',
  'dbus-run-session',
  'gnome-keyring-daemon',
  'redis-server',
  'pgbouncer',
  'strace',
]

/**
 * Makes sure that what the tests need is on this machine: as root on Debian it installs what is missing,
 * elsewhere it throws a sentence that says how. Nothing is ever skipped for want of it.
 */
export function prepareTestEnvironment() {
  if (process.platform !== 'linux') return requireCommands(['redis-server', 'pgbouncer'])
  if (!existsSync('/etc/debian_version')) return requireCommands(linuxCommands)
  const missing = debianPackages.filter((name) => !isInstalled(name) && !isInstalled(renamed(name)))
  if (!missing.length) return
  if (process.getuid?.() !== 0) {
    throw new Error(
      `The tests need some Debian packages. Run: sudo apt-get install ${missing.map(nameHere).join(' ')}`,
    )
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-q'], { stdio: 'inherit', env })
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing.map(nameHere)]
  execFileSync('apt-get', install, { stdio: 'inherit', env })
}

/** Debian 13 and Ubuntu 24.04 gave some libraries new names, for their 64-bit times. */
function renamed(name: string) {
  return `${name}t64`
}

function nameHere(name: string) {
  const known = spawnSync('apt-cache', ['show', renamed(name)], { stdio: 'ignore' }).status === 0
  return known ? renamed(name) : name
}

function isInstalled(name: string) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' })
  return query.stdout === 'installed'
}

function requireCommands(commands: string[]) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']
  const missing = commands.filter(
    (command) =>
      !folders.some((folder) => endings.some((ending) => existsSync(join(folder, command + ending)))),
  )
  if (!missing.length) return
  const means = process.platform === 'darwin' ? 'brew install redis pgbouncer' : 'your package manager'
  throw new Error(`The tests need ${missing.join(', ')} on the PATH. Install with ${means}, then try again.`)
}

/** Screens are numbered; those that start at once look for a free number from different ones on. */
const firstScreen = 99
const screensApart = 100
let desktops = 0

/**
 * Runs a command where a desktop app feels at home: on Linux a screen of its own, a session bus and an unlocked
 * keyring of its own, so that nobody's screen or keyring is touched. Answers with its exit code. Several may run at
 * once.
 */
export async function runOnDesktop(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (process.platform !== 'linux') return run(command, args, { ...process.env, ...env })
  const home = mkdtempSync(join(tmpdir(), 'fieldbook-home-'))
  const unlock =
    'printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" "$@"'
  const screen = String(firstScreen + screensApart * desktops++)
  const display = ['-a', '-n', screen, '-s', '-screen 0 1440x900x24']
  try {
    return await run(
      'xvfb-run',
      [...display, 'dbus-run-session', '--', 'sh', '-c', unlock, command, ...args],
      {
        ...process.env,
        WAYLAND_DISPLAY: '',
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_DATA_HOME: join(home, 'data'),
        XDG_CACHE_HOME: join(home, 'cache'),
        XDG_RUNTIME_DIR: home,
        ...env,
      },
    )
  } finally {
    // The keyring may still be writing its last.
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [code] = (await once(spawn(command, args, { stdio: 'inherit', env }), 'exit')) as [number | null]
  return code ?? 1
}
