import { FileSpreadsheet, History } from 'lucide-react'
import { useRef } from 'react'
import { type ImportOptions, type ImportTarget, importTargets } from '#common/contract/imports'
import { unguard } from '#common/rules/formula-guard'
import { importOptionProblems, targetLabel } from '#common/rules/import-rows'
import type { FileEncoding, TableFile } from '#desktop/bridge/channels'
import type { Lookups } from '../../app/lookups.ts'
import { useSync } from '../../app/sync.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { countWords } from '../../ui/date-words.ts'
import { FieldNotes } from '../../ui/Field.tsx'
import { Notice } from '../../ui/Notice.tsx'
import { change, check, type GuessContext, guessAnew, reopen, useImport } from './import-work.ts'
import { encodingWords } from './import-words.ts'
import { ImportPreview } from './ImportPreview.tsx'
import { leave, StepHead } from './ImportStepHead.tsx'
import { ImportSettings } from './ImportSettings.tsx'

/** What each column of the file holds, how its cells are to be read, and what records that makes. */
export function ImportColumns({
  lookups,
  context,
  onChoose,
}: {
  lookups: Lookups
  context: GuessContext
  onChoose: () => void
}) {
  const { file, options, asLastTime, busy } = useImport()
  const online = useSync((sync) => sync.online)
  const form = useRef<HTMLFormElement>(null)
  if (!file || !options) return null
  const problems = importOptionProblems(file.headers, options)
  const errorOf = (field: string) => problems.find((problem) => problem.field === field)?.message
  const send = () => {
    if (problems.length === 0) return void check()
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
    wrong?.focus()
    wrong?.scrollIntoView({ block: 'center' })
  }
  return (
    <form
      ref={form}
      aria-label="What the columns hold"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <StepHead title="What do the columns hold?" back={leave}>
        <Button look="primary" type="submit" disabled={busy || !online}>
          Check {countWords(file.rows, 'row')}
        </Button>
      </StepHead>
      {!online && (
        <Notice tone="warn" className="mb-3">
          The rows are checked by the server. What you choose here stays until you are online.
        </Notice>
      )}
      <FileLine file={file} context={context} onChoose={onChoose} />
      {asLastTime && (
        <Notice className="mb-3.5">
          <span className="flex items-center gap-2">
            <History aria-hidden size={14} className="shrink-0 text-muted" />
            As last time you imported a table with these columns.
          </span>
          <TextButton onClick={() => guessAnew(context)}>Guess anew</TextButton>
        </Notice>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(19rem,22rem)] items-start gap-x-6 gap-y-6">
        <Columns file={file} options={options} error={errorOf('columns')} />
        <ImportSettings file={file} options={options} lookups={lookups} errorOf={errorOf} />
      </div>
      <ImportPreview file={file} options={options} types={lookups.types} />
    </form>
  )
}

function FileLine({
  file: { fileName, rows, headers, encoding, sheets, sheet },
  context,
  onChoose,
}: {
  file: TableFile
  context: GuessContext
  onChoose: () => void
}) {
  return (
    <div className="mb-3.5 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line px-3.5 py-2.5">
      <FileSpreadsheet aria-hidden size={18} className="shrink-0 text-accent" />
      <div className="mr-auto min-w-0">
        <div className="truncate font-[550]" title={fileName}>
          {fileName}
        </div>
        <div className="text-sm text-muted">
          {countWords(rows, 'row')} · {countWords(headers.length, 'column')}
        </div>
      </div>
      {encoding !== null && (
        <label className="flex items-center gap-2">
          <span className="text-muted">Written in</span>
          <select
            className="control w-40"
            value={encoding}
            onChange={(event) => void reopen({ encoding: event.target.value as FileEncoding }, context)}
          >
            {(Object.keys(encodingWords) as FileEncoding[]).map((name) => (
              <option key={name} value={name}>
                {encodingWords[name]}
              </option>
            ))}
          </select>
        </label>
      )}
      {sheets.length > 1 && (
        <label className="flex items-center gap-2">
          <span className="text-muted">Sheet</span>
          <select
            className="control w-44"
            value={sheet ?? ''}
            onChange={(event) => void reopen({ sheet: event.target.value }, context)}
          >
            {sheets.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Button onClick={onChoose}>Another file…</Button>
    </div>
  )
}

const mostValues = 3

/** The first values of a column that say something, each once. */
function valuesOf({ sample }: TableFile, column: number): string[] {
  const values = sample.map((row) => unguard(row[column] ?? '').trim()).filter(Boolean)
  return [...new Set(values)].slice(0, mostValues)
}

const head = 'border-b border-line px-3 py-2 text-left text-sm font-semibold text-muted'
const cell = 'border-b border-line px-3 py-1.5 align-middle'

function Columns({
  file,
  options,
  error,
}: {
  file: TableFile
  options: ImportOptions
  error: string | undefined
}) {
  const put = (column: number, target: ImportTarget | null) =>
    change({ ...options, columns: options.columns.map((each, index) => (index === column ? target : each)) })
  const wrong = (target: ImportTarget | null) =>
    error !== undefined &&
    (target === null ? options.columns.every((each) => each === null) : error.includes(targetLabel(target)))
  return (
    <section aria-labelledby="import-columns">
      <h3 id="import-columns" className="sr-only">
        Columns
      </h3>
      <table className="w-full table-fixed border-separate border-spacing-0 border-t border-line">
        <thead>
          <tr>
            <th scope="col" className={`${head} w-[28%]`}>
              Column
            </th>
            <th scope="col" className={head}>
              First values
            </th>
            <th scope="col" className={`${head} w-44`}>
              Holds
            </th>
          </tr>
        </thead>
        <tbody>
          {file.headers.map((header, column) => {
            const target = options.columns[column] ?? null
            const values = valuesOf(file, column)
            return (
              <tr key={column}>
                <th
                  scope="row"
                  title={header}
                  className={`${cell} truncate text-left ${target === null ? 'font-normal text-muted' : 'font-[550]'}`}
                >
                  {header}
                </th>
                <td className={`${cell} truncate text-muted`} title={values.join('\n')}>
                  {values.length > 0 ? values.join(' · ') : <span className="italic">Empty</span>}
                </td>
                <td className={cell}>
                  <select
                    aria-label={`What ${header} holds`}
                    aria-invalid={wrong(target)}
                    aria-describedby={error ? 'import-columns-error' : undefined}
                    className={`control ${target === null ? 'text-muted' : ''}`}
                    value={target ?? ''}
                    onChange={(event) => put(column, (event.target.value || null) as ImportTarget | null)}
                  >
                    <option value="">Left out</option>
                    {importTargets.map((name) => (
                      <option key={name} value={name}>
                        {targetLabel(name)}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <FieldNotes
        id="import-columns"
        error={error}
        hint="Several columns can go into Description or Notes: each keeps its name there."
      />
    </section>
  )
}
