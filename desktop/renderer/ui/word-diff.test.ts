import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shortened, wordDiff } from './word-diff.ts'

const marked = (before: string, after: string) =>
  wordDiff(before, after)?.map(
    ({ kind, text }) => ({ same: text, added: `+${text}`, removed: `-${text}` })[kind],
  )

describe('two texts word by word', () => {
  it('has what stayed, came and went', () => {
    expect(marked('the north fell by two points', 'the north fell by nearly three points')).toEqual([
      'the north fell by ',
      '-two ',
      '+nearly three ',
      'points',
    ])
  })

  it('says nothing where little stayed', () => {
    expect(wordDiff('the old text was of something else', 'the new one says what nobody had said')).toBeNull()
    expect(wordDiff('', 'new')).toBeNull()
    expect(wordDiff('old', '')).toBeNull()
  })

  it('gives up on texts that would take long to compare', () => {
    const words = (prefix: string) => Array.from({ length: 3000 }, (_, n) => `${prefix}${n}`).join(' ')
    expect(wordDiff(words('a'), words('b'))).toBeNull()
  })

  it('loses no letter of either text', () => {
    const text = fc
      .array(fc.constantFrom('a', 'bb', 'ccc', ' ', '\n'), { maxLength: 40 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pieces = wordDiff(before, after)
        const without = (kind: string) => pieces!.filter((piece) => piece.kind !== kind)
        const join = (some: { text: string }[]) => some.map((piece) => piece.text).join('')
        if (!pieces) return
        expect(join(without('removed'))).toBe(after)
        expect(join(without('added'))).toBe(before)
      }),
    )
  })
})

it('cuts what both have down to the words beside what differs', () => {
  const many = Array.from({ length: 50 }, (_, n) => `w${n}`).join(' ')
  const pieces = wordDiff(`${many} old ${many}`, `${many} new ${many}`)!
  expect(shortened(pieces, 2).map(({ text }) => text)).toEqual(['… w48 w49 ', 'old ', 'new ', 'w0 w1 … '])
  expect(shortened([{ kind: 'same', text: 'a b c' }, pieces[1]!], 2)[0]!.text).toBe('a b c')
})
