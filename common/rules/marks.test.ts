import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { fold, searchTerms } from './folding.ts'
import { excerptOf, rangesOf } from './marks.ts'

const shown = (text: string, search: string) =>
  rangesOf(text, searchTerms(search)).reduceRight(
    (rest, { from, to }) => `${rest.slice(0, from)}[${rest.slice(from, to)}]${rest.slice(to)}`,
    text,
  )

describe('marks', () => {
  test.each([
    ['case and accents', 'Émile LEFÈVRE', 'lefevre e', '[É]mil[e] [LEFÈVRE]'],
    ['a letter that becomes two', 'Güntzelstraße 12', 'strasse', 'Güntzel[straße] 12'],
    ['half of such a letter', 'Straße', 's', '[S]tra[ß]e'],
    ['accents of their own', 'Cafe\u0301 noir', 'cafe', '[Cafe\u0301] noir'],
    ['ligatures', 'ﬁnance', 'fi', '[ﬁ]nance'],
    ['terms that overlap', 'abcd', 'abc bcd', '[abcd]'],
    ['terms side by side', 'abcd', 'ab cd', '[abcd]'],
    ['a term that comes again', 'ana banana', 'ana', '[ana] b[ana]na'],
    ['zero width inside', 'soft\u00adhyphen', 'softhyphen', '[soft\u00adhyphen]'],
    ['beyond the first plane', '😀 𝐁𝐨𝐥𝐝', 'bold', '😀 [𝐁𝐨𝐥𝐝]'],
    ['sigma at the end', 'ΟΔΟΣ', 'οδος', '[ΟΔΟΣ]'],
    ['nothing', 'Harrow', 'vale', 'Harrow'],
    ['no terms', 'Harrow', '', 'Harrow'],
  ])('%s', (_, text, search, expected) => expect(shown(text, search)).toBe(expected))

  it('finds a term with a space over every kind of space', () => {
    expect(rangesOf('at  \u2003 the\tdesk', ['at the desk'])).toEqual([{ from: 0, to: 14 }])
  })

  const letter = fc.oneof(
    fc.constantFrom(
      'a',
      'e',
      's',
      'ß',
      'é',
      '\u0301',
      '\u0308',
      'ﬁ',
      'Σ',
      'ς',
      'İ',
      ' ',
      '\t',
      '\u200b',
      'Æ',
      '😀',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  const anyText = fc.array(letter, { maxLength: 30 }).map((letters) => letters.join(''))
  /** A text and terms, some of which come from it. */
  const anySearch = fc
    .tuple(anyText, fc.nat(30), fc.integer({ min: 1, max: 6 }), anyText)
    .map(([text, from, length, other]): [string, string[]] => [
      text,
      [fold(text).slice(from, from + length), ...searchTerms(other)].filter(Boolean),
    ])

  test('every range folds to something that contains a term', () => {
    fc.assert(
      fc.property(anySearch, ([text, terms]) => {
        const ranges = rangesOf(text, terms)
        for (const { from, to } of ranges) {
          const folded = fold(text.slice(from, to))
          expect(terms.some((term) => folded.includes(term))).toBe(true)
        }
        for (const [index, { from, to }] of ranges.entries()) {
          expect(from).toBeGreaterThanOrEqual(index === 0 ? 0 : ranges[index - 1]!.to + 1)
          expect(to).toBeGreaterThan(from)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('a term that a search finds in plain text is marked', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'abcßéÆøﬁ  '), maxLength: 30 })
    fc.assert(
      fc.property(plain, fc.nat(30), fc.integer({ min: 1, max: 5 }), (text, from, length) => {
        const [term] = searchTerms(text.slice(from, from + length))
        fc.pre(term !== undefined)
        expect(rangesOf(text, [term])).not.toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an excerpt', () => {
  it('begins shortly before what was found, at a word', () => {
    const text = `${'We walked through every aisle. '.repeat(4)}The shelf share fell in the north.`
    expect(excerptOf(text, ['share'])).toBe('…every aisle. The shelf share fell in the north.')
  })

  it('is the text where what was found is in sight', () => {
    expect(excerptOf('shelf share', ['share'])).toBe('shelf share')
  })
})
