import { ClipboardList, Download } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { SurveyCompletion } from '#common/contract/reports'
import type { Problem } from '#desktop/bridge/channels'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { tell } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { Choice } from '../../../ui/Choice.tsx'
import { dayRangeWords, numberWords } from '../../../ui/date-words.ts'
import { Freshness } from '../../../ui/Freshness.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { type Days, daysUpTo, monthAt, today, yearUpTo } from '../../../ui/periods.ts'
import { State } from '../../../ui/State.tsx'
import { cell, head } from '../../../ui/table.ts'
import { completionRows, rateWords } from './report-words.ts'

const periods = {
  week: { words: 'Last 7 days', days: (day: string): Days => daysUpTo(day, 7) },
  month: { words: 'Last 30 days', days: (day: string): Days => daysUpTo(day, 30) },
  before: { words: 'Last month', days: (day: string): Days => monthAt(day, -1) },
  quarter: { words: 'Last 90 days', days: (day: string): Days => daysUpTo(day, 90) },
  year: { words: 'Last 12 months', days: yearUpTo },
}
type Period = keyof typeof periods

/** How many of the visits with each survey are completed, of those that began in a time. */
export function SurveyReport({ tabs }: { tabs: ReactNode }) {
  const online = useSync((sync) => sync.online)
  const sites = useSession(({ user }) => user?.sites) ?? []
  const [period, setPeriod] = useState<Period>('month')
  const [siteId, setSiteId] = useState<string | null>(null)
  const [teamId, setTeamId] = useState<string | null>(null)
  const teams = (useAnswer(`${online}`, () => ask('teams.list', {})).value?.teams ?? []).filter(
    ({ active }) => active,
  )
  const days = periods[period].days(today())
  const query = { ...days, ...(siteId && { siteId }), ...(teamId && { teamId }) }
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('reports.completion', query),
  )
  const [failure, setFailure] = useState<Problem | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const shown = failure ?? (failed ? null : problem)
  const saveTable = async (surveys: readonly SurveyCompletion[]) => {
    setFailure(null)
    try {
      const { saved } = await ask('analytics.saveTable', {
        name: 'Survey completion',
        rows: completionRows(surveys),
      })
      if (saved) tell('The table is saved.')
    } catch (error) {
      setFailure(problemOf(error))
    }
  }
  return (
    <AdminScreen title="Reports" actions={tabs}>
      <div
        role="group"
        aria-label="What the report is about"
        className="mb-3 flex flex-wrap items-center gap-2"
      >
        <select
          aria-label="Days"
          className="control w-auto"
          value={period}
          onChange={({ target }) => setPeriod(target.value as Period)}
        >
          {Object.entries(periods).map(([name, { words }]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
        <span className="mr-1 text-muted tabular-nums">{dayRangeWords(days.from, days.to)}</span>
        {sites.length > 1 && (
          <Choice
            label="Site"
            none="All sites"
            value={siteId}
            options={sites.map(({ id, name }) => [id, name])}
            onChange={setSiteId}
          />
        )}
        {teams.length > 0 && (
          <Choice
            label="Team"
            none="All teams"
            value={teamId}
            options={teams.map(({ id, name }) => [id, name])}
            onChange={setTeamId}
          />
        )}
        <span className="flex-1" />
        <Freshness asOf={failed ? null : (value?.asOf ?? null)} onRefresh={() => void reload()} />
        {value && !failed && value.surveys.length > 0 && (
          <Button onClick={() => void saveTable(value.surveys)}>
            <Download aria-hidden size={14} /> Save as CSV…
          </Button>
        )}
      </div>
      {failed && (
        <Failed problem={failed} title="The report could not be made" onRetry={() => void reload()} />
      )}
      {shown && <ProblemNotice problem={shown} className="mb-3" />}
      {!value && !problem && <Loading words="Making the report" />}
      {value && !failed && value.surveys.length === 0 && (
        <State icon={ClipboardList} title="No survey is in use">
          <p>Once a survey is published it is listed here, with the visits that were made with it.</p>
        </State>
      )}
      {value && !failed && value.surveys.length > 0 && <SurveysTable surveys={value.surveys} />}
    </AdminScreen>
  )
}

const number = `${cell} text-right tabular-nums`
const numberHead = `${head.replace('text-left', 'text-right')} sticky top-0 bg-surface`
const counts = [
  ['started', 'Started'],
  ['completed', 'Completed'],
  ['cancelled', 'Cancelled'],
  ['open', 'In progress'],
  ['agents', 'People'],
] as const

const SurveysTable = ({ surveys }: { surveys: readonly SurveyCompletion[] }) => (
  <table className="w-full max-w-6xl table-fixed border-separate border-spacing-0">
    <caption className="sr-only">Surveys</caption>
    <thead>
      <tr>
        <th scope="col" className={`${head} sticky top-0 bg-surface`}>
          Survey
        </th>
        <th scope="col" className={`${head} sticky top-0 w-[26%] bg-surface`}>
          Completed of those started
        </th>
        {counts.map(([name, words]) => (
          <th key={name} scope="col" className={`${numberHead} w-27`}>
            {words}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {surveys.map((survey) => (
        <tr key={survey.surveyId} className="hover:bg-surface-2">
          <th scope="row" className={`${cell} truncate text-left font-[550]`} title={survey.name}>
            {survey.name}
          </th>
          <td className={cell}>
            <span className="flex items-center gap-3">
              <span aria-hidden className="h-2 flex-1 overflow-hidden rounded-full bg-surface-2">
                <span
                  className="block h-full rounded-full bg-accent"
                  style={{ width: `${100 * (survey.rate ?? 0)}%` }}
                />
              </span>
              <span className={`w-11 text-right tabular-nums ${survey.rate === null ? 'text-muted' : ''}`}>
                {rateWords(survey.rate)}
              </span>
            </span>
          </td>
          {counts.map(([name]) => (
            <td key={name} className={`${number} ${survey[name] === 0 ? 'text-muted' : ''}`}>
              {numberWords(survey[name])}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)
