import { RotateCw } from 'lucide-react'
import { dateIn } from '#common/rules/calendar'
import { Button } from './Button.tsx'
import { clockWords, momentWords, readerZone } from './date-words.ts'
import { today } from './periods.ts'

/** 10:40, with the day where that is not today. */
function asOfWords(instant: string): string {
  const zone = readerZone()
  return dateIn(instant, zone) === today() ? clockWords(instant, zone) : momentWords(instant, zone)
}

/** Of which moment figures are, and a way to have those of now. */
export function Freshness({ asOf, onRefresh }: { asOf: string | null; onRefresh: () => void }) {
  return (
    <span className="flex items-center gap-0.5 whitespace-nowrap text-muted tabular-nums">
      <span role="status" aria-label="Freshness">
        {asOf && `as of ${asOfWords(asOf)}`}
      </span>
      <Button look="icon" aria-label="Refresh" title="Refresh" onClick={onRefresh}>
        <RotateCw aria-hidden size={14} />
      </Button>
    </span>
  )
}
