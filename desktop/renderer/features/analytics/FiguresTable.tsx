import { TextButton } from '../../ui/Button.tsx'
import { cell, head } from '../../ui/table.ts'
import { type Cell, cellWords, type FigureTable } from './figure-table.ts'

/** Figures in rows; each that has rows behind it opens them. Their names stay where it is wider than its place. */
export const FiguresTable = ({
  caption,
  table,
  className = '',
}: {
  caption: string
  table: FigureTable
  className?: string
}) => (
  <table className={`w-full border-separate border-spacing-0 ${className}`}>
    <caption className="sr-only">{caption}</caption>
    <thead>
      <tr>
        {table.head.map((words, index) => (
          <th
            key={words}
            scope="col"
            className={`${head} sticky top-0 bg-surface ${index === 0 ? 'left-0 z-10 pl-0' : table.words?.includes(index) ? '' : 'text-right last:pr-0'}`}
          >
            {words}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {table.rows.map(({ key, cells: [name = '', ...others] }) => (
        <tr key={key}>
          <th
            scope="row"
            className={`${cell} sticky left-0 w-2/5 max-w-0 min-w-32 truncate bg-surface py-1.5 pl-0 text-left font-normal`}
          >
            <Words of={name} />
          </th>
          {others.map((each, index) => (
            <td
              // A column is one of as many as the head has.
              key={index}
              className={`${cell} py-1.5 whitespace-nowrap tabular-nums ${
                table.words?.includes(index + 1) ? '' : 'text-right last:pr-0'
              }`}
            >
              <Words of={each} about={`${table.head[index + 1]} of ${cellWords(name)}`} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

function Words({ of, about }: { of: Cell; about?: string }) {
  const words = cellWords(of)
  if (typeof of === 'string' || !of.onOpen) return words
  return (
    <TextButton
      className="max-w-full truncate align-bottom"
      aria-label={about ? `${words}, ${about}` : words}
      onClick={of.onOpen}
    >
      {words}
    </TextButton>
  )
}
