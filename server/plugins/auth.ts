import fastifyJwt from '@fastify/jwt'
import fp from 'fastify-plugin'
import type { FastifyRequest } from 'fastify'
import { Value } from 'typebox/value'
import { AppError } from '#common/contract/errors'
import { Uuid } from '#common/contract/primitives'
import { type Action, may, needsSite, rolesInside } from '#common/rules/permissions'
import type { SessionRow } from '../modules/auth/auth.repository.ts'
import { type AccessClaims, sessionUser } from '../modules/auth/auth.service.ts'
import type { Keyring } from '../modules/auth/keyring.ts'
import type { Origin } from '../modules/journal/journal.service.ts'
import type { Administrator } from '../modules/tenants/entering.service.ts'
import type { Actor } from '../shared/scope.ts'

declare module 'fastify' {
  interface FastifyInstance {
    issueAccessToken(claims: AccessClaims): string
  }
  interface FastifyRequest {
    session: { id: string; row: SessionRow } | null
    siteId: string | null
    /** The organisation a super admin acts in, by `X-Tenant-ID`. */
    entered: { id: string; name: string } | null
  }
  interface FastifyContextConfig {
    policy?: Action | 'public'
    site?: 'path'
    session?: 'optional'
    /** For whoever watches servers; workers serve it too. */
    operations?: true
  }
}
declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: AccessClaims
    user: AccessClaims
  }
}

export interface AuthOptions {
  keys: Keyring
  accessTokenTtl: number
  readSession(id: string): Promise<SessionRow | null>
  /** For a super admin, who is then let in; null where there is no such organisation. */
  enterTenant(administrator: Administrator, tenantId: string): Promise<{ name: string } | null>
}

const issuer = 'fieldbook'
const audience = 'fieldbook-api'

/**
 * Finds out who is asking, so that their requests can be counted, and then, before the body is read, whether the
 * policy table lets them, and in which site. A route that names no policy stops the server from starting.
 */
export const auth = fp<AuthOptions>(async (app, { keys, accessTokenTtl, readSession, enterTenant }) => {
  await app.register(fastifyJwt, {
    secret: {
      private: keys.signing().privatePem,
      public: async (_: FastifyRequest, token: fastifyJwt.TokenOrHeader) => {
        const { kid } = (token as { header: { kid?: string } }).header
        const key = keys.trusted().find((trusted) => trusted.kid === kid)
        if (!key) throw new Error('There is no such key')
        return key.publicPem
      },
    },
    decode: { complete: true },
    sign: { algorithm: 'RS256', iss: issuer, aud: audience, expiresIn: `${accessTokenTtl}s` },
    verify: {
      algorithms: ['RS256'],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['iss', 'aud', 'exp', 'sid'],
      cache: 1000,
      cacheTTL: 5000,
    },
  })
  app.decorate('issueAccessToken', (claims) => {
    const { kid, privatePem } = keys.signing()
    return app.jwt.sign(claims, { key: privatePem, kid })
  })
  app.decorateRequest('session', null)
  app.decorateRequest('siteId', null)
  app.decorateRequest('entered', null)

  app.addHook('onRoute', ({ url, method, config }) => {
    if (!config?.policy) throw new Error(`${String(method)} ${url} declares no policy`)
  })

  app.addHook('onRequest', async (request) => {
    const { policy, session } = request.routeOptions.config
    if (!policy || (policy === 'public' && session !== 'optional')) return
    const claims = await request.jwtVerify<AccessClaims>().catch(() => null)
    const row = claims && (await readSession(claims.sid))
    if (row) request.session = { id: claims.sid, row }
  })

  app.addHook('preParsing', async (request) => {
    const { policy, site } = request.routeOptions.config
    if (!policy || policy === 'public') return
    request.entered = await enteredBy(request, policy, enterTenant)
    const actor = actorOf(request)
    if (request.session?.row.mustChangePassword && policy !== 'session.own') {
      throw new AppError(
        'PASSWORD_CHANGE_REQUIRED',
        'Your password is no longer valid; choose another one first',
      )
    }
    if (site === 'path') request.siteId = siteOfPath(request, actor, policy)
    else if (needsSite(policy)) request.siteId = siteOf(request)
    if (!may(actor, policy, request.siteId ? { siteId: request.siteId } : {})) {
      const role = actor.sites.find(({ id }) => id === request.siteId)?.role
      const what = role ? `Your role at this site (${role})` : 'Your role in the organisation'
      throw new AppError('AUTHORIZATION_ERROR', `${what} does not allow this`)
    }
  })
})

/** What a super admin does as themselves, wherever they are: nobody signs out in an organisation, or makes one. */
const atHome: ReadonlySet<Action> = new Set<Action>([
  'session.own',
  'tenant.list',
  'tenant.read',
  'tenant.create',
  'tenant.update',
  'tenant.suspend',
])

/** The organisation a request says it acts in. Those who belong to one have no other; that too is a refusal. */
async function enteredBy(
  request: FastifyRequest,
  policy: Action,
  enterTenant: AuthOptions['enterTenant'],
): Promise<FastifyRequest['entered']> {
  const id = request.headers['x-tenant-id']
  if (id === undefined) return null
  const actor = actorOf(request)
  if (!actor.roles.includes('super_admin')) {
    throw new AppError('AUTHORIZATION_ERROR', 'Only super admins act in an organisation by X-Tenant-ID')
  }
  if (atHome.has(policy)) return null
  const session = sessionOf(request).id
  const tenant =
    typeof id === 'string' && Value.Check(Uuid, id) ? await enterTenant({ actor, session }, id) : null
  if (!tenant) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such organisation')
  return { id: String(id), name: tenant.name }
}

/** Whoever's role in the organisation opens every site needs none in this one; whether it exists is seen later. */
function siteOfPath(request: FastifyRequest, actor: Actor, policy: Action): string {
  const { id } = request.params as { id: string }
  if (!may(actor, policy) && !actor.sites.some((site) => site.id === id)) throw noSuchSite()
  return id
}

/** The header if there is one, else the session's active site, else the default or only one. */
function siteOf(request: FastifyRequest): string {
  const user = sessionUser(sessionOf(request).row)
  const header = request.headers['x-site-id']
  if (header === undefined && user.activeSiteId === null) {
    const message = 'Say which site: send X-Site-ID, or choose one with POST /auth/site'
    throw new AppError('VALIDATION_ERROR', 'No site is chosen', {
      details: [{ field: 'X-Site-ID', message }],
    })
  }
  const siteId = typeof header === 'string' ? header : user.activeSiteId
  if (!siteId || !user.sites.some(({ id }) => id === siteId)) {
    throw noSuchSite()
  }
  return siteId
}

const noSuchSite = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such site among yours')

export function sessionOf(request: FastifyRequest): { id: string; row: SessionRow } {
  if (request.session) return request.session
  const known = request.headers.authorization !== undefined
  throw new AppError(
    'AUTHENTICATION_ERROR',
    known ? 'Your session has ended; sign in again' : 'Sign in to go on: there is no access token',
  )
}

export function originOf(request: FastifyRequest): Origin {
  const agent = request.headers['user-agent']
  return {
    id: request.session?.row.userId ?? null,
    requestId: request.id,
    address: request.ip,
    device: request.session?.row.deviceName ?? agent?.slice(0, 200) ?? null,
    ...(request.entered && request.session && { enteredBy: request.session.row.userId }),
  }
}

export function actorOf(request: FastifyRequest): Actor {
  const { row } = sessionOf(request)
  const from = { ...originOf(request), ...(request.reader && { reader: request.reader }) }
  if (request.entered) {
    // An admin of it, for as long as this request takes, who belongs to none of its sites.
    const tenantId = request.entered.id
    return { ...from, id: row.userId, tenantId, roles: rolesInside, sites: [] }
  }
  return { ...from, id: row.userId, tenantId: row.tenantId, roles: row.roles, sites: row.sites }
}

/** The site the person works in, whatever the request is about. */
export const activeSiteOf = (request: FastifyRequest) => sessionUser(sessionOf(request).row).activeSiteId

/** The site the request is about, for a route whose policy asks for one. */
export function requiredSite(request: FastifyRequest): string {
  if (!request.siteId) throw new AppError('VALIDATION_ERROR', 'No site is chosen')
  return request.siteId
}
