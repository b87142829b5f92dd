import type { ReportKind } from '../contract/reports.ts'
import type { Action } from './permissions.ts'

/** What one must be allowed to do to be told, and whether a report may be of one site, or of the people of one team. */
export const reportRules: Record<ReportKind, { needs: Action; site: boolean; team: boolean }> = {
  visits: { needs: 'visit.read', site: true, team: true },
  shelf_share: { needs: 'analytics.read', site: true, team: true },
  coverage: { needs: 'analytics.coverage', site: true, team: true },
  goals: { needs: 'goal.read', site: false, team: true },
  survey_completion: { needs: 'report.read', site: true, team: true },
  activity: { needs: 'activity.read', site: false, team: false },
}
