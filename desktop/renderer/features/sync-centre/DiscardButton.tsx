import { useState } from 'react'
import { ask } from '../../app/bridge.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { titleOf } from './state-words.ts'
import { useAction } from './use-action.ts'
import type { AnyItem } from './use-queue.ts'

const things = { interaction: 'record', visit: 'visit', photo: 'photo' }

export function DiscardButton({ item, onDone }: { item: AnyItem; onDone: () => void }) {
  const [asking, setAsking] = useState(false)
  const { act, problem } = useAction(onDone)
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Discard my {item.op === 'delete' ? 'deletion' : 'change'}
      </Button>
      {problem && <ProblemNotice problem={problem} className="w-full" />}
      <Ask
        open={asking}
        title={`Discard your ${item.op === 'delete' ? 'deletion of' : 'change to'} “${titleOf(item)}”?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              setAsking(false)
              void act(() => ask('sync.discard', { mutationId: item.mutationId }))
            }}
          >
            Discard
          </Button>
        }
      >
        <p>
          {item.op === 'create'
            ? `The ${things[item.entity]} exists only on this device and will be gone.`
            : `The ${things[item.entity]} stays as it is on the server.`}{' '}
          Edits you made on top of this one go with it. What they said stays under Sent.
        </p>
      </Ask>
    </>
  )
}
