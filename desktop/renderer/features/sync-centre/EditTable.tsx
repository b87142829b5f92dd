import type { ReactNode } from 'react'
import type { QueueItem } from '#desktop/bridge/channels'
import { rowsFor, rowWords } from './edit-rows.ts'

export const cell = 'border-b border-line px-3 py-2 align-top'
const head = 'border-b border-line px-3 py-1.5 text-left text-sm font-semibold text-muted'

export function Table({
  caption,
  heads,
  children,
}: {
  caption: string
  heads: string[]
  children: ReactNode
}) {
  return (
    <table className="mt-3.5 w-full table-fixed border-separate border-spacing-0 rounded-md border border-b-0 border-line bg-surface">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {heads.map((words, index) => (
            <th key={words} scope="col" className={`${head} ${index === 0 ? 'w-28' : ''}`}>
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

export const Words = ({ children }: { children: string }) =>
  children ? (
    <span className="line-clamp-6 break-words whitespace-pre-line">{children}</span>
  ) : (
    <span className="text-muted">empty</span>
  )

/** What an edit changes: each field before and now. */
export function EditTable({
  item,
  fields = Object.keys(item.patch),
}: {
  item: QueueItem
  fields?: readonly string[]
}) {
  const rows = rowsFor(fields).filter((row) => item.op !== 'create' || rowWords(row, item.patch) !== '')
  if (item.op === 'delete') return <p className="mt-3.5">You deleted this record.</p>
  if (rows.length === 0) return null
  const heads = item.op === 'create' ? ['Field', 'New record'] : ['Field', 'Before', 'Now']
  return (
    <Table caption="What this edit changes" heads={heads}>
      {rows.map((row) => (
        <tr key={row.key}>
          <th scope="row" className={`${cell} text-left font-[550]`}>
            {row.label}
          </th>
          {item.op !== 'create' && (
            <td className={`${cell} text-muted`}>
              <Words>{rowWords(row, item.base)}</Words>
            </td>
          )}
          <td className={cell}>
            <Words>{rowWords(row, item.patch)}</Words>
          </td>
        </tr>
      ))}
    </Table>
  )
}
