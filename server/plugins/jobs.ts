import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { type Db, fromKnex, type JobWithMetadata, PgBoss, type SendOptions, type WorkOptions } from 'pg-boss'
import type { JobKind, Jobs } from '../shared/jobs.ts'
import { isReadOnly } from '../shared/pool.ts'

declare module 'fastify' {
  interface FastifyInstance {
    jobs: Jobs
  }
}

export interface JobsOptions {
  /** Whether this server works on jobs; it sends them all the same. */
  work?: boolean
  /** How often servers look for jobs whose server died. */
  superviseSeconds?: number
}

/** About ten minutes of trying; a server that gave no sign for `heartbeatSeconds` is dead. */
const sending = {
  retryLimit: 12,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  heartbeatSeconds: 20,
  expireInSeconds: 2 * 3600,
  deadLetter: 'failed',
} satisfies SendOptions

/** How soon a job is seen that another server sent. */
const polling = { pollingIntervalSeconds: 2 } satisfies WorkOptions

const nobody = '00000000-0000-0000-0000-000000000000'

/** Milliseconds between two looks whether a database that only read writes. */
const beginEvery = 1000

/** For a job to notice that the server closes. */
const patience = 10_000

/** Jobs in PostgreSQL (pg-boss), beside the data they are about and through the same pool. */
export const jobs = fp<JobsOptions>(async (app, { work = true, superviseSeconds = 5 }) => {
  const boss = new PgBoss({
    db: onPool(app.knex),
    schema: 'pgboss',
    migrate: false,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    cronWorkerIntervalSeconds: 45,
    flowIntervalSeconds: 3600,
    monitorVacuum: false,
    reindex: false,
  })
  boss.on('error', logSparingly(app.log.error.bind(app.log), 'a job queue failed'))
  boss.on('warning', logSparingly(app.log.warn.bind(app.log), 'a job queue warns'))

  const kinds = new Map<string, JobKind<object>>()
  const workers = new Map<string, string[]>()
  const closing = new AbortController()
  const wake = (name: string) => workers.get(name)?.forEach((id) => boss.notifyWorker(id))

  app.decorate('jobs', {
    define: (name, kind) => {
      kinds.set(name, kind)
      return async (tx, data) => {
        await boss.send(name, data, { ...sending, ...(tx && { db: fromKnex(tx.db) }) })
        if (tx) tx.afterCommit(() => wake(name))
        else wake(name)
      }
    },
  })
  if (!work) {
    // A queue is looked up when it is first used: here, and not within somebody's transaction on a second connection.
    app.addHook('onReady', async () => {
      for (const name of kinds.keys()) await boss.findJobs(name, { id: nobody })
    })
    return
  }

  /** pg-boss keeps what a job throws in its table, where the words of a driver, which may quote a record, do not belong. */
  async function logged(name: string, attempt: () => Promise<void> | undefined): Promise<void> {
    try {
      await attempt()
    } catch (error) {
      if (closing.signal.aborted) throw new Error('The server closed')
      app.log.error({ err: error, job: name }, 'a job failed')
      throw new Error('Failed; the log of the server says why')
    } finally {
      // Where there was one there may be more.
      wake(name)
    }
  }

  const begin = async () => {
    await boss.start()
    for (const [name, { work, atOnce = 1, daily, everyMinute }] of kinds) {
      const ids = Array.from({ length: atOnce }, () =>
        boss.work<object>(name, polling, async ([job]) =>
          logged(name, () => work(job!.data, AbortSignal.any([job!.signal, closing.signal]))),
        ),
      )
      workers.set(name, await Promise.all(ids))
      const cron = daily ? `${daily.minute} ${daily.hour} * * *` : everyMinute && '* * * * *'
      if (cron) {
        // What was due while no server ran is done once, when one does.
        await boss.schedule(name, cron, {}, { ...sending, tz: 'UTC', missed: 'once' })
      }
    }
    await boss.work('failed', { ...polling, includeMetadata: true }, async ([job]) => {
      const { sourceName, data } = job as JobWithMetadata
      await logged(`failed ${sourceName}`, () => kinds.get(sourceName!)?.failed?.(data))
    })
  }
  /** Starts writing nothing to a database that only reads; what else the server does goes on. */
  const beginLater = async () => {
    const { signal } = closing
    while (!signal.aborted && (await isReadOnly(app.knex).catch(() => true)))
      await delay(beginEvery, null, { signal }).catch(() => {})
    if (!signal.aborted) await begin()
  }
  let later: Promise<void> | null = null
  app.addHook('onReady', async () => {
    if (!(await isReadOnly(app.knex))) return begin()
    app.log.warn('the database only reads; jobs wait until it writes')
    later = beginLater().catch((err: unknown) => app.log.error({ err }, 'jobs did not begin'))
  })

  app.addHook('preClose', async () => {
    closing.abort()
    await later
    const names = [...workers.keys(), 'failed']
    const patient = new AbortController()
    await Promise.race([
      Promise.all(names.map((name) => boss.offWork(name, { wait: true }))),
      delay(patience, null, patient).catch(() => {}),
    ])
    patient.abort()
    await boss.stop({ graceful: false, close: false })
  })
})

/** Statements outside of every transaction. Some bring their own, of which a failed one must leave nothing open. */
const onPool = (knex: FastifyInstance['knex']): Db => ({
  async executeSql(text, values) {
    const client = knex.client as ConnectionSource
    const connection = await client.acquireConnection()
    try {
      return await connection.query(text, values)
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {})
      throw error
    } finally {
      await client.releaseConnection(connection)
    }
  },
})

interface Connection {
  query: Db['executeSql']
}
interface ConnectionSource {
  acquireConnection(): Promise<Connection>
  releaseConnection(connection: Connection): Promise<void>
}

/** Every worker says the same again and again while the database is away: once a minute is enough. */
function logSparingly(log: (about: object, words: string) => void, words: string) {
  const said = new Map<string, number>()
  return (about: { message: string }) => {
    const key = about.message.replace(/ \(Queue: .*/, '')
    if (Date.now() - (said.get(key) ?? 0) < 60_000) return
    if (said.size > 100) said.clear()
    said.set(key, Date.now())
    log({ reason: key }, words)
  }
}
