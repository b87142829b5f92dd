import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Nullable, Uuid } from './primitives.ts'

export const siteRoles = ['viewer', 'editor', 'administrator'] as const
export const SiteRole = Type.Enum(siteRoles)
export type SiteRole = Static<typeof SiteRole>

/** A site as the person asking sees it: with the role they have there. */
export const SiteMembership = Closed({ id: Uuid, name: Type.String(), role: SiteRole })
export type SiteMembership = Static<typeof SiteMembership>

export const Site = Closed({ id: Uuid, name: Type.String(), description: Nullable(Type.String()) })
export type Site = Static<typeof Site>

const tags = ['sites'] as const

export const listSites = endpoint({
  method: 'GET',
  url: '/sites',
  config: { policy: 'site.read', limit: 'read' },
  schema: {
    tags,
    summary: 'The sites one belongs to',
    response: { 200: Closed({ sites: Type.Array(Site) }) },
  },
})

export const readSite = endpoint({
  method: 'GET',
  url: '/sites/:id',
  config: { policy: 'site.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One site',
    params: Closed({ id: Uuid }),
    response: { 200: Closed({ site: Site }) },
  },
})
