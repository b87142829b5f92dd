import fastifyRedis from '@fastify/redis'
import fp from 'fastify-plugin'
import { Redis } from 'ioredis'

/**
 * One Redis connection for what several servers share; without `url` each server keeps to itself. A server starts
 * even when Redis does not answer: until it is started again it then keeps to itself too, and says so in its log.
 */
export const redis = fp<{ url: string | null }>(async (app, { url }) => {
  if (url === null) return
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 500,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  })
  client.on('error', (error: Error) => app.log.error({ reason: error.message }, 'redis is out of reach'))
  const answers = await client.connect().then(
    () => true,
    () => false,
  )
  if (answers) {
    await app.register(fastifyRedis, { client })
    app.addHook('onClose', async () => client.disconnect())
  } else {
    client.disconnect()
    app.log.error('this server counts requests by itself until it is restarted with redis in reach')
  }
})
