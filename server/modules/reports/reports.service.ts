import type { SurveyCompletion } from '#common/contract/reports'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import { refused } from '../../shared/people.ts'
import { createReportsRepository, type VisitsAsked } from './reports.repository.ts'

/** Of a statement over the visits of a long time. */
const statementSeconds = 10

export type ReportsService = ReturnType<typeof createReportsService>

export const createReportsService = (transact: Transact) => ({
  surveyCompletion: (
    actor: Actor,
    query: VisitsAsked,
  ): Promise<{ from: string; to: string; asOf: string; surveys: SurveyCompletion[] }> => {
    const { from, to } = query
    if (to < from) throw refused('to', 'Must not be before the first day')
    return transact(
      scopeOf(actor),
      async (tx) => ({
        from,
        to,
        asOf: new Date().toISOString(),
        surveys: await createReportsRepository(tx).surveyCompletion(query),
      }),
      { snapshot: true, statementSeconds },
    )
  },
})
