import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockChange, instantsOf, isTimeZone, toWallTime } from './time-zone.ts'

describe('isTimeZone', () => {
  test.each([
    'Europe/Berlin',
    'UTC',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+5',
    'Asia/Calcutta',
    'EST5EDT',
  ])('%s is one', (zone) => expect(isTimeZone(zone)).toBe(true))
  test.each([
    '',
    'Europe/Berlino',
    '+02:00',
    'europe/berlin',
    'Berlin',
    '../etc',
    'UTC ',
    'Europe/Berlin\0',
    '__proto__',
    'A'.repeat(500),
  ])('“%s” is none', (zone) => expect(isTimeZone(zone)).toBe(false))
  test('every zone this machine knows is one', () =>
    expect(Intl.supportedValuesOf('timeZone').filter((zone) => !isTimeZone(zone))).toEqual([]))
})

describe('instantsOf', () => {
  test('one moment as a rule', () => {
    expect(instantsOf('2026-08-22T14:00', 'Europe/Berlin')).toEqual(['2026-08-22T12:00:00.000Z'])
    expect(instantsOf('2026-01-22T14:00', 'Europe/Berlin')).toEqual(['2026-01-22T13:00:00.000Z'])
    expect(instantsOf('2026-01-22T14:00', 'Asia/Kolkata')).toEqual(['2026-01-22T08:30:00.000Z'])
    expect(instantsOf('2026-01-01T00:00', 'Pacific/Kiritimati')).toEqual(['2025-12-31T10:00:00.000Z'])
  })

  test('none in the hour that is skipped', () => {
    expect(instantsOf('2026-03-29T02:30', 'Europe/Berlin')).toEqual([])
    expect(instantsOf('2026-03-29T01:59', 'Europe/Berlin')).toHaveLength(1)
    expect(instantsOf('2026-03-29T03:00', 'Europe/Berlin')).toEqual(['2026-03-29T01:00:00.000Z'])
    // Samoa left out a whole day.
    expect(instantsOf('2011-12-30T12:00', 'Pacific/Apia')).toEqual([])
  })

  test('two in the hour that comes twice, the earlier first', () => {
    expect(instantsOf('2026-10-25T02:30', 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ])
    // Half an hour only, on Lord Howe.
    expect(instantsOf('2026-04-05T01:45', 'Australia/Lord_Howe')).toEqual([
      '2026-04-04T14:45:00.000Z',
      '2026-04-04T15:15:00.000Z',
    ])
  })

  test('local mean time, with its odd seconds', () => {
    // Amsterdam was 19 minutes and 32 seconds east of Greenwich.
    const [instant] = instantsOf('1910-06-01T12:00', 'Europe/Amsterdam')
    expect(toWallTime(instant!, 'Europe/Amsterdam')).toBe('1910-06-01T12:00')
  })

  test.each([
    '',
    'tomorrow',
    '2026-02-30T10:00',
    '2026-01-01T24:00',
    '2026-1-1T1:00',
    '2026-01-01',
    '2026-01-01T10:00Z',
    '2026-01-01T10:00:30',
  ])('none for “%s”', (wall) => expect(instantsOf(wall, 'Europe/Berlin')).toEqual([]))
})

describe('clockChange', () => {
  test('forward: what is skipped', () => {
    expect(clockChange('2026-03-29T02:30', 'Europe/Berlin')).toEqual({
      at: '2026-03-29T01:00:00.000Z',
      from: '2026-03-29T02:00',
      to: '2026-03-29T03:00',
    })
    // Chile moves at midnight, Samoa left out a whole day.
    expect(clockChange('2026-09-06T00:15', 'America/Santiago')).toMatchObject({
      from: '2026-09-06T00:00',
      to: '2026-09-06T01:00',
    })
    expect(clockChange('2011-12-30T23:59', 'Pacific/Apia')).toMatchObject({
      from: '2011-12-30T00:00',
      to: '2011-12-31T00:00',
    })
  })

  test('back: what comes twice', () => {
    expect(clockChange('2026-10-25T02:30', 'Europe/Berlin')).toEqual({
      at: '2026-10-25T01:00:00.000Z',
      from: '2026-10-25T03:00',
      to: '2026-10-25T02:00',
    })
    expect(clockChange('2026-04-05T01:45', 'Australia/Lord_Howe')).toMatchObject({
      from: '2026-04-05T02:00',
      to: '2026-04-05T01:30',
    })
  })

  test.each(['2026-03-29T01:59', '2026-03-29T03:00', '2026-08-22T14:00', '2026-02-30T10:00', 'tomorrow'])(
    'none for %s',
    (wall) => expect(clockChange(wall, 'Europe/Berlin')).toBeNull(),
  )
})

const zones = Intl.supportedValuesOf('timeZone')
const minute = 60_000
const anyMoment = fc.integer({ min: Date.UTC(1900, 0, 2) / minute, max: Date.UTC(2999, 0, 1) / minute })

test('a moment is among those its own wall time stands for, in every zone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyMoment, (zone, minutes) => {
      const instant = new Date(minutes * minute).toISOString()
      const wall = toWallTime(instant, zone)
      const found = instantsOf(wall, zone)
      // Under local mean time a clock stands at odd seconds of a whole minute of UTC.
      const near = found.map((each) => Math.abs(Date.parse(each) - Date.parse(instant)))
      expect(Math.min(...near), `${instant} in ${zone} shows ${wall}, which is ${found.join()}`).toBeLessThan(
        minute,
      )
      expect(found).toEqual([...found].sort())
      for (const each of found) expect(toWallTime(each, zone)).toBe(wall)
    }),
    { numRuns: 3000 },
  )
})

/** A minute within two hours of a change of the clock, in a zone that has one in that year. */
const nearChange = fc
  .record({
    zone: fc.constantFrom(...zones),
    year: fc.integer({ min: 1975, max: 2037 }),
    minutes: fc.integer({ min: -120, max: 120 }),
  })
  .map(({ zone, year, minutes }) => {
    const time = Date.UTC(year, 0, 1)
    const shift = (at: number) => Date.parse(`${toWallTime(new Date(at).toISOString(), zone)}Z`) - at
    for (let week = 0; week < 52; week++) {
      let [low, high] = [time + week * 168 * 60 * minute, time + (week + 1) * 168 * 60 * minute]
      if (shift(low) === shift(high)) continue
      const was = shift(low)
      while (high - low > minute) {
        const middle = Math.floor((low + high) / 2 / minute) * minute
        if (shift(middle) === was) low = middle
        else high = middle
      }
      return { zone, wall: new Date(high + was + minutes * minute).toISOString().slice(0, 16), at: high }
    }
    return null
  })
  .filter((found) => found !== null)

test('a time is skipped or comes twice exactly where a change of the clock says so', () => {
  let [skipped, twice] = [0, 0]
  fc.assert(
    fc.property(nearChange, ({ zone, wall, at }) => {
      const change = clockChange(wall, zone)
      const found = instantsOf(wall, zone).length
      const words = `${wall} in ${zone}: ${JSON.stringify(change)}`
      expect(found === 1, words).toBe(change === null)
      if (!change) return
      expect(Date.parse(change.at), words).toBe(at)
      expect(toWallTime(change.at, zone), words).toBe(change.to)
      if (found === 0) skipped++
      else twice++
      const [first, last] = found === 0 ? [change.from, change.to] : [change.to, change.from]
      expect(first <= wall && wall < last, words).toBe(true)
      // The times offered in place of one that is skipped exist.
      if (found > 0) return
      const justBefore = new Date(Date.parse(`${change.from}Z`) - minute).toISOString().slice(0, 16)
      expect(instantsOf(justBefore, zone), words).not.toEqual([])
      expect(instantsOf(change.to, zone), words).not.toEqual([])
    }),
    { numRuns: 400 },
  )
  expect(skipped).toBeGreaterThan(0)
  expect(twice).toBeGreaterThan(0)
})

test.each([
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Sao_Paulo',
  'Asia/Tehran',
])('around every change of the clock in %s in 2018', (zone) => {
  const hour = 60 * minute
  const clockAt = (time: number) => toWallTime(new Date(time).toISOString(), zone).slice(11)
  let changes = 0
  for (let noon = Date.UTC(2018, 0, 1, 12); noon < Date.UTC(2019, 0, 1); noon += 24 * hour) {
    if (clockAt(noon) === clockAt(noon + 24 * hour)) continue
    changes++
    for (let time = noon; time <= noon + 24 * hour; time += 10 * minute) {
      const instant = new Date(time).toISOString()
      expect(instantsOf(toWallTime(instant, zone), zone)).toContain(instant)
    }
  }
  expect(changes).toBeGreaterThanOrEqual(2)
})
