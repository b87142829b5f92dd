import { CircleCheck, RotateCcw } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import type { Import, ImportCounts } from '#common/contract/imports'
import type { ImportProgress } from '#desktop/bridge/channels'
import { useSync } from '../../app/sync.ts'
import { Button } from '../../ui/Button.tsx'
import { countWords, momentWords, numberWords, readerZone } from '../../ui/date-words.ts'
import { Notice } from '../../ui/Notice.tsx'
import { importable, isUndoable, isWorking, undoneWords, workOf } from './import-words.ts'
import { backToColumns, cancel, check, lookAgain, resume, run, useImport } from './import-work.ts'
import { ReportButton, UndoButton } from './ImportActions.tsx'
import { ImportProblems } from './ImportProblems.tsx'
import { leave, StepHead } from './ImportStepHead.tsx'

/** An import from when its rows are sent until it is undone. */
export function ImportRun({ people }: { people: Record<string, string> }) {
  const { progress, file, busy } = useImport()
  const online = useSync((sync) => sync.online)
  const atWork = progress && isWorking(progress.import) ? progress.import.id : null
  useEffect(() => {
    if (online && atWork) lookAgain(atWork)
  }, [online, atWork])
  if (!progress) return null
  const { import: found, sending, interrupted } = progress
  const { fileName, rows, createdAt, createdBy } = found
  const about = `${countWords(rows, 'row')} · ${momentWords(createdAt, readerZone())} · ${people[createdBy] ?? 'Somebody'}`
  const mayGoBack = file && ['receiving', 'checked'].includes(found.state) && !sending
  return (
    <>
      <StepHead
        title={fileName}
        about={about}
        back={mayGoBack ? { words: 'Back to the columns', onClick: backToColumns } : leave}
      >
        <Actions progress={progress} mayGoOn={file !== null} busy={busy || !online} />
      </StepHead>
      {!online && (
        <Notice tone="warn" className="mb-3">
          {found.state === 'running' || found.state === 'undoing'
            ? 'You are offline. The server goes on by itself; how far it is shows once you are online.'
            : 'An import is done by the server. It goes on once you are online.'}
        </Notice>
      )}
      {interrupted && (
        <Notice tone="warn" className="mb-3">
          {interrupted}
        </Notice>
      )}
      <Body found={found} sending={sending} mayGoOn={file !== null} />
    </>
  )
}

function Actions({
  progress: { import: found, sending },
  mayGoOn,
  busy,
}: {
  progress: ImportProgress
  mayGoOn: boolean
  busy: boolean
}) {
  const { id, state, undone, checked, result } = found
  const stop = (words: string) => (
    <Button disabled={busy} onClick={() => void cancel(found)}>
      {words}
    </Button>
  )
  const main = (words: string, onClick: () => void) => (
    <Button look="primary" disabled={busy} onClick={onClick}>
      {words}
    </Button>
  )
  const goOn = () => void resume(found)
  const undoing = isUndoable(found, new Date()) && (
    <UndoButton found={found}>
      <RotateCcw aria-hidden size={13} /> {undone ? 'Go on undoing…' : 'Undo…'}
    </UndoButton>
  )
  switch (state) {
    case 'receiving':
      return (
        <>
          {stop(sending ? 'Cancel' : 'Remove')}
          {!sending && (mayGoOn ? main('Go on', () => void check()) : main('Choose the file…', goOn))}
        </>
      )
    case 'checking':
      return stop('Cancel')
    case 'checked': {
      const count = importable(found)
      return (
        <>
          <ReportButton found={found} />
          {stop('Remove')}
          {count > 0 && main(`Import ${countWords(count, 'record')}`, () => void run(id))}
        </>
      )
    }
    case 'running':
    case 'undoing':
      return stop('Stop')
    case 'stopped':
      return (
        <>
          <ReportButton found={found} />
          {undoing}
          {!undone && main('Go on importing', () => void run(id))}
        </>
      )
    case 'done':
      return (
        <>
          <ReportButton found={found} />
          {undoing}
        </>
      )
    case 'failed':
      return (
        <>
          {result ? undoing : stop('Remove')}
          {!undone && main('Try again', checked ? () => void run(id) : mayGoOn ? () => void check() : goOn)}
        </>
      )
    case 'undone':
      return null
  }
}

function Body({ found, sending, mayGoOn }: { found: Import; sending: boolean; mayGoOn: boolean }) {
  const { state, rows, received, progress, checked, result, undone, problem } = found
  const words = 'You can go to other screens meanwhile, and come back here.'
  switch (state) {
    case 'receiving':
      if (sending)
        return (
          <Bar title="Sending the rows" done={received} total={rows}>
            {words}
          </Bar>
        )
      return (
        <Notice>
          {mayGoOn
            ? `The server has ${numberWords(received)} of ${countWords(rows, 'row')}. “Go on” sends the others.`
            : `The server has only ${numberWords(received)} of ${countWords(rows, 'row')}, so nothing was imported yet. Choose the same file again to send the others.`}
        </Notice>
      )
    case 'checking':
      return (
        <Bar title="Finding out what would happen to each row" done={progress} total={rows}>
          Nothing is changed yet. {words}
        </Bar>
      )
    case 'checked':
      return (
        <>
          {checked && <Counts counts={checked} labels={planned} />}
          <ImportProblems found={found} title="Rows that cannot be taken in" />
        </>
      )
    case 'running':
      return (
        <Bar title="Importing" done={progress} total={rows}>
          {words} What is in already stays when you stop.
        </Bar>
      )
    case 'stopped':
    case 'done':
      return (
        <>
          {state === 'stopped' ? (
            <Notice className="mb-3">
              {undone
                ? `Undoing was stopped: ${numberWords(undone.done)} of the records are put back.`
                : `The import was stopped after ${numberWords(progress)} of ${countWords(rows, 'row')}. What is in stays.`}
            </Notice>
          ) : (
            <p role="status" className="mb-3 flex items-center gap-2 font-[550] text-good">
              <CircleCheck aria-hidden size={16} /> The records are in Finder.
            </p>
          )}
          {result && <Counts counts={result} labels={reached} />}
          <ImportProblems
            found={found}
            title={
              undone
                ? 'Records that were spared'
                : state === 'done'
                  ? 'Rows that were left out'
                  : 'Rows that cannot be taken in'
            }
          />
        </>
      )
    case 'undoing':
      return (
        <Bar title="Taking it back" done={progress} total={workOf(found)}>
          {words}
        </Bar>
      )
    case 'undone':
      return (
        <>
          <p role="status" className="mb-3 flex items-center gap-2 font-[550]">
            <CircleCheck aria-hidden size={16} className="text-good" />{' '}
            {undone ? undoneWords(undone) : 'Undone'}
          </p>
          <ImportProblems found={found} title="Records that were spared" />
        </>
      )
    case 'failed':
      return <Notice tone="bad">{problem ?? 'The server could not do this import.'}</Notice>
  }
}

const planned: Record<keyof ImportCounts, string> = {
  created: 'would be new',
  updated: 'would be changed',
  same: 'are here already, just so',
  bad: 'cannot be taken in',
}
const reached: Record<keyof ImportCounts, string> = {
  created: 'new',
  updated: 'changed',
  same: 'were here already, just so',
  bad: 'left out',
}
const tones: Record<keyof ImportCounts, string> = {
  created: 'text-good',
  updated: 'text-accent',
  same: '',
  bad: 'text-bad',
}

/** How many rows came to what. */
function Counts({ counts, labels }: { counts: ImportCounts; labels: typeof planned }) {
  return (
    <dl className="mb-5 grid grid-cols-4 gap-3">
      {(Object.keys(labels) as (keyof ImportCounts)[]).map((name) => (
        <div key={name} className="flex flex-col-reverse rounded-lg border border-line px-4 py-3">
          <dt className="text-muted">{labels[name]}</dt>
          <dd
            className={`text-2xl font-semibold tabular-nums ${counts[name] > 0 ? tones[name] : 'text-muted'}`}
          >
            {numberWords(counts[name])}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Bar({
  title,
  done,
  total,
  children,
}: {
  title: string
  done: number
  total: number
  children: ReactNode
}) {
  const part = Math.floor((100 * done) / Math.max(total, 1))
  return (
    <div className="max-w-xl rounded-lg border border-line px-4 py-3.5">
      <div className="mb-2 flex items-baseline justify-between gap-4">
        <span className="font-[550]">{title}</span>
        <span className="text-muted tabular-nums">
          {numberWords(done)} of {numberWords(total)}
        </span>
      </div>
      <progress aria-label={title} className="progress block h-1.5 w-full" max={total} value={done} />
      <p className="mt-2.5 text-muted">{children}</p>
      {/* Not each row is told aloud. */}
      <p role="status" className="sr-only">
        {title}, {Math.floor(part / 10) * 10}%
      </p>
    </div>
  )
}
