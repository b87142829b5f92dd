import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '#server/config'

/** The API as a child process of a build command. */
export type ApiProcess = {
  /** Where this machine reaches it. */
  url: string
  /** Resolves with true once it answers, with false when it ended before that; it has then said why. */
  ready: Promise<boolean>
  /** Resolves with its exit code, whoever ended it. */
  ended: Promise<number>
  /** Asks it to finish its requests and stop its PostgreSQL, and waits until it has. */
  stop: () => Promise<void>
}

const project = resolve(import.meta.dirname, '..')
const patience = 20_000

/** Starts `server/main.ts`. Rejects with a sentence for people when the port is taken. */
export async function startApi({ host, port }: Config, { watch }: { watch: boolean }): Promise<ApiProcess> {
  await assertFree(host, port)
  const child = spawn(process.execPath, [...(watch ? ['--watch'] : []), 'server/main.ts'], {
    cwd: project,
    // A group of its own: Ctrl+C reaches this command alone, which then ends window, API and database in order.
    detached: process.platform !== 'win32',
    // The channel tells the server when this command is gone, even if it was killed.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => (code as number | null) ?? 1)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    if (process.platform === 'win32') child.disconnect()
    else child.kill('SIGTERM')
    const overdue = setTimeout(() => child.kill('SIGKILL'), patience)
    await ended
    clearTimeout(overdue)
  }
  const url = `http://${reachable(host)}:${port}`
  return { url, ready: answers(url, child), ended, stop }
}

async function assertFree(host: string, port: number) {
  const probe = createServer()
  probe.listen(port, host)
  try {
    await once(probe, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return
    throw new Error(
      `Port ${port} is in use, perhaps by another Fieldbook. Stop that one, or set PORT to another, such as ${port + 1}.`,
    )
  } finally {
    probe.close()
  }
}

function reachable(host: string) {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

async function answers(url: string, child: ChildProcess) {
  while (child.exitCode === null && child.signalCode === null) {
    const healthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    )
    if (healthy) return true
    await delay(150)
  }
  return false
}
