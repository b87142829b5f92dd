import type { Knex } from 'knex'
import type { Team, TeamCandidate, TeamMember } from '#common/contract/teams'
import { fold } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

/** A team as it is kept, without what is counted or named. */
export type KeptTeam = Omit<Team, 'leaderName' | 'members'>

const mostCandidates = 20

const columns = {
  id: 'teams.id',
  name: 'teams.name',
  level: 'teams.level',
  parentId: 'teams.parent_id',
  leaderId: 'teams.leader_id',
  active: 'teams.active',
  version: 'teams.version',
}

const person = { id: 'users.id', displayName: 'users.display_name', username: 'users.username' }

export const createTeamsRepository = ({ db, scope }: Transaction) => {
  const members = () =>
    db('user_teams').join('users', (join) =>
      join.on('users.tenant_id', 'user_teams.tenant_id').on('users.id', 'user_teams.user_id'),
    )

  return {
    list: (): Promise<Team[]> =>
      db('teams')
        .leftJoin('users', (join) =>
          join.on('users.tenant_id', 'teams.tenant_id').on('users.id', 'teams.leader_id'),
        )
        .orderByRaw('folded(teams.name) COLLATE "C", teams.id')
        .select<Team[]>(
          { ...columns, leaderName: 'users.display_name' },
          db.raw(`(SELECT count(*)::int FROM user_teams m
            WHERE m.tenant_id = teams.tenant_id AND m.team_id = teams.id) AS members`),
        ),

    async insert({ id, name, level, parentId, leaderId, active }: KeptTeam): Promise<void> {
      await db('teams').insert({
        tenant_id: scope.tenantId,
        id,
        name,
        level,
        parent_id: parentId,
        parent_level: levelOf(db, parentId),
        leader_id: leaderId,
        active,
      })
    },

    async update({ id, name, level, parentId, leaderId, active, version }: KeptTeam): Promise<void> {
      await db('teams')
        .where({ id })
        .update({
          name,
          level,
          parent_id: parentId,
          parent_level: levelOf(db, parentId),
          leader_id: leaderId,
          active,
          version,
        })
    },

    /** Somebody who can sign in, held until the transaction ends so that they still can. */
    person: (id: string): Promise<TeamCandidate | undefined> =>
      db('users').where({ id, active: true }).forShare().first<TeamCandidate | undefined>(person),

    async membersOf(
      teamId: string,
      { search, page, pageSize }: { search: string; page: number; pageSize: number },
    ): Promise<{ users: TeamMember[]; total: number }> {
      const found = members().where({ team_id: teamId }).where(named(search))
      const rows = await found
        .clone()
        .orderByRaw('users.name_key, users.id')
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select<(Omit<TeamMember, 'addedAt'> & { addedAt: Date })[]>({
          ...person,
          active: 'users.active',
          addedAt: 'user_teams.added_at',
        })
      const [{ total } = { total: 0 }] = await found.select<{ total: number }[]>(
        db.raw('count(*)::int AS total'),
      )
      return { users: rows.map(told), total }
    },

    member: async (teamId: string, userId: string): Promise<TeamMember | null> => {
      const row = await members()
        .where({ team_id: teamId, user_id: userId })
        .first<(Omit<TeamMember, 'addedAt'> & { addedAt: Date }) | undefined>({
          ...person,
          active: 'users.active',
          addedAt: 'user_teams.added_at',
        })
      return row ? told(row) : null
    },

    candidates: (teamId: string, search: string): Promise<TeamCandidate[]> =>
      db('users')
        .where({ active: true })
        .where(named(search))
        .whereNotExists(
          db('user_teams')
            .where({ team_id: teamId })
            .whereRaw('user_teams.tenant_id = users.tenant_id AND user_teams.user_id = users.id'),
        )
        .orderByRaw('users.name_key, users.id')
        .limit(mostCandidates)
        .select<TeamCandidate[]>(person),

    async addMember(teamId: string, userId: string, addedBy: string | null): Promise<void> {
      await db('user_teams').insert({
        tenant_id: scope.tenantId,
        team_id: teamId,
        user_id: userId,
        added_by: addedBy,
      })
    },

    async removeMember(teamId: string, userId: string): Promise<void> {
      await db('user_teams').where({ team_id: teamId, user_id: userId }).delete()
    },
  }
}

const levelOf = (db: Knex.Transaction, teamId: string | null) =>
  teamId === null ? null : db('teams').where({ id: teamId }).select('level')

/** Every word of the search is in the name, the user name or the e-mail address. */
const named = (search: string) => (query: Knex.QueryBuilder) => {
  for (const word of fold(search).split(' ').filter(Boolean)) {
    void query.whereRaw('strpos(users.search_text, ?) > 0', [word])
  }
}

const told = ({ addedAt, ...member }: Omit<TeamMember, 'addedAt'> & { addedAt: Date }): TeamMember => ({
  ...member,
  addedAt: addedAt.toISOString(),
})
