import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid } from './primitives.ts'
import { SiteMembership } from './sites.ts'

export const tenantRoles = [
  'agent',
  'team_leader',
  'area_manager',
  'regional_manager',
  'national_manager',
  'admin',
  'super_admin',
] as const
export const TenantRole = Type.Enum(tenantRoles)
export type TenantRole = Static<typeof TenantRole>

/** The person signed in. `tenant` is null for a super admin, who belongs to none. */
export const SessionUser = Closed({
  id: Uuid,
  username: Type.String(),
  email: Type.String(),
  displayName: Type.String(),
  tenant: Nullable(Closed({ id: Uuid, name: Type.String() })),
  roles: Type.Array(TenantRole),
  sites: Type.Array(SiteMembership),
  defaultSiteId: Nullable(Uuid),
  activeSiteId: Nullable(Uuid),
  mustChangePassword: Type.Boolean({
    description: 'Until a new password is chosen, only what is about this session is answered',
  }),
  offlineDays: Type.Optional(
    Type.Integer({
      description: 'Days the device may open its data without the server, where the organisation decided so',
    }),
  ),
})
export type SessionUser = Static<typeof SessionUser>

export const SignIn = Closed({
  username: Type.String({ ...NamedText(254), description: 'User name or e-mail address' }),
  password: Text(200),
  keepSignedIn: Type.Optional(Type.Boolean({ description: 'Keeps the session longer on this device' })),
  deviceName: Type.Optional(NamedText(100)),
})
export type SignIn = Static<typeof SignIn>

const RefreshToken = Type.String({ format: 'text', minLength: 20, maxLength: 200 })
const tokens = {
  token: Type.String({ description: 'Access token, for the Authorization header' }),
  expiresIn: Type.Integer({ description: 'Seconds the access token lasts' }),
  refreshToken: RefreshToken,
  user: SessionUser,
}
export const SignedIn = Closed(tokens)
export type SignedIn = Static<typeof SignedIn>

const tags = ['auth'] as const

export const signIn = endpoint({
  method: 'POST',
  url: '/auth/login',
  config: { policy: 'public', limit: 'auth' },
  schema: { tags, summary: 'Sign in with user name or e-mail', body: SignIn, response: { 200: SignedIn } },
})

export const refreshSession = endpoint({
  method: 'POST',
  url: '/auth/refresh',
  config: { policy: 'public', limit: 'auth', limitOf: 'refreshToken' },
  schema: {
    tags,
    summary: 'A new access token for a refresh token, which is replaced',
    body: Closed({ refreshToken: RefreshToken }),
    response: { 200: SignedIn },
  },
})

export const signOut = endpoint({
  method: 'POST',
  url: '/auth/logout',
  config: { policy: 'session.own', limit: 'auth' },
  schema: { tags, summary: 'End this session', response: { 200: Success } },
})

/** Where a person is signed in: one device, or one browser of another program. */
export const Session = Closed({
  id: Uuid,
  deviceName: Nullable(Type.String({ description: 'What it called itself' })),
  isThis: Type.Boolean({ description: 'The one that asks' }),
  appVersion: Type.Optional(Nullable(Type.String({ description: 'As it reported' }))),
  platform: Type.Optional(Nullable(Type.String())),
  startedAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
})
export type Session = Static<typeof Session>

export const listMySessions = endpoint({
  method: 'GET',
  url: '/auth/sessions',
  config: { policy: 'session.own', limit: 'read' },
  schema: {
    tags,
    summary: 'Where one is signed in, the one used last first',
    response: { 200: Closed({ sessions: Type.Array(Session) }) },
  },
})

export const endSession = endpoint({
  method: 'DELETE',
  url: '/auth/sessions/:id',
  config: { policy: 'session.own', limit: 'auth' },
  schema: {
    tags,
    summary: 'End one of one’s own sessions, on a device that was lost say',
    params: Closed({ id: Uuid }),
    response: { 200: Success },
  },
})

export const readMe = endpoint({
  method: 'GET',
  url: '/auth/me',
  config: { policy: 'session.own', limit: 'read' },
  schema: { tags, summary: 'The person signed in', response: { 200: Closed({ user: SessionUser }) } },
})

export const listMySites = endpoint({
  method: 'GET',
  url: '/auth/sites',
  config: { policy: 'session.own', limit: 'read' },
  schema: {
    tags,
    summary: 'The sites one may work in, with the role in each',
    response: { 200: Closed({ sites: Type.Array(SiteMembership) }) },
  },
})

export const chooseSite = endpoint({
  method: 'POST',
  url: '/auth/site',
  config: { policy: 'session.own', limit: 'read' },
  schema: {
    tags,
    summary: 'Make a site the active one of this session, and the default one if asked',
    body: Closed({ siteId: Uuid, makeDefault: Type.Optional(Type.Boolean()) }),
    response: {
      200: Closed({ success: Type.Literal(true), currentSite: Closed({ id: Uuid, name: Type.String() }) }),
    },
  },
})
