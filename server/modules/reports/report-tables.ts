import type { ReportKind, ReportSchedule } from '#common/contract/reports'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import { momentOf } from '#common/rules/report-times'
import type { Table, TableCell } from '#common/spreadsheet/table'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { CoverageService } from '../analytics/coverage.service.ts'
import type { FiguresService } from '../analytics/figures.service.ts'
import type { AuditService } from '../audit/audit.service.ts'
import type { GoalsService } from '../goals/goals.service.ts'
import { createReportsRepository } from './reports.repository.ts'

interface ReportSources {
  transact: Transact
  audit: Pick<AuditService, 'activity'>
  goals: Pick<GoalsService, 'list'>
  figures: Pick<FiguresService, 'shelfShare'>
  coverage: Pick<CoverageService, 'heatMap'>
}

type Report = Pick<ReportSchedule, 'kind' | 'siteId' | 'teamId' | 'timezone'> & {
  from: string
  to: string
}

interface MadeTable {
  table: Table
  /** There was more than fits. */
  isCut: boolean
}

/** So that a file is small enough to be mailed, and made while nobody waits for the server. */
export const mostRows = 10_000
const pageSize = 100
const statementSeconds = 20

const reportTitles: Record<ReportKind, string> = {
  visits: 'Visits by person',
  shelf_share: 'Shelf share by brand',
  coverage: 'Call cycle coverage',
  goals: 'Goals',
  survey_completion: 'Survey completion',
  activity: 'Activity',
}

const columns = (...given: (readonly [header: string, width: number])[]): Table['columns'] =>
  given.map(([header, width]) => ({ header, width }))

const percent = (part: number | null): TableCell => (part === null ? null : Math.round(part * 1000) / 10)

/** What is in a report, of what `actor` sees. */
export const createReportTables = ({ transact, audit, goals, figures, coverage }: ReportSources) => {
  const read = <T>(
    actor: Actor,
    work: (reports: ReturnType<typeof createReportsRepository>) => Promise<T>,
  ): Promise<T> =>
    transact(scopeOf(actor), (tx) => work(createReportsRepository(tx)), { snapshot: true, statementSeconds })

  /** Page by page, up to one row more than fits. */
  async function all<T>(
    page: (page: number) => Promise<{ found: readonly T[]; total: number }>,
  ): Promise<T[]> {
    const rows: T[] = []
    for (let number = 1; rows.length <= mostRows; number++) {
      const { found, total } = await page(number)
      rows.push(...found)
      if (found.length === 0 || number * pageSize >= total) break
    }
    return rows
  }

  async function contentOf(
    actor: Actor,
    { kind, siteId, teamId, timezone, from, to }: Report,
  ): Promise<Pick<Table, 'columns' | 'rows'>> {
    const asked = { from, to, ...(siteId && { siteId }), ...(teamId && { teamId }) }
    switch (kind) {
      case 'visits':
        return {
          columns: columns(
            ['Person', 28],
            ['Started', 10],
            ['Completed', 10],
            ['Cancelled', 10],
            ['Shops visited', 14],
            ['Surveys completed', 18],
          ),
          rows: (await read(actor, (reports) => reports.visitsByAgent(asked))).map((agent) => [
            agent.name,
            agent.started,
            agent.completed,
            agent.cancelled,
            agent.shops,
            agent.surveys,
          ]),
        }
      case 'survey_completion':
        return {
          columns: columns(
            ['Survey', 40],
            ['Started', 10],
            ['Completed', 10],
            ['Cancelled', 10],
            ['In progress', 12],
            ['Completed (%)', 14],
            ['People', 10],
          ),
          rows: (await read(actor, (reports) => reports.surveyCompletion(asked))).map((survey) => [
            survey.name,
            survey.started,
            survey.completed,
            survey.cancelled,
            survey.open,
            percent(survey.rate),
            survey.agents,
          ]),
        }
      case 'shelf_share': {
        const { brands, photos } = await figures.shelfShare(actor, asked)
        return {
          columns: columns(
            ['Brand', 30],
            ['Share (%)', 12],
            ['Photos', 10],
            ['Share of the time before (%)', 26],
          ),
          rows: photos === 0 ? [] : brands.map(({ name, share, before }) => [name, share, photos, before]),
        }
      }
      case 'coverage': {
        const rows = await all(async (page) => {
          const { rows: found, total } = await coverage.heatMap(actor, {
            ...asked,
            rows: 'owner',
            page,
            pageSize,
          })
          return { found, total }
        })
        return {
          columns: columns(
            ['Person or team', 28],
            ['Covered', 10],
            ['Missed', 10],
            ['Missed for a reason', 20],
            ['Kept (%)', 10],
          ),
          rows: rows.map(({ name, total }) => [
            name,
            total.covered,
            total.missed,
            total.excused,
            percent(total.adherence),
          ]),
        }
      }
      case 'goals': {
        const found = await all(async (page) => {
          const answer = await goals.list(actor, { state: 'all', ...(teamId && { teamId }), page, pageSize })
          return { found: answer.goals, total: answer.total }
        })
        return {
          columns: columns(
            ['Goal', 40],
            ['Assigned to', 28],
            ['First day', 12],
            ['Last day', 12],
            ['Reached', 12],
            ['Target', 12],
            ['State', 12],
            ['Forecast', 12],
          ),
          rows: found
            .filter((goal) => goal.startsOn <= to && goal.endsOn >= from)
            .flatMap((goal) =>
              goal.progress.map(({ assignment, progress }) => [
                goal.name,
                assignment.name,
                goal.startsOn,
                goal.endsOn,
                progress.value,
                progress.target,
                progress.state,
                progress.forecast,
              ]),
            ),
        }
      }
      case 'activity': {
        const query = {
          from: momentOf(from, 0, timezone),
          to: momentOf(dateOfDay(dayNumber(to) + 1), 0, timezone),
          timezone,
          pageSize,
        }
        const people = await all(async (page) => {
          const { users: found, total } = await audit.activity(actor, { ...query, page })
          return { found, total }
        })
        return {
          columns: columns(
            ['Person', 28],
            ['User name', 22],
            ['Can sign in', 12],
            ['Sign-ins', 10],
            ['Changes', 10],
            ['Exports', 10],
          ),
          rows: people.map((person) => [
            person.displayName,
            person.username,
            person.active ? 'Yes' : 'No',
            person.signIns,
            person.writes,
            person.exports,
          ]),
        }
      }
    }
  }

  return async (actor: Actor, report: Report): Promise<MadeTable> => {
    const { columns, rows } = await contentOf(actor, report)
    return {
      table: { title: reportTitles[report.kind], columns, rows: rows.slice(0, mostRows) },
      isCut: rows.length > mostRows,
    }
  }
}
