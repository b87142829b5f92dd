import Type from 'typebox'
import { Closed, Text, Uuid } from '#common/contract/primitives'
import { createTeam, listTeamMembers, Team, TeamCandidate, updateTeam } from '#common/contract/teams'

const Done = Closed({})

/** The team tree; all of it is asked of the server, SERVICE_UNAVAILABLE without it. */
export const teamRequests = {
  'teams.list': { request: Closed({}), answer: Closed({ teams: Type.Array(Team) }) },
  'teams.add': { request: Type.Required(createTeam.schema.body), answer: Done },
  'teams.update': { request: Closed({ id: Uuid, ...updateTeam.schema.body.properties }), answer: Done },
  'teams.members': {
    request: Closed({ id: Uuid, search: Text(200), page: Type.Integer({ minimum: 1 }) }),
    answer: listTeamMembers.schema.response[200],
  },
  /** People who are not in the team, the first few that fit. */
  'teams.candidates': {
    request: Closed({ id: Uuid, search: Text(200) }),
    answer: Closed({ users: Type.Array(TeamCandidate) }),
  },
  'teams.addMember': { request: Closed({ id: Uuid, userId: Uuid }), answer: Done },
  'teams.removeMember': { request: Closed({ id: Uuid, userId: Uuid }), answer: Done },
} as const
