import { Check, CornerDownRight, GitMerge, type LucideIcon, Redo2, Undo2 } from 'lucide-react'
import type { PastItem } from '#desktop/bridge/channels'
import { useSession } from '../../app/session.ts'
import { clockWords, dayName, readerZone, recentWords } from '../../ui/date-words.ts'
import type { ListRow } from '../../ui/list-steps.ts'
import { chainOf } from './edit-rows.ts'
import { changeWords, outcomeWords, stopOf, stopWords, titleOf } from './state-words.ts'
import type { AnyItem, AnyPast } from './use-queue.ts'

interface QueueListRow extends ListRow {
  item: AnyItem
  /** It builds on the row above: both are of one record. */
  follows: boolean
}

export const queueRows = (items: readonly AnyItem[]): QueueListRow[] =>
  items.map((item, index) => ({
    key: item.mutationId,
    item,
    follows: index > 0 && chainOf(items[index - 1]!) === chainOf(item),
  }))

export function QueueRow({
  row: { item, follows },
  siteId,
  people,
}: {
  row: QueueListRow
  siteId: string | null
  people: Record<string, string>
}) {
  const user = useSession((session) => session.user)
  const stop = stopOf(item, user)
  const words = stopWords(item, stop, people)
  const calm = stop === 'waiting' || stop === 'blocked'
  return (
    <span className="flex items-center gap-2">
      {follows && <CornerDownRight aria-hidden size={14} className="ml-0.5 shrink-0 text-faint" />}
      <TwoLines
        title={titleOf(item)}
        when={recentWords(item.savedAt, readerZone(), new Date())}
        words={words}
        tone={calm ? 'text-muted' : 'text-bad'}
        aside={item.siteId === siteId || stop === 'left-site' ? null : item.siteName}
      />
      {follows && <span className="sr-only">Same record as the edit before</span>}
    </span>
  )
}

type PastListRow = ListRow & ({ isHeading: true; words: string } | { isHeading?: false; item: AnyPast })

/** The edits under the days on which they ended. */
export function pastRows(items: readonly AnyPast[], now = new Date()): PastListRow[] {
  const zone = readerZone()
  let day = ''
  return items.flatMap((item): PastListRow[] => {
    const words = dayName(item.endedAt, zone, now)
    const row = { key: item.mutationId, item }
    if (words === day) return [row]
    day = words
    return [{ key: words, isHeading: true, words }, row]
  })
}

const icons: Record<PastItem['outcome'], LucideIcon> = { sent: Check, discarded: Undo2, replaced: Redo2 }

export function PastRow({ row }: { row: PastListRow }) {
  if (row.isHeading) {
    return (
      <span className="flex h-full items-center bg-surface-2 px-3.5 text-sm font-semibold text-muted">
        {row.words}
      </span>
    )
  }
  const { item } = row
  const isSettled = item.entity === 'interaction' && item.resolves !== null
  const Icon = isSettled ? GitMerge : icons[item.outcome]
  const outcome = outcomeWords(item)
  return (
    <span className="flex items-center gap-2.5">
      <Icon
        aria-hidden
        size={15}
        className={`shrink-0 ${item.outcome === 'sent' ? 'text-good' : 'text-faint'}`}
      />
      <TwoLines
        title={titleOf(item)}
        when={clockWords(item.endedAt, readerZone())}
        words={isSettled ? outcome : `${outcome} · ${changeWords(item)}`}
        tone="text-muted"
      />
    </span>
  )
}

function TwoLines({
  title,
  when,
  words,
  tone,
  aside,
}: {
  title: string
  when: string
  words: string
  tone: string
  aside?: string | null
}) {
  return (
    <span className="min-w-0 flex-1">
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-semibold">{title}</span>
        <span className="shrink-0 text-muted">{when}</span>
      </span>
      <span className="mt-0.5 flex items-baseline justify-between gap-3">
        <span className={`truncate ${tone}`}>{words}</span>
        {aside && <span className="shrink-0 text-sm text-muted">{aside}</span>}
      </span>
    </span>
  )
}
