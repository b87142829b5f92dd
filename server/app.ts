import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import underPressure, {
  type FastifyUnderPressureOptions as UnderPressureOptions,
} from '@fastify/under-pressure'
import Fastify, { type FastifyServerOptions } from 'fastify'
import { randomUUID } from 'node:crypto'
import { getHeapStatistics } from 'node:v8'
import { AppError } from '#common/contract/errors'
import { oidcCallback } from '#common/contract/oidc'
import packageJson from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import { createSignInLookup } from './modules/auth/auth.repository.ts'
import { createAuthService } from './modules/auth/auth.service.ts'
import { createPasswords } from './modules/auth/passwords.ts'
import type { Keyring } from './modules/auth/keyring.ts'
import { healthRoutes } from './modules/health/health.routes.ts'
import { journal } from './modules/journal/journal.service.ts'
import { createBacklogRepository } from './modules/metrics/backlog.repository.ts'
import { createBacklog } from './modules/metrics/backlog.service.ts'
import { metricsRoutes } from './modules/metrics/metrics.routes.ts'
import { registerModules } from './modules/index.ts'
import { createEntering } from './modules/tenants/entering.service.ts'
import { createCodes } from './modules/mail/codes.ts'
import { createMailService } from './modules/mail/mail.service.ts'
import { createMailer } from './modules/mail/mailer.ts'
import { createIdentityLookup } from './modules/oidc/oidc.repository.ts'
import { createOidcService } from './modules/oidc/oidc.service.ts'
import { createProvider } from './modules/oidc/provider.ts'
import { auth } from './plugins/auth.ts'
import { database } from './plugins/database.ts'
import { bytes } from './plugins/bytes.ts'
import { answerFailure, answerUnparsed, errors } from './plugins/errors.ts'
import { jobs, type JobsOptions } from './plugins/jobs.ts'
import { live, mayUpgrade } from './plugins/live.ts'
import { metrics } from './plugins/metrics.ts'
import { errorResponses, openapi } from './plugins/openapi.ts'
import { rateLimit } from './plugins/rate-limit.ts'
import { redis } from './plugins/redis.ts'
import { replicas } from './plugins/replicas.ts'
import { validation } from './plugins/validation.ts'
import { tracedLogger } from './shared/logging.ts'
import { createSealer } from './shared/sealed.ts'
import { createAnnouncer } from './shared/announcer.ts'
import type { App } from './shared/app.ts'
import { createBlobStore } from './shared/blob-store.ts'

export interface AppOptions {
  config: Pick<
    Config,
    | 'databaseReadUrls'
    | 'redisUrl'
    | 'auditAnchors'
    | 'accessTokenTtl'
    | 'sessionTtl'
    | 'keptSessionTtl'
    | 'registration'
    | 'smtpUrl'
    | 'mailFrom'
    | 'mailFolder'
    | 's3'
    | 'photoFolder'
    | 'publicUrl'
    | 'oidc'
    | 'rateLimitMax'
    | 'rateLimitAuthMax'
    | 'rateLimitWriteMax'
    | 'rateLimitUploadMax'
    | 'rateLimitAddressMax'
    | 'rateLimitTenantMax'
    | 'trustProxy'
    | 'metricsToken'
  >
  databaseUrl: string
  /** Which leads to a pooler, as a role that owns nothing. */
  behindPooler?: boolean
  keys: Keyring
  logger?: FastifyServerOptions['logger']
  jobs?: JobsOptions
  /** What is served, where that is not all: a worker answers none but whoever watches it. */
  only?: 'operations' | null
  /** The metrics tell of the process too; of several applications in one, once. */
  measureProcess?: boolean
  /** Whether balancers are to send it nothing new; what comes is served all the same. */
  isEnding?: () => boolean
  patience?: Patience
  /** How many connections to the database at most. */
  poolSize?: number
  /** Milliseconds by which a copy of the database may be behind. */
  maxLag?: number
  pressure?: Omit<UnderPressureOptions, 'pressureHandler' | 'exposeStatusRoute'>
}

/** Milliseconds a connection may take, so that whoever is slow, or pretends to be, holds nothing up. */
interface Patience {
  /** From the first byte, or from connecting, to the end of the headers: they fit into a few packets. */
  headers: number
  /** To the end of the body: a mebibyte over the slowest of mobile networks. */
  request: number
  /** Between two requests: longer than balancers keep a connection, so that it is they who close it. */
  idle: number
  /** Without a byte either way, as when the answer is not read: longer than any answer takes to make. */
  silence: number
  /** How often the first two are looked at. */
  checkEvery: number
}

const usualPatience: Patience = {
  headers: 15_000,
  request: 30_000,
  idle: 72_000,
  silence: 120_000,
  checkEvery: 5_000,
}

/** Each device keeps one open for live updates; a connection costs some ten kibibytes. */
const maxConnections = 20_000

/**
 * Seconds in which nothing else is served, or a heap that is nearly full, ask for a pause. Whoever watches the server
 * is answered all the same: what is not limited is not shed.
 */
const usualPressure: UnderPressureOptions = {
  maxEventLoopDelay: 2000,
  maxHeapUsedBytes: Math.round(getHeapStatistics().heap_size_limit * 0.9),
}
const secondsUntilRelief = 5
const shed: NonNullable<UnderPressureOptions['pressureHandler']> = async (request, reply) => {
  if (!request.routeOptions.config.limit) return
  reply.header('retry-after', secondsUntilRelief)
  throw new AppError('SERVICE_UNAVAILABLE', 'The server is busy; try again in a moment')
}

const nobody = '00000000-0000-0000-0000-000000000000'

/** `/api/…` means the current version. */
const currentVersion = (url: string) => url.replace(/^\/api\/(?!v\d+\/|docs(\/|\?|$))/, '/api/v1/')

/** The whole application, ready to listen or to be injected into; tests and production build the same one. */
export async function buildApp({
  config,
  databaseUrl,
  behindPooler = false,
  keys,
  logger = false,
  jobs: jobsOptions = {},
  only = null,
  measureProcess = false,
  isEnding = () => false,
  patience = usualPatience,
  pressure = usualPressure,
  poolSize,
  maxLag,
}: AppOptions): Promise<App> {
  const app: App = Fastify({
    logger,
    rewriteUrl: (request) => currentVersion(request.url ?? '/'),
    genReqId: () => randomUUID(),
    childLoggerFactory: tracedLogger,
    bodyLimit: 1024 * 1024,
    trustProxy: config.trustProxy.length > 0 && config.trustProxy,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    connectionTimeout: patience.silence,
    routerOptions: { maxParamLength: 100 },
    // A cursor travels in the address.
    http: {
      maxHeaderSize: 32 * 1024,
      headersTimeout: patience.headers,
      connectionsCheckingInterval: patience.checkEvery,
      shouldUpgradeCallback: mayUpgrade,
    },
    frameworkErrors: answerFailure,
    clientErrorHandler: answerUnparsed,
    forceCloseConnections: 'idle',
    // While the server closes, what still comes on an open connection is served.
    return503OnClosing: false,
  })

  app.server.maxConnections = maxConnections
  await app.register(errors)
  await app.register(validation)
  // First of all, so that whatever is refused later says so too.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' })
  })
  if (only === 'operations') {
    app.addHook('onRequest', async (request) => {
      if (!request.routeOptions.config.operations)
        throw new AppError('RESOURCE_NOT_FOUND', 'This is a worker, which serves nobody; ask the API')
    })
  }
  await app.register(helmet, { contentSecurityPolicy: false })
  await app.register(cors, { origin: false })
  await app.register(underPressure, { ...pressure, pressureHandler: shed, exposeStatusRoute: false })
  const announcer = createAnnouncer((error) => app.log.error({ err: error }, 'a change was not announced'))
  await app.register(database, {
    url: databaseUrl,
    behindPooler,
    announce: announcer.announce,
    ...(poolSize && { poolSize }),
  })
  await app.register(metrics, { version: packageJson.version, ofProcess: measureProcess })
  await app.register(jobs, jobsOptions)
  await app.register(redis, { url: config.redisUrl })
  await app.register(live, { announcer })
  await app.register(openapi, { version: packageJson.version })

  // A connection that was busy when the server began to close is kept alive by its client for longer than it should.
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  })
  app.addHook('onClose', async () => clearInterval(sweep))

  const unfollow = keys.follow((err, message) => app.log.error({ err }, message))
  app.addHook('onClose', async () => unfollow())
  const lookup = createSignInLookup(app.knex)
  const passwords = createPasswords()
  app.addHook('onClose', () => passwords.close())
  const blobs = createBlobStore(config, (err) => app.log.error({ err }, 'the photo storage failed'))
  app.addHook('onClose', async () => blobs.close())
  // Said at once, to whoever set it up; what is no matter of photos works all the same.
  app.addHook('onListen', () => void blobs.check().catch(() => {}))
  const mailer = createMailer(config)
  app.addHook('onClose', async () => mailer.close())
  const codes = createCodes(keys.secrets)
  const mail = createMailService({
    transact: app.transact,
    jobs: app.jobs,
    mailer,
    codes,
    publicUrl: config.publicUrl,
    warn: app.log.warn.bind(app.log),
  })

  await app.register(async (context: App) => {
    await context.register(auth, {
      keys,
      accessTokenTtl: config.accessTokenTtl,
      readSession: lookup.readSession,
      enterTenant: createEntering(app.transact, journal),
    })
    await context.register(rateLimit, {
      max: {
        read: config.rateLimitMax,
        write: config.rateLimitWriteMax,
        auth: config.rateLimitAuthMax,
        upload: config.rateLimitUploadMax,
      },
      addressMax: config.rateLimitAddressMax,
      tenantMax: config.rateLimitTenantMax,
    })
    await context.register(replicas, {
      urls: config.databaseReadUrls,
      behindPooler,
      ...(poolSize && { poolSize }),
      ...(maxLag !== undefined && { maxLag }),
    })
    await context.register(bytes)
    const service = createAuthService({
      transact: app.transact,
      journal,
      lookup,
      passwords,
      mail,
      codes,
      issueAccessToken: context.issueAccessToken,
      secrets: keys.secrets,
      accessTokenTtl: config.accessTokenTtl,
      sessionTtl: config.sessionTtl,
      keptSessionTtl: config.keptSessionTtl,
    })
    const oidc = createOidcService({
      transact: app.transact,
      journal,
      auth: service,
      lookup: { ...lookup, ...createIdentityLookup(app.knex) },
      sealer: createSealer(keys.secrets, 'sign-in with a provider'),
      provider: config.oidc && createProvider(config.oidc, `${config.publicUrl}/api/v1${oidcCallback.url}`),
      warn: (err, message) => app.log.warn({ err }, message),
    })
    healthRoutes(context, {
      version: packageJson.version,
      isEnding,
      redisAnswers: app.redisAnswers,
      checkStorage: () => blobs.check(),
      checkAuth: async () => {
        const claims = { sub: nobody, sid: nobody, tenant: null, roles: [], sites: [] }
        const { publicPem } = keys.trusted().find(({ kid }) => kid === keys.signing().kid)!
        context.jwt.verify(context.issueAccessToken(claims), { key: publicPem, algorithms: ['RS256'] })
        await lookup.readSession(nobody)
      },
      publicKeys: () => keys.trusted().map(({ jwk }) => jwk),
    })
    metricsRoutes(context, {
      token: config.metricsToken,
      measureBacklog: createBacklog(createBacklogRepository(app.knex), app.metrics),
    })
    await context.register(
      async (api: App) => {
        api.addHook('onRoute', (route) => {
          route.schema = {
            ...route.schema,
            response: { ...errorResponses, ...(route.schema?.response as object) },
          }
        })
        registerModules(api, service, oidc, mail, passwords, announcer, blobs, config)
      },
      { prefix: '/api/v1' },
    )
  })

  await app.ready()
  return app
}
