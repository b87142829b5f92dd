import fp from 'fastify-plugin'
import { isReadOnly } from '../shared/pool.ts'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

declare module 'fastify' {
  interface FastifyInstance {
    /** What this server measures of itself. */
    metrics: Registry
  }
}

/** Seconds; the thresholds of docs/operations.md are among them. */
const answerSeconds = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]
const querySeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1, 3]

/** Of knex, what its events and its pool (tarn) say. */
interface Query {
  __knexQueryUid: string
  sql?: string
}
interface Pool {
  max: number
  numUsed(): number
  numFree(): number
  numPendingAcquires(): number
}

/**
 * Measures requests by route, statements by kind and the pool, for Prometheus. Register it behind the database, and
 * before the routes. `ofProcess`: processor, memory and event loop too, of the whole process.
 */
export const metrics = fp<{ version: string; ofProcess: boolean }>(async (app, { version, ofProcess }) => {
  const registry = new Registry()
  app.decorate('metrics', registry)
  if (ofProcess) collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'fieldbook_info',
    help: 'The version of this server',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1)

  const answers = new Histogram({
    name: 'fieldbook_http_request_duration_seconds',
    help: 'From the headers of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: answerSeconds,
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    // A connection for live updates is open for hours, and no request that takes them.
    if (request.ws) return
    const { method, routeOptions } = request
    // Where there is no route the address is anybody's words.
    answers.observe(
      { method, route: routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })

  const statements = new Histogram({
    name: 'fieldbook_db_query_duration_seconds',
    help: 'Of a statement, from sending it to its answer; neither waiting for a connection nor ends of transactions are in it',
    labelNames: ['kind', 'result'],
    buckets: querySeconds,
    registers: [registry],
  })
  const began = new Map<string, number>()
  const over = (query: Query, result: 'ok' | 'failed') => {
    const start = began.get(query.__knexQueryUid)
    began.delete(query.__knexQueryUid)
    if (start !== undefined)
      statements.observe({ kind: kindOf(query), result }, (performance.now() - start) / 1000)
  }
  app.knex
    .on('query', ({ __knexQueryUid }: Query) => began.set(__knexQueryUid, performance.now()))
    .on('query-response', (_: unknown, query: Query) => over(query, 'ok'))
    .on('query-error', (_: unknown, query: Query) => over(query, 'failed'))

  new Gauge({
    name: 'fieldbook_db_read_only',
    help: 'Whether the database only reads; without a value where it does not answer',
    registers: [registry],
    async collect() {
      const only = await isReadOnly(app.knex).catch(() => null)
      if (only === null) this.remove()
      else this.set(Number(only))
    },
  })

  const { pool } = app.knex.client as { pool: Pool }
  const ofPool = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `fieldbook_db_pool_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  ofPool('max', 'Connections to the database that this server may have', () => pool.max)
  ofPool('used', 'Connections at work', () => pool.numUsed())
  ofPool('free', 'Connections that wait for work', () => pool.numFree())
  ofPool('waiting', 'Requests that wait for a connection', () => pool.numPendingAcquires())
})

const kinds = ['select', 'insert', 'update', 'delete', 'with']

/** By its first word; nothing that was asked is in it. */
function kindOf({ sql = '' }: Query): string {
  const word = /^\s*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? ''
  return kinds.includes(word) ? word : 'other'
}
