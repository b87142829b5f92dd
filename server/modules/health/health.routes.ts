import Type from 'typebox'
import type { App } from '../../shared/app.ts'
import { Closed } from '#common/contract/primitives'

const Health = Closed({
  status: Type.Enum(['UP', 'DEGRADED', 'DOWN']),
  version: Type.String(),
  uptimeSeconds: Type.Number(),
})
const DatabaseHealth = Closed({ status: Type.Enum(['UP', 'DOWN']), milliseconds: Type.Number() })

const config = { policy: 'public' } as const
const tags = ['operations']

/** For load balancers and whoever watches; they need no sign-in and tell nothing but whether things work. */
export function healthRoutes(
  app: App,
  { version, publicKeys }: { version: string; publicKeys: () => object[] },
): void {
  const pingDatabase = async () => {
    const started = performance.now()
    const status = await app.knex.raw('SELECT 1').then(
      () => 'UP' as const,
      () => 'DOWN' as const,
    )
    return { status, milliseconds: Math.round(performance.now() - started) }
  }

  app.get(
    '/health',
    { config, schema: { tags, summary: 'Is the server up?', response: { 200: Health } } },
    async () => ({ status: 'UP' as const, version, uptimeSeconds: Math.round(process.uptime()) }),
  )

  app.get(
    '/health/db',
    {
      config,
      schema: {
        tags,
        summary: 'Does the database answer?',
        response: { 200: DatabaseHealth, 503: DatabaseHealth },
      },
    },
    async (_, reply) => {
      const health = await pingDatabase()
      return reply.code(health.status === 'UP' ? 200 : 503).send(health)
    },
  )

  app.get(
    '/.well-known/jwks.json',
    { config, schema: { tags, summary: 'The public keys of access tokens' } },
    async () => ({ keys: publicKeys() }),
  )
}
