import type { SiteRole } from '#common/contract/sites'
import { isEmail } from '#common/contract/users'
import type { OrganisationRole } from './person-words.ts'

/** What the form about a person holds. */
export interface PersonValues {
  displayName: string
  username: string
  email: string
  roles: readonly OrganisationRole[]
  /** The role in each site, by its id. */
  sites: Readonly<Record<string, SiteRole>>
}

export const newPerson: PersonValues = { displayName: '', username: '', email: '', roles: [], sites: {} }

export const textFields = ['displayName', 'username', 'email'] as const
export type PersonField = keyof PersonValues
export type PersonErrors = Partial<Record<PersonField, string>>

export interface PersonChanges {
  texts: Partial<Record<(typeof textFields)[number], string>>
  /** All roles, where they are others. */
  roles: readonly OrganisationRole[] | null
  /** Sites whose role is another; null takes the person out of the site. */
  sites: Record<string, SiteRole | null>
}

const sameRoles = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((role) => b.includes(role))

const bothKeys = (a: object, b: object) => [...new Set([...Object.keys(a), ...Object.keys(b)])]

/** What `values` changes about a person who is as `saved` says. */
export function changesOf(saved: PersonValues, values: PersonValues): PersonChanges {
  const texts = textFields.filter((field) => values[field].trim() !== saved[field])
  const sites = bothKeys(saved.sites, values.sites).filter((id) => values.sites[id] !== saved.sites[id])
  return {
    texts: Object.fromEntries(texts.map((field) => [field, values[field].trim()])),
    roles: sameRoles(saved.roles, values.roles) ? null : values.roles,
    sites: Object.fromEntries(sites.map((id) => [id, values.sites[id] ?? null])),
  }
}

export const isChanged = ({ texts, roles, sites }: PersonChanges): boolean =>
  Object.keys(texts).length > 0 || roles !== null || Object.keys(sites).length > 0

/** What was typed over `before`, put on top of the person as they are `now`: what was not touched is taken from there. */
export function rebase(values: PersonValues, before: PersonValues, now: PersonValues): PersonValues {
  const { texts, roles, sites } = changesOf(before, values)
  const kept = [...new Set([...now.roles, ...(roles ?? [])])].filter((role) => {
    const mine = values.roles.includes(role)
    return mine === before.roles.includes(role) ? now.roles.includes(role) : mine
  })
  const memberships = { ...now.sites, ...sites }
  return {
    ...now,
    ...texts,
    roles: kept,
    sites: Object.fromEntries(
      Object.entries(memberships).filter((entry): entry is [string, SiteRole] => entry[1] !== null),
    ),
  }
}

/** What is wrong before the server is asked. */
export function wrongIn(values: PersonValues): PersonErrors {
  const errors: PersonErrors = {}
  if (values.displayName.trim() === '') errors.displayName = 'Is required'
  const username = values.username.trim()
  if (username === '') errors.username = 'Is required'
  else if (username.includes('@')) errors.username = 'Must not contain @, which e-mail addresses do'
  const email = values.email.trim()
  if (email === '') errors.email = 'Is required'
  else if (!isEmail(email)) errors.email = 'Must be an e-mail address such as ana@example.org'
  if (Object.keys(values.sites).length === 0) errors.sites = 'Give at least one site'
  return errors
}
