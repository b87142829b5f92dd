import { CloudOff, History as HistoryIcon, RotateCcw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { InteractionPatch } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { State } from '../../ui/State.tsx'
import { isLong, Words } from '../../ui/Words.tsx'
import { type ChangeRow, entryWords, isAs, restoreAll, type Version, versionsOf } from './history-entries.ts'

interface Pages {
  entries: HistoryEntry[]
  hasMore: boolean
  complete: boolean
}

/** Every change of the record, read when it is first shown, when the record changes and when the server is back. */
function useHistory(record: LocalInteraction) {
  const online = useSync((sync) => sync.online)
  const [pages, setPages] = useState<Pages | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [attempt, setAttempt] = useState(0)
  const asked = useRef(0)
  const { id, version, updatedAt, unsent } = record

  useEffect(() => {
    const mine = ++asked.current
    ask('interaction.history', { id, before: null }).then(
      (first) => {
        if (mine !== asked.current) return
        setPages(first)
        setProblem(null)
      },
      (error: unknown) => mine === asked.current && setProblem(problemOf(error)),
    )
  }, [id, version, updatedAt, unsent, online, attempt])

  const showEarlier = () => {
    const before = pages?.entries.at(-1)?.id
    if (!pages || !before) return
    const mine = ++asked.current
    ask('interaction.history', { id, before }).then(
      (next) => {
        if (mine === asked.current) setPages({ ...next, entries: [...pages.entries, ...next.entries] })
      },
      (error: unknown) => mine === asked.current && setProblem(problemOf(error)),
    )
  }
  return { pages, problem, showEarlier, retry: () => setAttempt(attempt + 1) }
}

/** Who changed what, when and where, the latest first, with ways back to what it said before. */
export function HistoryList({
  record,
  isWide,
  onRestore,
}: {
  record: LocalInteraction
  isWide: boolean
  /** Null where the person may not change the record. */
  onRestore: ((fields: InteractionPatch, words: string) => void) | null
}) {
  const { pages, problem, showEarlier, retry } = useHistory(record)
  if (!pages) return problem ? <Failed problem={problem} onRetry={retry} /> : <Loading />
  const versions = versionsOf(pages.entries, record)
  return (
    <div
      className={`min-h-0 flex-1 overflow-y-auto ${isWide ? '[scrollbar-gutter:stable_both-edges]' : ''}`}
      tabIndex={0}
      role="region"
      aria-label="History"
    >
      <h2 className="sr-only">History</h2>
      <div className={isWide ? 'mx-auto w-full max-w-3xl' : ''}>
        {!pages.complete && (
          <Notice className="mx-4 mt-3.5">
            <CloudOff aria-hidden size={15} className="shrink-0 text-muted" />
            <span className="flex-1">What others did is shown when you are online.</span>
          </Notice>
        )}
        {problem && (
          <div className="px-4 pt-3.5">
            <ProblemNotice problem={problem} />
          </div>
        )}
        {versions.length === 0 && (
          <State icon={HistoryIcon} title="Nothing to show">
            {pages.complete
              ? 'Nothing has been changed since this history began.'
              : 'Nothing was changed on this device.'}
          </State>
        )}
        <ol className="px-4 pb-4">
          {versions.map((version, index) => (
            <Entry
              key={version.entry.id}
              version={version}
              onRestore={onRestore}
              mayRestoreAll={index > 0 && !isAs(version, record)}
            />
          ))}
        </ol>
        {pages.hasMore && (
          <div className="px-4 pb-4">
            <Button onClick={showEarlier}>Show earlier changes</Button>
          </div>
        )}
      </div>
    </div>
  )
}

function Entry({
  version,
  mayRestoreAll,
  onRestore,
}: {
  version: Version
  mayRestoreAll: boolean
  onRestore: ((fields: InteractionPatch, words: string) => void) | null
}) {
  const { entry, rows } = version
  const when = momentWords(entry.at, readerZone())
  return (
    <li className="border-b border-line py-3.5 last:border-0">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold">{entryWords(entry)}</h3>
          <p className="text-sm text-muted">
            {when}
            {entry.device && `, on ${entry.device}`}
          </p>
        </div>
        {onRestore && mayRestoreAll && (
          <Button
            title="Puts all of this version into the form; nothing is saved until you save it"
            aria-label={`Restore all of this version, ${when}`}
            onClick={() => onRestore(restoreAll(version), `The version of ${when} is in the form.`)}
          >
            <RotateCcw aria-hidden size={13} /> Restore all
          </Button>
        )}
      </div>
      {rows.length > 0 && (
        <dl className="mt-2 space-y-2">
          {rows.map((row) => (
            <Change key={row.key} row={row} when={when} onRestore={onRestore} />
          ))}
        </dl>
      )}
    </li>
  )
}

function Change({
  row,
  when,
  onRestore,
}: {
  row: ChangeRow
  when: string
  onRestore: ((fields: InteractionPatch, words: string) => void) | null
}) {
  const [all, setAll] = useState(false)
  const { label, before, after, lost, restore } = row
  const long = isLong(before ?? '', after)
  const putBack = (fields: InteractionPatch, what: string) =>
    onRestore && (
      <TextButton
        className="text-sm"
        aria-label={`Restore this value of ${label}: ${what.slice(0, 100) || 'empty'}`}
        onClick={() => onRestore(fields, `${label} is in the form as it was before ${when}.`)}
      >
        {long ? 'Restore the earlier text' : 'Restore this value'}
      </TextButton>
    )
  return (
    <div className="grid grid-cols-[5.5rem_1fr] gap-x-3">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">
        {before !== null && !long && before !== after && (
          <span className="flex flex-wrap items-baseline gap-x-3 text-muted">
            <span className="sr-only">Before: </span>
            {before === '' ? 'empty' : <s className="min-w-0 break-words">{before}</s>}
            {restore && putBack(restore, before)}
          </span>
        )}
        <span className="block">
          {before !== null && <span className="sr-only">After: </span>}
          <Words text={after} before={long ? (before ?? undefined) : undefined} all={all} />
        </span>
        {long && (
          <span className="flex flex-wrap gap-x-3">
            <TextButton
              look="faint"
              className="text-sm"
              aria-expanded={all}
              aria-label={`${label}: show ${all ? 'less' : 'all'}`}
              onClick={() => setAll(!all)}
            >
              {all ? 'Show less' : 'Show all'}
            </TextButton>
            {restore && before !== null && putBack(restore, before)}
          </span>
        )}
        {lost.map(({ whose, words, fields }) => (
          <span key={whose} className="mt-1 block border-l-2 border-line-strong pl-2">
            <span className="block text-sm text-muted">
              Not kept, from {whose === 'mine' ? 'the one who settled it' : 'the other side'}
            </span>
            <Words text={words} all={all} />
            <span className="block">{putBack(fields, words)}</span>
          </span>
        ))}
      </dd>
    </div>
  )
}

function Loading() {
  return (
    <div role="status" aria-label="Reading the history" className="space-y-6 p-4">
      {['w-1/2', 'w-2/3', 'w-2/5'].map((width) => (
        <div key={width} className="space-y-2">
          <div className={`skeleton h-3 ${width}`} />
          <div className="skeleton h-2.5 w-1/3" />
          <div className="skeleton h-8 w-full" />
        </div>
      ))}
    </div>
  )
}

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div className="p-4">
      <ProblemNotice problem={problem} />
      <Button className="mt-3" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}
