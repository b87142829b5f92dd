import Type, { type Static } from 'typebox'
import { Adherence, CycleSlot, explainMiss } from '#common/contract/call-cycles'
import { GoalFields, GoalProgress } from '#common/contract/goals'
import { Closed, Day, Instant, Nullable, Uuid } from '#common/contract/primitives'
import { Shop } from '#common/contract/shops'

/**
 * What there is to do, on this device: the plan as the server last gave it, with one's own visits as they are here, sent
 * or not. Nothing waits for the network.
 */

/**
 * A visit of a call cycle. `due`: to be made today, or overdue. `open`: may be made already. `done`: what of today is
 * made. `missed`: of this period and the one before.
 */
export const stopGroups = ['due', 'open', 'done', 'missed'] as const

export const Stop = Closed({
  ...CycleSlot.properties,
  cycleId: Uuid,
  cycleName: Type.String(),
  group: Type.Enum(stopGroups),
  /** Null where the shop is not on this device (any more). */
  shop: Nullable(Shop),
  /** The visit that covers it is one's own, and can be opened. */
  isMine: Type.Boolean(),
  /** The visit that goes on there now. */
  goingVisitId: Nullable(Uuid),
  /** What was said of it here has not been sent. */
  unsent: Type.Boolean(),
  /** Why the server did not take that. */
  problem: Nullable(Type.String()),
})
export type Stop = Static<typeof Stop>

export const TodayGoal = Closed({
  id: Uuid,
  ...GoalFields.properties,
  brandName: Nullable(Type.String()),
  assigneeName: Type.String(),
  isTeam: Type.Boolean(),
  progress: GoalProgress,
})
export type TodayGoal = Static<typeof TodayGoal>

export const TodayCycle = Closed({
  id: Uuid,
  name: Type.String(),
  isTeam: Type.Boolean(),
  /** By the clocks of the cycle. */
  today: Day,
  /** The period it is in, and how it was kept there; null before it begins and after it has ended. */
  period: Nullable(Closed({ start: Day, end: Day })),
  kept: Adherence,
})
export type TodayCycle = Static<typeof TodayCycle>

export const todayRequests = {
  'today.read': {
    request: Closed({ siteId: Uuid }),
    answer: Closed({
      /** When the server gave the plan; null where it has not yet. */
      asOf: Nullable(Instant),
      stops: Type.Array(Stop),
      /** Planned visits that fall due next, after today. */
      next: Type.Array(Closed({ locationId: Uuid, shopName: Type.String(), dueOn: Day })),
      cycles: Type.Array(TodayCycle),
      goals: Type.Array(TodayGoal),
    }),
  },
  /** Says why a visit was not made, or takes that back; durable when it is answered, and sent when the server can be reached. */
  'today.explain': {
    request: Closed({ cycleId: Uuid, ...explainMiss.schema.body.properties }),
    answer: Closed({}),
  },
} as const
