import { shortened, wordDiff } from './word-diff.ts'

/** Texts of which not everything is shown at first. */
export const isLong = (...texts: readonly string[]) =>
  texts.some((text) => text.length > 240 || text.split('\n').length > 6)

/** Below this two texts are compared faster by eye. */
const worthMarking = 60

/** A value as people read it. In a long text what differs from `before` is marked, and what does not is shortened. */
export function Words({
  text,
  before,
  all = false,
}: {
  text: string
  before?: string | undefined
  all?: boolean
}) {
  if (!text) return <span className="text-muted">empty</span>
  const clamp = all ? '' : 'line-clamp-6'
  const pieces = before && text.length > worthMarking ? wordDiff(before, text) : null
  if (!pieces) return <span className={`${clamp} break-words whitespace-pre-line select-text`}>{text}</span>
  return (
    <span className="break-words whitespace-pre-line select-text">
      {(all ? pieces : shortened(pieces)).map(({ kind, text: words }, index) => {
        if (kind === 'same') return words
        return kind === 'added' ? (
          <ins key={index} className="rounded-sm bg-good-soft text-good no-underline">
            {words}
          </ins>
        ) : (
          <del key={index} className="rounded-sm bg-bad-soft text-bad">
            {words}
          </del>
        )
      })}
    </span>
  )
}
