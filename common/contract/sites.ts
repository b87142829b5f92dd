import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Nullable, TimeZone, Uuid } from './primitives.ts'

export const siteRoles = ['viewer', 'editor', 'administrator'] as const
export const SiteRole = Type.Enum(siteRoles)
export type SiteRole = Static<typeof SiteRole>

/** What a site's administrators decide for everyone who works in it. */
export const SiteSettings = Closed({
  timezone: Type.Optional(Type.String({ ...TimeZone, description: 'Of new interactions' })),
  pageSize: Type.Optional(
    Type.Integer({ minimum: 10, maximum: 100, description: 'Rows per page in Finder' }),
  ),
})
export type SiteSettings = Static<typeof SiteSettings>

/** A site as the person asking sees it: with the role they have there. */
export const SiteMembership = Closed({
  id: Uuid,
  name: Type.String(),
  role: SiteRole,
  settings: Type.Optional(SiteSettings),
})
export type SiteMembership = Static<typeof SiteMembership>

export const Site = Closed({
  id: Uuid,
  name: Type.String(),
  description: Nullable(Type.String()),
  settings: SiteSettings,
})
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

export const changeSiteSettings = endpoint({
  method: 'PUT',
  url: '/sites/:id/settings',
  config: { policy: 'site.manage', site: 'path', limit: 'write' },
  schema: {
    tags,
    summary:
      'For administrators of the site: what holds for everyone who works in it; what is left out is as the app has it',
    params: Closed({ id: Uuid }),
    body: SiteSettings,
    response: { 200: Closed({ success: Type.Literal(true), site: Site }) },
  },
})
