import { readerZone } from '../ui/date-words.ts'
import { useSync } from './sync.ts'
import { syncWords } from './sync-words.ts'
import { showSyncCentre } from './workspace.ts'

const tones = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  plain: 'bg-surface-2 text-muted',
}

/** Whether everything is where it should be; a click says more. */
export function SyncPill() {
  const { tone, words, spoken } = syncWords(useSync(), readerZone(), new Date())
  return (
    <>
      <div role="status" aria-label="Sync status" aria-live="off" className="min-w-0">
        <button
          type="button"
          title="Open Sync centre"
          className={`flex h-[27px] max-w-full items-center gap-1.5 rounded-full px-2.5 font-[550] whitespace-nowrap hover:brightness-95 dark:hover:brightness-110 ${tones[tone]}`}
          onClick={() => showSyncCentre()}
        >
          <span aria-hidden className="size-[7px] shrink-0 rounded-full bg-current" />
          <span className="truncate">{words}</span>
        </button>
      </div>
      <span aria-live="polite" className="sr-only">
        {spoken}
      </span>
    </>
  )
}
