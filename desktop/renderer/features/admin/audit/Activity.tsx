import { SearchX } from 'lucide-react'
import { useState } from 'react'
import type { DayActivity, PersonActivity } from '#common/contract/audit'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { TextButton } from '../../../ui/Button.tsx'
import { countWords, dayWords, numberWords, readerZone, recentWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { cell, head } from '../../../ui/table.ts'
import { everyDay, periodOf } from './activity-days.ts'

const periods = [7, 30, 90, 365]

/** Who signed in, changed and exported how much, and on which days. */
export function Activity() {
  const online = useSync((sync) => sync.online)
  const [length, setLength] = useState(30)
  const [query, setQuery] = useState({ search: '', page: 1 })
  const now = new Date()
  const request = { ...periodOf(length, now), timezone: readerZone(), ...query }
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(request)}`, () =>
    ask('activity.read', request),
  )
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  return (
    <AdminScreen
      title="Activity"
      actions={
        <>
          <label className="sr-only" htmlFor="activity-period">
            Period
          </label>
          <select
            id="activity-period"
            className="control w-auto"
            value={length}
            onChange={(event) => {
              setLength(Number(event.target.value))
              setQuery({ ...query, page: 1 })
            }}
          >
            {periods.map((days) => (
              <option key={days} value={days}>
                Last {days} days
              </option>
            ))}
          </select>
          <SearchBox label="Search people" onSearch={(search) => setQuery({ search, page: 1 })} />
        </>
      }
    >
      {failed && (
        <Failed problem={failed} title="The activity could not be read" onRetry={() => void reload()} />
      )}
      {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
      {!value && !problem && <Loading words="Reading the activity" />}
      {value && !failed && (
        <>
          <Days days={everyDay(value.days, length, now)} />
          {value.users.length === 0 ? (
            <State icon={SearchX} title="Nobody found">
              <p>Nobody fits this search. Try fewer or other words.</p>
            </State>
          ) : (
            <PeopleTable users={value.users} />
          )}
          <div className="max-w-4xl">
            <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
          </div>
        </>
      )}
    </AdminScreen>
  )
}

const sum = (days: readonly DayActivity[], key: 'signIns' | 'writes' | 'exports') =>
  days.reduce((total, day) => total + day[key], 0)

/** As many bars as can be told apart; with more days each is several. */
const mostBars = 92

function bars(days: readonly DayActivity[]): DayActivity[] {
  const each = Math.ceil(days.length / mostBars)
  return Array.from({ length: Math.ceil(days.length / each) }, (_, index) => {
    const some = days.slice(index * each, (index + 1) * each)
    return {
      day: some[0]!.day,
      signIns: sum(some, 'signIns'),
      writes: sum(some, 'writes'),
      exports: sum(some, 'exports'),
    }
  })
}

function Days({ days }: { days: readonly DayActivity[] }) {
  const [asTable, setAsTable] = useState(false)
  const said = `${countWords(sum(days, 'writes'), 'change')}, ${countWords(sum(days, 'signIns'), 'sign-in')} and ${countWords(sum(days, 'exports'), 'export')}`
  const busiest = days.reduce((most, day) => (day.writes > most.writes ? day : most), days[0]!)
  const shown = bars(days)
  const highest = Math.max(1, ...shown.map(({ writes }) => writes))
  return (
    <section aria-label="Days" className="mb-6 max-w-4xl">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <p className="font-semibold">{said}</p>
        <p className="text-muted">
          {busiest.writes > 0 &&
            `Most was changed on ${dayWords(busiest.day)}: ${countWords(busiest.writes, 'change')}.`}
        </p>
        <span className="flex-1" />
        <TextButton aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as a chart' : 'Show as a table'}
        </TextButton>
      </div>
      {asTable ? (
        <DayTable days={days} />
      ) : (
        <figure
          role="img"
          aria-label={`Changes from ${dayWords(days[0]!.day)} to ${dayWords(days.at(-1)!.day)}: ${said}`}
        >
          <div className="flex h-24 items-end gap-px border-b border-line-strong" aria-hidden>
            {shown.map(({ day, writes, signIns, exports }) => (
              <div
                key={day}
                className="flex h-full min-w-0 flex-1 items-end hover:bg-surface-2"
                title={`${dayWords(day)}: ${countWords(writes, 'change')}, ${countWords(signIns, 'sign-in')}, ${countWords(exports, 'export')}`}
              >
                <div
                  className="w-full rounded-t-xs bg-accent"
                  style={{ height: `${(100 * writes) / highest}%` }}
                />
              </div>
            ))}
          </div>
          <div className="mt-1 flex justify-between text-sm text-muted" aria-hidden>
            <span>{dayWords(days[0]!.day)}</span>
            <span>{dayWords(days.at(-1)!.day)}</span>
          </div>
        </figure>
      )}
    </section>
  )
}

const number = `${cell} text-right tabular-nums`
const numberHead = `${head.replace('text-left', 'text-right')} w-28`

const NumberHeads = () =>
  ['Sign-ins', 'Changes', 'Exports'].map((words) => (
    <th key={words} scope="col" className={`${numberHead} sticky top-0 bg-surface`}>
      {words}
    </th>
  ))

const Numbers = ({ signIns, writes, exports }: Omit<DayActivity, 'day'>) =>
  [signIns, writes, exports].map((count, index) => (
    <td key={index} className={`${number} ${count === 0 ? 'text-muted' : ''}`}>
      {numberWords(count)}
    </td>
  ))

/** The latest first; those on which nothing happened are left out. */
function DayTable({ days }: { days: readonly DayActivity[] }) {
  const busy = days.filter(({ signIns, writes, exports }) => signIns + writes + exports > 0).toReversed()
  return (
    <div className="max-h-72 overflow-y-auto" tabIndex={0} role="region" aria-label="Days as a table">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Days on which something happened</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} sticky top-0 bg-surface`}>
              Day
            </th>
            <NumberHeads />
          </tr>
        </thead>
        <tbody>
          {busy.map(({ day, ...counts }) => (
            <tr key={day}>
              <th scope="row" className={`${cell} text-left font-normal tabular-nums`}>
                {dayWords(day)}
              </th>
              <Numbers {...counts} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PeopleTable({ users }: { users: readonly PersonActivity[] }) {
  const now = new Date()
  return (
    <table className="w-full max-w-4xl table-fixed border-separate border-spacing-0">
      <caption className="sr-only">People</caption>
      <thead>
        <tr>
          <th scope="col" className={`${head} sticky top-0 bg-surface`}>
            Name
          </th>
          <th scope="col" className={`${head} sticky top-0 w-40 bg-surface`}>
            Last sign-in
          </th>
          <NumberHeads />
        </tr>
      </thead>
      <tbody>
        {users.map(({ id, displayName, username, active, lastSignInAt, ...counts }) => (
          <tr key={id} className="hover:bg-surface-2">
            <th scope="row" className={`${cell} truncate text-left font-[550]`} title={username}>
              {displayName}
              {!active && <span className="ml-2 text-sm font-normal text-muted">Disabled</span>}
            </th>
            <td className={`${cell} tabular-nums ${lastSignInAt ? '' : 'text-muted'}`}>
              {lastSignInAt ? recentWords(lastSignInAt, readerZone(), now) : 'Never'}
            </td>
            <Numbers {...counts} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}
