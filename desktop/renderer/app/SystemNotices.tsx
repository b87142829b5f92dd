import { Info, TriangleAlert, Wrench, X } from 'lucide-react'
import type { NoticeKind, ShownNotice } from '#common/contract/notices'
import { Button } from '../ui/Button.tsx'
import { endWords, readerZone } from '../ui/date-words.ts'
import { noticeKindWords } from '../ui/notice-words.ts'
import { focusScreen } from '../ui/focus-back.ts'
import { putAway, useSystemNotices } from './system-notices.ts'

const looks: Record<NoticeKind, { icon: typeof Info; className: string }> = {
  maintenance: { icon: Wrench, className: 'bg-warn-soft text-warn' },
  warning: { icon: TriangleAlert, className: 'bg-bad-soft text-bad' },
  info: { icon: Info, className: 'bg-accent-soft text-text' },
}

/**
 * What admins have every open app say, above all else: the gravest first, and where there are many they scroll, so that
 * the screen below keeps its room.
 */
export function SystemNotices() {
  const notices = useSystemNotices()
  if (notices.length === 0) return null
  const grave = notices.filter(({ kind }) => kind !== 'info')
  const infos = notices.filter(({ kind }) => kind === 'info')
  return (
    <section
      aria-label="System notices"
      // Where it may have to be scrolled.
      tabIndex={notices.length > 1 ? 0 : undefined}
      className="max-h-[28vh] shrink-0 overflow-y-auto"
    >
      <div role="alert">
        {grave.map((notice) => (
          <Line key={notice.id} notice={notice} />
        ))}
      </div>
      <div role="status">
        {infos.map((notice) => (
          <Line key={notice.id} notice={notice} />
        ))}
      </div>
    </section>
  )
}

function Line({ notice }: { notice: ShownNotice }) {
  const { kind, words, endsAt } = notice
  const { icon: Icon, className } = looks[kind]
  return (
    <div className={`flex min-h-[33px] items-start gap-3 border-b border-line px-4 ${className}`}>
      <Icon aria-hidden size={15} className="mt-2 shrink-0" />
      <p className="min-w-0 flex-1 py-1.5 break-words whitespace-pre-line">
        <span className="sr-only">{noticeKindWords[kind]}: </span>
        {words}{' '}
        <span className="text-sm whitespace-nowrap">
          Until {endWords(new Date().toISOString(), endsAt, readerZone())}
        </span>
      </p>
      {kind === 'info' && (
        <Button
          look="icon"
          aria-label={`Dismiss notice: ${words}`}
          title="Dismiss on this device"
          onClick={() => {
            putAway(notice)
            focusScreen()
          }}
        >
          <X aria-hidden size={14} />
        </Button>
      )}
    </div>
  )
}
