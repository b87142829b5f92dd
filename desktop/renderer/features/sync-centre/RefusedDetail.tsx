import type { QueueItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { CopyButton } from './CopyButton.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { EditTable } from './EditTable.tsx'
import { openItem } from './open-item.ts'
import { SameReason } from './SameReason.tsx'
import { savedWords, type Stop, titleOf } from './state-words.ts'
import { useAction } from './use-action.ts'
import type { AnyItem } from './use-queue.ts'

type Refusal = Extract<Stop, 'left-site' | 'role' | 'unreadable' | 'refused'>

/** An edit that the server does not take as it is, or that cannot be sent at all: why, and what can be done. */
export function RefusedDetail({
  item,
  stop,
  alike,
  onDone,
}: {
  item: QueueItem
  stop: Refusal
  /** All edits that stopped for the same reason, this one among them. */
  alike: readonly AnyItem[]
  onDone: () => void
}) {
  const { act, problem } = useAction(onDone)
  const words = refusals[stop](item, item.siteName)
  return (
    <Detail
      title={words.title}
      intro={
        <>
          <p>{words.next}</p>
          <p>Saved on this device on {savedWords(item)}. It stays here until you decide.</p>
        </>
      }
    >
      {stop === 'refused' && item.problem && (
        <ProblemNotice problem={{ ...item.problem, reference: null }} className="mt-3" />
      )}
      {stop !== 'unreadable' && <EditTable edit={item} />}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={<DiscardButton item={item} onDone={onDone} />}>
        {stop === 'refused' && item.op !== 'delete' && (
          <Button look="primary" onClick={() => openItem(item, true)}>
            Edit
          </Button>
        )}
        <Button onClick={() => void act(() => ask('sync.retry', { mutationId: item.mutationId }))}>
          Retry
        </Button>
        {(stop === 'left-site' || stop === 'role') && item.op !== 'delete' && <CopyButton item={item} />}
      </Actions>
      {alike.length > 1 && <SameReason alike={alike} onDone={onDone} />}
    </Detail>
  )
}

const refusals: Record<Refusal, (item: QueueItem, site: string | null) => { title: string; next: string }> = {
  'left-site': (item, site) => ({
    title: site ? `You no longer belong to ${site}` : 'You no longer belong to the site of this edit',
    next: `Your edit of “${titleOf(item)}” arrived too late to be saved there. Keep it here and retry once you are added to the site again, export it, copy what you wrote, or discard it.`,
  }),
  role: (item, site) => ({
    title: `Your role ${site ? `at ${site} ` : ''}no longer allows this edit`,
    next: `“${titleOf(item)}” stays as it is on the server. Ask an administrator of the site for the role and retry, copy what you wrote for somebody who may save it, or discard it.`,
  }),
  unreadable: () => ({
    title: 'Written by a newer version of Fieldbook',
    next: 'This version cannot read the edit, so it leaves it as it is. Update Fieldbook and it goes by itself. If it is damaged rather than newer, all that can be done is to discard it.',
  }),
  refused: (item) => ({
    title: `The server did not accept “${titleOf(item)}”`,
    next: item.problem?.details.length
      ? 'Correct what is named below and it is sent again, or retry if the reason has gone.'
      : 'Retry if the reason below has gone, or change the record and it is sent again.',
  }),
}
