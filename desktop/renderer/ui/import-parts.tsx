import { Check } from 'lucide-react'
import { numberWords } from './date-words.ts'
import { cell, head } from './table.ts'

/** What all imports of a table show. */

const steps = ['File', 'Columns', 'Check', 'Import']

/** Where one is on the way, from 0. */
export const ImportSteps = ({ at }: { at: number }) => (
  <ol aria-label="Steps" className="flex items-center gap-1 text-sm">
    {steps.map((words, index) => (
      <li
        key={words}
        aria-current={index === at ? 'step' : undefined}
        className={`flex items-center gap-1.5 rounded-full px-2.5 py-0.5 ${
          index === at ? 'bg-accent-soft font-[550] text-accent' : 'text-muted'
        }`}
      >
        {index < at ? <Check aria-label="Done:" size={12} /> : <span aria-hidden>{index + 1}</span>}
        {words}
      </li>
    ))}
  </ol>
)

/** Rows of the table that are not taken in as they are, with the reasons. */
export const RowProblems = ({
  title,
  total,
  nameOf,
  rows,
}: {
  title: string
  total: number
  /** What a row goes by: Name. */
  nameOf: string
  rows: readonly { row: number; name: string | null; reason: string }[]
}) => (
  <>
    <h3 className="mb-2 font-semibold">
      {title} <span className="font-normal text-muted">{numberWords(total)}</span>
    </h3>
    <table className="w-full table-fixed border-separate border-spacing-0 border-t border-line">
      <thead>
        <tr>
          <th scope="col" className={`${head} w-20`}>
            Row
          </th>
          <th scope="col" className={`${head} w-2/5`}>
            {nameOf}
          </th>
          <th scope="col" className={head}>
            Reason
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, name, reason }, index) => (
          <tr key={index}>
            <td className={`${cell} align-top text-muted tabular-nums`}>{numberWords(row)}</td>
            <td className={`${cell} truncate align-top`} title={name ?? undefined}>
              {name ? name : <span className="text-muted">No {nameOf.toLowerCase()}</span>}
            </td>
            <td className={`${cell} align-top break-words select-text`}>{reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
)
