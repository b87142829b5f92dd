import type { SiteMembership } from '#common/contract/sites'
import type { Subject } from '#common/rules/permissions'
import type { Reader } from './replicas.ts'

/** What a piece of work may see: a tenant, for what belongs to sites one site of it, and what is one person's alone. */
export interface Scope {
  tenantId: string
  siteId: string | null
  userId?: string
  /** Whose rights say what may be written there; without anybody's it may only look. */
  by?: Subject | typeof system
  /** A copy of the database that may be asked instead of it: nothing is written then. */
  reader?: Reader
}

/** The server itself, where it acts for nobody. */
export const system = 'system'

/** In place of a tenant: whose audit holds what belongs to none, such as a sign-in under a name nobody has. */
export const noTenant = '00000000-0000-0000-0000-000000000000'

/** Who is asking, as they are at this moment, and where from: for the policy and for the audit. */
export interface Actor extends Subject {
  tenantId: string
  sites: readonly SiteMembership[]
  /** Their id, where this is a super admin in an organisation they entered: no row of it may name them as its own. */
  enteredBy?: string
  reader?: Reader
  requestId: string
  address: string
  device: string | null
}

/** The scope of an actor's work in a site, or in the tenant at large. */
export const scopeOf = (actor: Actor, siteId: string | null = null): Scope => ({
  tenantId: actor.tenantId,
  siteId,
  userId: actor.id,
  by: actor,
  ...(actor.reader && { reader: actor.reader }),
})

/**
 * The scope of what the server does by itself, or before it is known who asks: signing in, jobs, housekeeping. Code
 * decides that it is one, never anything a request says.
 */
export const systemScope = (tenantId: string, siteId: string | null = null): Scope => ({
  tenantId,
  siteId,
  by: system,
})
