import { type ReactNode, useId, useState } from 'react'
import { exportColumns, exportFormats, type ExportFormat, maxXlsxRows } from '#common/contract/exports'
import type { SiteMembership } from '#common/contract/sites'
import { columnHeaders } from '#common/spreadsheet/columns'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'
import { useColumnLayout, useFinder } from '../../app/finder.ts'
import { useIsFetching, useSync } from '../../app/sync.ts'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { columnStarts } from './columns.tsx'
import { columnsInList, formatWords } from './export-words.ts'
import { exportTo, stopAsking, useExports } from './exports.ts'
import { placed } from './layout.ts'
import { queryOf } from './page-source.ts'

/** What a file is to hold, before the person says where it goes. */
export function ExportDialog({ site }: { site: SiteMembership }) {
  const asking = useExports((exports) => exports.asking)
  return asking && <Asking site={site} ids={asking.ids} />
}

function Asking({ site, ids }: { site: SiteMembership; ids: readonly string[] | null }) {
  const found = useFinder((finder) => finder.found) ?? 0
  const inList = columnsInList(placed(useColumnLayout(), columnStarts))
  const unsent = useSync(({ waiting, needsAttention }) => waiting + needsAttention)
  const fetching = useIsFetching()
  const [format, setFormat] = useState<ExportFormat>('csv')
  const [every, setEvery] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const count = ids?.length ?? found
  const tooMany = count > maxXlsxRows

  const send = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const columns = every ? [...exportColumns] : inList
      await exportTo({ ...queryOf(site.id), ids: ids && [...ids], columns, format })
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }

  return (
    <FormDialog
      title={`Export ${countWords(count, ids ? 'chosen record' : 'record')}`}
      intro={
        <p>
          To a file on this computer, from what is here
          {unsent > 0 ? '. Edits that are not sent yet are in it too.' : ', with or without a network.'}
        </p>
      }
      send={busy ? 'Exporting…' : 'Choose where…'}
      busy={busy}
      onSend={() => void send()}
      onClose={stopAsking}
    >
      <div className="mt-4 space-y-4">
        {fetching && (
          <Notice tone="warn">Not everything is on this computer yet; the file holds what is.</Notice>
        )}
        <Choices title="File">
          {exportFormats.map((each) => (
            <Choice
              key={each}
              name="format"
              checked={format === each}
              disabled={each === 'xlsx' && tooMany}
              hint={each === 'xlsx' && tooMany && `Takes up to ${numberWords(maxXlsxRows)} records.`}
              onChoose={() => setFormat(each)}
            >
              {formatWords[each]}
            </Choice>
          ))}
        </Choices>
        <Choices title="Columns">
          <Choice
            name="columns"
            checked={!every}
            hint={inList.map((column) => columnHeaders[column]).join(', ')}
            onChoose={() => setEvery(false)}
          >
            As in the list
          </Choice>
          <Choice
            name="columns"
            checked={every}
            hint="With the reference by which an import knows each record again."
            onChoose={() => setEvery(true)}
          >
            All {exportColumns.length}
          </Choice>
        </Choices>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}

const Choices = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset>
    <legend className="mb-1.5 font-[550]">{title}</legend>
    <div className="space-y-2">{children}</div>
  </fieldset>
)

function Choice({
  name,
  checked,
  disabled = false,
  hint,
  onChoose,
  children,
}: {
  name: string
  checked: boolean
  disabled?: boolean
  hint?: string | false
  onChoose: () => void
  children: ReactNode
}) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <input
        type="radio"
        id={id}
        name={name}
        className="mt-0.5 size-[15px] shrink-0 accent-accent"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={onChoose}
      />
      <div className="min-w-0">
        <label htmlFor={id} className={disabled ? 'text-muted' : ''}>
          {children}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}
