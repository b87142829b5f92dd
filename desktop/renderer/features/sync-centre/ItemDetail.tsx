import type { QueueItem } from '#desktop/bridge/channels'
import { useSession } from '../../app/session.ts'
import { ConflictDetail } from './ConflictDetail.tsx'
import { GoneDetail, UndeletedDetail } from './DeletionDetail.tsx'
import { blockerOf } from './edit-rows.ts'
import { RefusedDetail } from './RefusedDetail.tsx'
import { stoppedAlike, stopOf } from './state-words.ts'
import { WaitingDetail } from './WaitingDetail.tsx'

/** One edit: what it changes, why it stands here, and what can be done about it. */
export function ItemDetail({
  item,
  items,
  onShow,
  onDone,
}: {
  item: QueueItem
  items: readonly QueueItem[]
  onShow: (item: QueueItem) => void
  onDone: () => void
}) {
  const user = useSession((session) => session.user)
  const stop = stopOf(item, user)
  switch (stop) {
    case 'waiting':
    case 'blocked':
      return (
        <WaitingDetail
          item={item}
          chain={items.filter(({ entityId }) => entityId === item.entityId)}
          blocker={stop === 'blocked' ? blockerOf(item, items) : undefined}
          onShow={onShow}
          onDone={onDone}
        />
      )
    case 'conflict':
      return <ConflictDetail item={item} theirs={item.conflict!.theirs!} onDone={onDone} />
    case 'gone':
      return <GoneDetail item={item} onDone={onDone} />
    case 'changed':
      return <UndeletedDetail item={item} onDone={onDone} />
    default:
      return <RefusedDetail item={item} stop={stop} alike={stoppedAlike(item, items, user)} onDone={onDone} />
  }
}
