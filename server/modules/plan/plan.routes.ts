import { readPlan } from '#common/contract/plan'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { PlanService } from './plan.service.ts'

export function planRoutes(app: App, plan: PlanService): void {
  app.route({ ...readPlan, handler: (request) => plan.read(actorOf(request)) })
}
