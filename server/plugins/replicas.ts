import fp from 'fastify-plugin'
import { Counter, Gauge } from 'prom-client'
import { isOutage, isReadOnlyDatabase, isTooSlow } from '../shared/outage.ts'
import { createPool } from '../shared/pool.ts'
import { createFollowing, isSilence, type Position, positionOf, type Reader } from '../shared/replicas.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    fromReplica?: true
  }
  interface FastifyRequest {
    reader: Reader | null
  }
}

export interface ReplicasOptions {
  urls: readonly string[]
  behindPooler: boolean
  poolSize?: number
  /** Milliseconds by which a copy may be behind. */
  maxLag?: number
}

/** Milliseconds. After twice that every copy that is asked at all has what was written. */
const usualLag = 30_000
const shortest = 10_000
/** Of the same length all of them, so that Redis can compare them. */
const textOf = (position: Position) => position.toString(16).padStart(16, '0')
/** Of two requests at once the one that came further counts, whichever ends last. */
const keepLargest = `local kept = redis.call('GET', KEYS[1])
  if not kept or kept < ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end`
const key = (personId: string) => `fieldbook:wrote:${personId}`

/** The copy was going away, or gave a read up because what it read had changed. */
const isOfReplica = (error: unknown) =>
  isSilence(error) ||
  (isOutage(error as Error) && !isTooSlow(error) && !isReadOnlyDatabase(error)) ||
  (error as { code?: string }).code === '40001'

/**
 * Has reads that many records are looked through for answered from copies of the database. Whoever has written is
 * answered from none that does not have it yet: after each request that writes, how far the database was is kept under
 * whose request it was, by this server and, with Redis, for all of them. Register it behind what asks who it is.
 */
export const replicas = fp<ReplicasOptions>(
  async (app, { urls, behindPooler, poolSize, maxLag = usualLag }) => {
    app.decorateRequest('reader', null)
    if (urls.length === 0) return
    const copies = urls.map((url) => createPool(url, poolSize, { behindPooler }))
    const following = createFollowing(app.knex, copies, maxLag)
    const keptFor = Math.max(2 * maxLag, shortest)
    app.addHook('onClose', async () => {
      await following.close()
      await Promise.all(copies.map((copy) => copy.destroy()))
    })

    const reads = new Counter({
      name: 'fieldbook_db_reads_total',
      help: 'Reads that a copy of the database may answer: from where they were, and why not from a copy',
      labelNames: ['from', 'reason'],
      registers: [app.metrics],
    })
    new Gauge({
      name: 'fieldbook_db_replica_up',
      help: 'Whether a copy of the database answers and is not far behind, in the order of DATABASE_READ_URL',
      labelNames: ['replica'],
      registers: [app.metrics],
      collect() {
        for (const [index, isUp] of following.state().entries())
          this.set({ replica: index + 1 }, Number(isUp))
      },
    })

    const own = new Map<string, { position: Position; until: number }>()
    /** Null where it cannot be known. */
    async function lastWritten(personId: string): Promise<Position | null> {
      const kept = own.get(personId)
      if (kept && kept.until <= performance.now()) own.delete(personId)
      const here = own.get(personId)?.position ?? 0n
      if (!app.hasDecorator('redis')) return here
      const elsewhere = await app.redis.get(key(personId)).catch(() => undefined)
      if (elsewhere === undefined) return null
      const there = elsewhere === null ? 0n : BigInt(`0x${elsewhere}`)
      return there > here ? there : here
    }

    app.addHook('onSend', async (request) => {
      if (request.method === 'GET' || !request.session) return
      const personId = request.session.row.userId
      const { rows } = await app.knex
        .raw<{ rows: [{ position: string }] }>('SELECT pg_current_wal_insert_lsn() AS position')
        // Further than any copy comes.
        .catch(() => ({ rows: [{ position: 'FFFFFFFF/FFFFFFFF' }] as const }))
      const before = own.get(personId)?.position ?? 0n
      const now = positionOf(rows[0].position)
      const position = now > before ? now : before
      for (const [each, { until }] of own) {
        if (until > performance.now()) break
        own.delete(each)
      }
      own.delete(personId)
      own.set(personId, { position, until: performance.now() + keptFor })
      if (app.hasDecorator('redis'))
        await app.redis.eval(keepLargest, 1, key(personId), textOf(position), keptFor).catch(() => {})
    })

    app.addHook('preHandler', async (request) => {
      if (!request.routeOptions.config.fromReplica || !request.session) return
      const position = await lastWritten(request.session.row.userId)
      const chosen = position === null ? 'unknown' : following.choose(position)
      if (typeof chosen === 'string') {
        reads.inc({ from: 'primary', reason: chosen })
        return
      }
      reads.inc({ from: 'replica', reason: '' })
      request.reader = {
        db: chosen.db,
        isToBlame: (error) => {
          if (!isOfReplica(error)) return false
          following.lose(chosen.db)
          reads.inc({ from: 'primary', reason: 'failed' })
          return true
        },
      }
    })
  },
)
