import { ChevronLeft, CircleCheck, FileSpreadsheet } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { maxShopRows } from '#common/contract/shops'
import type { SiteMembership } from '#common/contract/sites'
import { AdminScreen } from '../../../app/AdminScreen.tsx'
import { useSync } from '../../../app/sync.ts'
import { Button } from '../../../ui/Button.tsx'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { fieldLabel } from '../../../ui/field-labels.ts'
import { ImportSteps, RowProblems } from '../../../ui/import-parts.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { cell, head } from '../../../ui/table.ts'
import { columnsProblem, type ShopTarget, shopTargets, targetWords } from './shop-columns.ts'
import {
  backToColumns,
  badRows,
  cancel,
  check,
  chooseTable,
  endImport,
  importRows,
  putColumn,
  resume,
  useShopImport,
} from './shop-import.ts'
import { ShopsPreview } from './ShopsPreview.tsx'

/** Shops from a table: what its columns hold, what would come of it, and what came of it. */
export function ShopsImport({ site }: { site: SiteMembership }) {
  const { step, problem, busy } = useShopImport()
  const online = useSync((sync) => sync.online)
  const at = step === 'columns' ? 1 : step === 'checking' || step === 'checked' ? 2 : 3
  return (
    <AdminScreen title="Import shops" actions={<ImportSteps at={at} />}>
      {!online && (
        <Notice tone="warn" className="mb-3">
          The rows are checked and taken in by the server. What you choose here stays until you are online.
        </Notice>
      )}
      {problem && <ProblemNotice problem={problem} className="mb-3" />}
      {problem && !busy && (step === 'checking' || step === 'importing') && (
        <div className="mb-3 flex gap-2">
          <Button look="primary" disabled={!online} onClick={() => void resume()}>
            Go on
          </Button>
          <Button onClick={cancel}>
            {step === 'checking' ? 'Back to the columns' : 'Leave the rest out'}
          </Button>
        </div>
      )}
      {step === 'columns' && <ChooseColumns />}
      {(step === 'checking' || step === 'importing') && <AtWork />}
      {step === 'checked' && <Checked />}
      {step === 'done' && <Done site={site} />}
    </AdminScreen>
  )
}

/** What a step is about, with the ways on and back; the keyboard goes there as it comes. */
function StepHead({
  title,
  back,
  children,
}: {
  title: string
  back?: { words: string; onClick: () => void }
  children?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [title])
  return (
    <div className="mb-3.5 flex flex-wrap items-center gap-2">
      {back && (
        <Button look="icon-plain" aria-label={back.words} title={back.words} onClick={back.onClick}>
          <ChevronLeft aria-hidden size={16} />
        </Button>
      )}
      <h2
        ref={heading}
        tabIndex={-1}
        className="mr-auto min-w-0 truncate pl-1 text-lg font-semibold outline-none"
      >
        {title}
      </h2>
      {children}
    </div>
  )
}

function ChooseColumns() {
  const { table, columns, busy } = useShopImport()
  const online = useSync((sync) => sync.online)
  const first = useRef<HTMLSelectElement>(null)
  if (!table) return null
  const { fileName, headers, rows } = table
  const wrong = columnsProblem(columns)
  return (
    <form
      aria-label="What the columns hold"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong) first.current?.focus()
        else void check()
      }}
    >
      <StepHead title="What do the columns hold?" back={{ words: 'Back to the shops', onClick: endImport }}>
        <Button look="primary" type="submit" disabled={busy || !online || rows.length === 0}>
          Check {countWords(rows.length, 'row')}
        </Button>
      </StepHead>
      <div className="mb-3.5 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line px-3.5 py-2.5">
        <FileSpreadsheet aria-hidden size={18} className="shrink-0 text-accent" />
        <div className="mr-auto min-w-0">
          <div className="truncate font-[550]" title={fileName}>
            {fileName}
          </div>
          <div className="text-sm text-muted">
            {countWords(rows.length, 'row')} · {countWords(headers.length, 'column')}
          </div>
        </div>
        <Button disabled={busy} onClick={() => void chooseTable()}>
          Another file…
        </Button>
      </div>
      {wrong && (
        <Notice tone="bad" className="mb-3">
          {wrong}
        </Notice>
      )}
      <div className="grid grid-cols-[minmax(0,6fr)_minmax(0,5fr)] items-start gap-x-6 gap-y-5 max-[64rem]:grid-cols-1">
        <table className="w-full table-fixed border-separate border-spacing-0 border-t border-line">
          <caption className="sr-only">Columns</caption>
          <thead>
            <tr>
              <th scope="col" className={`${head} w-[30%]`}>
                Column
              </th>
              <th scope="col" className={head}>
                First values
              </th>
              <th scope="col" className={`${head} w-36`}>
                Holds
              </th>
            </tr>
          </thead>
          <tbody>
            {headers.map((header, column) => {
              const target = columns[column] ?? null
              const values = firstValues(rows, column)
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
                  <td className={`${cell} py-1.5`}>
                    <select
                      ref={column === 0 ? first : undefined}
                      aria-label={`What ${header} holds`}
                      className={`control ${target === null ? 'text-muted' : ''}`}
                      value={target ?? ''}
                      onChange={(event) =>
                        putColumn(column, (event.target.value || null) as ShopTarget | null)
                      }
                    >
                      <option value="">Left out</option>
                      {shopTargets.map((name) => (
                        <option key={name} value={name}>
                          {targetWords[name]}
                        </option>
                      ))}
                    </select>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
        <ShopsPreview table={table} columns={columns} />
      </div>
    </form>
  )
}

const mostValues = 3

/** The first values of a column that say something, each once. */
const firstValues = (rows: readonly (readonly string[])[], column: number): string[] =>
  [...new Set(rows.slice(0, 50).map((cells) => (cells[column] ?? '').trim()))]
    .filter(Boolean)
    .slice(0, mostValues)

function AtWork() {
  const { step, rows, answered, stops, waits, busy } = useShopImport()
  const title = step === 'checking' ? 'Finding out what would happen to each row' : 'Importing'
  const part = Math.floor((100 * answered) / Math.max(rows.length, 1))
  return (
    <>
      <StepHead title={step === 'checking' ? 'Checking' : 'Importing'}>
        {busy && (
          <Button disabled={stops} onClick={cancel}>
            {step === 'checking' ? 'Cancel' : 'Stop'}
          </Button>
        )}
      </StepHead>
      <div className="max-w-xl rounded-lg border border-line px-4 py-3.5">
        <div className="mb-2 flex items-baseline justify-between gap-4">
          <span className="font-[550]">{title}</span>
          <span className="text-muted tabular-nums">
            {numberWords(answered)} of {numberWords(rows.length)}
          </span>
        </div>
        <progress
          aria-label={title}
          className="progress block h-1.5 w-full"
          max={Math.max(rows.length, 1)}
          value={answered}
        />
        <p className="mt-2.5 text-muted">
          {stops
            ? 'Stopping, once the server has answered.'
            : waits
              ? 'The server asks to wait a moment; it goes on by itself.'
              : step === 'checking'
                ? 'Nothing is changed yet.'
                : `${numberWords(maxShopRows)} rows at a time. What is in already stays when you stop.`}
        </p>
        <p role="status" className="sr-only">
          {title}, {Math.floor(part / 10) * 10}%
        </p>
      </div>
    </>
  )
}

function Checked() {
  const { counts, rows } = useShopImport()
  const online = useSync((sync) => sync.online)
  const count = counts.created + counts.updated
  return (
    <>
      <StepHead
        title={count > 0 ? 'This would happen' : 'Nothing to import'}
        back={{ words: 'Back to the columns', onClick: backToColumns }}
      >
        {count > 0 && (
          <Button look="primary" disabled={!online} onClick={() => void importRows()}>
            Import {countWords(count, 'shop')}
          </Button>
        )}
      </StepHead>
      <Counts labels={planned} />
      {count === 0 && rows.length > 0 && (
        <p className="mb-4 text-muted">All of these shops are here already.</p>
      )}
      <BadRows title="Rows that cannot be taken in" />
    </>
  )
}

function Done({ site }: { site: SiteMembership }) {
  const { answered, rows } = useShopImport()
  const isWhole = answered >= rows.length
  return (
    <>
      <StepHead title={isWhole ? 'Imported' : 'Stopped'}>
        <Button look="primary" onClick={endImport}>
          To the shops
        </Button>
      </StepHead>
      <p role="status" className="mb-3 flex items-center gap-2 font-[550]">
        <CircleCheck aria-hidden size={16} className="text-good" />
        {isWhole
          ? `The shops are in ${site.name}, and on their way to everybody’s devices.`
          : `Stopped after ${numberWords(answered)} of ${countWords(rows.length, 'row')}. What is in stays.`}
      </p>
      <Counts labels={reached} />
      <BadRows title="Rows that were left out" />
    </>
  )
}

const planned = {
  created: 'would be new',
  updated: 'would be changed',
  unchanged: 'are here already, just so',
  bad: 'cannot be taken in',
}
const reached: typeof planned = {
  created: 'new',
  updated: 'changed',
  unchanged: 'were here already, just so',
  bad: 'left out',
}
const tones = { created: 'text-good', updated: 'text-accent', unchanged: '', bad: 'text-bad' }

/** How many rows came to what. */
function Counts({ labels }: { labels: typeof planned }) {
  const { counts, problems } = useShopImport()
  const all = { ...counts, bad: new Set(problems.map(({ row }) => row)).size }
  return (
    <dl className="mb-5 grid grid-cols-4 gap-3 max-[48rem]:grid-cols-2">
      {(Object.keys(labels) as (keyof typeof labels)[]).map((name) => (
        <div key={name} className="flex flex-col-reverse rounded-lg border border-line px-4 py-3">
          <dt className="text-muted">{labels[name]}</dt>
          <dd className={`text-2xl font-semibold tabular-nums ${all[name] > 0 ? tones[name] : 'text-muted'}`}>
            {numberWords(all[name])}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Nobody reads on; the table itself is to be mended then. */
const mostBad = 500

function BadRows({ title }: { title: string }) {
  const work = useShopImport()
  const bad = badRows(work)
  if (bad.length === 0) return null
  return (
    <section aria-label={title}>
      <RowProblems
        title={title}
        total={bad.length}
        nameOf="Name"
        rows={bad.slice(0, mostBad).map(({ row, name, problems }) => ({
          row,
          name,
          reason: problems.map(({ field, message }) => reasonWords(field, message)).join(' · '),
        }))}
      />
      {bad.length > mostBad && (
        <p className="mt-2 text-muted">And {countWords(bad.length - mostBad, 'more row')}.</p>
      )}
    </section>
  )
}

const isTarget = (field: string): field is ShopTarget => (shopTargets as readonly string[]).includes(field)

const reasonWords = (field: string, message: string): string =>
  field === 'row' ? message : `${isTarget(field) ? targetWords[field] : fieldLabel(field)}: ${message}`
