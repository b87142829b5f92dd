import { ChevronRight } from 'lucide-react'
import { visitTypeWords } from '#common/rules/visit-rules'
import type { LocalListedVisit } from '#desktop/bridge/field'
import { countWords } from '../../ui/date-words.ts'
import { Pill } from '../../ui/Pill.tsx'
import { visitName, whenWords } from './visit-words.ts'
import { statusWords } from '../../ui/visit-labels.ts'

/** One of one's own visits, to be opened. */
export function VisitRow({ visit, onOpen }: { visit: LocalListedVisit; onOpen: () => void }) {
  const { status, surveyName, shopName, visitType, photos } = visit
  const details = [
    whenWords(visit, new Date()),
    shopName && visitTypeWords[visitType],
    surveyName,
    photos > 0 && countWords(photos, 'photo'),
  ]
  return (
    <button
      type="button"
      className="flex w-full items-center gap-3 px-3 py-2.5 text-left -outline-offset-2 hover:bg-surface-2"
      onClick={onOpen}
    >
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span className="truncate font-semibold">{visitName(visit)}</span>
          {status === 'cancelled' && <Pill tone="plain">{statusWords.cancelled.words}</Pill>}
        </span>
        <span className="block truncate text-muted">{details.filter(Boolean).join(' · ')}</span>
        <UnsentWords visit={visit} />
      </span>
      {status === 'in_progress' ? (
        <span className="font-[550] whitespace-nowrap text-accent">Continue</span>
      ) : null}
      <ChevronRight aria-hidden size={15} className="shrink-0 text-faint" />
    </button>
  )
}

/** What the server does not have yet; nothing where it has all. */
export function UnsentWords({ visit }: { visit: LocalListedVisit }) {
  const { needsAttention, unsent, photosWaiting } = visit
  if (needsAttention) return <span className="block text-sm text-bad">Needs attention</span>
  if (!unsent && photosWaiting === 0) return null
  const words = photosWaiting > 0 ? `${countWords(photosWaiting, 'photo')} to send` : 'Not sent yet'
  return (
    <span className="flex items-center gap-1.5 text-sm text-warn">
      <span aria-hidden className="size-[7px] rounded-full bg-current" />
      {words}
    </span>
  )
}
