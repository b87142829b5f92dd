import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '#db/embedded'
import { createFolder } from './folder.ts'

/**
 * A PgBouncer of the test's own before a database, with so many connections to PostgreSQL for each user: the owner, and
 * the one servers sign in as, who is made up here.
 */
export async function startPgBouncer(database: string, size: number) {
  const folder = await createFolder()
  const { hostname, port, pathname, username, password } = new URL(database)
  const login = `servers_${randomBytes(6).toString('hex')}`
  const at = await freePort()
  const users = join(folder.path, 'users.txt')
  const settings = join(folder.path, 'pgbouncer.ini')
  await writeFile(users, `"${login}" "${login}"\n"${username}" "${decodeURIComponent(password)}"\n`)
  await writeFile(
    settings,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${at}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${size}
`,
  )
  // It refuses to run as root, as PostgreSQL does.
  const account = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const unprivileged = process.getuid?.() === 0 ? { uid: account('-u'), gid: account('-g') } : {}
  const pooler = spawn('pgbouncer', [settings], { ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] })
  const missing = once(pooler, 'error').then(() => {
    throw new Error('pgbouncer is missing. On Debian: sudo apt-get install pgbouncer')
  })
  const ready = (async () => {
    let said = ''
    for await (const part of pooler.stderr) {
      said += String(part)
      if (said.includes('process up')) return
    }
    throw new Error(`pgbouncer ended: ${said}`)
  })()
  await Promise.race([ready, missing])
  pooler.stderr.resume()
  return {
    login,
    url: `postgresql://${login}:${login}@127.0.0.1:${at}${pathname}`,
    urlOfOwner: `postgresql://${username}:${password}@127.0.0.1:${at}${pathname}`,
    async stop(): Promise<void> {
      const ended = once(pooler, 'exit')
      pooler.kill('SIGKILL')
      await ended
      await folder.remove()
    },
  }
}
