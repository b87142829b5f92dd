import Type, { type Static } from 'typebox'
import { Closed, Nullable, Text, Uuid, Version } from '#common/contract/primitives'
import { createSite, Site, SiteRole, SiteUser, updateSite } from '#common/contract/sites'
import {
  NewUser,
  organisationRoles,
  User,
  UserChanges,
  UserPage,
  userSorts,
  UserStatus,
} from '#common/contract/users'

const Done = Closed({})
const Id = Closed({ id: Uuid })
const Page = Type.Integer({ minimum: 1, maximum: 100_000 })
const Role = Type.Enum(organisationRoles)

export const PeopleQuery = Closed({
  search: Text(200),
  role: Nullable(Role),
  siteId: Nullable(Uuid),
  status: Nullable(UserStatus),
  sort: Type.Enum(userSorts),
  page: Page,
})
export type PeopleQuery = Static<typeof PeopleQuery>

/** Somebody who can be given a site; `detail` tells people of the same name apart, where it is known. */
export const FoundPerson = Closed({
  id: Uuid,
  displayName: Type.String(),
  detail: Nullable(Type.String()),
})
export type FoundPerson = Static<typeof FoundPerson>

/** The people and sites of the organisation; all of it is asked of the server, SERVICE_UNAVAILABLE without it. */
export const peopleRequests = {
  'people.list': { request: PeopleQuery, answer: UserPage },
  'people.read': { request: Id, answer: Closed({ user: User }) },
  /** The first few of that name. */
  'people.find': {
    request: Closed({ search: Text(200) }),
    answer: Closed({ people: Type.Array(FoundPerson) }),
  },
  'people.add': { request: Type.Required(Type.Omit(NewUser, ['password', 'defaultSiteId'])), answer: Done },
  /**
   * What differs from the person as the form had them. In steps, each of which the server does wholly or not at all:
   * where one is refused, those before it are done.
   */
  'people.save': {
    request: Closed({
      id: Uuid,
      version: Version,
      texts: Type.Pick(UserChanges, ['displayName', 'username', 'email']),
      roles: Nullable(Type.Array(Role)),
      /** Null takes the person out of the site. */
      sites: Type.Array(Closed({ siteId: Uuid, role: Nullable(SiteRole) })),
    }),
    answer: Done,
  },
  'people.setActive': {
    request: Closed({ id: Uuid, version: Version, active: Type.Boolean() }),
    answer: Done,
  },
  'people.invite': { request: Id, answer: Done },
  'people.unlock': { request: Id, answer: Done },
  'people.resetPassword': { request: Id, answer: Done },
  'people.forget': { request: Id, answer: Done },
  /** A file with all that is kept about a person, or about oneself; false where no place for it was chosen. */
  'people.copyData': {
    request: Closed({ id: Uuid, displayName: Text(100) }),
    answer: Closed({ saved: Type.Boolean() }),
  },

  'sites.list': { request: Closed({}), answer: Closed({ sites: Type.Array(Site) }) },
  'sites.add': { request: Type.Required(createSite.schema.body), answer: Closed({ site: Site }) },
  'sites.update': {
    request: Closed({ id: Uuid, ...updateSite.schema.body.properties }),
    answer: Closed({ site: Site }),
  },
  'sites.people': {
    request: Closed({ id: Uuid, search: Text(200), page: Page }),
    answer: Closed({
      users: Type.Array(SiteUser),
      total: Type.Integer(),
      page: Type.Integer(),
      pageSize: Type.Integer(),
    }),
  },
  'sites.assign': { request: Closed({ id: Uuid, userId: Uuid, role: SiteRole }), answer: Done },
  'sites.remove': { request: Closed({ id: Uuid, userId: Uuid }), answer: Done },
} as const
