import { CheckCheck, History, type LucideIcon } from 'lucide-react'
import { useSync } from '../../app/sync.ts'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import type { TabName } from './SyncCentre.tsx'

const words: Record<TabName, { icon: LucideIcon; title: string; next: string }> = {
  attention: {
    icon: CheckCheck,
    title: 'Nothing needs your attention',
    next: 'Edits that cannot be saved as they are come here, with the reason.',
  },
  waiting: {
    icon: CheckCheck,
    title: 'Nothing is waiting',
    next: 'Everything you saved has reached the server.',
  },
  sent: {
    icon: History,
    title: 'Nothing has been sent yet',
    next: 'What you save shows here once the server has it, and what you discarded or settled too.',
  },
}

/** What stands beside a list that has nothing in it. */
export function EmptyTab({ tab, beside }: { tab: TabName; beside: string }) {
  const { upToDateAt, needsAttention } = useSync()
  const { icon: Icon, title, next } = words[tab]
  const besideWaits = tab === 'waiting' && beside !== ''
  return (
    <div role="status" className="grid h-full place-items-center">
      <div className="flex max-w-80 flex-col items-center gap-1 pb-16 text-center text-muted">
        <span className="mb-2 grid size-11 place-items-center rounded-full bg-surface-2">
          <Icon aria-hidden size={22} />
        </span>
        <h2 className="text-lg font-semibold text-text">{besideWaits ? 'No edit is waiting' : title}</h2>
        <p>
          {besideWaits
            ? beside
            : tab === 'waiting' && needsAttention > 0
              ? 'What needs your attention is not sent until you decide.'
              : next}
        </p>
        {tab !== 'sent' && upToDateAt && <p>Up to date at {momentWords(upToDateAt, readerZone())}.</p>}
      </div>
    </div>
  )
}
