import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { freePort } from '#db/embedded'
import { meeting } from './test/app.ts'
import { createDatabase, type TestDatabase, urlOf } from './test/database.ts'
import { createFolder } from './test/folder.ts'
import { runServer } from './test/process.ts'

/** The server as it is started: a process that is told to end, killed, or cannot start. */

let database: TestDatabase
let folder: Awaited<ReturnType<typeof createFolder>>
beforeAll(async () => {
  database = await createDatabase()
  folder = await createFolder()
})
afterAll(async () => {
  await database.drop()
  await folder.remove()
})

const onTestDatabase = () => ({ DATABASE_URL: database.url, JWT_PRIVATE_KEY: inject('jwtPrivateKey') })

describe('told to end', () => {
  test('it answers what it has begun, takes nothing new, and ends well', async () => {
    const server = runServer(onTestDatabase())
    const url = await server.url
    const headers = {
      authorization: `Bearer ${inject('sessions').editor.token}`,
      'x-site-id': inject('ids').sites.Marketing,
      'content-type': 'application/json',
    }
    const ask = (method: string, path: string, body?: object) =>
      fetch(`${url}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const { interaction } = (await (await ask('POST', '/interactions', meeting)).json()) as {
      interaction: { id: string }
    }

    // Somebody holds the record, so that the change has to wait.
    const holder = await database.owner.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT FROM interactions WHERE id = $1 FOR UPDATE', [interaction.id])
    const answer = ask('PUT', `/interactions/${interaction.id}`, {
      title: 'Begun before the end',
      version: 1,
    })
    const waiting = async () =>
      (
        await database.owner.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        )
      ).rows.length
    await expect.poll(waiting).toBe(1)
    server.child.kill('SIGTERM')
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed')
    await holder.query('COMMIT')
    holder.release()

    expect((await answer).status).toBe(200)
    expect(await server.ended).toBe(0)
    expect(server.said.err).toBe('')
    const { rows } = await database.owner.query('SELECT title FROM interactions WHERE id = $1', [
      interaction.id,
    ])
    expect(rows).toEqual([{ title: 'Begun before the end' }])
  })

  test('it says so where balancers ask, and goes on for as long as they may take to ask', async () => {
    const server = runServer({ ...onTestDatabase(), DRAIN_SECONDS: '3' })
    const url = await server.url
    const health = async () => {
      const answer = await fetch(`${url}/health`)
      return [answer.status, ((await answer.json()) as { status: string }).status]
    }
    expect(await health()).toEqual([200, 'UP'])
    server.child.kill('SIGTERM')
    await expect.poll(health).toEqual([503, 'DOWN'])
    // On a connection of its own, as from somebody who has not heard of it yet.
    const came = await fetch(`${url}/api/v1/auth/me`, {
      headers: { authorization: `Bearer ${inject('sessions').editor.token}`, connection: 'close' },
    })
    expect(came.status).toBe(200)
    expect(await server.ended).toBe(0)
    expect(server.said.err).toBe('')
  })

  test('an open connection that asks for nothing does not keep it', async () => {
    const server = runServer(onTestDatabase())
    const agent = new Agent({ keepAlive: true })
    const kept = request(`${await server.url}/health`, { agent })
    kept.end()
    const [response] = (await once(kept, 'response')) as [NodeJS.ReadableStream]
    response.resume()
    await once(response, 'end')
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(0)
    agent.destroy()
  })
})

describe('a worker', () => {
  test('works on jobs, which servers that are told not to leave alone, and serves whoever watches it', async () => {
    const server = runServer({ ...onTestDatabase(), JOBS: 'off' })
    const url = await server.url
    await fetch(`${url}/api/v1/auth/forgot-password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: 'editor' }),
    })
    const jobs = async () =>
      (await database.owner.query(`SELECT FROM pgboss.job WHERE name = 'mail' AND state = 'created'`))
        .rowCount
    await expect.poll(jobs).toBe(1)
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /^fieldbook_jobs\{queue="mail",state="waiting"\} 1$/m,
    )

    const dataDir = join(folder.path, 'of-the-worker')
    const worker = runServer({ ...onTestDatabase(), DATA_DIR: dataDir }, ['worker'])
    const watched = await worker.url
    const mails = () => readdir(join(dataDir, 'mail')).catch(() => [])
    await expect.poll(mails, { timeout: 20_000 }).toEqual([expect.stringMatching(/\.eml$/)])
    expect(await (await fetch(`${watched}/health/db`)).json()).toMatchObject({ status: 'UP' })
    expect(await (await fetch(`${watched}/metrics`)).text()).toMatch(/^process_cpu_seconds_total /m)
    const refused = await fetch(`${watched}/api/v1/auth/me`)
    expect([refused.status, await refused.json()]).toMatchObject([
      404,
      { error: { message: 'This is a worker, which serves nobody; ask the API' } },
    ])
    for (const each of [server, worker]) {
      each.child.kill('SIGTERM')
      expect(await each.ended).toBe(0)
      expect(each.said.err).toBe('')
    }
  })

  test('stands on a database that others have too', async () => {
    const worker = runServer({ DATA_DIR: join(folder.path, 'of-a-worker') }, ['worker'])
    expect(await worker.ended).toBe(1)
    expect(worker.said.err).toBe(
      'Fieldbook cannot start: A worker needs DATABASE_URL: the embedded database belongs to the server on it\n',
    )
  })
})

test('of servers that bring their database up to date, one does, and all start', async () => {
  const empty = await createDatabase({ template: null })
  const env = { DATABASE_URL: empty.url, JWT_PRIVATE_KEY: inject('jwtPrivateKey'), MIGRATE_AT_START: 'on' }
  const servers = [runServer(env), runServer(env)]
  for (const { url } of servers) expect((await fetch(`${await url}/health/db`)).status).toBe(200)
  for (const { child, ended } of servers) {
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }
  await empty.drop()
})

describe('on a PostgreSQL of its own', () => {
  const started = async (dataDir: string) => {
    const server = runServer({ DATA_DIR: dataDir })
    return { ...server, url: await server.url }
  }
  const postmaster = async (dataDir: string) => {
    const lines = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]) }
  }
  const connects = async (port: number) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'nobody', password: 'x', database: 'none' })
    const { code } = await client.connect().then(
      () => ({ code: 'open' }),
      (error: { code: string }) => error,
    )
    return code !== 'ECONNREFUSED'
  }

  test('starts, survives being killed, and ends with it', async () => {
    const dataDir = join(folder.path, 'data')
    const first = await started(dataDir)
    expect(await (await fetch(`${first.url}/health/db`)).json()).toMatchObject({ status: 'UP' })
    expect((await stat(join(dataDir, 'jwt-key.pem'))).mode & 0o777).toBe(0o600)
    const jwks = await (await fetch(`${first.url}/.well-known/jwks.json`)).text()
    const before = await postmaster(dataDir)

    // A second server on the same folder is refused, and takes nothing down with it.
    const second = runServer({ DATA_DIR: dataDir })
    expect(await second.ended).toBe(1)
    expect(second.said.err).toMatch(
      /^Fieldbook cannot start: Another server \(process \d+\) works on this data folder; stop it or set DATA_DIR\n$/,
    )
    expect((await fetch(`${first.url}/health/db`)).status).toBe(200)

    // Killed, it leaves its database running; the next one takes it over, key and all.
    first.child.kill('SIGKILL')
    await first.ended
    expect(await connects(before.port)).toBe(true)
    const next = await started(dataDir)
    expect(await postmaster(dataDir)).toEqual(before)
    expect(await (await fetch(`${next.url}/.well-known/jwks.json`)).text()).toBe(jwks)

    // Told to end while somebody signs in, it answers first and then stops its database.
    const signIn = fetch(`${next.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'nobody', password: 'nothing' }),
    })
    await next.says(/"method":"POST"/)
    next.child.kill('SIGTERM')
    expect((await signIn).status).toBe(401)
    expect(await next.ended).toBe(0)
    expect(next.said.err).toBe('')
    expect(await connects(before.port)).toBe(false)
    await expect(postmaster(dataDir)).rejects.toThrow('ENOENT')

    // And when the database is killed instead, it is said, and the server can still be ended.
    const last = await started(dataDir)
    process.kill((await postmaster(dataDir)).pid, 'SIGKILL')
    await expect.poll(async () => (await fetch(`${last.url}/health/db`)).status).toBe(503)
    const answer = await fetch(`${last.url}/health/db`)
    expect(await answer.json()).toEqual({ status: 'DOWN', milliseconds: expect.any(Number) as number })
    last.child.kill('SIGTERM')
    expect(await last.ended).toBe(0)
  }, 60_000)
})

describe('that cannot start says why in one line, and nothing else', () => {
  const refused = async (env: Record<string, string>, why: string | RegExp) => {
    const server = runServer({ LOG_LEVEL: 'warn', ...env })
    expect(await server.ended).toBe(1)
    expect(server.said.out).toBe('')
    expect(server.said.err.trimEnd().split('\n')).toHaveLength(1)
    expect(server.said.err).toMatch(/^Fieldbook cannot start: /)
    expect(server.said.err).toMatch(why)
    expect(server.said.err).not.toMatch(/\bat .*:\d+:\d+|node_modules|secret/)
  }

  test('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    await refused(
      { ...onTestDatabase(), PORT: String(port) },
      `Port ${port} is in use; stop what uses it or set PORT to another`,
    )
    taken.close()
  })

  test('a port that is none', () =>
    refused({ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535; it is “http”'))

  test('an address this machine does not have', () =>
    refused(
      { ...onTestDatabase(), HOST: '203.0.113.7' },
      'HOST must be an address of this machine; 203.0.113.7 is none',
    ))

  test('a DATABASE_URL that does not answer', async () =>
    refused(
      { DATABASE_URL: `postgres://user:secret@localhost:${await freePort()}/fieldbook` },
      'The database at DATABASE_URL does not answer; check the address and that it is running',
    ))

  test('a DATABASE_URL whose host does not exist', () =>
    refused(
      { DATABASE_URL: 'postgres://user:secret@no.such.host.invalid/fieldbook' },
      'The database at DATABASE_URL does not answer',
    ))

  test('a wrong password', () => {
    const url = new URL(database.url)
    url.password = 'secret'
    return refused(
      { DATABASE_URL: url.href },
      /The database at DATABASE_URL refused: password authentication failed for user/,
    )
  })

  test('a database that does not exist', () =>
    refused(
      { DATABASE_URL: urlOf(database.url, 'no_such_database') },
      'The database at DATABASE_URL refused: database "no_such_database" does not exist',
    ))

  test('a DATABASE_URL that is none', () =>
    refused(
      { DATABASE_URL: 'user:secret@localhost' },
      'DATABASE_URL must be an address that starts with postgres:// or postgresql://',
    ))

  test('a database that is not migrated', async () => {
    const empty = await createDatabase({ template: null })
    await refused(
      { DATABASE_URL: empty.url },
      'The database is not up to date; run npm run db:migrate and start again, or set MIGRATE_AT_START=on',
    )
    await empty.drop()
  })

  test('a key that is none', async () => {
    await refused(
      { ...onTestDatabase(), JWT_PRIVATE_KEY: 'secret' },
      'JWT_PRIVATE_KEY must be an RSA private key in PEM form',
    )
    const garbage = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----'
    await refused(
      { ...onTestDatabase(), JWT_PRIVATE_KEY: garbage },
      'The key that signs access tokens cannot be read: it must be an RSA private key in PEM form',
    )
  })

  test('a data folder that is a file', async () => {
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    await refused({ DATA_DIR: file }, /file/)
  })
})
