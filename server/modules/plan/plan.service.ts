import { type Plan, planReach } from '#common/contract/plan'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import { planClock } from '../../shared/plan-clock.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { CallCyclesService } from '../call-cycles/call-cycles.service.ts'
import type { GoalsService } from '../goals/goals.service.ts'

export type PlanService = ReturnType<typeof createPlanService>

/** What a person has to do, for their devices; of one moment. */
export const createPlanService = (
  transact: Transact,
  { inTransaction: cycles }: Pick<CallCyclesService, 'inTransaction'>,
  { inTransaction: goals }: Pick<GoalsService, 'inTransaction'>,
) => ({
  read: (actor: Actor): Promise<Plan> =>
    transact(
      scopeOf(actor),
      async (tx) => {
        const asOf = new Date().toISOString()
        const today = dayNumber(asOf.slice(0, 10))
        const [from, to] = [dateOfDay(today - planReach), dateOfDay(today + planReach)] as const
        return {
          asOf,
          clock: await planClock(tx),
          cycles: await cycles.planned(tx, actor, from, to),
          goals: await goals.planned(tx, actor, from, to),
        }
      },
      { snapshot: true },
    ),
})
