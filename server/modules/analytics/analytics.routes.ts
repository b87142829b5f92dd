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
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { CoverageService } from './coverage.service.ts'
import type { FiguresService } from './figures.service.ts'

export function analyticsRoutes(app: App, figures: FiguresService, coverage: CoverageService): void {
  app.route({ ...readOverview, handler: (request) => figures.overview(actorOf(request), request.query) })
  app.route({ ...readVisitSeries, handler: (request) => figures.visits(actorOf(request), request.query) })
  app.route({ ...readShopFigures, handler: (request) => figures.shops(actorOf(request), request.query) })
  app.route({ ...readShelfShare, handler: (request) => figures.shelfShare(actorOf(request), request.query) })
  app.route({
    ...readShelfShareByShop,
    handler: (request) => figures.shelfShareByShop(actorOf(request), request.query),
  })
  app.route({
    ...readInteractionFigures,
    handler: (request) => figures.interactions(actorOf(request), request.query),
  })
  app.route({ ...readAnalyticsChoices, handler: (request) => figures.choices(actorOf(request)) })
  app.route({ ...readCoverage, handler: (request) => coverage.heatMap(actorOf(request), request.query) })
  app.route({ ...listCoverageSlots, handler: (request) => coverage.slots(actorOf(request), request.query) })
}
