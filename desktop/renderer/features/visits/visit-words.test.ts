import { describe, expect, it } from 'vitest'
import { dayStart, momentOfDay, visitName, whenWords } from './visit-words.ts'

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
