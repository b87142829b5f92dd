import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { EditTable } from './EditTable.tsx'
import { savedWords } from './state-words.ts'
import { useAction } from './use-action.ts'

/** Goes through with the edit as it is: a change becomes a new record, a deletion is asked for again. */
const insist = ({ mutationId }: QueueItem) => ask('sync.resolve', { mutationId, fields: {} })

/** An edit of a record that somebody else deleted. */
export function GoneDetail({ item, onDone }: { item: QueueItem; onDone: () => void }) {
  const { act, problem } = useAction(onDone)
  return (
    <Detail
      title={`“${item.title || 'No title yet'}” has been deleted`}
      intro={`Somebody deleted it before your change of ${savedWords(item)} arrived. Keep your work as a new record, or let it go.`}
    >
      <EditTable item={item} />
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
      title={`“${item.title || 'No title yet'}” changed before you deleted it`}
      intro={
        theirs
          ? `${who} changed it on ${momentWords(theirs.updatedAt, readerZone())}; you deleted it on ${savedWords(item)}.`
          : `You deleted it on ${savedWords(item)}.`
      }
    >
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions>
        <Button onClick={() => void act(() => ask('sync.discard', { mutationId: item.mutationId }))}>
          Keep it
        </Button>
        <Button look="danger" onClick={() => void act(() => insist(item))}>
          Delete anyway
        </Button>
      </Actions>
    </Detail>
  )
}
