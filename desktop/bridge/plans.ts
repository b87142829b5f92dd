import Type from 'typebox'
import {
  listCoverageSlots,
  readAnalyticsChoices,
  readCoverage,
  readInteractionFigures,
  readOverview,
  readShelfShare,
  readShelfShareByShop,
  readShopFigures,
  readVisitSeries,
} from '#common/contract/analytics'
import {
  CallCycle,
  createCallCycle,
  explainMiss,
  listCallCycles,
  readCycleStatus,
  updateCallCycle,
  WholeCycle,
} from '#common/contract/call-cycles'
import { Assignee, createGoal, Goal, listGoals, readGoalProgress, updateGoal } from '#common/contract/goals'
import { Closed, Text, Uuid } from '#common/contract/primitives'
import { Bytes } from './field.ts'

const Done = Closed({})
const Id = Closed({ id: Uuid })
const GoalNow = Closed({ goal: Goal })
const CycleNow = Closed({ cycle: CallCycle })

const FileName = Type.String({ minLength: 1, maxLength: 200 })

/** More is no table of figures. */
const mostRows = 10_000

/**
 * Goals, call cycles and figures; all of it is asked of the server, SERVICE_UNAVAILABLE without it. What the person
 * themselves has to do is on the device: `today.read`.
 */
export const planRequests = {
  'goals.list': { request: listGoals.schema.querystring, answer: listGoals.schema.response[200] },
  'goals.read': { request: Id, answer: readGoalProgress.schema.response[200] },
  'goals.add': {
    request: Closed({ ...createGoal.schema.body.properties, id: Uuid, assignTo: Type.Array(Assignee) }),
    answer: GoalNow,
  },
  'goals.update': {
    request: Closed({ id: Uuid, ...updateGoal.schema.body.properties }),
    answer: GoalNow,
  },
  'goals.remove': { request: Id, answer: Done },
  'goals.assign': { request: Closed({ id: Uuid, assignee: Assignee }), answer: GoalNow },
  'goals.unassign': { request: Closed({ id: Uuid, assignmentId: Uuid }), answer: GoalNow },

  'cycles.list': { request: listCallCycles.schema.querystring, answer: listCallCycles.schema.response[200] },
  'cycles.read': { request: Id, answer: WholeCycle },
  'cycles.add': {
    request: Closed({ siteId: Uuid, ...createCallCycle.schema.body.properties, id: Uuid }),
    answer: CycleNow,
  },
  'cycles.update': {
    request: Closed({ id: Uuid, ...updateCallCycle.schema.body.properties }),
    answer: CycleNow,
  },
  'cycles.remove': { request: Id, answer: Done },
  'cycles.status': {
    request: Closed({ id: Uuid, ...readCycleStatus.schema.querystring.properties }),
    answer: readCycleStatus.schema.response[200],
  },
  'cycles.explain': { request: Closed({ id: Uuid, ...explainMiss.schema.body.properties }), answer: Done },

  'analytics.choices': { request: Closed({}), answer: readAnalyticsChoices.schema.response[200] },
  'analytics.overview': {
    request: readOverview.schema.querystring,
    answer: readOverview.schema.response[200],
  },
  'analytics.visits': {
    request: readVisitSeries.schema.querystring,
    answer: readVisitSeries.schema.response[200],
  },
  'analytics.shops': {
    request: readShopFigures.schema.querystring,
    answer: readShopFigures.schema.response[200],
  },
  'analytics.shelfShare': {
    request: readShelfShare.schema.querystring,
    answer: readShelfShare.schema.response[200],
  },
  'analytics.shelfShareByShop': {
    request: readShelfShareByShop.schema.querystring,
    answer: readShelfShareByShop.schema.response[200],
  },
  'analytics.coverage': {
    request: readCoverage.schema.querystring,
    answer: readCoverage.schema.response[200],
  },
  'analytics.slots': {
    request: listCoverageSlots.schema.querystring,
    answer: listCoverageSlots.schema.response[200],
  },
  'analytics.interactions': {
    request: readInteractionFigures.schema.querystring,
    answer: readInteractionFigures.schema.response[200],
  },
  /** A file with a table, which no spreadsheet runs; false where no place for it was chosen. */
  'analytics.saveTable': {
    request: Closed({
      name: FileName,
      rows: Type.Array(Type.Array(Text(1000), { maxItems: 500 }), { maxItems: mostRows }),
    }),
    answer: Closed({ saved: Type.Boolean() }),
  },
  /** A picture as PNG; anything else is refused. */
  'analytics.savePicture': {
    request: Closed({ name: FileName, picture: Bytes }),
    answer: Closed({ saved: Type.Boolean() }),
  },
} as const
