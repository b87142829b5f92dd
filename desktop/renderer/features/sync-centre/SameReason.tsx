import { useState } from 'react'
import { ask } from '../../app/bridge.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { useAction } from './use-action.ts'
import type { AnyItem } from './use-queue.ts'

/** Several edits stopped for one reason: what can be done with all of them at once. */
export function SameReason({ alike, onDone }: { alike: readonly AnyItem[]; onDone: () => void }) {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const { act, problem } = useAction(onDone)
  const all = async (request: 'sync.retry' | 'sync.discard') => {
    setBusy(true)
    await act(async () => {
      for (const { mutationId } of alike) await ask(request, { mutationId })
    })
    setBusy(false)
  }
  const count = numberWords(alike.length)
  return (
    <section className="mt-7 rounded-md border border-line bg-surface px-4 py-3">
      <h3 className="font-semibold">{countWords(alike.length, 'edit')} stopped for this reason</h3>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Button disabled={busy} onClick={() => void all('sync.retry')}>
          Retry all {count}
        </Button>
        <Button look="danger" disabled={busy} onClick={() => setAsking(true)}>
          Discard all {count}…
        </Button>
      </div>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Ask
        open={asking}
        title={`Discard ${countWords(alike.length, 'edit')}?`}
        no="Keep them"
        onNo={() => setAsking(false)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              setAsking(false)
              void all('sync.discard')
            }}
          >
            Discard all {count}
          </Button>
        }
      >
        <p>They are not sent any more, and edits you made on top of them go with them.</p>
      </Ask>
    </section>
  )
}
