import { useState } from 'react'
import type { Interaction, InteractionPatch } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { cell, EditTable, Table, Words } from './EditTable.tsx'
import { type Choice, resolutionOf, type Row, rowsFor, rowWords, undisputed } from './edit-rows.ts'
import { HandEdit } from './HandEdit.tsx'
import { savedWords } from './state-words.ts'
import { useAction } from './use-action.ts'

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
  const [choices, setChoices] = useState<Record<string, Choice | undefined>>({})
  const [byHand, setByHand] = useState(false)
  const [missing, setMissing] = useState<string[]>([])
  const { act, problem } = useAction(onDone)
  const rows = rowsFor(item.conflict?.fields ?? [])
  const who = people[theirs.updatedBy] ?? 'Somebody else'
  const first = who.split(' ')[0] ?? who
  const joined = undisputed(item)

  const choose = (key: string, choice: Choice) => {
    setChoices({ ...choices, [key]: choice })
    setMissing(missing.filter((each) => each !== key))
  }
  const chooseAll = (choice: Choice) => {
    setChoices(Object.fromEntries(rows.map((row) => [row.key, choice])))
    setMissing([])
  }
  const resolve = (fields: InteractionPatch) =>
    void act(() => ask('sync.resolve', { mutationId: item.mutationId, fields }))
  const saveChoices = () => {
    const resolution = resolutionOf(item, choices)
    if (resolution) resolve(resolution)
    else setMissing(rows.filter((row) => !choices[row.key]).map((row) => row.key))
  }

  return (
    <Detail
      title={`Two people changed “${item.title || 'No title yet'}”`}
      intro={`You on ${savedWords(item)}, ${who} on ${momentWords(theirs.updatedAt, readerZone())}. ${
        byHand
          ? 'Write down what it should say.'
          : `Choose what it should say ${rows.length === 1 ? 'here' : 'in each row'}.`
      }`}
    >
      {byHand ? (
        <HandEdit
          item={item}
          theirs={theirs}
          rows={rows}
          onSave={resolve}
          onCancel={() => setByHand(false)}
        />
      ) : (
        <>
          <Table caption="Conflicting fields" heads={['Field', 'Before', 'Yours', `${first}’s`]}>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row" className={`${cell} text-left font-[550]`}>
                  {row.label}
                </th>
                <td className={`${cell} text-muted`}>
                  <Words>{rowWords(row, item.conflict?.base ?? {})}</Words>
                </td>
                {(['mine', 'theirs'] as const).map((choice) => (
                  <ChoiceCell
                    key={choice}
                    row={row}
                    whose={choice === 'mine' ? 'yours' : `${first}’s`}
                    words={rowWords(
                      row,
                      choice === 'mine' ? { ...item.patch, ...item.conflict?.mine } : theirs,
                    )}
                    chosen={choices[row.key] === choice}
                    onChoose={() => choose(row.key, choice)}
                  />
                ))}
              </tr>
            ))}
          </Table>
          {missing.length > 0 && (
            <p role="alert" className="mt-2 text-bad">
              Choose a version for{' '}
              {rows
                .filter((row) => missing.includes(row.key))
                .map((row) => row.label)
                .join(' and ')}
              .
            </p>
          )}
          <Actions end={<DiscardButton item={item} onDone={onDone} />}>
            <Button look="primary" onClick={saveChoices}>
              Save this version
            </Button>
            <Button onClick={() => chooseAll('mine')}>All mine</Button>
            <Button onClick={() => chooseAll('theirs')}>All theirs</Button>
            <Button onClick={() => setByHand(true)}>Edit by hand</Button>
          </Actions>
        </>
      )}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      {joined.length > 0 && (
        <section className="mt-7">
          <h3 className="font-semibold">Saved with it, because only you changed it</h3>
          <EditTable item={item} fields={joined} />
        </section>
      )}
    </Detail>
  )
}

function ChoiceCell({
  row,
  whose,
  words,
  chosen,
  onChoose,
}: {
  row: Row
  whose: string
  words: string
  chosen: boolean
  onChoose: () => void
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
          name={`choice-${row.key}`}
          aria-label={`${row.label}, ${whose}: ${words || 'empty'}`}
          className="absolute inset-0 size-full appearance-none outline-none"
          checked={chosen}
          onChange={onChoose}
        />
        <Words>{words}</Words>
      </label>
    </td>
  )
}
