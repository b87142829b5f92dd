import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guard, unguard } from './formula-guard.ts'

const heads = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']

describe('text a spreadsheet would run', () => {
  it.each(heads)('is guarded when it begins with %j', (head) => {
    expect(guard(`${head}1+1`)).toBe(`'${head}1+1`)
    expect(guard(`'${head}1+1`)).toBe(`''${head}1+1`)
  })

  it.each(['', '12 - 3', "'quoted'", "''", ' =1', 'a@b', '‐1'])('leaves %j as it is', (text) => {
    expect(guard(text)).toBe(text)
    expect(unguard(text)).toBe(text)
  })

  it('comes back as it was, and never begins with what runs', () => {
    const piece = fc.oneof(fc.constantFrom("'", ...heads), fc.string({ unit: 'grapheme', maxLength: 3 }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        const guarded = guard(text)
        expect(unguard(guarded)).toBe(text)
        expect(heads.some((head) => guarded.startsWith(head))).toBe(false)
      }),
    )
  })
})
