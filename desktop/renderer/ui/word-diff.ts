export interface Piece {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Beyond this many comparisons two texts are not compared word by word. */
const tooMany = 4_000_000

/** What became of `before` in `after`, word by word; null where that would say nothing: no text, or mostly new. */
export function wordDiff(before: string, after: string): Piece[] | null {
  const a = wordsOf(before)
  const b = wordsOf(after)
  if (a.length === 0 || b.length === 0) return null
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const middle = compare(a.slice(start, a.length - end), b.slice(start, b.length - end))
  if (!middle) return null
  const pieces = joined([
    { kind: 'same', text: a.slice(0, start).join('') },
    ...middle,
    { kind: 'same', text: a.slice(a.length - end).join('') },
  ])
  const kept = pieces.filter(({ kind }) => kind === 'same').reduce((sum, { text }) => sum + text.length, 0)
  return kept * 3 < Math.max(before.length, after.length) ? null : pieces
}

/** Words with the blanks that follow them, so that joined they are the text again. */
const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? []

/** The longest run of words both have, by dynamic programming; null where that is too much work. */
function compare(a: readonly string[], b: readonly string[]): Piece[] | null {
  if (a.length * b.length > tooMany) return null
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
    }
  }
  const pieces: Piece[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ kind: 'same', text: a[i++]! })
      j++
    } else if (
      i < a.length &&
      (j === b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      pieces.push({ kind: 'removed', text: a[i++]! })
    } else {
      pieces.push({ kind: 'added', text: b[j++]! })
    }
  }
  return pieces
}

function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = []
  for (const { kind, text } of pieces) {
    const last = result.at(-1)
    if (text === '') continue
    if (last?.kind === kind) last.text += text
    else result.push({ kind, text })
  }
  return result
}

/** Long stretches that both have are cut to `around` words beside what differs. */
export function shortened(pieces: readonly Piece[], around = 8): Piece[] {
  return pieces.map(({ kind, text }, index) => {
    const words = kind === 'same' ? wordsOf(text) : []
    const head = index === 0 ? 0 : around
    const tail = index === pieces.length - 1 ? 0 : around
    if (words.length <= head + tail + 2) return { kind, text }
    return { kind, text: `${words.slice(0, head).join('')}… ${words.slice(words.length - tail).join('')}` }
  })
}
