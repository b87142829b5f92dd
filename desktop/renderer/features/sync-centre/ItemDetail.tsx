import { useSession } from '../../app/session.ts'
import { ConflictDetail } from './ConflictDetail.tsx'
import { GoneDetail, UndeletedDetail } from './DeletionDetail.tsx'
import { blockerOf, chainOf } from './edit-rows.ts'
import { FieldDetail } from './FieldDetail.tsx'
import { RefusedDetail } from './RefusedDetail.tsx'
import { stoppedAlike, stopOf } from './state-words.ts'
import type { AnyItem } from './use-queue.ts'
import { WaitingDetail } from './WaitingDetail.tsx'

/** One edit: what it changes, why it stands here, and what can be done about it. */
export function ItemDetail({
  item,
  items,
  onShow,
  onDone,
}: {
  item: AnyItem
  items: readonly AnyItem[]
  onShow: (item: AnyItem) => void
  onDone: () => void
}) {
  const user = useSession((session) => session.user)
  const stop = stopOf(item, user)
  const blocker = stop === 'blocked' ? blockerOf(item, items) : undefined
  if (item.entity !== 'interaction')
    return (
      <FieldDetail
        item={item}
        stop={stop}
        blocker={blocker}
        onShow={() => blocker && onShow(blocker)}
        onDone={onDone}
      />
    )
  switch (stop) {
    case 'waiting':
    case 'blocked':
      return (
        <WaitingDetail
          item={item}
          chain={items.filter((each) => chainOf(each) === item.entityId)}
          blocker={blocker}
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
