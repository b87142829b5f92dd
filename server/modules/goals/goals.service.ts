import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import { AppError } from '#common/contract/errors'
import type { Assignee, AssignmentProgress, Goal, GoalFields } from '#common/contract/goals'
import type { Plan } from '#common/contract/plan'
import { dateIn } from '#common/rules/calendar'
import { goalProblems, progress, valueOf } from '#common/rules/goal-progress'
import { may } from '#common/rules/permissions'
import { assertAssignable, ledAmong } from '../../shared/led.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import { type Transact, type Transaction, turnTo } from '../../shared/transaction.ts'
import { takeTurnsWithTeams } from '../../shared/turns.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createGoalsRepository, fieldsOf, type GoalListQuery, type KeptGoal } from './goals.repository.ts'

type GoalChanges = Partial<GoalFields> & { version: number }
type GoalWithProgress = Goal & { progress: AssignmentProgress[] }

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such goal among yours')

const isSame = (one: GoalFields, other: GoalFields) =>
  JSON.stringify(fieldsOf(one)) === JSON.stringify(fieldsOf(other))

export type GoalsService = ReturnType<typeof createGoalsService>

/**
 * Goals, for those who see them. What one counts is read by the server itself, so that who shares a goal with others sees
 * what they reached together and none of their visits.
 */
export function createGoalsService(transact: Transact, journal: Journal) {
  const mayAll = (actor: Actor) => may(actor, 'goal.manage', { inTeam: false })

  /** As whoever asks sees them. */
  async function seen(tx: Transaction, actor: Actor, goals: readonly KeptGoal[]): Promise<Goal[]> {
    const led = mayAll(actor)
      ? null
      : await ledAmong(
          tx,
          goals.map(({ ownerId }) => ownerId),
        )
    return goals.map(({ ownerId, ...goal }) => ({
      ...goal,
      mayManage: led === null || (may(actor, 'goal.manage') && ownerId !== null && led.has(ownerId)),
    }))
  }

  /** Looked at, and to be changed: held, where one may. */
  async function hold(tx: Transaction, actor: Actor, id: string): Promise<{ kept: KeptGoal; goal: Goal }> {
    if (!(await createGoalsRepository(tx).find(id))) throw missing()
    const kept = await createGoalsRepository(tx).lock(id)
    const [goal] = kept ? await seen(tx, actor, [kept]) : []
    if (!kept || !goal) throw missing()
    if (!goal.mayManage)
      throw new AppError(
        'AUTHORIZATION_ERROR',
        'Only who made this goal, and those above them, may change it',
      )
    return { kept, goal }
  }

  async function assertFits(tx: Transaction, goal: GoalFields): Promise<void> {
    const details = goalProblems(goal)
    if (
      details.length === 0 &&
      goal.brandId !== null &&
      !(await createGoalsRepository(tx).hasBrand(goal.brandId))
    )
      details.push({ field: 'brandId', message: 'There is no such brand' })
    if (details.length > 0) throw new AppError('VALIDATION_ERROR', 'The goal is not valid', { details })
  }

  async function close(
    tx: Transaction,
    actor: Actor,
    deed: AuditDeed<'goal'>,
    id: string,
    values: { oldValues?: unknown; newValues?: unknown },
  ): Promise<void> {
    const entry = { action: `goal.${deed}` as const, feedId: actor.tenantId, entity: 'goal', entityId: id }
    await journal.record(tx, actor, { ...entry, ...values })
    tx.announce(actor.tenantId)
  }

  const read = async (tx: Transaction, actor: Actor, id: string): Promise<Goal> => {
    const kept = await createGoalsRepository(tx).find(id)
    if (!kept) throw missing()
    return (await seen(tx, actor, [kept]))[0]!
  }

  async function assignTo(
    tx: Transaction,
    actor: Actor,
    goal: Pick<KeptGoal, 'id' | 'ownerId' | 'assignments'>,
    to: Assignee,
    field?: (name: string) => string,
  ): Promise<boolean> {
    await assertAssignable(tx, to, mayAll(actor), field)
    const isThere = goal.assignments.some(
      ({ userId, teamId }) => userId === to.userId && teamId === to.teamId,
    )
    if (!isThere) await createGoalsRepository(tx).assign(goal, uuidv7(), to)
    return !isThere
  }

  /** How far each has come, by goal; `now` says which day it is. */
  async function progressOf(
    tx: Transaction,
    goals: readonly Goal[],
    now: string,
  ): Promise<Map<string, AssignmentProgress[]>> {
    const ids = goals.flatMap(({ assignments }) => assignments.map(({ id }) => id))
    const all = await turnTo(tx, systemScope(tx.scope.tenantId))
    const counted = new Map((await createGoalsRepository(all).count(ids)).map((each) => [each.id, each]))
    await turnTo(all, tx.scope)
    return new Map(
      goals.map((goal) => [
        goal.id,
        goal.assignments.flatMap((assignment) => {
          const found = counted.get(assignment.id)
          if (!found) return []
          const value = valueOf(goal.metric, found.sums)
          return {
            assignment,
            people: found.people,
            progress: progress(goal, value, dateIn(now, goal.timezone)),
          }
        }),
      ]),
    )
  }

  return {
    list: (
      actor: Actor,
      { page = 1, pageSize = 25, ...query }: GoalListQuery,
    ): Promise<{ goals: GoalWithProgress[]; asOf: string; total: number; page: number; pageSize: number }> =>
      transact(
        scopeOf(actor),
        async (tx) => {
          const asOf = new Date().toISOString()
          const found = await createGoalsRepository(tx).page(query, page, pageSize)
          const goals = await seen(tx, actor, found.goals)
          const reached = await progressOf(tx, goals, asOf)
          return {
            goals: goals.map((goal) => ({ ...goal, progress: reached.get(goal.id)! })),
            asOf,
            total: found.total,
            page,
            pageSize,
          }
        },
        { snapshot: true },
      ),

    read: (actor: Actor, id: string): Promise<Goal> => transact(scopeOf(actor), (tx) => read(tx, actor, id)),

    progress: (actor: Actor, id: string) =>
      transact(
        scopeOf(actor),
        async (tx) => {
          const asOf = new Date().toISOString()
          const goal = await read(tx, actor, id)
          const reached = await progressOf(tx, [goal], asOf)
          return { goal, today: dateIn(asOf, goal.timezone), asOf, progress: reached.get(id)! }
        },
        { snapshot: true },
      ),

    /** The same again, under the same id, is answered as it is. */
    create: (
      actor: Actor,
      { id = uuidv7(), assignTo: given = [], ...fields }: GoalFields & { id?: string; assignTo?: Assignee[] },
    ): Promise<Goal> =>
      transact(scopeOf(actor), async (tx) => {
        // It holds teams and people once the clock of plans has moved, which whoever changes those moves last.
        if (given.length > 0) await takeTurnsWithTeams(tx)
        const repository = createGoalsRepository(tx)
        const goal = { ...fields, name: fields.name.trim() }
        await assertFits(tx, goal)
        const ownerId = actor.enteredBy ? null : actor.id
        if (!(await repository.insert({ ...goal, id, ownerId }))) {
          const same = await repository.find(id)
          if (same && same.ownerId === ownerId && isSame(same, goal)) return read(tx, actor, id)
          if (same)
            throw new AppError('CONFLICT', 'There is another goal with this id', {
              current: (await seen(tx, actor, [same]))[0],
            })
          throw refused('id', 'This id cannot be used. Send another one.')
        }
        let assignments: KeptGoal['assignments'] = []
        for (const [index, to] of given.entries()) {
          const field = (name: string) => `assignTo.${index}.${name}`
          if (await assignTo(tx, actor, { id, ownerId, assignments }, to, field))
            assignments = [...assignments, { id: '', name: '', ...to }]
        }
        await close(tx, actor, 'created', id, { newValues: { ...goal, assignTo: given } })
        return read(tx, actor, id)
      }),

    update: (actor: Actor, id: string, { version, ...changes }: GoalChanges): Promise<Goal> =>
      transact(scopeOf(actor), async (tx) => {
        const { kept, goal } = await hold(tx, actor, id)
        if (kept.version !== version) {
          const message = 'The goal was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: goal })
        }
        const before = fieldsOf(kept)
        const after = { ...before, ...changes }
        after.name = after.name.trim()
        if (isSame(before, after)) return goal
        await assertFits(tx, after)
        await createGoalsRepository(tx).update(id, { ...after, version: version + 1 })
        await close(tx, actor, 'updated', id, { oldValues: before, newValues: after })
        return read(tx, actor, id)
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const { kept } = await hold(tx, actor, id)
        await createGoalsRepository(tx).remove(id)
        await close(tx, actor, 'deleted', id, { oldValues: fieldsOf(kept) })
      }),

    /** To whom it is assigned already, it stays. */
    assign: (actor: Actor, id: string, to: Assignee): Promise<Goal> =>
      transact(scopeOf(actor), async (tx) => {
        const { kept } = await hold(tx, actor, id)
        if (await assignTo(tx, actor, kept, to)) await close(tx, actor, 'assigned', id, { newValues: to })
        return read(tx, actor, id)
      }),

    unassign: (actor: Actor, id: string, assignmentId: string): Promise<Goal> =>
      transact(scopeOf(actor), async (tx) => {
        const { kept } = await hold(tx, actor, id)
        const assignment = kept.assignments.find((each) => each.id === assignmentId)
        if (!assignment) throw new AppError('RESOURCE_NOT_FOUND', 'The goal is not assigned to them')
        await createGoalsRepository(tx).unassign(assignmentId)
        const { userId, teamId } = assignment
        await close(tx, actor, 'unassigned', id, { oldValues: { userId, teamId } })
        return read(tx, actor, id)
      }),

    inTransaction: {
      /** One's own and those of one's teams in these days, with what others did for them. */
      async planned(tx: Transaction, actor: Actor, from: string, to: string): Promise<Plan['goals']> {
        const found = await createGoalsRepository(tx).ofScope(from, to)
        const memberships = new Set(await createGoalsRepository(tx).memberships())
        const mine = found.flatMap((goal) =>
          goal.assignments
            .filter(
              ({ userId, teamId }) => userId === actor.id || (teamId !== null && memberships.has(teamId)),
            )
            .map((assignment) => ({ goal, assignment })),
        )
        const all = await turnTo(tx, systemScope(tx.scope.tenantId))
        const others = await createGoalsRepository(all).count(
          mine.map(({ assignment }) => assignment.id),
          { without: [actor.id], atSites: actor.sites.map(({ id }) => id) },
        )
        await turnTo(all, tx.scope)
        const sums = new Map(others.map((each) => [each.id, each.sums]))
        return mine.flatMap(({ goal, assignment: { id, userId, teamId, name } }) => {
          const of = sums.get(id)
          if (!of) return []
          return {
            id: goal.id,
            ...fieldsOf(goal),
            assignee: { userId, teamId },
            assigneeName: name,
            others: of,
          }
        })
      },
    },
  }
}
