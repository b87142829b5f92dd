import { CalendarClock, Plus, SearchX } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { ReportSchedule } from '#common/contract/reports'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { countWords, momentWords, numberWords, readerZone } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { ifStill } from '../../../ui/opened-panel.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { State } from '../../../ui/State.tsx'
import { stepThrough } from '../../../ui/step-through.ts'
import { cell, head } from '../../../ui/table.ts'
import { kindWords, recipientWords, whenWords } from './report-words.ts'
import { SchedulePanel } from './SchedulePanel.tsx'

const rowId = (id: string) => `schedule-${id}`

/** Reports that are mailed by themselves: one's own or, for admins, all of the organisation. */
export function Schedules({ tabs }: { tabs: ReactNode }) {
  const online = useSync((sync) => sync.online)
  const isHome = useSession(({ entered }) => entered === null)
  const [search, setSearch] = useState('')
  const asked = search.trim()
  const { value, problem, reload } = useAnswer(`${online} ${asked}`, () =>
    ask('reports.list', asked ? { search: asked } : {}),
  )
  const [opened, setOpened] = useState<{
    key: string
    schedule: ReportSchedule | null
    focus: boolean
  } | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const found = failed ? null : value

  const open = (schedule: ReportSchedule, focus: boolean) =>
    schedule.id === opened?.schedule?.id
      ? focus && focusPanel()
      : whenClean(() => setOpened({ key: schedule.id, schedule, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened?.schedule) document.getElementById(rowId(opened.schedule.id))?.focus()
    })
  const add = () => whenClean(() => setOpened({ key: uuidv7(), schedule: null, focus: true }))
  const mayAdd = isHome && online
  useCommands('reports', () => (mayAdd ? [{ id: 'reports.add', words: 'Schedule a report', run: add }] : []))
  const addButton = isHome && (
    <Button look="primary" disabled={!online} onClick={add}>
      <Plus aria-hidden size={15} /> Schedule report
    </Button>
  )
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen title="Reports" actions={tabs}>
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <SearchBox label="Search scheduled reports" className="w-56" onSearch={setSearch} />
          <span className="flex-1" />
          <span role="status" className="text-muted tabular-nums">
            {found &&
              (asked === ''
                ? countWords(found.schedules.length, 'report')
                : `${numberWords(found.schedules.length)} found`)}
          </span>
          {addButton}
        </div>
        {failed && (
          <Failed problem={failed} title="The reports could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the reports" />}
        {found && found.schedules.length === 0 && asked !== '' && (
          <State icon={SearchX} title="No report found">
            <p>No scheduled report fits this search. Try fewer or other words.</p>
          </State>
        )}
        {found && found.schedules.length === 0 && asked === '' && (
          <State icon={CalendarClock} title="No report is scheduled yet">
            <p>Have one mailed to you or others every day, week or month, as a file.</p>
            <div className="mt-2">{addButton}</div>
          </State>
        )}
        {found && found.schedules.length > 0 && (
          <SchedulesTable schedules={found.schedules} opened={opened?.schedule?.id ?? null} onOpen={open} />
        )}
      </AdminScreen>
      {opened && (
        <SchedulePanel
          key={opened.key}
          schedule={opened.schedule}
          focus={opened.focus}
          onSaved={(schedule) => {
            setOpened(ifStill(opened, (now) => ({ ...now, schedule })))
            void reload()
          }}
          onDeleted={() => {
            setOpened(ifStill(opened, () => null))
            void reload()
          }}
          onClose={close}
        />
      )}
    </WithPanel>
  )
}

const roomy = '@max-[52rem]:hidden'

function SchedulesTable({
  schedules,
  opened,
  onOpen,
}: {
  schedules: readonly ReportSchedule[]
  opened: string | null
  onOpen: (schedule: ReportSchedule, focus: boolean) => void
}) {
  const plain = `${head} sticky top-0 bg-surface`
  const zone = readerZone()
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Scheduled reports</caption>
        <thead>
          <tr>
            <th scope="col" className={plain}>
              Report
            </th>
            <th scope="col" className={`${plain} w-[24%]`}>
              When
            </th>
            <th scope="col" className={`${plain} w-[22%] ${roomy}`}>
              Goes to
            </th>
            <th scope="col" className={`${plain} w-[24%]`}>
              Last and next
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {schedules.map((schedule) => (
            <tr
              key={schedule.id}
              className={`cursor-pointer ${schedule.id === opened ? 'bg-accent-soft' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(schedule, event.detail === 0)}
            >
              <th scope="row" className={`${cell} text-left font-normal`}>
                <button
                  type="button"
                  id={rowId(schedule.id)}
                  aria-current={schedule.id === opened ? 'true' : undefined}
                  className="block max-w-full truncate rounded-sm text-left font-[550]"
                  title={schedule.name}
                >
                  {schedule.name}
                </button>
                <span className="block truncate text-sm text-muted">
                  {kindWords[schedule.kind]} · {schedule.ownerName}
                </span>
              </th>
              <td className={`${cell} truncate`} title={whenWords(schedule, zone)}>
                {whenWords(schedule, zone)}
              </td>
              <td className={`${cell} truncate ${roomy}`} title={schedule.recipientNames.join(', ')}>
                {recipientWords(schedule.recipientNames)}
              </td>
              <td className={cell}>
                <LastAndNext schedule={schedule} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function LastAndNext({ schedule: { active, nextAt, lastAt, lastProblem } }: { schedule: ReportSchedule }) {
  const zone = readerZone()
  return (
    <>
      <span className="block truncate tabular-nums">
        {active && nextAt ? `Next ${momentWords(nextAt, zone)}` : <Pill tone="plain">Paused</Pill>}
      </span>
      <span
        className={`block truncate text-sm tabular-nums ${lastProblem ? 'text-bad' : 'text-muted'}`}
        title={lastProblem ?? undefined}
      >
        {lastProblem ?? (lastAt ? `Last ${momentWords(lastAt, zone)}` : 'Not sent yet')}
      </span>
    </>
  )
}
