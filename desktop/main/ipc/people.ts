import { forgottenName } from '#common/contract/users'
import { fold, searchTerms } from '#common/rules/folding'
import { may } from '#common/rules/permissions'
import { plainFileName } from '#common/spreadsheet/file-name'
import type { FoundPerson } from '#desktop/bridge/people'
import type { Session } from '../session/session.ts'
import type { Files, Handlers } from './handlers.ts'
import { askServer, changeOnServer } from './record-keeping.ts'

type Names = Extract<keyof Handlers, `people.${string}` | `sites.${string}`>

const people = 'The people of the organisation are kept on the server.'
const sites = 'The sites of the organisation are kept on the server.'

/** As many as one looks through before typing more. */
const mostFound = 20

/** The people and the sites of an organisation, for those who look after them. */
export function peopleHandlers(session: Session, files: Pick<Files, 'save'>): Pick<Handlers, Names> {
  const client = () => session.client()
  const change = (why: string, work: () => Promise<unknown>) =>
    changeOnServer(session, why, work).then(() => ({}))

  /**
   * Administrators of a site know the others by name only, as every record shows them; whoever shares theirs with
   * somebody is left out, since the wrong one could be let in.
   */
  const findByName = async (search: string): Promise<FoundPerson[]> => {
    const { siteId } = session.state()
    if (siteId === null) return []
    const terms = searchTerms(search)
    const { people: names } = await session.workspace().store.lookups(siteId)
    const found = Object.entries(names).filter(
      ([, name]) => name !== forgottenName && terms.every((term) => fold(name).includes(term)),
    )
    const times = Map.groupBy(found, ([, name]) => name)
    return found
      .filter(([, name]) => times.get(name)!.length === 1)
      .slice(0, mostFound)
      .map(([id, displayName]) => ({ id, displayName, detail: null }))
  }

  return {
    'people.list': ({ search, role, siteId, status, sort, page }) =>
      askServer(people, () =>
        client().call('listUsers', {
          query: {
            ...(search.trim() && { search }),
            ...(role && { role }),
            ...(siteId && { site: siteId }),
            ...(status && { status }),
            sort,
            page,
          },
        }),
      ),
    'people.read': ({ id }) => askServer(people, () => client().call('readUser', { params: { id } })),
    'people.find': async ({ search }) => {
      const { user } = session.state()
      if (!user || !may(user, 'user.manage')) return { people: await findByName(search) }
      const query = { ...(search.trim() && { search }), pageSize: mostFound }
      const { users } = await askServer(people, () => client().call('listUsers', { query }))
      return {
        people: users
          .filter(({ status }) => status !== 'forgotten')
          .map(({ id, displayName, email }) => ({ id, displayName, detail: email })),
      }
    },
    'people.add': (body) => change(people, () => client().call('createUser', { body })),
    'people.save': ({ id, version, texts, roles, sites: memberships }) =>
      change(people, async () => {
        const params = { id }
        // The same for every step: in between the person may have gone elsewhere.
        const there = client()
        if (Object.keys(texts).length > 0)
          await there.call('updateUser', { params, body: { ...texts, version } })
        // Given before taken: nobody is without a site in between.
        for (const { siteId, role } of memberships) {
          if (role === null) continue
          await there.call('assignToSite', { params: { id: siteId }, body: { userId: id, role } })
        }
        if (roles) await there.call('assignRoles', { params, body: { roles } })
        for (const { siteId, role } of memberships) {
          if (role !== null) continue
          await there.call('removeFromSite', { params: { id: siteId }, query: { userId: id } })
        }
      }),
    'people.setActive': ({ id, version, active }) =>
      change(people, () =>
        active
          ? client().call('updateUser', { params: { id }, body: { active, version } })
          : client().call('disableUser', { params: { id } }),
      ),
    'people.invite': ({ id }) => change(people, () => client().call('inviteUser', { params: { id } })),
    'people.unlock': ({ id }) => change(people, () => client().call('unlockUser', { params: { id } })),
    'people.resetPassword': ({ id }) =>
      change(people, () => client().call('resetUserPassword', { params: { id } })),

    'people.forget': ({ id }) => change(people, () => client().call('forgetUser', { params: { id } })),
    'people.copyData': async ({ id, displayName }) => {
      // One's own is at home, wherever one has gone.
      const there = id === session.state().user?.id ? session.workspace().client : client()
      const copy = await askServer(people, () => there.call('copyUserData', { params: { id } }))
      const name = plainFileName('Fieldbook', displayName, 'personal data')
      return { saved: await files.save(`${name}.json`, copy as Uint8Array) }
    },

    'sites.list': () => askServer(sites, () => client().call('listSites', {})),
    'sites.add': (body) =>
      changeOnServer(session, sites, () => client().call('createSite', { body })).then(({ site }) => ({
        site,
      })),
    'sites.update': ({ id, ...body }) =>
      changeOnServer(session, sites, () => client().call('updateSite', { params: { id }, body })).then(
        ({ site }) => ({ site }),
      ),
    'sites.people': ({ id, search, page }) =>
      askServer(sites, () =>
        client().call('listSiteUsers', {
          params: { id },
          query: { ...(search.trim() && { search }), page },
        }),
      ),
    'sites.assign': ({ id, ...body }) =>
      change(sites, () => client().call('assignToSite', { params: { id }, body })),
    'sites.remove': ({ id, userId }) =>
      change(sites, () => client().call('removeFromSite', { params: { id }, query: { userId } })),
  }
}
