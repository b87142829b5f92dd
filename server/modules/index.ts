import type { Config } from '../config.ts'
import type { Announcer } from '../shared/announcer.ts'
import type { App } from '../shared/app.ts'
import type { BlobStore } from '../shared/blob-store.ts'
import { scopeOf } from '../shared/scope.ts'
import { actorOf } from '../plugins/auth.ts'
import { analyticsRoutes } from './analytics/analytics.routes.ts'
import { createCoverageService } from './analytics/coverage.service.ts'
import { createFiguresService } from './analytics/figures.service.ts'
import { createTallies } from './analytics/tallies.service.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import { createAuditService } from './audit/audit.service.ts'
import { authRoutes } from './auth/auth.routes.ts'
import type { AuthService } from './auth/auth.service.ts'
import type { Passwords } from './auth/passwords.ts'
import { sweepSignInFailures } from './auth/sign-in-sweep.service.ts'
import { brandRoutes } from './brands/brands.routes.ts'
import { createBrandsService } from './brands/brands.service.ts'
import { callCycleRoutes } from './call-cycles/call-cycles.routes.ts'
import { createCallCyclesService } from './call-cycles/call-cycles.service.ts'
import { deviceRoutes } from './devices/devices.routes.ts'
import { createDevicesService } from './devices/devices.service.ts'
import { exportRoutes } from './exports/exports.routes.ts'
import { createExportsService, sweepExports } from './exports/exports.service.ts'
import { createWriters } from './exports/writers.ts'
import { goalRoutes } from './goals/goals.routes.ts'
import { createGoalsService } from './goals/goals.service.ts'
import { createHousekeepingService } from './housekeeping/housekeeping.service.ts'
import { importRoutes } from './imports/imports.routes.ts'
import { sweepImports } from './imports/import-sweep.service.ts'
import { createImportsService } from './imports/imports.service.ts'
import { createBulkService } from './interactions/bulk.service.ts'
import { createDerivedInteractions } from './interactions/derived.service.ts'
import { createHistoryService } from './interactions/history.service.ts'
import { interactionRoutes } from './interactions/interactions.routes.ts'
import { createInteractionsService } from './interactions/interactions.service.ts'
import { journal } from './journal/journal.service.ts'
import { createAuditForgetting, createAuditSweep } from './journal/retention.service.ts'
import { createSealingService } from './journal/sealing.service.ts'
import type { MailService } from './mail/mail.service.ts'
import { noticeRoutes } from './notices/notices.routes.ts'
import { createNoticesService } from './notices/notices.service.ts'
import { oidcRoutes } from './oidc/oidc.routes.ts'
import type { OidcService } from './oidc/oidc.service.ts'
import { createPicturesService } from './pictures/pictures.service.ts'
import { planRoutes } from './plan/plan.routes.ts'
import { createPlanService } from './plan/plan.service.ts'
import { createReportTables } from './reports/report-tables.ts'
import { reportRoutes } from './reports/reports.routes.ts'
import { createReportsService } from './reports/reports.service.ts'
import { createSchedulesService } from './reports/schedules.service.ts'
import { shopRoutes } from './shops/shops.routes.ts'
import { createShopsService } from './shops/shops.service.ts'
import { siteRoutes } from './sites/sites.routes.ts'
import { createSitesService } from './sites/sites.service.ts'
import { surveyRoutes } from './surveys/surveys.routes.ts'
import { createSurveysService } from './surveys/surveys.service.ts'
import { liveRoutes } from './sync/live.routes.ts'
import { createLiveService } from './sync/live.service.ts'
import { createPullService } from './sync/pull.service.ts'
import { createPushService } from './sync/push.service.ts'
import { syncRoutes } from './sync/sync.routes.ts'
import { teamRoutes } from './teams/teams.routes.ts'
import { createTeamsService } from './teams/teams.service.ts'
import { createOrganisationsService } from './tenants/organisations.service.ts'
import { tenantRoutes } from './tenants/tenants.routes.ts'
import { createTenantsService } from './tenants/tenants.service.ts'
import { typeRoutes } from './types/types.routes.ts'
import { createTypesService } from './types/types.service.ts'
import { createCopying } from './users/copying.service.ts'
import { createForgetting } from './users/forgetting.service.ts'
import { userRoutes } from './users/users.routes.ts'
import { createUsersService } from './users/users.service.ts'
import { photoRoutes } from './visits/photos.routes.ts'
import { createPhotosService } from './visits/photos.service.ts'
import { createVisitCompletion } from './visits/visit-completion.service.ts'
import { visitRoutes } from './visits/visits.routes.ts'
import { createVisitsService } from './visits/visits.service.ts'
import { viewRoutes } from './views/views.routes.ts'
import { createViewsService } from './views/views.service.ts'

/** Every domain of the API, a line each. */
export function registerModules(
  app: App,
  auth: AuthService,
  oidc: OidcService,
  mail: MailService,
  passwords: Passwords,
  announcer: Announcer,
  blobs: BlobStore,
  { auditAnchors, registration }: Pick<Config, 'auditAnchors' | 'registration'>,
): void {
  const { transact } = app
  const interactions = createInteractionsService(transact, journal)
  const bulk = createBulkService(transact, journal)
  const users = createUsersService({ transact, journal, passwords, mail })
  const pictures = createPicturesService({
    transact,
    blobs,
    jobs: app.jobs,
    failed: (err) => app.log.error({ err }, 'a picture cannot be read'),
  })
  const types = createTypesService(transact, journal)
  const shops = createShopsService(transact, journal)
  const brands = createBrandsService(transact, journal, pictures)
  const surveys = createSurveysService(transact, journal)
  const derived = createDerivedInteractions(journal, types)
  const visits = createVisitsService(transact, journal, derived, shops, surveys)
  const photos = createPhotosService(transact, journal, pictures, visits, surveys)
  const cycles = createCallCyclesService(transact, journal)
  const goals = createGoalsService(transact, journal)
  const audit = createAuditService(transact, journal)
  const figures = createFiguresService(transact)
  const coverage = createCoverageService(transact)
  const schedules = createSchedulesService({
    transact,
    journal,
    mail,
    makeTable: createReportTables({ transact, audit, goals, figures, coverage }),
    jobs: app.jobs,
    failed: (err) => app.log.error({ err }, 'a report could not be made'),
  })
  const notices = createNoticesService(transact, journal)
  const writers = createWriters()
  app.addHook('onClose', () => writers.close())

  authRoutes(app, auth)
  oidcRoutes(app, oidc)
  siteRoutes(app, createSitesService(transact, journal))
  tenantRoutes(
    app,
    createTenantsService(transact, journal),
    createOrganisationsService({ transact, journal, passwords, users, registration }),
  )
  userRoutes(
    app,
    users,
    createForgetting(transact, createAuditForgetting(journal), mail),
    createCopying(transact, journal),
  )
  typeRoutes(app, types)
  teamRoutes(app, createTeamsService(transact, journal))
  viewRoutes(app, createViewsService(transact, journal))
  interactionRoutes(app, interactions, createHistoryService(transact), bulk)
  auditRoutes(app, audit)
  deviceRoutes(app, createDevicesService(transact, journal))
  exportRoutes(app, createExportsService(transact, journal, interactions.inTransaction, writers, app.jobs))
  importRoutes(app, createImportsService(transact, journal, bulk, app.jobs))
  shopRoutes(app, shops)
  brandRoutes(app, brands)
  surveyRoutes(app, surveys)
  visitRoutes(app, visits, photos, createVisitCompletion(visits, photos))
  photoRoutes(app, photos)
  analyticsRoutes(app, figures, coverage)
  createTallies(transact).everyMinute(app.jobs)
  goalRoutes(app, goals)
  callCycleRoutes(app, cycles)
  planRoutes(app, createPlanService(transact, cycles, goals))
  reportRoutes(app, createReportsService(transact), schedules)
  noticeRoutes(app, notices)
  syncRoutes(
    app,
    createPushService(transact, journal, interactions, visits, photos),
    createPullService(transact, interactions, { shops, brands, surveys, visits, photos }, notices),
  )
  liveRoutes(app, createLiveService(announcer, auth.readSession))
  createHousekeepingService(
    transact,
    interactions,
    [sweepExports, sweepImports],
    [createAuditSweep(journal), sweepSignInFailures, pictures.sweep],
  ).daily(app.jobs)
  createSealingService(transact, auditAnchors).everyMinute(app.jobs)
  schedules.everyMinute()

  // Journalled once the answer is out, so that a record of another tenant takes no longer to refuse than a missing one.
  app.addHook('onResponse', async (request, reply) => {
    if (!request.session || (reply.statusCode !== 403 && reply.statusCode !== 404)) return
    const actor = actorOf(request)
    await transact(scopeOf(actor), (tx) =>
      journal.record(tx, actor, {
        action: 'access.refused',
        feedId: actor.tenantId,
        newValues: { method: request.method, url: request.url.split('?')[0], status: reply.statusCode },
      }),
    )
  })
}
