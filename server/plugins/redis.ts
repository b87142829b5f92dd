import fastifyRedis, { type FastifyRedis } from '@fastify/redis'
import fp from 'fastify-plugin'
import { Redis } from 'ioredis'
import { Gauge } from 'prom-client'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where there is no Redis it is not missed. However many ask at once, it is asked once. */
    redisAnswers(): Promise<boolean>
  }
}

/**
 * One Redis connection for what several servers share; without `url` each server keeps to itself. Redis may be away
 * when the server starts, and go and come as it likes: commands fail at once while it is away, and `app.redis`
 * connects again by itself. Register it behind the metrics.
 */
export const redis = fp<{ url: string | null }>(async (app, { url }) => {
  if (url === null) {
    app.decorate('redisAnswers', () => Promise.resolve(true))
    return
  }
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 500,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    keepAlive: 10_000,
  })
  let away = false
  let reason: string | undefined
  const onClose = () => {
    if (!away) app.log.error({ reason }, 'redis is out of reach; this server keeps to itself')
    away = true
  }
  client
    .on('close', onClose)
    .on('error', (error: Error) => (reason = error.message))
    .on('ready', () => {
      if (away) app.log.info('redis is back')
      away = false
      reason = undefined
    })
  app.addHook('onClose', async () => client.off('close', onClose).disconnect())

  let asking: Promise<boolean> | null = null
  const answers = () =>
    (asking ??= client
      .ping()
      .then(
        () => true,
        () => false,
      )
      .finally(() => (asking = null)))
  app.decorate('redisAnswers', answers)
  new Gauge({
    name: 'fieldbook_redis_up',
    help: 'Whether Redis answers this server; told where there is one',
    registers: [app.metrics],
    async collect() {
      this.set(Number(await answers()))
    },
  })

  await client.connect().catch(() => {})
  // The plugin would hold up the start until Redis answers.
  if (client.status === 'ready') await app.register(fastifyRedis, { client })
  else app.decorate('redis', client as FastifyRedis)
})
