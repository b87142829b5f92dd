import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '#db/embedded'

export interface TestRedis {
  url: string
  port: number
  /** As a power cut would end it. */
  kill(): Promise<void>
  /** It goes on existing, and does not answer until it is resumed. */
  pause(): void
  resume(): void
}

/** A Redis of the test's own, which keeps nothing. */
export async function startRedis(port?: number): Promise<TestRedis> {
  const at = port ?? (await freePort())
  const server = spawn('redis-server', [
    '--port',
    String(at),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ])
  const missing = once(server, 'error').then(() => {
    throw new Error(
      'redis-server is missing. On Debian: sudo apt-get install redis-server; on macOS: brew install redis',
    )
  })
  const ready = (async () => {
    let said = ''
    for await (const part of server.stdout) {
      said += String(part)
      if (said.includes('Ready to accept connections')) return
    }
    throw new Error(`redis-server ended: ${said}`)
  })()
  await Promise.race([ready, missing])
  return {
    url: `redis://127.0.0.1:${at}`,
    port: at,
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    kill: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
  }
}
