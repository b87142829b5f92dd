import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Team, TeamCandidate, TeamLevel, TeamMember } from '#common/contract/teams'
import { fold } from '#common/rules/folding'
import { type Action, may } from '#common/rules/permissions'
import { teamsAtOrBelow, whyNotBelow, whyNotLevel } from '#common/rules/team-tree'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { takeTurnsWithTeams } from '../../shared/turns.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createTeamsRepository, type KeptTeam } from './teams.repository.ts'

interface TeamFields {
  name: string
  level: TeamLevel
  parentId: string | null
  leaderId: string | null
}

type TeamChanges = Partial<TeamFields> & { active?: boolean; version: number }

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such team among yours')

const wrong = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', 'The team is not valid', { details: [{ field, message }] })

const kept = ({ id, name, level, parentId, leaderId, active, version }: KeptTeam): KeptTeam => ({
  id,
  name,
  level,
  parentId,
  leaderId,
  active,
  version,
})

export type TeamsService = ReturnType<typeof createTeamsService>

/**
 * The team tree. Whoever is not an admin sees and changes what is at or below the teams they lead, nothing else; what
 * is out of their reach is for them as if it were not there. Who leads whom is read by each request anew.
 */
export function createTeamsService(transact: Transact, journal: Journal) {
  /** All teams, and those of them that `action` reaches. */
  async function reach(tx: Transaction, actor: Actor, action: Action) {
    const all = await createTeamsRepository(tx).list()
    if (may(actor, action, { inTeam: false })) return { all, mine: all }
    const ids = teamsAtOrBelow(all, ({ leaderId }) => leaderId === actor.id)
    return { all, mine: all.filter(({ id }) => ids.has(id)) }
  }

  async function find(tx: Transaction, actor: Actor, action: Action, id: string): Promise<Team> {
    const { mine } = await reach(tx, actor, action)
    const team = mine.find((candidate) => candidate.id === id)
    if (!team) throw missing()
    return team
  }

  /** Throws what is wrong with the team as it is to be, naming the field. */
  async function assertFits(
    tx: Transaction,
    actor: Actor,
    { all, mine }: { all: readonly Team[]; mine: readonly Team[] },
    before: Team | null,
    after: KeptTeam,
  ): Promise<void> {
    const { id, name, level, parentId, leaderId, active } = after
    if (all.some((other) => other.id !== id && fold(other.name) === fold(name)))
      throw wrong('name', 'There is a team of this name already')

    const isPlacedAnew = !before || before.parentId !== parentId
    if (parentId === null && isPlacedAnew && !may(actor, 'team.manage', { inTeam: false }))
      throw wrong('parentId', 'Choose a team at or below your own; only admins put teams at the top')
    const parent = (isPlacedAnew ? mine : all).find((team) => team.id === parentId)
    if (parentId !== null && !parent) throw wrong('parentId', 'There is no such team among yours')
    const isChecked = isPlacedAnew || before.level !== level || (active && !before.active)
    const why = parent && isChecked && whyNotBelow({ id, level }, parent)
    if (why) throw wrong('parentId', why)

    const below = all.filter((team) => team.parentId === id)
    const whyNot = whyNotLevel(level, below)
    if (whyNot) throw wrong('level', whyNot)
    const inUse = below.find((team) => team.active)
    if (!active && inUse)
      throw wrong('active', `${inUse.name} is below it; move that or take it out of use first`)

    const isLedAnew = leaderId !== (before?.leaderId ?? null)
    if (leaderId !== null && isLedAnew && !(await createTeamsRepository(tx).person(leaderId)))
      throw wrong('leaderId', 'There is no such person who can sign in; choose another')
  }

  async function close(tx: Transaction, actor: Actor, before: Team | null, after: KeptTeam): Promise<Team> {
    await journal.record(tx, actor, {
      action: `team.${before ? 'updated' : 'created'}`,
      feedId: actor.tenantId,
      entity: 'team',
      entityId: after.id,
      oldValues: before && kept(before),
      newValues: after,
    })
    return (await createTeamsRepository(tx).list()).find(({ id }) => id === after.id)!
  }

  return {
    list: (actor: Actor): Promise<Team[]> =>
      transact(scopeOf(actor), async (tx) => (await reach(tx, actor, 'team.list')).mine),

    /** The same again, under the same id, is answered the same. */
    create: (actor: Actor, { id = uuidv7(), ...fields }: TeamFields & { id?: string }): Promise<Team> =>
      transact(scopeOf(actor), async (tx) => {
        await takeTurnsWithTeams(tx)
        const repository = createTeamsRepository(tx)
        const teams = await reach(tx, actor, 'team.manage')
        const team: KeptTeam = { id, ...fields, name: fields.name.trim(), active: true, version: 1 }
        const same = teams.all.find((other) => other.id === id)
        if (same && teams.mine.includes(same) && JSON.stringify(kept(same)) === JSON.stringify(kept(team)))
          return same
        if (same) {
          const current = teams.mine.includes(same) ? { current: same } : {}
          throw new AppError('CONFLICT', 'There is another team with this id', current)
        }
        await assertFits(tx, actor, teams, null, team)
        await repository.insert(team)
        return close(tx, actor, null, kept(team))
      }),

    update: (actor: Actor, id: string, { version, ...changes }: TeamChanges): Promise<Team> =>
      transact(scopeOf(actor), async (tx) => {
        await takeTurnsWithTeams(tx)
        const repository = createTeamsRepository(tx)
        const teams = await reach(tx, actor, 'team.manage')
        const before = teams.mine.find((team) => team.id === id)
        if (!before) throw missing()
        if (before.version !== version) {
          const message = 'The team was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: before })
        }
        const name = changes.name?.trim() ?? before.name
        const after: KeptTeam = { ...kept(before), ...changes, name, version: version + 1 }
        if (JSON.stringify({ ...after, version }) === JSON.stringify(kept(before))) return before
        await assertFits(tx, actor, teams, before, after)
        await repository.update(after)
        return close(tx, actor, before, after)
      }),

    members: (
      actor: Actor,
      id: string,
      { search = '', page = 1, pageSize = 25 }: { search?: string; page?: number; pageSize?: number },
    ): Promise<{ users: TeamMember[]; total: number; page: number; pageSize: number }> =>
      transact(scopeOf(actor), async (tx) => {
        await find(tx, actor, 'team.list', id)
        const found = await createTeamsRepository(tx).membersOf(id, { search, page, pageSize })
        return { ...found, page, pageSize }
      }),

    /** From all people of the organisation, whose names everybody in it has anyway. */
    candidates: (actor: Actor, id: string, search: string): Promise<TeamCandidate[]> =>
      transact(scopeOf(actor), async (tx) => {
        await find(tx, actor, 'team.addMember', id)
        return createTeamsRepository(tx).candidates(id, search)
      }),

    /** Who is in it already stays in it, and is answered as they are. */
    addMember: (actor: Actor, id: string, userId: string): Promise<TeamMember> =>
      transact(scopeOf(actor), async (tx) => {
        await takeTurnsWithTeams(tx)
        const repository = createTeamsRepository(tx)
        const team = await find(tx, actor, 'team.addMember', id)
        const known = await repository.member(id, userId)
        if (known) return known
        if (!team.active) throw wrong('userId', 'The team is out of use; take it into use again first')
        if (!(await repository.person(userId)))
          throw wrong('userId', 'There is no such person who can sign in; choose another')
        await repository.addMember(id, userId, actor.enteredBy ? null : actor.id)
        const member = (await repository.member(id, userId))!
        await journal.record(tx, actor, {
          action: 'team.memberAdded',
          feedId: actor.tenantId,
          entity: 'team',
          entityId: id,
          newValues: { userId },
        })
        return member
      }),

    removeMember: (actor: Actor, id: string, userId: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        await takeTurnsWithTeams(tx)
        const repository = createTeamsRepository(tx)
        await find(tx, actor, 'team.addMember', id)
        if (!(await repository.member(id, userId)))
          throw new AppError('RESOURCE_NOT_FOUND', 'There is no such person in this team')
        await repository.removeMember(id, userId)
        await journal.record(tx, actor, {
          action: 'team.memberRemoved',
          feedId: actor.tenantId,
          entity: 'team',
          entityId: id,
          oldValues: { userId },
        })
      }),
  }
}
