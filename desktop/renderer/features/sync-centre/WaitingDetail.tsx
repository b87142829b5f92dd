import type { QueueItem } from '#desktop/bridge/channels'
import { showSignInAgain } from '../../app/sign-in-again.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { EditTable } from './EditTable.tsx'
import { openItem } from './open-item.ts'
import { changeWords, savedWords, titleOf } from './state-words.ts'
import { useObstacle, useObstacleWords } from './use-obstacle.ts'
import type { AnyItem } from './use-queue.ts'

/** An edit that has not been sent, or that cannot be before an earlier one is settled. */
export function WaitingDetail({
  item,
  chain,
  blocker,
  onShow,
  onDone,
}: {
  item: QueueItem
  /** The edits of this record in the queue, the first one first. */
  chain: readonly AnyItem[]
  blocker: AnyItem | undefined
  onShow: (item: AnyItem) => void
  onDone: () => void
}) {
  const obstacle = useObstacle()
  const obstacleWords = useObstacleWords([item])
  const cannotBeTakenBack = item.state === 'waiting' && item.mayBeSent
  return (
    <Detail
      title={titleOf(item)}
      intro={
        <>
          <p>Saved on this device on {savedWords(item)}.</p>
          {item.state === 'blocked' ? (
            <p>
              It builds on an earlier edit of this record, which needs your attention first
              {blocker ? ': ' : '.'}
              {blocker && (
                <TextButton onClick={() => onShow(blocker)}>
                  {changeWords(blocker)}, {savedWords(blocker)}
                </TextButton>
              )}
            </p>
          ) : (
            <p>{obstacleWords}</p>
          )}
          {cannotBeTakenBack && (
            <p>The server may have it already, so it can be taken back only once the server has answered.</p>
          )}
        </>
      }
    >
      <EditTable edit={item} />
      <Actions end={cannotBeTakenBack ? undefined : <DiscardButton item={item} onDone={onDone} />}>
        {item.state === 'waiting' && obstacle === 'sign-in' && (
          <Button look="primary" onClick={() => showSignInAgain(true)}>
            Sign in again
          </Button>
        )}
        {item.op !== 'delete' && <Button onClick={() => openItem(item)}>Open record</Button>}
      </Actions>
      {chain.length > 1 && <Chain item={item} chain={chain} onShow={onShow} />}
    </Detail>
  )
}

function Chain({
  item,
  chain,
  onShow,
}: {
  item: QueueItem
  chain: readonly AnyItem[]
  onShow: (item: AnyItem) => void
}) {
  return (
    <section className="mt-7">
      <h3 className="font-semibold">Edits of this record, in the order they are sent</h3>
      <ol className="mt-2 list-decimal space-y-1 pl-5 marker:text-muted">
        {chain.map((each) => (
          <li key={each.mutationId}>
            {each === item ? (
              <span aria-current="true" className="font-[550]">
                {changeWords(each)}
              </span>
            ) : (
              <TextButton onClick={() => onShow(each)}>{changeWords(each)}</TextButton>
            )}{' '}
            <span className="text-muted">{savedWords(each)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
