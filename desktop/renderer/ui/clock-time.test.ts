import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { clockTime } from './clock-time.ts'

describe('a time as people type it', () => {
  it.each([
    ['9', '09:00'],
    ['14', '14:00'],
    ['930', '09:30'],
    ['0930', '09:30'],
    ['9:30', '09:30'],
    ['09.30', '09:30'],
    ['9h30', '09:30'],
    ['9h', '09:00'],
    [' 23:59 ', '23:59'],
    ['0', '00:00'],
    ['000', '00:00'],
  ])('“%s” is %s', (typed, time) => expect(clockTime(typed)).toBe(time))

  it.each(['', '24', '24:00', '9:60', '960', '99', '9:3', '12345', 'noon', '-1', '1e1', '9:30:00', '٩'])(
    '“%s” is none',
    (typed) => expect(clockTime(typed)).toBeNull(),
  )
})

test('every time of the day is understood however it is written', () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (hour, minute) => {
      const [hh, mm] = [String(hour).padStart(2, '0'), String(minute).padStart(2, '0')]
      for (const mark of ['', ':', '.', ',', 'h', ' ']) {
        expect(clockTime(`${hh}${mark}${mm}`)).toBe(`${hh}:${mm}`)
        expect(clockTime(`${hour}${mark}${mm}`)).toBe(`${hh}:${mm}`)
      }
    }),
  ))
