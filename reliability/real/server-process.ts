import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { SignedIn } from '#common/contract/auth'
import { demoPassword } from '#db/seeds/demo'

const project = resolve(import.meta.dirname, '../..')

/** What a process started again and again has compiled once already. */
export const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), 'fieldbook-compiled') }

/** What this process was told to load first, its children load too: a bug that is planted here is planted in all. */
export const preloads = process.execArgv.flatMap((argument, n, all) =>
  argument === '--import' ? [argument, all[n + 1]!] : argument.startsWith('--import=') ? [argument] : [],
)

/** Limits that nothing here meets by accident. */
export const generous = {
  RATE_LIMIT_MAX: '1000000',
  RATE_LIMIT_AUTH_MAX: '1000000',
  RATE_LIMIT_WRITE_MAX: '1000000',
  RATE_LIMIT_UPLOAD_MAX: '1000000',
  RATE_LIMIT_ADDRESS_MAX: '1000000',
  RATE_LIMIT_TENANT_MAX: '1000000',
}

export interface ServerProcess {
  url: string
  child: ChildProcess
  /** Resolves when it is gone, whoever ended it. */
  ended: Promise<unknown>
  /** `kill -9`. */
  kill(): Promise<void>
}

/** The real server as its own process; null when it ended before it listened. */
export async function startServer(
  env: Record<string, string>,
  nodeArguments: string[] = [],
): Promise<ServerProcess | null> {
  const child = spawn(process.execPath, [...preloads, ...nodeArguments, 'server/main.ts'], {
    cwd: project,
    env: { ...process.env, ...compiled, PORT: '0', DEMO_DATA: 'off', ...env, LOG_LEVEL: 'info' },
    // The channel ends the server when this process is gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const url = await new Promise<string | null>((found, fail) => {
    let said = ''
    const listen = (part: string) => {
      said = said.slice(-5000) + part
      const match = /Server listening at (http:\/\/[\d.:]+)/.exec(said)
      if (match) found(match[1]!)
    }
    child.stdout!.setEncoding('utf8').on('data', listen)
    child.stderr!.setEncoding('utf8').on('data', listen)
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') found(null)
      else fail(new Error(`The server ended with ${code ?? signal}: ${said.slice(-2000)}`))
    })
  })
  return url === null ? null : { url, child, ended, kill }
}

/** Asks as the person whose token it is; fails with the answer where it is not a good one. */
export async function ask<T>(
  url: string,
  method: string,
  path: string,
  { token, site, body }: { token?: string; site?: string; body?: object } = {},
): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(site && { 'x-site-id': site }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  if (!answer.ok) throw new Refused(answer.status, `${method} ${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}

export class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(`${status} ${message}`)
    this.status = status
  }
}

export const signIn = (url: string, username: string) =>
  ask<SignedIn>(url, 'POST', '/auth/login', {
    body: { username, password: demoPassword, keepSignedIn: true },
  })
