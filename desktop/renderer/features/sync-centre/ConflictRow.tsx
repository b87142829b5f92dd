import { useId, useState } from 'react'
import type { FieldProblem } from '#common/contract/errors'
import type { Interaction } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'
import { TextButton } from '../../ui/Button.tsx'
import { type Row, rowWords } from '../../ui/field-rows.ts'
import { type Choice, mineOf } from './edit-rows.ts'
import { cell, RowHead, ShowAll } from './EditTable.tsx'
import { HandFields } from './HandFields.tsx'
import type { HandValues } from './hand-values.ts'
import { isLong, Words } from '../../ui/Words.tsx'

const ownCell = 'bg-accent-soft'

/** One disputed field: before, mine and theirs side by side, and beneath them the field itself once it is edited. */
export function ConflictRow({
  row,
  item,
  theirs,
  whose,
  choice,
  values,
  problems,
  onChoose,
  onWrite,
}: {
  row: Row
  item: QueueItem
  theirs: Interaction
  whose: string
  choice: Choice | undefined
  values: HandValues
  problems: readonly FieldProblem[]
  onChoose: (choice: Choice) => void
  onWrite: (values: HandValues) => void
}) {
  const [all, setAll] = useState(false)
  const problemId = useId()
  const before = rowWords(row, item.conflict?.base ?? {})
  const sides = { mine: rowWords(row, mineOf(item)), theirs: rowWords(row, theirs) }
  const own = choice === 'own'
  const problem = problems.find(({ field }) => (row.fields as string[]).includes(field))
  return (
    <>
      <tr>
        <RowHead label={row.label}>
          <TextButton aria-label={`Edit ${row.label}`} aria-expanded={own} onClick={() => onChoose('own')}>
            Edit
          </TextButton>
          {isLong(before, sides.mine, sides.theirs) && (
            <ShowAll label={row.label} shown={all} onShow={setAll} />
          )}
        </RowHead>
        <td className={`${cell} text-muted`}>
          <Words text={before} all={all} />
        </td>
        {(['mine', 'theirs'] as const).map((side) => (
          <ChoiceCell
            key={side}
            name={`${row.key}-${item.mutationId}`}
            label={`${row.label}, ${side === 'mine' ? 'yours' : whose}: ${sides[side].slice(0, 200) || 'empty'}`}
            describedBy={problem && !own ? problemId : undefined}
            chosen={choice === side}
            onChoose={() => onChoose(side)}
          >
            <Words text={sides[side]} before={before} all={all} />
          </ChoiceCell>
        ))}
      </tr>
      {(own || problem) && (
        <tr>
          <td className={`${cell} ${own ? ownCell : ''}`} />
          <td colSpan={3} className={`${cell} ${own ? ownCell : ''}`}>
            {own ? (
              <HandFields
                row={row}
                item={item}
                theirs={theirs}
                values={values}
                problems={problems}
                onChange={onWrite}
              />
            ) : (
              <p id={problemId} role="alert" className="text-sm text-bad">
                {problem?.message}
              </p>
            )}
          </td>
        </tr>
      )}
    </>
  )
}

function ChoiceCell({
  name,
  label,
  describedBy,
  chosen,
  onChoose,
  children,
}: {
  name: string
  label: string
  describedBy: string | undefined
  chosen: boolean
  onChoose: () => void
  children: React.ReactNode
}) {
  return (
    <td
      className={`relative border-b border-line p-0 align-top has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus ${
        chosen ? 'bg-accent-soft shadow-[inset_0_0_0_2px_var(--accent)]' : 'hover:bg-surface-2'
      }`}
    >
      <label className="block px-3 py-2">
        <input
          type="radio"
          name={name}
          aria-label={label}
          aria-describedby={describedBy}
          data-missing={describedBy && ''}
          className="absolute inset-0 size-full appearance-none outline-none"
          checked={chosen}
          onChange={onChoose}
        />
        {children}
      </label>
    </td>
  )
}
