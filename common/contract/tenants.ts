import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Instant, NamedText, Nullable, Text, Uuid, Version } from './primitives.ts'
import { DisplayName, Email, FirstPassword, Username } from './users.ts'

/** Years after which what nobody has changed is archived, unless the organisation decides otherwise. */
export const archiveAfterYears = 2

/** Days after which a password has to be changed, unless the organisation decides otherwise. */
export const passwordMaxAgeDays = 90
export const mostPasswordMaxAgeDays = 3650

/** Days after a device's last contact in which its data still opens, unless the organisation decides otherwise. */
export const offlineDays = 30
export const mostOfflineDays = 365

/** What an organisation's admins decide for all its sites. */
export const TenantSettings = Closed({
  archiveAfterYears: Type.Optional(
    Nullable(
      Type.Integer({
        minimum: 1,
        maximum: 50,
        description: `Interactions nobody has changed for so many years are archived at night; null: never. ${archiveAfterYears} unless said otherwise`,
      }),
    ),
  ),
  passwordMaxAgeDays: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: mostPasswordMaxAgeDays,
      description: `Whoever signs in with a password that is older in days has to choose another; 0: never. ${passwordMaxAgeDays} unless said otherwise`,
    }),
  ),
  offlineDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostOfflineDays,
      description: `A device that has not reached the server for longer in days asks to sign in before it shows anything. ${offlineDays} unless said otherwise`,
    }),
  ),
})
export type TenantSettings = Static<typeof TenantSettings>

const tags = ['tenants'] as const

export const readTenantSettings = endpoint({
  method: 'GET',
  url: '/tenant/settings',
  config: { policy: 'tenant.manage', limit: 'read' },
  schema: {
    tags,
    summary: 'What holds for all sites of the organisation',
    response: { 200: Closed({ settings: TenantSettings }) },
  },
})

export const changeTenantSettings = endpoint({
  method: 'PUT',
  url: '/tenant/settings',
  config: { policy: 'tenant.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Decide what holds for all sites of the organisation; what is left out stays as it is',
    body: TenantSettings,
    response: { 200: Closed({ success: Type.Literal(true), settings: TenantSettings }) },
  },
})

export const tenantStatuses = ['active', 'suspended'] as const
export const TenantStatus = Type.Enum(tenantStatuses, {
  description: 'Nobody of a suspended one signs in or acts',
})
export type TenantStatus = Static<typeof TenantStatus>

/** An organisation, as its admins and the platform's super admins see it. */
export const Tenant = Closed({
  id: Uuid,
  name: Type.String(),
  slug: Type.String(),
  status: TenantStatus,
  createdAt: Instant,
  users: Type.Integer({ minimum: 0, description: 'Who can sign in' }),
  sites: Type.Integer({ minimum: 0, description: 'In use' }),
  version: Version,
})
export type Tenant = Static<typeof Tenant>

const Name = NamedText(100)
const slugPattern = '^[a-z0-9]+(-[a-z0-9]+)*$'
export const isSlug = (text: string): boolean => new RegExp(slugPattern).test(text)
const Slug = Type.String({
  pattern: slugPattern,
  minLength: 1,
  maxLength: 60,
  description: 'Lower-case letters, digits and single hyphens',
})

const tenantParts = {
  id: Type.Optional(Uuid),
  name: Name,
  slug: Type.Optional({
    ...Slug,
    description: 'Made of the name where there is none, so that no other has it',
  }),
  site: Type.Optional({ ...Name, description: 'Of its first site; "Head office" unless said otherwise' }),
}
const adminParts = { id: Type.Optional(Uuid), username: Username, email: Email, displayName: DisplayName }

export const NewTenant = Closed({
  ...tenantParts,
  admin: Closed({
    ...adminParts,
    password: Type.Optional({
      ...FirstPassword,
      description: 'Without one the first admin is invited by mail',
    }),
  }),
})
export type NewTenant = Static<typeof NewTenant>

export const Registration = Closed({
  tenant: Closed(tenantParts),
  admin: Closed({ ...adminParts, password: FirstPassword }),
})
export type Registration = Static<typeof Registration>

const byId = Closed({ id: Uuid })
const created = Closed({ success: Type.Literal(true), tenant: Tenant })

export const listTenants = endpoint({
  method: 'GET',
  url: '/tenants',
  config: { policy: 'tenant.list', limit: 'read' },
  schema: {
    tags,
    summary: 'The organisations, by name, for super admins',
    querystring: Closed({
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        tenants: Type.Array(Tenant),
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const readTenant = endpoint({
  method: 'GET',
  url: '/tenants/:id',
  config: { policy: 'tenant.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One organisation: for its admins their own, for super admins any',
    params: byId,
    response: { 200: Closed({ tenant: Tenant }) },
  },
})

export const createTenant = endpoint({
  method: 'POST',
  url: '/tenants',
  config: { policy: 'tenant.create', limit: 'write' },
  schema: {
    tags,
    summary: 'Add an organisation with a first admin, a site and the standard types; it may bring its own id',
    body: NewTenant,
    response: { 201: created },
  },
})

export const updateTenant = endpoint({
  method: 'PUT',
  url: '/tenants/:id',
  config: { policy: 'tenant.update', limit: 'write' },
  schema: {
    tags,
    summary:
      'Give an organisation another name, as its admins may; for super admins also another short name, to suspend it or let it go on',
    params: byId,
    body: Closed({
      name: Type.Optional(Name),
      slug: Type.Optional(Slug),
      status: Type.Optional(TenantStatus),
      version: Version,
    }),
    response: { 200: created },
  },
})

export const readRegistration = endpoint({
  method: 'GET',
  url: '/auth/register',
  config: { policy: 'public', limit: 'read' },
  schema: {
    tags,
    summary: 'Whether everybody may register an organisation here',
    response: { 200: Closed({ open: Type.Boolean() }) },
  },
})

export const registerTenant = endpoint({
  method: 'POST',
  url: '/auth/register',
  config: { policy: 'public', session: 'optional', limit: 'auth' },
  schema: {
    tags,
    summary:
      'Register an organisation with its first admin, where that is open to everybody, or as a super admin',
    body: Registration,
    response: { 201: created },
  },
})
