import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { AppError } from '#common/contract/errors'
import type { App } from '../../shared/app.ts'

/** Of this machine, and not passed on by a balancer on it. */
const isFromHere = ({ ip, headers }: FastifyRequest) =>
  /^(127\.|::1$|::ffff:127\.)/.test(ip) && !headers['x-forwarded-for'] && !headers.forwarded

const digest = (text: string) => createHash('sha256').update(text).digest()

/** `/metrics`, for Prometheus: with `token` for whoever brings it, else for this machine alone. */
export function metricsRoutes(
  app: App,
  { token, measureBacklog }: { token: string | null; measureBacklog: () => Promise<void> },
): void {
  function assertMay(request: FastifyRequest): void {
    if (token === null) {
      if (isFromHere(request)) return
      const message = 'Without METRICS_TOKEN the metrics are told to this machine only'
      throw new AppError('AUTHORIZATION_ERROR', message)
    }
    const given = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    if (!timingSafeEqual(digest(given), digest(token)))
      throw new AppError('AUTHENTICATION_ERROR', 'Send METRICS_TOKEN as a bearer token')
  }

  app.get(
    '/metrics',
    {
      config: { policy: 'public', operations: true },
      schema: { tags: ['operations'], summary: 'For Prometheus' },
    },
    async (request, reply) => {
      assertMay(request)
      await measureBacklog()
      return reply.type(app.metrics.contentType).send(await app.metrics.metrics())
    },
  )
}
