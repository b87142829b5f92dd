import { useState } from 'react'
import type { QueueItem } from '#desktop/bridge/channels'
import { Section } from './Detail.tsx'
import { type Row, rowsFor, rowWords } from '../../ui/field-rows.ts'
import { decided, type Draft, mineOf, undisputed } from './edit-rows.ts'
import { cell, RowHead, ShowAll, Table } from './EditTable.tsx'
import { isLong, Words } from '../../ui/Words.tsx'

/** What saving would write: what was decided in each disputed row, and what nobody else changed. */
export function OutcomePreview({
  item,
  rows,
  draft,
  whose,
}: {
  item: QueueItem
  rows: readonly Row[]
  draft: Draft
  whose: string
}) {
  const from = { mine: 'Yours', theirs: whose, own: 'Edited by you here' }
  return (
    <Section title="This is what will be saved">
      <Table caption="What will be saved" heads={['Field', 'Value', 'From']}>
        {rows.map((row) => {
          const value = decided(row, item, draft)
          const choice = draft.choices[row.key]
          return (
            <OutcomeRow
              key={row.key}
              label={row.label}
              text={value && rowWords(row, value)}
              from={choice ? from[choice] : ''}
            />
          )
        })}
        {rowsFor(undisputed(item)).map((row) => (
          <OutcomeRow
            key={row.key}
            label={row.label}
            text={rowWords(row, mineOf(item))}
            from="Yours; nobody else changed it"
          />
        ))}
      </Table>
    </Section>
  )
}

function OutcomeRow({ label, text, from }: { label: string; text: string | null; from: string }) {
  const [all, setAll] = useState(false)
  return (
    <tr>
      <RowHead label={label}>
        {isLong(text ?? '') && <ShowAll label={`${label}, to be saved`} shown={all} onShow={setAll} />}
      </RowHead>
      <td className={cell}>
        {text === null ? <span className="text-warn">Not chosen yet</span> : <Words text={text} all={all} />}
      </td>
      <td className={`${cell} text-muted`}>{from}</td>
    </tr>
  )
}
