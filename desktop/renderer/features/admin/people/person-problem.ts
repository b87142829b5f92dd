import type { Problem } from '#desktop/bridge/channels'
import type { PersonErrors, PersonField } from './person-values.ts'

/** The server speaks of a membership's parts; here a membership is one thing. */
const fields: Record<string, PersonField> = {
  displayName: 'displayName',
  username: 'username',
  email: 'email',
  roles: 'roles',
  sites: 'sites',
  siteId: 'sites',
  // One of the sites is out of use.
  active: 'sites',
}

const names: Record<PersonField, string> = {
  displayName: 'the name',
  username: 'the user name',
  email: 'the e-mail address',
  roles: 'the roles',
  sites: 'the sites',
}

/** What belongs beside which field; the problem itself is left only where something cannot be put beside one. */
export function sorted(problem: Problem): { errors: PersonErrors; problem: Problem | null } {
  const errors: PersonErrors = {}
  const others = problem.details.filter(({ field, message }) => {
    const name = fields[field.split(/[./[]/)[0] ?? '']
    if (name) errors[name] ??= message
    return !name
  })
  const isSaid = problem.details.length > 0 && others.length === 0
  return { errors, problem: isSaid ? null : { ...problem, details: others } }
}

/** “the name, the roles and the sites” */
export const fieldNames = (changed: readonly PersonField[]): string => {
  const words = changed.map((field) => names[field])
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
