import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldSeparator, fold, searchedFields, searchTerms, searchText, sortKey } from './folding.ts'

describe('fold', () => {
  test.each([
    ['case', 'QUARTERLY Review', 'quarterly review'],
    [
      'accents',
      'Łukasz Ødegård, Émile Lefèvre, Aoife Ní Bhriain',
      'lukasz odegard, emile lefevre, aoife ni bhriain',
    ],
    ['letter and accent apart or as one', 'e\u0301 \u00e9', 'e e'],
    ['two accents on one letter', 'Việt', 'viet'],
    ['sharp s, small and capital', 'Straße STRAẞE', 'strasse strasse'],
    ['joined letters', 'Ærø œuvre þing ðæt ħal ﬁne', 'aero oeuvre thing daet hal fine'],
    ['dotless and dotted i', 'ılık İstanbul', 'ilik istanbul'],
    ['sigma at the end of a word', 'ΟΔΟΣ οδος', 'οδοσ οδοσ'],
    ['zero width', 'zero\u200bwidth soft\u00adhyphen \ufeffbom', 'zerowidth softhyphen bom'],
    ['spaces of every kind', '\u00a0 two\u2003\twords\r\n\u3000', 'two words'],
    ['full width', 'ＡＢＣ　１２', 'abc 12'],
    ['beyond the first plane', '𝐁𝐨𝐥𝐝 😀 𐐀', 'bold 😀 𐐨'],
    ['control characters', 'a\u0001\u001f\u0085b', 'a b'],
    ['nothing left', ' \u200b\u0301 ', ''],
    ['other scripts', 'Привет ЙОД 漢字 안녕', 'привет иод 漢字 안녕'.normalize('NFKD')],
  ])('%s', (_, text, folded) => expect(fold(text)).toBe(folded))

  const anyText = fc.string({ unit: 'binary', maxLength: 40 })

  test('a text without accents comes out as it would beside one with an accent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        expect(fold(`e${text}`)).toBe(fold(`é${text}`))
      }),
      { numRuns: 3000 },
    )
  })

  test('what is folded stays as it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fold(fold(text))).toBe(fold(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('every single character, twice and in any case', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const character = String.fromCodePoint(code)
      if (/\p{Cn}|\p{Co}/u.test(character)) continue
      const folded = fold(character)
      if (fold(folded) !== folded)
        expect.fail(`U+${code.toString(16)} folds to ${folded}, that to ${fold(folded)}`)
      if (folded.includes(fieldSeparator)) expect.fail(`U+${code.toString(16)} leaves a separator`)
    }
  }, 30_000)

  test('a letter is found in both cases', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code)
      if (!/\p{L}/u.test(character) || character.toUpperCase().toLowerCase() !== character) continue
      if (fold(character.toUpperCase()) !== fold(character))
        expect.fail(`${character} and ${character.toUpperCase()}`)
    }
  })

  test('never leaves doubled or outer spaces', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fold(text)).not.toMatch(/^\s|\s$|\s\s/)
      }),
    )
  })
})

describe('searchTerms', () => {
  test('are the words, folded, once each', () =>
    expect(searchTerms('  Müller  MULLER review ')).toEqual(['muller', 'review']))
  test('keep signs that a pattern would take for something else', () =>
    expect(searchTerms('100% a_b c\\d')).toEqual(['100%', 'a_b', 'c\\d']))
  test('are none in a search of spaces', () => expect(searchTerms(' \u00a0\u200b ')).toEqual([]))

  test('a term of any one field is in the search text', () => {
    const record = fc.record(
      Object.fromEntries(searchedFields.map((field) => [field, fc.option(fc.string({ unit: 'binary' }))])),
    ) as fc.Arbitrary<Parameters<typeof searchText>[0]>
    fc.assert(
      fc.property(record, fc.constantFrom(...searchedFields), (fields, field) => {
        const text = searchText(fields)
        for (const term of searchTerms(fields[field] ?? '')) expect(text).toContain(term)
        expect(text.split(fieldSeparator)).toHaveLength(searchedFields.length)
      }),
    )
  })
})

describe('sortKey', () => {
  test('of nothing is empty', () => {
    expect(sortKey(null)).toBe('')
    expect(sortKey('')).toBe('')
  })

  test('of a long text is cut after 600 characters, none of which takes more than four bytes', () => {
    for (const unit of ['a', 'ß', '漢', '😀', '\ufdfa', '👩‍👩‍👧‍👦']) {
      const key = sortKey(unit.repeat(20_000))
      expect([...key].length).toBe(600)
      expect(key.isWellFormed()).toBe(true)
    }
  })

  test('of a text of 600 characters outside the first plane is whole', () =>
    expect(sortKey('😀'.repeat(600))).toBe('😀'.repeat(600)))
})
