import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid, Version } from './primitives.ts'

/** From the lowest to the highest: a team is below one of a higher level, or below none. */
export const teamLevels = ['team', 'area', 'region', 'nation'] as const
export const TeamLevel = Type.Enum(teamLevels)
export type TeamLevel = Static<typeof TeamLevel>

const fields = {
  name: NamedText(100),
  level: TeamLevel,
  parentId: Type.Union([Uuid, Type.Null()], { description: 'The team it is below; null at the top' }),
  leaderId: Type.Union([Uuid, Type.Null()], { description: 'Sees the people of it and of all teams below' }),
}

export const Team = Closed({
  id: Uuid,
  ...fields,
  leaderName: Nullable(Type.String()),
  active: Type.Boolean({ description: 'A team out of use gives its leader nothing' }),
  members: Type.Integer({ minimum: 0, description: 'People in it, not counting those of teams below' }),
  version: Version,
})
export type Team = Static<typeof Team>

export const TeamMember = Closed({
  id: Uuid,
  displayName: Type.String(),
  username: Type.String(),
  active: Type.Boolean({ description: 'False when they can no longer sign in' }),
  addedAt: Instant,
})
export type TeamMember = Static<typeof TeamMember>

export const TeamCandidate = Closed({ id: Uuid, displayName: Type.String(), username: Type.String() })
export type TeamCandidate = Static<typeof TeamCandidate>

const tags = ['teams'] as const
const byId = Closed({ id: Uuid })

export const listTeams = endpoint({
  method: 'GET',
  url: '/teams',
  config: { policy: 'team.list', limit: 'read' },
  schema: {
    tags,
    summary: 'For admins all teams, for others those at or below the ones they lead; by name',
    response: { 200: Closed({ teams: Type.Array(Team) }) },
  },
})

export const createTeam = endpoint({
  method: 'POST',
  url: '/teams',
  config: { policy: 'team.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Make a team, below one that is at or below one’s own; admins make them anywhere',
    body: Closed({ id: Type.Optional(Uuid), ...fields }),
    response: { 201: Closed({ success: Type.Literal(true), team: Team }) },
  },
})

export const updateTeam = endpoint({
  method: 'PUT',
  url: '/teams/:id',
  config: { policy: 'team.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Rename a team, move it, give it another leader, take it out of use or back into it',
    params: byId,
    body: Closed({
      name: Type.Optional(fields.name),
      level: Type.Optional(fields.level),
      parentId: Type.Optional(fields.parentId),
      leaderId: Type.Optional(fields.leaderId),
      active: Type.Optional(Type.Boolean()),
      version: Version,
    }),
    response: { 200: Closed({ success: Type.Literal(true), team: Team }) },
  },
})

export const listTeamMembers = endpoint({
  method: 'GET',
  url: '/teams/:id/members',
  config: { policy: 'team.list', limit: 'read' },
  schema: {
    tags,
    summary: 'The people of a team, by name',
    params: byId,
    querystring: Closed({
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    }),
    response: {
      200: Closed({
        users: Type.Array(TeamMember),
        total: Type.Integer(),
        page: Type.Integer(),
        pageSize: Type.Integer(),
      }),
    },
  },
})

export const listTeamCandidates = endpoint({
  method: 'GET',
  url: '/teams/:id/candidates',
  config: { policy: 'team.addMember', limit: 'read' },
  schema: {
    tags,
    summary: 'Of the people not in a team, the first by name that fit a search',
    params: byId,
    querystring: Closed({ search: NamedText(200) }),
    response: { 200: Closed({ users: Type.Array(TeamCandidate) }) },
  },
})

export const addTeamMember = endpoint({
  method: 'POST',
  url: '/teams/:id/members',
  config: { policy: 'team.addMember', limit: 'write' },
  schema: {
    tags,
    summary: 'Put a person into a team; one may be in several',
    params: byId,
    body: Closed({ userId: Uuid }),
    response: { 201: Closed({ success: Type.Literal(true), user: TeamMember }) },
  },
})

export const removeTeamMember = endpoint({
  method: 'DELETE',
  url: '/teams/:id/members',
  config: { policy: 'team.addMember', limit: 'write' },
  schema: {
    tags,
    summary: 'Take a person out of a team',
    params: byId,
    querystring: Closed({ userId: Uuid }),
    response: { 200: Success },
  },
})
