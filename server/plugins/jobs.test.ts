import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PgBoss } from 'pg-boss'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { createJobServer, type Numbered } from '../test/job-server.ts'
import { noJobsLeft } from '../test/jobs.ts'
import { run } from '../test/process.ts'
import { createProxy } from '../test/proxy.ts'
import { asApp } from '../test/scoped.ts'
import type { JobKind } from '../shared/jobs.ts'
import type { JobsOptions } from './jobs.ts'

let database: TestDatabase
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  database = await createDatabase()
  await sql(`SELECT pgboss.create_queue('test', '{"policy": "standard"}')`)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await database.drop()
})

const sql = async <Row>(text: string) => (await database.owner.query(text)).rows as Row[]

async function serve(
  kind: JobKind<Numbered>,
  options: JobsOptions & { url?: string; logger?: object; poolSize?: number } = {},
) {
  const server = await createJobServer(options.url ?? database.url, kind, options)
  closing.push(() => server.app.close())
  return server
}

/** Keeps what it was given. */
function keeping() {
  const worked: number[] = []
  return {
    worked,
    work: ({ n }: Numbered) => {
      worked.push(n)
      return Promise.resolve()
    },
  }
}

const nobody = { tenantId: '', siteId: null }

test('what is sent in a transaction is done once that is committed, and never if it is not', async () => {
  const kind = keeping()
  const { app, send } = await serve(kind)
  await expect(
    app.transact(nobody, async (tx) => {
      await send(tx, { n: 1 })
      throw new Error('half way')
    }),
  ).rejects.toThrow('half way')
  await app.transact(nobody, async (tx) => {
    await send(tx, { n: 2 })
    // A worker that looks now finds nothing.
    await send(null, { n: 3 })
    await expect.poll(() => kind.worked).toEqual([3])
  })
  await expect.poll(() => kind.worked).toEqual([3, 2])
  await noJobsLeft(database)
  expect(kind.worked).toEqual([3, 2])
})

test('a server that does not work on jobs sends them', async () => {
  const idle = keeping()
  const { send } = await serve(idle, { work: false })
  await send(null, { n: 1 })
  const busy = keeping()
  await serve(busy)
  await noJobsLeft(database)
  expect([idle.worked, busy.worked]).toEqual([[], [1]])
})

test('two servers share the work, and do none of it twice', async () => {
  const [one, other] = [keeping(), keeping()]
  const { send } = await serve(one, { work: false })
  const count = 40
  for (let n = 0; n < count; n++) await send(null, { n })
  // Each begins only when both are at it.
  let arrived = 0
  let begin!: () => void
  const both = new Promise<void>((resolve) => (begin = resolve))
  const together = (kind: typeof one): JobKind<Numbered> => ({
    atOnce: 2,
    work: async (data) => {
      await kind.work(data)
      if (++arrived === 4) begin()
      await both
    },
  })
  await Promise.all([serve(together(one)), serve(together(other))])
  await noJobsLeft(database)
  expect(Math.min(one.worked.length, other.worked.length)).toBeGreaterThanOrEqual(2)
  const all = [...one.worked, ...other.worked].sort((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: count }, (_, n) => n))
})

test('what a server was at when it was killed is done by another', async () => {
  const kind = keeping()
  const { send } = await serve(kind, { work: false })
  await send(null, { n: 7 })
  const { child, says, ended } = run('server/test/job-server.ts', { DATABASE_URL: database.url })
  await says(/at 7/)
  await serve(kind)
  child.kill('SIGKILL')
  await ended
  expect(await sql(`SELECT state, heartbeat_seconds AS sign FROM pgboss.job`)).toEqual([
    { state: 'active', sign: 20 },
  ])
  expect(kind.worked).toEqual([])
  // As if it had been silent for longer than that.
  await sql(`UPDATE pgboss.job SET heartbeat_on = now() - interval '21 seconds'`)
  await noJobsLeft(database)
  expect(kind.worked).toEqual([7])
})

describe('a server that closes', () => {
  test('tells the job, which is then done by another', async () => {
    const reasons: unknown[] = []
    let begun!: () => void
    const working = new Promise<void>((resolve) => (begun = resolve))
    const first = await serve({
      work: (_, signal) =>
        new Promise((_, stop) => {
          signal.addEventListener('abort', () => {
            reasons.push('told')
            stop(new Error('stopped'))
          })
          begun()
        }),
    })
    await first.send(null, { n: 1 })
    await working
    await first.app.close()
    expect(reasons).toEqual(['told'])
    expect(await sql('SELECT state FROM pgboss.job')).toEqual([{ state: 'retry' }])

    const kind = keeping()
    await serve(kind)
    await noJobsLeft(database)
    expect(kind.worked).toEqual([1])
  })

  test('lets it end what it is at', async () => {
    let begun!: () => void
    const working = new Promise<void>((resolve) => (begun = resolve))
    let end!: () => void
    const first = await serve({
      work: () => {
        begun()
        return new Promise<void>((resolve) => (end = resolve))
      },
    })
    await first.send(null, { n: 1 })
    await working
    const closed = first.app.close()
    for (let n = 0; n < 20; n++)
      expect(await sql('SELECT state FROM pgboss.job')).toEqual([{ state: 'active' }])
    end()
    await closed
    expect(await sql('SELECT state FROM pgboss.job')).toEqual([{ state: 'completed' }])
  })
})

describe('what fails', () => {
  test('is tried again', async () => {
    const tries: number[] = []
    const { send } = await serve({
      work: ({ n }) => {
        tries.push(n)
        return tries.length < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve()
      },
    })
    await send(null, { n: 1 })
    await noJobsLeft(database)
    expect(tries).toEqual([1, 1])
  })

  test('for good, is told to its kind; what was thrown is in no table', async () => {
    const told: number[] = []
    const { send } = await serve(keeping(), { work: false })
    await send(null, { n: 9 })
    expect(await sql('SELECT retry_limit FROM pgboss.job')).toEqual([{ retry_limit: 12 }])
    await sql('UPDATE pgboss.job SET retry_limit = 0')
    await serve({
      work: () => Promise.reject(new Error('the words of a customer')),
      failed: ({ n }) => {
        told.push(n)
        return Promise.resolve()
      },
    })
    await noJobsLeft(database)
    expect(told).toEqual([9])
    const rows = await sql<{ text: string }>('SELECT job::text AS text FROM pgboss.job')
    expect(rows).toHaveLength(2)
    for (const { text } of rows) expect(text).not.toContain('customer')
  })

  test('for good because its server was killed each time, is told too', async () => {
    const told: number[] = []
    const { send } = await serve(keeping(), { work: false })
    await send(null, { n: 9 })
    await sql(`UPDATE pgboss.job SET retry_limit = 0, state = 'active', started_on = now() - interval '1 minute',
      heartbeat_on = now() - interval '1 minute'`)
    await serve({
      work: () => Promise.reject(new Error('must not be tried')),
      failed: ({ n }) => {
        told.push(n)
        return Promise.resolve()
      },
    })
    await expect.poll(() => told, { timeout: 30_000 }).toEqual([9])
  })
})

test('while the database is away nothing happens but a line in the log, and then it goes on', async () => {
  const wire = await createProxy(database.url)
  closing.push(() => wire.cut())
  const lines: string[] = []
  const kind = keeping()
  const { send } = await serve(kind, {
    url: wire.url,
    logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } },
  })
  await send(null, { n: 1 })
  await noJobsLeft(database)
  await wire.cut()
  await expect(send(null, { n: 2 })).rejects.toThrow()
  await expect.poll(() => lines.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await wire.mend()
  // A connection that was cut may be given out once more before the pool has heard of it.
  const isSent = () =>
    send(null, { n: 3 }).then(
      () => true,
      () => false,
    )
  await expect.poll(isSent, { timeout: 20_000 }).toBe(true)
  await noJobsLeft(database)
  expect(kind.worked).toEqual([1, 3])
})

test('a statement of its own that fails again and again is told once, and leaves the connections as they were', async () => {
  const lines: string[] = []
  const kind = keeping()
  const { app, send } = await serve(kind, {
    poolSize: 1,
    logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } },
  })
  // Which looking for dead jobs does, within a transaction that it begins and ends by itself.
  await sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`)
  await sql('CREATE TRIGGER refuse BEFORE DELETE ON pgboss.job_common EXECUTE FUNCTION refuse()')
  const passes = new Set<string>()
  const pass = async () => {
    const [queue] = await sql<{ at: string }>(
      `SELECT monitor_claim_on::text AS at FROM pgboss.queue WHERE name = 'test'`,
    )
    return passes.add(queue!.at).size
  }
  await expect.poll(pass, { timeout: 30_000 }).toBeGreaterThan(4)
  expect(lines.filter((line) => line.includes('refused'))).toHaveLength(1)
  expect(await app.transact(nobody, ({ db }) => db.raw<{ rows: object[] }>('SELECT 1 AS one'))).toMatchObject(
    {
      rows: [{ one: 1 }],
    },
  )
  await send(null, { n: 1 })
  await noJobsLeft(database)
  expect(kind.worked).toEqual([1])
})

test.each([
  ['each day', { daily: { hour: 2, minute: 15 } }, '15 2 * * *'],
  ['each minute', { everyMinute: true }, '* * * * *'],
] as const)('what is due %s is in the schedule, under the same conditions', async (_, due, cron) => {
  await serve({ ...keeping(), ...due })
  expect(await sql('SELECT name, cron, timezone, options FROM pgboss.schedule')).toMatchObject([
    {
      name: 'test',
      cron,
      timezone: 'UTC',
      options: { missed: 'once', retryLimit: 12, deadLetter: 'failed' },
    },
  ])
})

describe('the schema', () => {
  test('is the one that this version of pg-boss wants', async () => {
    const boss = new PgBoss({
      db: { executeSql: (text, values) => database.owner.query(text, values) },
      migrate: false,
      supervise: false,
      schedule: false,
    })
    await boss.start()
    closing.push(() => boss.stop({ graceful: false }))
    expect(await boss.detectSchemaDrift()).toMatchObject({ ok: true, extraIndexes: [] })
  })

  test('is used by the server, not changed', async () => {
    for (const text of [
      'CREATE TABLE pgboss.mine ()',
      'ALTER TABLE pgboss.job ADD COLUMN mine int',
      'DROP TABLE pgboss.job_common',
      'TRUNCATE pgboss.job',
      'CREATE INDEX ON pgboss.job (data)',
      `SELECT pgboss.create_queue('mine', '{"policy": "standard", "partition": true}')`,
      `SELECT pgboss.delete_queue('export')`,
      `SELECT pgboss.job_table_run('DROP TABLE pgboss.job')`,
      'DELETE FROM pgboss.queue',
      'UPDATE pgboss.bam SET command = command',
    ]) {
      await expect(
        asApp(database, null, (client) => client.query(text)),
        text,
      ).rejects.toMatchObject({ code: '42501' })
    }
  })
})
