import rateLimitPlugin from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { AppError } from '#common/contract/errors'

declare module 'fastify' {
  interface FastifyContextConfig {
    limit?: LimitClass
  }
}

type LimitClass = 'read' | 'write' | 'auth'
type Limiter = ReturnType<FastifyInstance['createRateLimit']>

export interface RateLimitOptions {
  max: Record<LimitClass, number>
}

/**
 * Requests a minute, counted by user or, where nobody is signed in, by address; reading, writing and signing in are
 * counted apart. With Redis the servers count together; while Redis is out of reach each counts by itself, so that
 * an outage never opens the door.
 */
export const rateLimit = fp<RateLimitOptions>(async (app, { max }) => {
  const limiters = async (redis?: Redis) => {
    const made = {} as Record<LimitClass, Limiter>
    await app.register(async (context) => {
      await context.register(rateLimitPlugin, { global: false, ...(redis && { redis }) })
      for (const kind of Object.keys(max) as LimitClass[]) {
        made[kind] = context.createRateLimit({
          max: max[kind],
          timeWindow: 60_000,
          keyGenerator: (request) => `fieldbook:limit:${kind}:${request.session?.row.userId ?? request.ip}`,
        })
      }
    })
    return made
  }
  const own = await limiters()
  const shared = app.hasDecorator('redis') ? await limiters(app.redis) : null

  const take = async (kind: LimitClass, request: FastifyRequest) => {
    if (!shared) return own[kind](request)
    return shared[kind](request).catch(() => own[kind](request))
  }

  app.addHook('onRequest', async (request, reply) => {
    const kind = request.routeOptions.config.limit
    if (!kind) return
    const taken = await take(kind, request)
    if (taken.isAllowed) return
    reply.headers({
      'x-ratelimit-limit': taken.max,
      'x-ratelimit-remaining': taken.remaining,
      'x-ratelimit-reset': taken.ttlInSeconds,
    })
    if (!taken.isExceeded) return
    reply.header('retry-after', taken.ttlInSeconds)
    throw new AppError('RATE_LIMITED', `Too many requests; try again in ${taken.ttlInSeconds} seconds`)
  })
})
