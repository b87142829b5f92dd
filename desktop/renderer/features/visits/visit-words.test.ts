import { describe, expect, it } from 'vitest'
import { dayStart, momentOfDay, savedWords, visitName, whenWords } from './visit-words.ts'

const now = new Date('2026-11-30T12:00:00.000Z')
const visit = { startedAt: '2026-11-30T10:02:00.000Z', completedAt: null, timezone: 'Europe/Berlin' }

describe('the words of a visit', () => {
  it.each([
    [visit, '11:02'],
    [{ ...visit, completedAt: '2026-11-30T10:40:00.000Z' }, '11:02 – 11:40'],
    [{ ...visit, startedAt: '2026-11-28T10:02:00.000Z', completedAt: '2026-11-28T10:40:00.000Z' }, '28 Nov'],
  ])('say of %o when it was: %s', (of, words) => expect(whenWords(of, now)).toBe(words))

  it('call it by its shop or, without one, by its kind', () => {
    expect(visitName({ shopName: 'REWE', visitType: 'audit' })).toBe('REWE')
    expect(visitName({ shopName: null, visitType: 'audit' })).toBe('Audit')
  })
})

describe('days', () => {
  it('begin where this computer is', () => {
    expect(new Date(dayStart(now)).getHours()).toBe(0)
    expect(momentOfDay('2026-11-30')).toBe(dayStart(new Date(2026, 10, 30, 12)))
    expect(momentOfDay('2026-11-30', 1)).toBe(dayStart(new Date(2026, 11, 1, 12)))
    expect(momentOfDay('')).toBeNull()
  })
})

const kept = {
  isSaving: false,
  failed: false,
  answers: 0,
  hasMarks: false,
  hasNotes: false,
  unsent: false,
  goesOn: true,
}

it.each([
  [{}, 'saved', false],
  [{ unsent: true }, 'saved on this device', false],
  [{ goesOn: false }, 'sent', false],
  [{ isSaving: true, unsent: true }, 'saving…', false],
  [{ answers: 1 }, '1 answer not saved', true],
  [{ hasMarks: true, unsent: true }, 'marks not saved', true],
  [{ answers: 2, hasMarks: true }, '2 answers and marks not saved', true],
  [{ hasNotes: true, goesOn: false }, 'notes not saved', true],
  [{ failed: true, isSaving: true }, 'not saved', true],
])('a visit with %o is said to be “%s”', (of, words, isBad) =>
  expect(savedWords({ ...kept, ...of })).toEqual({ words, isBad }),
)
