import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import {
  Closed,
  Day,
  Instant,
  NamedText,
  Nullable,
  Success,
  Text,
  TimeZone,
  Uuid,
  Version,
} from './primitives.ts'

/**
 * Goals: what somebody, or a team together, is to reach in a time. Each to whom one is assigned has the whole target to
 * reach. How far it has come says `common/rules/goal-progress`.
 */

export const goalMetrics = ['visits_completed', 'shops_covered', 'surveys_completed', 'shelf_share'] as const
export const GoalMetric = Type.Enum(goalMetrics)
export type GoalMetric = Static<typeof GoalMetric>

const fields = {
  name: NamedText(200),
  metric: GoalMetric,
  target: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    description: 'A whole number or, of a shelf share, percent',
  }),
  brandId: Type.Union([Uuid, Type.Null()], { description: 'Whose shelf share it is; of other metrics null' }),
  startsOn: Day,
  endsOn: { ...Day, description: 'The last day' },
  timezone: Type.Union([TimeZone], {
    description: 'Says when a day begins; a visit counts on the day where it was made',
  }),
}

export const GoalFields = Closed(fields)
export type GoalFields = Static<typeof GoalFields>

/** One of both. */
export const Assignee = Closed({ userId: Nullable(Uuid), teamId: Nullable(Uuid) })
export type Assignee = Static<typeof Assignee>

export const GoalAssignment = Closed({
  id: Uuid,
  ...Assignee.properties,
  name: Type.String({ description: 'Of the person or team' }),
})
export type GoalAssignment = Static<typeof GoalAssignment>

export const Goal = Closed({
  id: Uuid,
  ...fields,
  brandName: Nullable(Type.String()),
  ownerName: Type.Union([Type.String(), Type.Null()], { description: 'Who made it' }),
  assignments: Type.Array(GoalAssignment, { description: 'Those that who asks may see' }),
  mayManage: Type.Boolean({ description: 'Whether who asks may change it' }),
  version: Version,
})
export type Goal = Static<typeof Goal>

export const goalStates = ['not begun', 'ahead', 'on pace', 'behind', 'reached', 'missed'] as const
export const GoalState = Type.Enum(goalStates)
export type GoalState = Static<typeof GoalState>

export const GoalProgress = Closed({
  value: Type.Union([Type.Number(), Type.Null()], { description: 'Null where nothing was measured' }),
  target: Type.Number(),
  share: Type.Union([Type.Number(), Type.Null()], { description: 'Of the target; more than 1 beyond it' }),
  daysGone: Type.Integer({ minimum: 0, description: 'Up to today, and with it' }),
  days: Type.Integer({ minimum: 1 }),
  expected: Type.Number({ description: 'By the end of today at an even pace' }),
  forecast: Type.Union([Type.Number(), Type.Null()], { description: 'In the end, if it goes on like this' }),
  state: GoalState,
})
export type GoalProgress = Static<typeof GoalProgress>

export const AssignmentProgress = Closed({
  assignment: GoalAssignment,
  people: Type.Integer({ minimum: 0, description: 'Whose visits count' }),
  progress: GoalProgress,
})
export type AssignmentProgress = Static<typeof AssignmentProgress>

const GoalDone = Closed({ success: Type.Literal(true), goal: Goal })
const tags = ['goals'] as const

export const listGoals = endpoint({
  method: 'GET',
  url: '/goals',
  config: { policy: 'goal.read', limit: 'read' },
  schema: {
    tags,
    summary:
      "One's own goals and those of one's teams, of the people one leads or, for admins, all, with how far each has come; the first to end first",
    querystring: Closed({
      state: Type.Optional(
        Type.Enum(['current', 'ended', 'upcoming', 'all'], {
          description: '`current` unless said otherwise',
        }),
      ),
      search: Type.Optional(Text(200)),
      userId: Type.Optional(Uuid),
      teamId: Type.Optional(Uuid),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        goals: Type.Array(Closed({ ...Goal.properties, progress: Type.Array(AssignmentProgress) })),
        asOf: Instant,
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const readGoal = endpoint({
  method: 'GET',
  url: '/goals/:id',
  config: { policy: 'goal.read', limit: 'read' },
  schema: { tags, summary: 'One goal', params: byId, response: { 200: Closed({ goal: Goal }) } },
})

export const createGoal = endpoint({
  method: 'POST',
  url: '/goals',
  config: { policy: 'goal.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Make a goal and assign it to people and teams at or below one’s own; it may bring its own id',
    body: Closed({
      id: Type.Optional(Uuid),
      ...fields,
      assignTo: Type.Optional(Type.Array(Assignee, { maxItems: 100 })),
    }),
    response: { 201: GoalDone },
  },
})

export const updateGoal = endpoint({
  method: 'PUT',
  url: '/goals/:id',
  config: { policy: 'goal.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Change a goal; a stale version answers 409 with the goal as it is',
    params: byId,
    body: Closed({ ...Type.Partial(GoalFields).properties, version: Version }),
    response: { 200: GoalDone },
  },
})

export const deleteGoal = endpoint({
  method: 'DELETE',
  url: '/goals/:id',
  config: { policy: 'goal.manage', limit: 'write' },
  schema: { tags, summary: 'Delete a goal', params: byId, response: { 200: Success } },
})

export const assignGoal = endpoint({
  method: 'POST',
  url: '/goals/:id/assign',
  config: { policy: 'goal.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Assign a goal to a person or a team at or below one’s own',
    params: byId,
    body: Assignee,
    response: { 201: GoalDone },
  },
})

export const unassignGoal = endpoint({
  method: 'DELETE',
  url: '/goals/:id/assign',
  config: { policy: 'goal.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Take a goal from a person or a team',
    params: byId,
    querystring: Closed({ assignmentId: Uuid }),
    response: { 200: GoalDone },
  },
})

export const readGoalProgress = endpoint({
  method: 'GET',
  url: '/goals/:id/progress',
  config: { policy: 'goal.read', limit: 'read' },
  schema: {
    tags,
    summary: 'How far a goal has come, for each it is assigned to that one may see, with pace and forecast',
    params: byId,
    response: {
      200: Closed({
        goal: Goal,
        today: Day,
        asOf: Instant,
        progress: Type.Array(AssignmentProgress),
      }),
    },
  },
})
