import { Download, ScrollText, SearchX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { AuditEntry } from '#common/contract/audit'
import type { SiteMembership } from '#common/contract/sites'
import type { AuditQuery } from '#desktop/bridge/audit'
import type { Problem } from '#desktop/bridge/channels'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useMayWriteFiles } from '../../../app/managed.ts'
import { useMay, useWhole } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { hideTold, tell } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { cell, head } from '../../../ui/table.ts'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { AuditFilterBar } from './AuditFilterBar.tsx'
import { AuditPanel } from './AuditPanel.tsx'
import {
  actorWords,
  type AuditFilters,
  happened,
  noFilters,
  startOfDay,
  subjectWords,
  whereWords,
} from './audit-words.ts'
import { stepThrough } from '../../../ui/step-through.ts'

const rowId = (id: string) => `entry-${id}`

interface Pages {
  entries: AuditEntry[]
  nextCursor: string | null
}

/** The pages read so far of what fits the filters, which start anew when those change or the server is back. */
function useAudit(filters: AuditFilters) {
  const online = useSync((sync) => sync.online)
  const [pages, setPages] = useState<Pages | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const asked = useRef(0)
  const { siteId, action } = filters
  const query = {
    siteId,
    action,
    actor: filters.actor?.id ?? null,
    entityId: filters.record?.id ?? null,
    from: startOfDay(filters.from),
    to: startOfDay(filters.until, 1),
  }
  const key = JSON.stringify(query)

  const read = (cursor: string | null, before: readonly AuditEntry[]) => {
    const mine = ++asked.current
    setBusy(true)
    ask('audit.list', { query: JSON.parse(key) as typeof query, cursor }).then(
      (page) => {
        if (mine !== asked.current) return
        setPages({ ...page, entries: [...before, ...page.entries] })
        setProblem(null)
        setBusy(false)
      },
      (error: unknown) => {
        if (mine !== asked.current) return
        setProblem(problemOf(error))
        setBusy(false)
      },
    )
  }
  const latest = useRef(read)
  useEffect(() => {
    latest.current = read
  })
  useEffect(() => latest.current(null, []), [key, online, attempt])
  const showEarlier = () => pages?.nextCursor && read(pages.nextCursor, pages.entries)
  return { query, pages, problem, busy, showEarlier, reload: () => setAttempt(attempt + 1) }
}

/** Writes what fits the filters, all of it, into a file. */
function useExport(query: AuditQuery) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const write = async () => {
    setBusy(true)
    setProblem(null)
    hideTold()
    try {
      const { saved } = await ask('audit.export', { query })
      if (saved) tell('The audit is exported. It tells of that, too.')
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  return { busy, problem, write }
}

const inWhole = { 'the organisation': 'in the organisation', 'the platform': 'on the platform' }

/** What happened: in the organisation for its admins, on the platform for super admins, in the site for its administrators. */
export function Audit({ site }: { site: SiteMembership | null }) {
  const ofAll = useMay('audit.read')
  const whole = useWhole()
  const start = { ...noFilters, siteId: ofAll || !site ? null : site.id }
  const [filters, setFilters] = useState<AuditFilters>(start)
  const { query, pages, problem, busy, showEarlier, reload } = useAudit(filters)
  const exporting = useExport(query)
  const mayWriteFiles = useMayWriteFiles()
  const [opened, setOpened] = useState<{ entry: AuditEntry; focus: boolean } | null>(null)
  const failed = problem && (!pages || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const isNarrowed = JSON.stringify(filters) !== JSON.stringify(start)

  const open = (entry: AuditEntry, focus: boolean) =>
    entry.id === opened?.entry.id ? focus && focusPanel() : setOpened({ entry, focus })
  const close = () => {
    setOpened(null)
    if (opened) document.getElementById(rowId(opened.entry.id))?.focus()
  }
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Audit"
        about={`Who did what ${ofAll || !site ? inWhole[whole] : `in ${site.name}`}, the latest first. Nothing in it can be changed.`}
        actions={
          mayWriteFiles && (
            <Button
              disabled={exporting.busy || !pages || failed !== null}
              onClick={() => void exporting.write()}
            >
              <Download aria-hidden size={14} /> {exporting.busy ? 'Exporting…' : 'Export as CSV…'}
            </Button>
          )
        }
      >
        {exporting.problem && <ProblemNotice problem={exporting.problem} className="mb-3" />}
        <AuditFilterBar
          site={site}
          ofAll={ofAll}
          filters={filters}
          isNarrowed={isNarrowed}
          onChange={(changes) => setFilters({ ...filters, ...changes })}
          onClear={() => setFilters(start)}
        />
        {failed && <Failed problem={failed} title="The audit could not be read" onRetry={reload} />}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!pages && !problem && <Loading words="Reading the audit" />}
        {pages && !failed && pages.entries.length === 0 && <Nothing isNarrowed={isNarrowed} />}
        {pages && !failed && pages.entries.length > 0 && (
          <>
            <Entries entries={pages.entries} opened={opened?.entry.id} onOpen={open} />
            {pages.nextCursor && (
              <div className="mt-3">
                <Button disabled={busy} onClick={showEarlier}>
                  Show earlier
                </Button>
              </div>
            )}
          </>
        )}
      </AdminScreen>
      {opened && (
        <AuditPanel
          key={opened.entry.id}
          entry={opened.entry}
          focus={opened.focus}
          onFilter={(changes) => setFilters({ ...start, ...changes })}
          onClose={close}
        />
      )}
    </WithPanel>
  )
}

const Nothing = ({ isNarrowed }: { isNarrowed: boolean }) =>
  isNarrowed ? (
    <State icon={SearchX} title="Nothing found">
      <p>Nothing that happened fits these filters. Choose others, or clear them.</p>
    </State>
  ) : (
    <State icon={ScrollText} title="Nothing has happened yet">
      <p>Sign-ins, changes, exports and refusals are listed here.</p>
    </State>
  )

/** Beside an open entry fewer columns are kept, rather than cutting all of them short. */
const roomy = '@max-[46rem]:hidden'

function Entries({
  entries,
  opened,
  onOpen,
}: {
  entries: readonly AuditEntry[]
  opened: string | undefined
  onOpen: (entry: AuditEntry, focus: boolean) => void
}) {
  const zone = readerZone()
  const whole = useWhole()
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Entries</caption>
        <thead>
          <tr>
            {[
              ['When', 'w-38'],
              ['Who', 'w-32'],
              ['What', 'w-[36%]'],
              ['About', ''],
              ['Where', `w-36 ${roomy}`],
            ].map(([words, width]) => (
              <th key={words} scope="col" className={`${head} sticky top-0 bg-surface ${width}`}>
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {entries.map((entry) => (
            <tr
              key={entry.id}
              className={`cursor-pointer ${entry.id === opened ? 'bg-accent-soft' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(entry, event.detail === 0)}
            >
              <td className={`${cell} truncate text-muted tabular-nums`}>{momentWords(entry.at, zone)}</td>
              <td className={`${cell} truncate`} title={actorWords(entry)}>
                {actorWords(entry)}
              </td>
              <th scope="row" className={`${cell} text-left font-[550]`}>
                <button
                  type="button"
                  id={rowId(entry.id)}
                  aria-current={entry.id === opened ? 'true' : undefined}
                  title={happened(entry.action)}
                  className="block w-full truncate rounded-sm text-left"
                >
                  {happened(entry.action)}
                </button>
              </th>
              <td className={`${cell} truncate`} title={subjectWords(entry)}>
                {subjectWords(entry)}
              </td>
              <td className={`${cell} truncate text-muted ${roomy}`}>{whereWords(entry, whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
