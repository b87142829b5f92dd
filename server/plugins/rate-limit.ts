import rateLimitPlugin, { normalizeIP } from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import type { Endpoint } from '#common/contract/endpoint'
import { AppError } from '#common/contract/errors'

declare module 'fastify' {
  interface FastifyContextConfig {
    limit?: LimitClass
    limitOf?: string
  }
}

type LimitClass = Endpoint['config']['limit']
/** What is counted: requests of one kind by one person, or of any kind by all who share an address or organisation. */
type Counter = LimitClass | 'address' | 'tenant'
type Limiter = ReturnType<FastifyInstance['createRateLimit']>
type Taken = Extract<Awaited<ReturnType<Limiter>>, { isAllowed: false }>

export interface RateLimitOptions {
  /** Of one person, or of an address nobody is signed in from. */
  max: Record<LimitClass, number>
  /** Of all who are signed in from one address. */
  addressMax: number
  /** Of an organisation. */
  tenantMax: number
}

/** Each is some hundred bytes; past these the oldest go. */
const countsKept = 50_000

/**
 * Counts of this server alone. The plugin's own store hands out a count that later requests go on changing before it
 * is looked at, so that many at once would all be refused.
 */
class OwnCounts {
  readonly #counts = new Map<string, { current: number; until: number }>()

  incr(key: string, done: (error: null, count: Count) => void, timeWindow: number): void {
    const now = Date.now()
    let count = this.#counts.get(key)
    if (!count || count.until <= now) {
      this.#counts.delete(key)
      if (this.#counts.size >= countsKept) this.#counts.delete(this.#counts.keys().next().value!)
      count = { current: 0, until: now + timeWindow }
      this.#counts.set(key, count)
    }
    count.current++
    done(null, { current: count.current, ttl: count.until - now })
  }

  child(): OwnCounts {
    return new OwnCounts()
  }
}
type Count = { current: number; ttl: number }

/** What ioredis says when a command was not answered in time. */
const silence = 'Command timed out'

/** For so long a Redis that does not answer is not asked again, so that it slows one request and not all. */
const restAfterSilence = 1000

/**
 * Requests a minute, counted by person, by address and by organisation at once; the one with the least left is told
 * in the headers. What one of them refuses is not taken from the next, so that nobody uses up what others share. With
 * Redis the servers count together. Each counts by itself too: when Redis goes away that count holds, and what was
 * used up stays so.
 */
export const rateLimit = fp<RateLimitOptions>(async (app, { max, addressMax, tenantMax }) => {
  const most: Record<Counter, number> = { ...max, address: addressMax, tenant: tenantMax }

  const limiters = async (redis?: Redis) => {
    const made = {} as Record<Counter, Limiter>
    await app.register(async (context) => {
      await context.register(rateLimitPlugin, {
        global: false,
        ...(redis ? { redis } : { store: OwnCounts }),
      })
      for (const counter of Object.keys(most) as Counter[]) {
        made[counter] = context.createRateLimit({
          max: most[counter],
          timeWindow: 60_000,
          keyGenerator: (request: FastifyRequest) =>
            `fieldbook:limit:${counter}:${subject(counter, request)}`,
        })
      }
    })
    return made
  }
  const own = await limiters()
  const shared = app.hasDecorator('redis') ? await limiters(app.redis) : null
  let restsUntil = 0

  const take = async (counter: Counter, request: FastifyRequest): Promise<Taken> => {
    const alone = (await own[counter](request)) as Taken
    if (!shared || Date.now() < restsUntil) return alone
    return shared[counter](request).catch((error: Error) => {
      if (error.message === silence) restsUntil = Date.now() + restAfterSilence
      return alone
    }) as Promise<Taken>
  }

  const enforce = async (counters: Counter[], request: FastifyRequest, reply: FastifyReply) => {
    let tightest: Taken | undefined
    for (const counter of counters) {
      const taken = await take(counter, request)
      if (!tightest || taken.isExceeded || taken.remaining < tightest.remaining) tightest = taken
      if (taken.isExceeded) break
    }
    if (!tightest) return
    const { max, remaining, ttlInSeconds, isExceeded } = tightest
    reply.headers({
      'x-ratelimit-limit': max,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': ttlInSeconds,
    })
    if (!isExceeded) return
    reply.header('retry-after', ttlInSeconds)
    throw new AppError('RATE_LIMITED', `Too many requests; try again in ${ttlInSeconds} seconds`)
  }

  app.addHook('onRequest', async (request, reply) => {
    const { limit, limitOf } = request.routeOptions.config
    if (!limit) return
    if (request.session) await enforce([limit, 'address', 'tenant'], request, reply)
    else await enforce([limitOf ? 'address' : limit], request, reply)
  })

  app.addHook('preHandler', async (request, reply) => {
    const { limit, limitOf } = request.routeOptions.config
    if (limit && limitOf && !request.session) await enforce([limit], request, reply)
  })
})

/** Whose counter it is. Whoever has an address of IPv6 has all that begin as it does. */
function subject(counter: Counter, request: FastifyRequest): string {
  if (counter === 'tenant') return request.session!.row.tenantId
  const address = normalizeIP(request.ip)
  if (counter === 'address') return address
  return request.session?.row.userId ?? sessionNamed(request) ?? address
}

/** What stands before the first dot names the session; the rest of the token changes each time. */
function sessionNamed({ body, routeOptions }: FastifyRequest): string | undefined {
  const { limitOf } = routeOptions.config
  return limitOf && (body as Record<string, string>)[limitOf]?.split('.', 1)[0]
}
