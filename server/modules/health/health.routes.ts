import Type, { type Static } from 'typebox'
import type { App } from '../../shared/app.ts'
import { isReadOnly } from '../../shared/pool.ts'
import { Closed } from '#common/contract/primitives'

const Health = Closed({
  status: Type.Enum(['UP', 'DEGRADED', 'DOWN']),
  version: Type.String(),
  uptimeSeconds: Type.Number(),
  /** Of DEGRADED. */
  reason: Type.Optional(Type.Enum(['redis_away'])),
})
const PartHealth = Closed({
  status: Type.Enum(['UP', 'DEGRADED', 'DOWN']),
  milliseconds: Type.Number(),
  /** Of DEGRADED. */
  reason: Type.Optional(Type.Enum(['read_only'])),
})

const config = { policy: 'public', operations: true } as const
const tags = ['operations']

/** For load balancers and whoever watches; they need no sign-in and tell nothing but whether things work. */
export function healthRoutes(
  app: App,
  {
    version,
    checkStorage,
    checkAuth,
    isEnding,
    redisAnswers,
    publicKeys,
  }: {
    version: string
    checkStorage: () => Promise<void>
    checkAuth: () => Promise<void>
    /** Balancers are to send it nothing new. */
    isEnding: () => boolean
    /** Without it a server goes on, and keeps to itself what several would share. */
    redisAnswers: () => Promise<boolean>
    publicKeys: () => object[]
  },
): void {
  const timed = async (check: () => PromiseLike<unknown>): Promise<Static<typeof PartHealth>> => {
    const started = performance.now()
    const found = await check().then(
      (isReadOnly) =>
        isReadOnly === true
          ? ({ status: 'DEGRADED', reason: 'read_only' } as const)
          : ({ status: 'UP' } as const),
      () => ({ status: 'DOWN' }) as const,
    )
    return { ...found, milliseconds: Math.round(performance.now() - started) }
  }
  // One at a time: it writes, and anybody may ask for it as often as they like.
  let checking: ReturnType<typeof timed> | null = null
  const checkStorageOnce = () => (checking ??= timed(checkStorage).finally(() => (checking = null)))

  app.get(
    '/health',
    { config, schema: { tags, summary: 'Is the server up?', response: { 200: Health, 503: Health } } },
    async (_, reply) => {
      const ends = isEnding()
      const keepsToItself = !ends && !(await redisAnswers())
      return reply.code(ends ? 503 : 200).send({
        status: ends ? ('DOWN' as const) : keepsToItself ? ('DEGRADED' as const) : ('UP' as const),
        ...(keepsToItself && { reason: 'redis_away' as const }),
        version,
        uptimeSeconds: Math.round(process.uptime()),
      })
    },
  )

  for (const [url, summary, check] of [
    [
      '/health/db',
      'Does the database answer, and take what is written?',
      () => timed(() => isReadOnly(app.knex)),
    ],
    ['/health/auth', 'Can tokens be signed, and sessions be read?', () => timed(checkAuth)],
    ['/health/storage', 'Can photos be kept?', checkStorageOnce],
  ] as const) {
    app.get(
      url,
      { config, schema: { tags, summary, response: { 200: PartHealth, 503: PartHealth } } },
      async (_, reply) => {
        const health = await check()
        return reply.code(health.status === 'DOWN' ? 503 : 200).send(health)
      },
    )
  }

  app.get(
    '/.well-known/jwks.json',
    { config, schema: { tags, summary: 'The public keys of access tokens' } },
    async () => ({ keys: publicKeys() }),
  )
}
