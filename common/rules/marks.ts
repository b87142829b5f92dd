import { fold } from './folding.ts'

/** Where folded terms occur in a text, so that a screen can mark what a search found. */

/** From and up to, in UTF-16 units of the text. */
export interface Range {
  from: number
  to: number
}

interface Folded {
  text: string
  /** For every unit of the folded text the piece of the original it came from. */
  from: number[]
  to: number[]
}

const isSpace = /^[\s\p{Cc}]+$/u
const isAccent = /^\p{M}+$/u

/** Folds letter by letter and remembers what came from where. */
function foldPieces(text: string): Folded {
  const folded: Folded = { text: '', from: [], to: [] }
  let at = 0
  for (const letter of text) {
    const end = at + letter.length
    const space = isSpace.test(letter)
    const units = space ? (folded.text.endsWith(' ') ? '' : ' ') : fold(letter)
    folded.text += units
    for (let unit = 0; unit < units.length; unit++) {
      folded.from.push(at)
      folded.to.push(end)
    }
    // What leaves nothing behind belongs to the letter before it: an accent, another space.
    if (units === '' && (space || isAccent.test(letter)) && folded.to.length > 0) {
      const owner = folded.from.at(-1)
      for (let index = folded.to.length - 1; folded.from[index] === owner; index--) folded.to[index] = end
    }
    at = end
  }
  return folded
}

/**
 * The parts of `text` in which one of the terms occurs, from left to right and apart from each other. Terms are
 * folded; each part folds to something that contains one of them.
 */
export function rangesOf(text: string, terms: readonly string[]): Range[] {
  const whole = fold(text)
  const present = terms.filter((term) => term !== '' && whole.includes(term))
  if (present.length === 0) return []
  const folded = foldPieces(text)
  const found: Range[] = []
  for (const term of present) {
    for (let at = folded.text.indexOf(term); at >= 0; at = folded.text.indexOf(term, at + term.length)) {
      const range = { from: folded.from[at]!, to: folded.to[at + term.length - 1]! }
      // Where letters change places when a whole text is folded there is nothing to be sure of.
      if (fold(text.slice(range.from, range.to)).includes(term)) found.push(range)
    }
  }
  return joined(found)
}

function joined(ranges: Range[]): Range[] {
  const result: Range[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = result.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else result.push({ ...range })
  }
  return result
}

const before = 24

/** The text, from shortly before the first mark on where that would be out of sight in one line. */
export function excerptOf(text: string, terms: readonly string[], inSight = 48): string {
  const first = rangesOf(text, terms)[0]
  if (!first || first.from < inSight) return text
  const space = text.indexOf(' ', first.from - before)
  const start = space >= 0 && space < first.from ? space + 1 : first.from
  return `…${text.slice(start)}`
}
