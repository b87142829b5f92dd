import { FileInput, RotateCcw, TriangleAlert } from 'lucide-react'
import { useEffect, useEffectEvent } from 'react'
import type { Import } from '#common/contract/imports'
import type { SiteMembership } from '#common/contract/sites'
import { ask, on } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { State } from '../../ui/State.tsx'
import { Failed, Loading } from '../../app/AdminScreen.tsx'
import { isUndoable, isWorking, outcomeWords } from './import-words.ts'
import { showImport } from './import-work.ts'
import { ReportButton, UndoButton } from './ImportActions.tsx'

/** The imports into the site there were, the latest first. */
export function ImportList({
  site,
  people,
  onChoose,
}: {
  site: SiteMembership
  people: Record<string, string>
  onChoose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload, setValue } = useAnswer(`${online}`, () =>
    ask('import.list', { siteId: site.id }),
  )
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const imports = value?.imports ?? []

  const adopt = useEffectEvent((found: Import) => {
    if (imports.some(({ id }) => id === found.id))
      setValue({ imports: imports.map((each) => (each.id === found.id ? found : each)) })
  })
  useEffect(() => on('import.changed', (progress) => adopt(progress.import)), [])
  const atWork = imports
    .filter(isWorking)
    .map(({ id }) => id)
    .join()
  useEffect(() => {
    for (const id of atWork.split(',').filter(Boolean))
      ask('import.watch', { siteId: site.id, id }).catch(() => {})
  }, [site.id, atWork])

  if (failed)
    return <Failed problem={failed} title="The imports could not be read" onRetry={() => void reload()} />
  if (!value && !problem) return <Loading words="Reading the imports" />
  if (imports.length === 0)
    return (
      <State icon={FileInput} title="Nothing has been imported">
        <p>
          Take in records from another program: save them there as CSV or Excel, and choose the file here.
        </p>
        <Button className="mt-2" disabled={!online} onClick={onChoose}>
          Import a file…
        </Button>
      </State>
    )
  return (
    <>
      {problem && <ProblemNotice problem={problem} className="mb-3" />}
      <ImportTable imports={imports} people={people} />
    </>
  )
}

const cell = 'border-b border-line px-3 py-2 align-middle'
const head = 'border-b border-line px-3 py-2 text-left text-sm font-semibold text-muted'

function ImportTable({ imports, people }: { imports: readonly Import[]; people: Record<string, string> }) {
  const now = new Date()
  return (
    <table className="w-full table-fixed border-separate border-spacing-0">
      <caption className="sr-only">Imports</caption>
      <thead>
        <tr>
          <th scope="col" className={head}>
            File
          </th>
          <th scope="col" className={`${head} w-44`}>
            Begun
          </th>
          <th scope="col" className={`${head} w-36`}>
            By
          </th>
          <th scope="col" className={head}>
            What came of it
          </th>
          <th scope="col" className={`${head} w-64`}>
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {imports.map((found) => (
          <tr key={found.id} className="hover:bg-surface-2">
            <th scope="row" className={`${cell} text-left`}>
              <TextButton
                className="block max-w-full truncate text-left"
                title={found.fileName}
                onClick={() => void showImport(found)}
              >
                {found.fileName}
              </TextButton>
            </th>
            <td className={`${cell} tabular-nums`}>{momentWords(found.createdAt, readerZone())}</td>
            <td className={`${cell} truncate`}>{people[found.createdBy] ?? 'Somebody'}</td>
            <td className={cell}>
              <span className="flex items-center gap-1.5">
                {found.state === 'failed' && (
                  <TriangleAlert aria-hidden size={14} className="shrink-0 text-bad" />
                )}
                <span className="min-w-0">{outcomeWords(found)}</span>
              </span>
            </td>
            <td className={`${cell} py-1 text-right`}>
              <span className="inline-flex gap-1">
                <ReportButton found={found} look="quiet" />
                {isUndoable(found, now) && (
                  <UndoButton found={found} look="quiet">
                    <RotateCcw aria-hidden size={13} /> Undo…
                  </UndoButton>
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
