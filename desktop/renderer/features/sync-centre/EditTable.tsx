import { type ReactNode, type Ref, useState } from 'react'
import type { PastItem, QueueItem } from '#desktop/bridge/channels'
import { TextButton } from '../../ui/Button.tsx'
import { rowsFor, rowWords } from '../../ui/field-rows.ts'
import { isLong, Words } from '../../ui/Words.tsx'

export const cell = 'border-b border-line px-3 py-2 align-top'
const head = 'border-b border-line px-3 py-1.5 text-left text-sm font-semibold text-muted'

export function Table({
  caption,
  heads,
  rowsAreQuestions = false,
  children,
  ref,
}: {
  caption: string
  heads: string[]
  /** Whole sentences stand where else the names of fields do. */
  rowsAreQuestions?: boolean
  children: ReactNode
  ref?: Ref<HTMLTableElement>
}) {
  return (
    <table
      ref={ref}
      className="mt-3.5 w-full table-fixed border-separate border-spacing-0 rounded-md border border-b-0 border-line bg-surface"
    >
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {heads.map((words, index) => (
            <th
              key={words}
              scope="col"
              className={`${head} ${index > 0 ? '' : rowsAreQuestions ? 'w-1/4' : 'w-28'}`}
            >
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

/** The name of a row, and what can be done with it. */
export function RowHead({ label, children }: { label: string; children?: ReactNode }) {
  return (
    <th scope="row" className={`${cell} text-left font-[550]`}>
      {label}
      {children && <span className="mt-0.5 flex flex-col items-start gap-0.5 text-sm">{children}</span>}
    </th>
  )
}

export function ShowAll({
  label,
  shown,
  onShow,
}: {
  label: string
  shown: boolean
  onShow: (shown: boolean) => void
}) {
  return (
    <TextButton
      look="faint"
      aria-expanded={shown}
      aria-label={`${label}: show ${shown ? 'less' : 'all'}`}
      onClick={() => onShow(!shown)}
    >
      {shown ? 'Show less' : 'Show all'}
    </TextButton>
  )
}

type Edit = Pick<QueueItem | PastItem, 'op' | 'base' | 'patch'>

/** What an edit changes: each field before and now. */
export function EditTable({
  edit,
  fields = Object.keys(edit.patch),
}: {
  edit: Edit
  fields?: readonly string[]
}) {
  const { op, base, patch } = edit
  const rows = rowsFor(fields).filter((row) => op !== 'create' || rowWords(row, patch) !== '')
  if (op === 'delete') return <p className="mt-3.5">You deleted this record.</p>
  if (rows.length === 0) return null
  return (
    <Table
      caption="What this edit changes"
      heads={op === 'create' ? ['Field', 'New record'] : ['Field', 'Before', 'Now']}
    >
      {rows.map((row) => (
        <EditRow
          key={row.key}
          label={row.label}
          before={op === 'create' ? null : rowWords(row, base)}
          now={rowWords(row, patch)}
        />
      ))}
    </Table>
  )
}

function EditRow({ label, before, now }: { label: string; before: string | null; now: string }) {
  const [all, setAll] = useState(false)
  return (
    <tr>
      <RowHead label={label}>
        {isLong(before ?? '', now) && <ShowAll label={label} shown={all} onShow={setAll} />}
      </RowHead>
      {before !== null && (
        <td className={`${cell} text-muted`}>
          <Words text={before} all={all} />
        </td>
      )}
      <td className={cell}>
        <Words text={now} before={before ?? undefined} all={all} />
      </td>
    </tr>
  )
}
