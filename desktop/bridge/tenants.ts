import Type, { type Static } from 'typebox'
import { Closed, Nullable, Text, Uuid, Version } from '#common/contract/primitives'
import { NewTenant, Registration, Tenant, TenantStatus } from '#common/contract/tenants'

const Done = Closed({})
/** Its address as typed; the one of the settings where it is left out. */
const server = { server: Type.Optional(Type.String({ maxLength: 500 })) }

export const TenantQuery = Closed({ search: Text(200), page: Type.Integer({ minimum: 1, maximum: 100_000 }) })
export type TenantQuery = Static<typeof TenantQuery>

/** The organisation that a super admin acts in, as it was when the server was last asked. */
export const Entered = Closed({ id: Uuid, name: Type.String(), status: TenantStatus })
export type Entered = Static<typeof Entered>

/** The organisations of a server; all of it is asked of the server, SERVICE_UNAVAILABLE without it. */
export const tenantRequests = {
  'tenants.list': {
    request: TenantQuery,
    answer: Closed({
      tenants: Type.Array(Tenant),
      total: Type.Integer(),
      page: Type.Integer(),
      pageSize: Type.Integer(),
    }),
  },
  'tenants.read': { request: Closed({ id: Uuid }), answer: Closed({ tenant: Tenant }) },
  /** Its first admin is invited by mail. */
  'tenants.add': {
    request: Closed({
      ...Type.Required(Type.Omit(NewTenant, ['slug', 'admin'])).properties,
      admin: Type.Required(Type.Omit(NewTenant.properties.admin, ['password'])),
    }),
    answer: Closed({ tenant: Tenant }),
  },
  'tenants.update': {
    request: Closed({
      id: Uuid,
      version: Version,
      name: Type.Optional(Tenant.properties.name),
      slug: Type.Optional(Text(60)),
      status: Type.Optional(TenantStatus),
    }),
    answer: Closed({ tenant: Tenant }),
  },
  /** Acts in an organisation from now on, or in none. It is forgotten when the app ends. */
  'tenants.enter': { request: Closed({ id: Nullable(Uuid) }), answer: Done },

  /** Whether everybody may register an organisation at a server. Needs nobody to be signed in. */
  'registration.read': { request: Closed(server), answer: Closed({ open: Type.Boolean() }) },
  /** Needs nobody to be signed in. */
  'registration.send': {
    request: Closed({
      ...server,
      tenant: Type.Pick(Registration.properties.tenant, ['id', 'name']),
      admin: Type.Omit(Registration.properties.admin, ['id']),
    }),
    answer: Done,
  },
} as const
