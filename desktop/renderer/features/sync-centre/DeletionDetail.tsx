import type { Interaction } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { rowsFor, rowWords } from '../../ui/field-rows.ts'
import { cell, EditTable, RowHead, Table } from './EditTable.tsx'
import { openItem } from './open-item.ts'
import { savedWords, titleOf } from './state-words.ts'
import { useAction } from './use-action.ts'
import { Words } from '../../ui/Words.tsx'

/** Goes through with the edit as it is: a change becomes a new record, a deletion is asked for again. */
const insist = ({ mutationId }: QueueItem) => ask('sync.resolve', { mutationId, fields: {} })

/** An edit of a record that somebody else deleted. */
export function GoneDetail({ item, onDone }: { item: QueueItem; onDone: () => void }) {
  const { act, problem } = useAction(onDone)
  return (
    <Detail
      title={`“${titleOf(item)}” has been deleted`}
      intro={
        <p>
          Somebody deleted it before your change of {savedWords(item)} arrived. Keep your work as a new
          record, or let it go.
        </p>
      }
    >
      <EditTable edit={item} />
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={<DiscardButton item={item} onDone={onDone} />}>
        <Button look="primary" onClick={() => void act(() => insist(item))}>
          Save as a new record
        </Button>
      </Actions>
    </Detail>
  )
}

/** A deletion of a record that somebody else changed. */
export function UndeletedDetail({ item, onDone }: { item: QueueItem; onDone: () => void }) {
  const { act, problem } = useAction(onDone)
  const { people } = useLookups(item.siteId)
  const theirs = item.conflict?.theirs
  const who = (theirs && people[theirs.updatedBy]) ?? 'Somebody'
  return (
    <Detail
      title={`“${titleOf(item)}” changed before you deleted it`}
      intro={
        <p>
          {theirs && `${who} changed it on ${momentWords(theirs.updatedAt, readerZone())}; you`}
          {!theirs && 'You'} deleted it on {savedWords(item)}.{' '}
          {theirs ? 'This is what it says now.' : 'Look at it before you decide.'}
        </p>
      }
    >
      {theirs && <Whole record={theirs} />}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions
        end={
          <Button look="danger" onClick={() => void act(() => insist(item))}>
            Delete anyway
          </Button>
        }
      >
        <Button
          look="primary"
          onClick={() => void act(() => ask('sync.discard', { mutationId: item.mutationId }))}
        >
          Keep it
        </Button>
        <Button onClick={() => openItem(item)}>Open record</Button>
      </Actions>
    </Detail>
  )
}

/** All that a record says now. */
function Whole({ record }: { record: Interaction }) {
  const rows = rowsFor(interactionFields).filter((row) => rowWords(row, record) !== '')
  return (
    <Table caption="The record now" heads={['Field', 'Now']}>
      {rows.map((row) => (
        <tr key={row.key}>
          <RowHead label={row.label} />
          <td className={cell}>
            <Words text={rowWords(row, record)} />
          </td>
        </tr>
      ))}
    </Table>
  )
}
