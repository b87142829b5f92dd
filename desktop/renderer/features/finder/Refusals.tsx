import type { Refusal } from '#common/contract/record-keeping'
import { numberWords } from '../../ui/date-words.ts'

/** More than this nobody reads; the count above says how many there are. */
const mostShown = 500

/** The records that were or will be left as they are, each with its reason. */
export function Refusals({ refused, className = '' }: { refused: readonly Refusal[]; className?: string }) {
  return (
    <ul
      aria-label="Records left as they are"
      // Scrolled by keyboard too.
      tabIndex={0}
      className={`max-h-44 overflow-y-auto rounded-md border border-line bg-surface ${className}`}
    >
      {refused.slice(0, mostShown).map(({ id, title, reason }) => (
        <li key={id} className="border-b border-line px-3 py-1.5 last:border-0">
          <p className="truncate font-[550] text-text">{title ?? 'No title yet'}</p>
          <p className="text-sm text-muted">{reason}</p>
        </li>
      ))}
      {refused.length > mostShown && (
        <li className="px-3 py-1.5 text-sm text-muted">and {numberWords(refused.length - mostShown)} more</li>
      )}
    </ul>
  )
}
