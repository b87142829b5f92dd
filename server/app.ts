import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyServerOptions } from 'fastify'
import { randomUUID } from 'node:crypto'
import packageJson from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import { createSignInLookup } from './modules/auth/auth.repository.ts'
import { createAuthService } from './modules/auth/auth.service.ts'
import { createPasswords } from './modules/auth/passwords.ts'
import type { SigningKey } from './modules/auth/signing-key.ts'
import { healthRoutes } from './modules/health/health.routes.ts'
import { journal } from './modules/journal/journal.service.ts'
import { registerModules } from './modules/index.ts'
import { auth } from './plugins/auth.ts'
import { database } from './plugins/database.ts'
import { answerFailure, answerUnparsed, errors } from './plugins/errors.ts'
import { jobs, type JobsOptions } from './plugins/jobs.ts'
import { live, mayUpgrade } from './plugins/live.ts'
import { errorResponses, openapi } from './plugins/openapi.ts'
import { rateLimit } from './plugins/rate-limit.ts'
import { redis } from './plugins/redis.ts'
import { validation } from './plugins/validation.ts'
import { createAnnouncer } from './shared/announcer.ts'
import type { App } from './shared/app.ts'

export interface AppOptions {
  config: Pick<
    Config,
    | 'redisUrl'
    | 'auditAnchors'
    | 'accessTokenTtl'
    | 'sessionTtl'
    | 'rateLimitMax'
    | 'rateLimitAuthMax'
    | 'rateLimitWriteMax'
  >
  databaseUrl: string
  key: SigningKey
  logger?: FastifyServerOptions['logger']
  jobs?: JobsOptions
}

/** `/api/…` means the current version. */
const currentVersion = (url: string) => url.replace(/^\/api\/(?!v\d+\/|docs(\/|\?|$))/, '/api/v1/')

/** The whole application, ready to listen or to be injected into; tests and production build the same one. */
export async function buildApp({
  config,
  databaseUrl,
  key,
  logger = false,
  jobs: jobsOptions = {},
}: AppOptions): Promise<App> {
  const app: App = Fastify({
    logger,
    rewriteUrl: (request) => currentVersion(request.url ?? '/'),
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 100 },
    // A cursor travels in the address.
    http: { maxHeaderSize: 32 * 1024, shouldUpgradeCallback: mayUpgrade },
    frameworkErrors: answerFailure,
    clientErrorHandler: answerUnparsed,
    forceCloseConnections: 'idle',
    // While the server closes, what still comes on an open connection is served.
    return503OnClosing: false,
  })

  await app.register(errors)
  await app.register(validation)
  await app.register(helmet, { contentSecurityPolicy: false })
  await app.register(cors, { origin: false })
  await app.register(underPressure, { maxEventLoopDelay: 2000, retryAfter: 5, exposeStatusRoute: false })
  const announcer = createAnnouncer((error) => app.log.error({ err: error }, 'a change was not announced'))
  await app.register(database, { url: databaseUrl, announce: announcer.announce })
  await app.register(jobs, jobsOptions)
  await app.register(redis, { url: config.redisUrl })
  await app.register(live, { announcer })
  await app.register(openapi, { version: packageJson.version })

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' })
  })

  // A connection that was busy when the server began to close is kept alive by its client for longer than it should.
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  })
  app.addHook('onClose', async () => clearInterval(sweep))

  const lookup = createSignInLookup(app.knex)
  const passwords = createPasswords()
  app.addHook('onClose', () => passwords.close())

  await app.register(async (context: App) => {
    await context.register(auth, {
      key,
      accessTokenTtl: config.accessTokenTtl,
      readSession: lookup.readSession,
    })
    await context.register(rateLimit, {
      max: { read: config.rateLimitMax, write: config.rateLimitWriteMax, auth: config.rateLimitAuthMax },
    })
    const service = createAuthService({
      transact: app.transact,
      journal,
      lookup,
      passwords,
      issueAccessToken: (claims) => context.jwt.sign(claims),
      refreshSecret: key.refreshSecret,
      accessTokenTtl: config.accessTokenTtl,
      sessionTtl: config.sessionTtl,
    })
    healthRoutes(context, { version: packageJson.version, jwk: key.jwk })
    await context.register(
      async (api: App) => {
        api.addHook('onRoute', (route) => {
          route.schema = {
            ...route.schema,
            response: { ...errorResponses, ...(route.schema?.response as object) },
          }
        })
        registerModules(api, service, announcer, config.auditAnchors)
      },
      { prefix: '/api/v1' },
    )
  })

  await app.ready()
  return app
}
