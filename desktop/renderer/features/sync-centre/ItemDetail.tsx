import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { openRecord } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { ConflictDetail } from './ConflictDetail.tsx'
import { GoneDetail, UndeletedDetail } from './DeletionDetail.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { blockerOf } from './edit-rows.ts'
import { EditTable } from './EditTable.tsx'
import { savedWords } from './state-words.ts'
import { useAction } from './use-action.ts'
import { useObstacle } from './use-obstacle.ts'

/** One edit: what it changes, why it stands here, and what can be done about it. */
export function ItemDetail({
  item,
  items,
  onDone,
}: {
  item: QueueItem
  items: readonly QueueItem[]
  onDone: () => void
}) {
  if (item.state === 'conflict' && item.conflict) {
    if (item.op === 'delete') return <UndeletedDetail item={item} onDone={onDone} />
    if (item.conflict.theirs)
      return <ConflictDetail item={item} theirs={item.conflict.theirs} onDone={onDone} />
    return <GoneDetail item={item} onDone={onDone} />
  }
  if (item.state === 'rejected') return <RejectedDetail item={item} onDone={onDone} />
  return (
    <WaitingDetail
      item={item}
      blocker={item.state === 'blocked' ? blockerOf(item, items) : undefined}
      onDone={onDone}
    />
  )
}

function WaitingDetail({
  item,
  blocker,
  onDone,
}: {
  item: QueueItem
  blocker: QueueItem | undefined
  onDone: () => void
}) {
  const obstacle = useObstacle()
  const reason =
    item.state === 'blocked'
      ? `It waits for the edit ${blocker ? `of “${blocker.title}” from ${savedWords(blocker)}` : 'before it'}, which needs your attention first.`
      : {
          network: 'It goes by itself when the network is back.',
          'sign-in': 'It goes by itself once you have signed in again.',
          none: 'It is on its way to the server.',
        }[obstacle ?? 'none']
  return (
    <Detail title={item.title} intro={`Saved on this device on ${savedWords(item)}. ${reason}`}>
      <EditTable item={item} />
      <Actions end={<DiscardButton item={item} onDone={onDone} />} />
    </Detail>
  )
}

function RejectedDetail({ item, onDone }: { item: QueueItem; onDone: () => void }) {
  const { act, problem } = useAction(onDone)
  return (
    <Detail
      title={`The server did not accept “${item.title || 'No title yet'}”`}
      intro={`Saved on this device on ${savedWords(item)}. It stays here until you decide.`}
    >
      {item.problem && <ProblemNotice problem={{ ...item.problem, reference: null }} className="mt-3" />}
      <EditTable item={item} />
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={<DiscardButton item={item} onDone={onDone} />}>
        {item.op !== 'delete' && (
          <Button look="primary" onClick={() => openRecord(item.entityId, { focus: true })}>
            Edit
          </Button>
        )}
        <Button onClick={() => void act(() => ask('sync.retry', { mutationId: item.mutationId }))}>
          Retry
        </Button>
      </Actions>
    </Detail>
  )
}
