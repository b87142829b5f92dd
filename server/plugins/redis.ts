import fastifyRedis from '@fastify/redis'
import fp from 'fastify-plugin'

/** One Redis connection for what several servers share. Without `url` each server keeps to itself. */
export const redis = fp<{ url: string | null }>(async (app, { url }) => {
  if (url === null) return
  await app.register(fastifyRedis, {
    url,
    connectTimeout: 2000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
  })
  app.redis.on('error', (error: Error) => app.log.error({ reason: error.message }, 'redis is out of reach'))
})
