import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer } from './record-keeping.ts'

const why = 'The teams are kept on the server.'

/** The team tree, for those who lead and those who look after it. Devices hold nothing of it. */
export function teamHandlers(session: Session): Pick<Handlers, Extract<keyof Handlers, `teams.${string}`>> {
  const client = () => session.client()
  const change = (work: () => Promise<unknown>) => askServer(why, work).then(() => ({}))

  return {
    'teams.list': () => askServer(why, () => client().call('listTeams', {})),
    'teams.add': (body) => change(() => client().call('createTeam', { body })),
    'teams.update': ({ id, ...body }) => change(() => client().call('updateTeam', { params: { id }, body })),
    'teams.members': ({ id, search, page }) =>
      askServer(why, () =>
        client().call('listTeamMembers', {
          params: { id },
          query: { page, ...(search.trim() && { search }) },
        }),
      ),
    'teams.candidates': ({ id, search }) =>
      search.trim() === ''
        ? Promise.resolve({ users: [] })
        : askServer(why, () => client().call('listTeamCandidates', { params: { id }, query: { search } })),
    'teams.addMember': ({ id, userId }) =>
      change(() => client().call('addTeamMember', { params: { id }, body: { userId } })),
    'teams.removeMember': ({ id, userId }) =>
      change(() => client().call('removeTeamMember', { params: { id }, query: { userId } })),
  }
}
