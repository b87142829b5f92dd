import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'

const project = resolve(import.meta.dirname, '../..')

export interface Running {
  child: ChildProcess
  /** All it has said so far. */
  said: { out: string; err: string }
  /** Resolves with the first match in what it writes; rejects when it ends without one. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>
}

/**
 * A script of ours as a process of its own, as a person would start it, with these settings and no others. It does not
 * outlive the test.
 */
export function run(
  script: string,
  env: Record<string, string>,
  args: string[] = [],
  folder = project,
): Running {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (part: string) => (said.out += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said.err += part))
  const ended = once(child, 'close').then(([code]) => code as number | null)

  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((found, fail) => {
      const look = () => {
        const match = pattern.exec(said.out + said.err)
        if (match) found(match)
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      void ended.then((code) =>
        fail(new Error(`Ended with ${code} before it said ${pattern}:\n${said.out}${said.err}`)),
      )
      look()
    })
  return { child, said, says, ended }
}

/** The server, or a worker; `url` resolves when it listens. */
export function runServer(
  env: Record<string, string>,
  args: ['worker'] | [] = [],
  folder = project,
): Running & { url: Promise<string> } {
  const server = run('server/main.ts', { PORT: '0', DEMO_DATA: 'off', ...env }, args, folder)
  const url = server.says(/Server listening at (http:\/\/[\d.:]+)/).then(([, at]) => at!)
  // Whoever expects it to fail does not wait for it.
  url.catch(() => {})
  return { ...server, url }
}
