import Type, { type Static } from 'typebox'
import { type TenantRole, TenantRole as AnyRole, tenantRoles } from './auth.ts'
import { endpoint, fileAnswer } from './endpoint.ts'
import { byId } from './interactions.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid, Version } from './primitives.ts'
import { SiteRole } from './sites.ts'

/** The people of an organisation. */

type OrganisationRole = Exclude<TenantRole, 'super_admin'>
/** Those a person of an organisation can have. */
export const organisationRoles = tenantRoles.filter(
  (role): role is OrganisationRole => role !== 'super_admin',
)
const Roles = Type.Array(Type.Enum(organisationRoles), { uniqueItems: true, maxItems: 10 })

export const Username = Type.String({
  ...NamedText(64),
  pattern: '^[^@\\s]+$',
  description: 'Without spaces and without @, which tells an e-mail address',
})
const emailPattern = '^[^@\\s]+@[^@\\s]+$'
export const Email = Type.String({
  ...NamedText(254),
  pattern: emailPattern,
  description: 'An e-mail address',
})
export const isEmail = (text: string): boolean => new RegExp(emailPattern).test(text)
export const DisplayName = NamedText(100)
/** What makes a password good is said by the password policy. */
export const FirstPassword = Type.String({ ...Text(200), minLength: 1 })

/**
 * `invited`: has not chosen a password yet. `locked`: too many wrong passwords, for some minutes. `forgotten`: what they
 * could be known by is gone, for good. `forgotten` goes before `disabled`, that before the others, `invited` before
 * `locked`.
 */
export const userStatuses = ['active', 'invited', 'locked', 'disabled', 'forgotten'] as const
export const UserStatus = Type.Enum(userStatuses)
export type UserStatus = Static<typeof UserStatus>

/** What everybody is called who was forgotten. */
export const forgottenName = 'Forgotten person'

/** A membership as it was given. An admin is administrator of all sites, whatever is here. */
export const UserSite = Closed({ id: Uuid, name: Type.String(), role: SiteRole })
export type UserSite = Static<typeof UserSite>

export const User = Closed({
  id: Uuid,
  username: Type.String(),
  email: Type.String(),
  displayName: Type.String(),
  status: UserStatus,
  roles: Type.Array(AnyRole),
  sites: Type.Array(UserSite),
  defaultSiteId: Nullable(Uuid),
  lastLoginAt: Nullable(Instant),
  invitedAt: Nullable(Instant),
  createdAt: Instant,
  version: Version,
})
export type User = Static<typeof User>

const sortable = ['displayName', 'username', 'email', 'lastLoginAt', 'createdAt'] as const
export const userSorts = [...sortable, ...sortable.map((name) => `-${name}` as const)]

export const UserListQuery = Closed({
  search: Type.Optional({ ...Text(200), description: 'In names, user names and e-mail addresses' }),
  role: Type.Optional(Type.Enum(organisationRoles)),
  site: Type.Optional(Uuid),
  team: Type.Optional(Uuid),
  status: Type.Optional(UserStatus),
  sort: Type.Optional(
    Type.Enum(userSorts, { description: 'displayName unless said otherwise; - for descending' }),
  ),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
  ),
})
export type UserListQuery = Static<typeof UserListQuery>

const pageNumbers = {
  total: Type.Integer({ minimum: 0 }),
  page: Type.Integer({ minimum: 1 }),
  pageSize: Type.Integer({ minimum: 1 }),
}
export const UserPage = Closed({ users: Type.Array(User), ...pageNumbers })
export type UserPage = Static<typeof UserPage>

export const NewUser = Closed({
  id: Type.Optional(Uuid),
  username: Username,
  email: Email,
  displayName: DisplayName,
  roles: Type.Optional(Roles),
  sites: Type.Array(Closed({ siteId: Uuid, role: SiteRole }), {
    minItems: 1,
    maxItems: 200,
    description: 'Nobody is without a site',
  }),
  defaultSiteId: Type.Optional(Uuid),
  password: Type.Optional({
    ...FirstPassword,
    description: 'A first one, to be changed; without one the person is invited by mail to choose theirs',
  }),
})
export type NewUser = Static<typeof NewUser>

export const UserChanges = Closed({
  username: Type.Optional(Username),
  email: Type.Optional(Email),
  displayName: Type.Optional(DisplayName),
  defaultSiteId: Type.Optional(Nullable(Uuid)),
  active: Type.Optional(Type.Boolean({ description: 'Disabled people can be enabled again' })),
  version: Version,
})
export type UserChanges = Static<typeof UserChanges>

const tags = ['users'] as const
const changed = { 200: Closed({ success: Type.Literal(true), user: User }) }

export const listUsers = endpoint({
  method: 'GET',
  url: '/users',
  config: { policy: 'user.list', limit: 'read' },
  schema: {
    tags,
    summary: 'People: for admins all of the organisation, for leaders those of the teams below them',
    querystring: UserListQuery,
    response: { 200: UserPage },
  },
})

export const readUser = endpoint({
  method: 'GET',
  url: '/users/:id',
  config: { policy: 'user.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One person, or oneself',
    params: byId,
    response: { 200: Closed({ user: User }) },
  },
})

export const createUser = endpoint({
  method: 'POST',
  url: '/users',
  config: { policy: 'user.create', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a person, who is invited by mail unless there is a first password',
    body: NewUser,
    response: { 201: Closed({ success: Type.Literal(true), user: User }) },
  },
})

export const updateUser = endpoint({
  method: 'PUT',
  url: '/users/:id',
  config: { policy: 'user.update', limit: 'write' },
  schema: {
    tags,
    summary: 'Change a person; of oneself, who is no admin, name and e-mail address',
    params: byId,
    body: UserChanges,
    response: changed,
  },
})

export const disableUser = endpoint({
  method: 'DELETE',
  url: '/users/:id',
  config: { policy: 'user.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Disable a person: their sessions end at once; what they wrote stays',
    params: byId,
    response: { 200: Success },
  },
})

export const assignRoles = endpoint({
  method: 'POST',
  url: '/users/:id/roles',
  config: { policy: 'user.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'The roles of a person in the organisation, in place of those they had',
    params: byId,
    body: Closed({ roles: Roles }),
    response: changed,
  },
})

export const unlockUser = endpoint({
  method: 'POST',
  url: '/users/:id/unlock',
  config: { policy: 'user.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Let a person sign in again who was locked out by wrong passwords',
    params: byId,
    response: changed,
  },
})

export const resetUserPassword = endpoint({
  method: 'POST',
  url: '/users/:id/reset-password',
  config: { policy: 'user.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Mail a person a link to choose another password; the one they have works until then',
    params: byId,
    response: changed,
  },
})

export const inviteUser = endpoint({
  method: 'POST',
  url: '/users/:id/invite',
  config: { policy: 'user.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Mail the invitation again to a person who has not chosen a password yet',
    params: byId,
    response: changed,
  },
})

export const forgetUser = endpoint({
  method: 'POST',
  url: '/users/:id/forget',
  config: { policy: 'user.forget', limit: 'write' },
  schema: {
    tags,
    summary:
      'Remove, for good, what a person can be known by, everywhere and in the audit too; what they wrote stays, of a forgotten person',
    params: byId,
    response: changed,
  },
})

export const copyUserData = endpoint({
  method: 'GET',
  url: '/users/:id/data',
  config: { policy: 'user.copyData', limit: 'write' },
  schema: {
    tags,
    summary: 'A copy, as JSON, of everything that is kept about a person, or about oneself',
    params: byId,
    response: { 200: fileAnswer('application/json') },
  },
})

export const listRoles = endpoint({
  method: 'GET',
  url: '/roles',
  config: { policy: 'user.list', limit: 'read' },
  schema: {
    tags,
    summary: 'The roles of the organisation, and how many active people have each',
    response: {
      200: Closed({
        roles: Type.Array(
          Closed({ name: Type.Enum(organisationRoles), users: Type.Integer({ minimum: 0 }) }),
        ),
      }),
    },
  },
})
