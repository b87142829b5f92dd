import Type, { type Static } from 'typebox'
import { CallCycle, CycleVisit, Miss } from './call-cycles.ts'
import { endpoint } from './endpoint.ts'
import { Assignee, GoalFields } from './goals.ts'
import { Closed, Instant, Uuid } from './primitives.ts'

/**
 * What a person has to do, for their devices, which work with it offline: their call cycles and goals, and what others
 * have done for those. Their own visits are not in it: the device has them, sent or not, and adds them.
 */

/** What a goal counts of completed visits, so that it can be added up. */
export const GoalSums = Closed({
  visits: Type.Integer({ minimum: 0 }),
  surveys: Type.Integer({ minimum: 0 }),
  shopIds: Type.Array(Uuid, { description: 'Of a goal for shops covered: which; of others empty' }),
  shareSum: Type.Integer({
    minimum: 0,
    description: 'Of a shelf share, over the photos, in ten-thousandths of a percent',
  }),
  photos: Type.Integer({ minimum: 0, description: 'On which a shelf is marked' }),
})
export type GoalSums = Static<typeof GoalSums>

export const PlannedCycle = Closed({
  cycle: CallCycle,
  misses: Type.Array(Miss),
  others: Type.Array(CycleVisit, { description: 'Of a team: visits of the others to its shops' }),
})
export type PlannedCycle = Static<typeof PlannedCycle>

export const PlannedGoal = Closed({
  id: Uuid,
  ...GoalFields.properties,
  assignee: Assignee,
  assigneeName: Type.String({ description: 'Of the person or team' }),
  others: GoalSums,
})
export type PlannedGoal = Static<typeof PlannedGoal>

export const Plan = Closed({
  asOf: Instant,
  clock: Type.Integer({
    minimum: 0,
    description: 'Moves when cycles, goals or teams change; see `PullPage`',
  }),
  cycles: Type.Array(PlannedCycle, {
    description: 'That run, begin within a month or ended less than a month ago',
  }),
  goals: Type.Array(PlannedGoal, { description: 'The same of goals' }),
})
export type Plan = Static<typeof Plan>

/** Days before and after today that a plan reaches. */
export const planReach = 31

export const readPlan = endpoint({
  method: 'GET',
  url: '/plan',
  config: { policy: 'sync.use', limit: 'read' },
  schema: {
    tags: ['sync'],
    summary: "One's own call cycles and goals and those of one's teams, to work with offline",
    response: { 200: Plan },
  },
})
