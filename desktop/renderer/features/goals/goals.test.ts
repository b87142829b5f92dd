import { afterAll, describe, expect, it, vi } from 'vitest'
import type { AssignmentProgress, Goal, GoalProgress } from '#common/contract/goals'

vi.stubGlobal('window', {
  addEventListener: () => undefined,
  fieldbook: { on: () => () => undefined, ask: () => new Promise(() => {}) },
})
afterAll(() => vi.unstubAllGlobals())

const { emptyGoal, goalChanges, isChanged, readGoal, rebased, valuesOf } = await import('./goal-values.ts')
const { leftWords, paceWords, stateCounts, visitsBehind, worstFirst } = await import('./goal-rows.ts')

const agnes = { id: 'a1', userId: 'agnes', teamId: null, name: 'Agnes Pier' }
const berlin = { id: 'a2', userId: null, teamId: 'berlin', name: 'Berlin' }
const goal: Goal = {
  id: 'goal',
  name: '1,500 visits',
  metric: 'visits_completed',
  target: 1500,
  brandId: null,
  brandName: null,
  startsOn: '2026-08-01',
  endsOn: '2026-08-31',
  timezone: 'Europe/Berlin',
  ownerName: 'Ada Harbour',
  assignments: [agnes, berlin],
  mayManage: true,
  version: 1,
}
const saved = valuesOf(goal)
const progress: GoalProgress = {
  value: 1284,
  target: 1500,
  share: 0.856,
  daysGone: 20,
  days: 31,
  expected: 968,
  forecast: 1990.2,
  state: 'ahead',
}

describe('the form', () => {
  it('begins with this month, and says what is missing', () => {
    const empty = emptyGoal('2026-12-01')
    expect(empty).toMatchObject({ startsOn: '2026-12-01', endsOn: '2026-12-31' })
    expect(Object.keys(readGoal(empty).errors)).toEqual(['name', 'target'])
  })

  it.each([
    ['1,500', 'visits_completed', undefined],
    ['1500', 'visits_completed', undefined],
    ['31.5', 'visits_completed', 'Must be a whole number'],
    ['31,5', 'shelf_share', undefined],
    ['0', 'visits_completed', 'Must be more than 0'],
    ['120', 'shelf_share', 'Must be 100 percent or less'],
    ['many', 'shops_covered', 'Must be a number'],
  ] as const)('a target of %s of %s: %s', (target, metric, problem) =>
    expect(readGoal({ ...saved, target, metric, brandId: 'arla' }).errors.target).toBe(problem),
  )

  it('a shelf share is of a brand, and other metrics know none', () => {
    expect(readGoal({ ...saved, metric: 'shelf_share', target: '33' }).errors).toEqual({
      brandId: 'Choose a brand',
    })
    expect(readGoal({ ...saved, brandId: 'arla' }).goal.brandId).toBeNull()
  })

  it('only what says something else is a change; people and teams come and go', () => {
    expect(isChanged(saved, { ...saved, name: ' 1,500 visits ', target: '1,500' })).toBe(false)
    const assignees = [saved.assignees[1]!, { userId: 'bruno', teamId: null, name: 'Bruno' }]
    expect(goalChanges(saved, { ...saved, target: '1600', assignees })).toEqual({
      fields: { target: 1600 },
      added: [assignees[1]],
      removed: [saved.assignees[0]],
    })
  })

  it('what somebody else changed lies under what is typed', () => {
    const carla = { userId: 'carla', teamId: null, name: 'Carla' }
    const now = { ...saved, target: '1700', name: 'Theirs', assignees: [...saved.assignees, carla] }
    const typed = { ...saved, name: 'Mine', assignees: saved.assignees.slice(1) }
    expect(rebased(typed, saved, now)).toEqual({
      ...now,
      name: 'Mine',
      assignees: [saved.assignees[1], carla],
    })
  })
})

describe('the list', () => {
  it('says the pace, and the forecast while it goes on', () => {
    expect(paceWords(goal, progress)).toBe('ahead of pace · 1,990 forecast')
    expect(paceWords(goal, { ...progress, state: 'reached' })).toBe('reached')
    expect(paceWords(goal, { ...progress, state: 'not begun' })).toBe('begins 1 Aug 2026')
    const share = { ...goal, metric: 'shelf_share' as const }
    expect(paceWords(share, { ...progress, state: 'on pace' })).toBe('on pace')
    expect(paceWords(share, { ...progress, state: 'behind', value: null })).toBe('nothing measured yet')
  })

  it('says how long it still goes on', () => {
    expect(leftWords(progress, goal)).toBe('11 days left')
    expect(leftWords({ ...progress, daysGone: 31, state: 'behind' }, goal)).toBe('last day')
    expect(leftWords({ ...progress, daysGone: 31, state: 'missed' }, goal)).toBe('ended 31 Aug 2026')
  })

  it('puts those to care about first', () => {
    const of = (assignment: typeof agnes | typeof berlin, state: GoalProgress['state']) =>
      ({ assignment, people: 1, progress: { ...progress, state } }) satisfies AssignmentProgress
    const all = [of(agnes, 'ahead'), of(berlin, 'behind')]
    expect(worstFirst(all).map(({ assignment }) => assignment.name)).toEqual(['Berlin', 'Agnes Pier'])
    expect(stateCounts(all)).toBe('1 behind pace, 1 ahead of pace')
  })

  it('the visits behind a number are those that count', () => {
    expect(visitsBehind(goal, berlin)).toEqual({
      from: '2026-08-01',
      until: '2026-08-31',
      status: 'completed',
      team: { id: 'berlin', name: 'Berlin' },
    })
  })
})
