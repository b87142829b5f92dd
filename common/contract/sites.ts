import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, TimeZone, Uuid, Version } from './primitives.ts'

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
  active: Type.Boolean({ description: 'Nobody works in a site that is out of use; its records stay' }),
  version: Version,
  users: Type.Optional(
    Type.Integer({ minimum: 0, description: 'In lists for admins: how many belong to it' }),
  ),
})
export type Site = Static<typeof Site>

const siteFields = { name: NamedText(100), description: Nullable(Text(1000)) }

/** Somebody who belongs to a site, with the role they were given there. */
export const SiteUser = Closed({
  id: Uuid,
  username: Type.String(),
  displayName: Type.String(),
  active: Type.Boolean(),
  role: SiteRole,
  assignedAt: Instant,
})
export type SiteUser = Static<typeof SiteUser>

const tags = ['sites'] as const

export const listSites = endpoint({
  method: 'GET',
  url: '/sites',
  config: { policy: 'site.read', limit: 'read' },
  schema: {
    tags,
    summary: 'The sites one belongs to; for admins all of the organisation, those out of use too',
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

export const createSite = endpoint({
  method: 'POST',
  url: '/sites',
  config: { policy: 'site.create', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a site to the organisation; it may bring its own id',
    body: Closed({
      id: Type.Optional(Uuid),
      name: siteFields.name,
      description: Type.Optional(siteFields.description),
    }),
    response: { 201: Closed({ success: Type.Literal(true), site: Site }) },
  },
})

export const updateSite = endpoint({
  method: 'PUT',
  url: '/sites/:id',
  config: { policy: 'site.update', limit: 'write' },
  schema: {
    tags,
    summary: 'Give a site another name, describe it, take it out of use or back into it',
    params: Closed({ id: Uuid }),
    body: Closed({
      name: Type.Optional(siteFields.name),
      description: Type.Optional(siteFields.description),
      active: Type.Optional(Type.Boolean()),
      version: Version,
    }),
    response: { 200: Closed({ success: Type.Literal(true), site: Site }) },
  },
})

export const listSiteUsers = endpoint({
  method: 'GET',
  url: '/sites/:id/users',
  config: { policy: 'site.people', site: 'path', limit: 'read' },
  schema: {
    tags,
    summary: 'Who belongs to a site, by name',
    params: Closed({ id: Uuid }),
    querystring: Closed({
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        users: Type.Array(SiteUser),
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const assignToSite = endpoint({
  method: 'POST',
  url: '/sites/:id/users',
  config: { policy: 'site.people', site: 'path', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a person of the organisation to a site, or give them another role there',
    params: Closed({ id: Uuid }),
    body: Closed({ userId: Uuid, role: SiteRole }),
    response: { 200: Closed({ success: Type.Literal(true), user: SiteUser }) },
  },
})

export const removeFromSite = endpoint({
  method: 'DELETE',
  url: '/sites/:id/users',
  config: { policy: 'site.people', site: 'path', limit: 'write' },
  schema: {
    tags,
    summary: 'Take a person from a site, not from their only one',
    params: Closed({ id: Uuid }),
    querystring: Closed({ userId: Uuid }),
    response: { 200: Success },
  },
})
