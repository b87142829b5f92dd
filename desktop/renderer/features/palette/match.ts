import { fold } from '#common/rules/folding'

/** How well `text` fits what was typed; null where it does not. Lower is better. */
function fit(text: string, typed: string): number | null {
  const folded = fold(text)
  const words = folded.split(/[^\p{L}\p{N}]+/u)
  let score = 0
  for (const term of fold(typed).split(' ').filter(Boolean)) {
    const place = words.findIndex((word) => word.startsWith(term))
    if (place >= 0) score += place
    else if (folded.includes(term)) score += 20
    else if (isSpread(term, folded)) score += 50
    else return null
  }
  return score
}

/** The letters in their order, with others between them: `syc` in sync centre. */
function isSpread(term: string, text: string): boolean {
  let at = -1
  for (const letter of term) {
    at = text.indexOf(letter, at + 1)
    if (at < 0) return false
  }
  return term.length > 1
}

/** Those that fit every word that was typed, the best first; all of them where nothing was. */
export function best<T extends { words: string }>(choices: readonly T[], typed: string): T[] {
  return choices
    .flatMap((choice) => {
      const score = fit(choice.words, typed)
      return score === null ? [] : [{ choice, score }]
    })
    .toSorted((a, b) => a.score - b.score)
    .map(({ choice }) => choice)
}
