import { useRef, useState } from 'react'
import type { FieldProblem } from '#common/contract/errors'
import type { Interaction } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { ConflictRow } from './ConflictRow.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { choose, useDraft, writeByHand } from './drafts.ts'
import { type Row, rowsFor } from '../../ui/field-rows.ts'
import { type Choice, mineOf, resolutionOf } from './edit-rows.ts'
import { Table } from './EditTable.tsx'
import { handProblems, handValuesOf } from './hand-values.ts'
import { OutcomePreview } from './OutcomePreview.tsx'
import { savedWords, titleOf } from './state-words.ts'
import { useAction } from './use-action.ts'

const notChosen = (row: Row): FieldProblem => ({
  field: row.fields[0]!,
  message: `Choose what ${row.label} should say`,
})

/** Two people changed the same fields: the person chooses, field by field, or writes it anew. */
export function ConflictDetail({
  item,
  theirs,
  onDone,
}: {
  item: QueueItem
  theirs: Interaction
  onDone: () => void
}) {
  const { people } = useLookups(item.siteId)
  const draft = useDraft(item.mutationId)
  const [problems, setProblems] = useState<FieldProblem[]>([])
  const { act, problem } = useAction(onDone)
  const table = useRef<HTMLTableElement>(null)
  const rows = rowsFor(item.conflict?.fields ?? [])
  const who = people[theirs.updatedBy] ?? 'Somebody else'
  const whose = people[theirs.updatedBy] ? `${who.split(' ')[0]}’s` : 'Theirs'
  const values = draft.values ?? handValuesOf({ ...theirs, ...mineOf(item) })

  const decide = (chosen: readonly Row[], choice: Choice) => {
    const fields: string[] = chosen.flatMap((row) => row.fields)
    choose(item.mutationId, Object.fromEntries(chosen.map((row) => [row.key, choice])))
    setProblems(problems.filter(({ field }) => !fields.includes(field)))
  }
  const save = () => {
    const wanted = resolutionOf(item, draft)
    const byHand = rows.filter((row) => draft.choices[row.key] === 'own')
    const found = wanted
      ? handProblems(theirs, { ...item.patch, ...wanted }, byHand, values)
      : rows.filter((row) => !draft.choices[row.key]).map(notChosen)
    setProblems(found)
    if (found.length > 0) requestAnimationFrame(focusProblem)
    if (wanted && found.length === 0) {
      void act(() => ask('sync.resolve', { mutationId: item.mutationId, fields: wanted }))
    }
  }
  const focusProblem = () =>
    table.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-missing]')?.focus()
  const inRows = rows.flatMap(({ fields }) => fields as string[])
  const elsewhere = problems.filter(({ field }) => !inRows.includes(field))

  return (
    <Detail
      title={`Two people changed “${titleOf(item)}”`}
      intro={
        <p>
          You on {savedWords(item)}, {who} on {momentWords(theirs.updatedAt, readerZone())}. Choose what it
          should say {rows.length === 1 ? 'here' : 'in each row'}, or edit it. What you do not choose stays in
          the history.
        </p>
      }
    >
      <Table ref={table} caption="Conflicting fields" heads={['Field', 'Before', 'Yours', whose]}>
        {rows.map((row) => (
          <ConflictRow
            key={row.key}
            row={row}
            item={item}
            theirs={theirs}
            whose={whose}
            choice={draft.choices[row.key]}
            values={values}
            problems={problems}
            onChoose={(choice) => decide([row], choice)}
            onWrite={(next) => writeByHand(item.mutationId, next)}
          />
        ))}
      </Table>
      {elsewhere.length > 0 && (
        <ProblemNotice
          problem={{
            message: 'Together they do not make a valid record.',
            reference: null,
            details: elsewhere,
          }}
          className="mt-3"
        />
      )}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={<DiscardButton item={item} onDone={onDone} />}>
        <Button look="primary" onClick={save}>
          Save this version
        </Button>
        <Button onClick={() => decide(rows, 'mine')}>All mine</Button>
        <Button onClick={() => decide(rows, 'theirs')}>All theirs</Button>
      </Actions>
      <OutcomePreview item={item} rows={rows} draft={draft} whose={whose} />
    </Detail>
  )
}
