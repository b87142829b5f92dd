import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  type CallCycleLocation,
  type CycleVisit,
  mostLocations,
  type Recurrence,
} from '../contract/call-cycles.ts'
import { dateIn, dateOfDay, dayNumber } from './calendar.ts'
import {
  adherence,
  type CallCycleShape,
  coverage,
  cycleProblems,
  longestRange,
  next,
  periodsOf,
  route,
  type Slot,
  slotsBetween,
} from './call-cycle.ts'
import { instantsOf } from './time-zone.ts'

const location = (id: string, more: Partial<CallCycleLocation> = {}): CallCycleLocation => ({
  id,
  shopId: `shop of ${id}`,
  day: null,
  position: 1,
  visitsPerCycle: 1,
  since: null,
  until: null,
  ...more,
})

const cycle = (more: Partial<CallCycleShape> = {}): CallCycleShape => ({
  recurrence: { every: 1, unit: 'week' },
  startsOn: '2026-01-05',
  endsOn: null,
  timezone: 'Europe/Berlin',
  locations: [location('a')],
  ...more,
})

const windows = (slots: readonly Slot[]) =>
  slots.map(({ from, to, dueOn }) => `${from.slice(5)} to ${to.slice(5)} by ${dueOn.slice(5)}`)

describe('periods', () => {
  const starts = (every: number, unit: Recurrence['unit'], startsOn: string, from: string, to: string) =>
    periodsOf(cycle({ recurrence: { every, unit }, startsOn }), from, to).map(({ start }) => start)

  test.each<[string, string[], string[]]>([
    [
      'from the 31st: always the last of a month that is shorter',
      starts(1, 'month', '2026-01-31', '2026-01-01', '2026-06-15'),
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'],
    ],
    [
      'from the 29th of February, by years',
      starts(12, 'month', '2024-02-29', '2025-03-01', '2028-12-31'),
      ['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      '1900 and 2100 are no leap years, 2000 is one',
      [
        ...starts(1, 'month', '1900-01-31', '1900-02-20', '1900-03-01'),
        ...starts(1, 'month', '2000-01-31', '2000-02-29', '2000-03-01'),
        ...starts(1, 'month', '2100-01-31', '2100-02-28', '2100-03-01'),
      ],
      ['1900-01-31', '1900-02-28', '2000-02-29', '2100-02-28'],
    ],
    [
      'every second week',
      starts(2, 'week', '2026-01-05', '2026-01-18', '2026-02-02'),
      ['2026-01-05', '2026-01-19', '2026-02-02'],
    ],
    [
      'every tenth day, centuries on',
      starts(10, 'day', '1970-01-01', '2999-12-25', '2999-12-31'),
      ['2999-12-22'],
    ],
    ['none before the start', starts(1, 'week', '2026-01-05', '2025-12-01', '2026-01-04'), []],
    ['none of no days', starts(1, 'week', '2026-01-05', '2026-02-02', '2026-02-01'), []],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected))

  test('end with the cycle', () => {
    const ending = cycle({ recurrence: { every: 4, unit: 'week' }, endsOn: '2026-02-03' })
    expect(periodsOf(ending, '2026-01-01', '2026-12-31')).toEqual([
      { start: '2026-01-05', end: '2026-02-01' },
      { start: '2026-02-02', end: '2026-02-03' },
    ])
    expect(periodsOf(ending, '2026-02-03', '2026-02-10')).toHaveLength(1)
    expect(periodsOf(ending, '2026-02-04', '2026-02-10')).toEqual([])
  })

  test('are told for five years at once and no more', () => {
    const last = dateOfDay(dayNumber('2026-01-01') + longestRange - 1)
    expect(periodsOf(cycle(), '2026-01-01', last)).toHaveLength(261)
    for (const tooMuch of [periodsOf, slotsBetween])
      expect(() => tooMuch(cycle(), '2025-12-31', last)).toThrow(RangeError)
  })
})

describe('slots', () => {
  const ofMonth = (more: Partial<CallCycleLocation>, endsOn: string | null = null) =>
    windows(
      slotsBetween(
        cycle({
          recurrence: { every: 1, unit: 'month' },
          startsOn: '2026-02-01',
          endsOn,
          locations: [location('a', more)],
        }),
        '2026-02-01',
        '2026-02-28',
      ),
    )

  test.each<[string, string[], string[]]>([
    ['one visit, on any day', ofMonth({}), ['02-01 to 02-28 by 02-28']],
    [
      'on a day of each window',
      ofMonth({ visitsPerCycle: 4, day: 3 }),
      [
        '02-01 to 02-07 by 02-03',
        '02-08 to 02-14 by 02-10',
        '02-15 to 02-21 by 02-17',
        '02-22 to 02-28 by 02-24',
      ],
    ],
    [
      'windows as equal as can be, the shortest first',
      ofMonth({ visitsPerCycle: 3, day: 31 }),
      ['02-01 to 02-09 by 02-09', '02-10 to 02-18 by 02-18', '02-19 to 02-28 by 02-27'],
    ],
    ['a day that the month has not', ofMonth({ day: 31 }), ['02-01 to 02-28 by 02-28']],
    [
      'an end within a window whose day is over',
      ofMonth({ visitsPerCycle: 2, day: 3 }, '2026-02-18'),
      ['02-01 to 02-14 by 02-03', '02-15 to 02-18 by 02-17'],
    ],
    [
      'an end before the day is due',
      ofMonth({ visitsPerCycle: 2, day: 3 }, '2026-02-16'),
      ['02-01 to 02-14 by 02-03'],
    ],
    [
      'an end where any day will do',
      ofMonth({ visitsPerCycle: 2 }, '2026-02-16'),
      ['02-01 to 02-14 by 02-14', '02-15 to 02-16 by 02-16'],
    ],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected))

  test('no more than there are days', () => {
    expect(ofMonth({ visitsPerCycle: 31, day: 5 })).toHaveLength(28)
    expect(ofMonth({ visitsPerCycle: 31, day: 5 })[27]).toBe('02-28 to 02-28 by 02-28')
  })

  test('in the order in which they fall due, on one day by position', () => {
    const locations = [
      location('d', { position: 2 }),
      location('c', { position: 1 }),
      location('b', { position: 1, day: 7 }),
      location('a', { position: 9, day: 1 }),
    ]
    const found = slotsBetween(cycle({ locations }), '2026-01-05', '2026-01-11')
    expect(found.map(({ locationId }) => locationId)).toEqual(['a', 'b', 'c', 'd'])
    expect(found[0]).toEqual({
      locationId: 'a',
      shopId: 'shop of a',
      position: 9,
      period: '2026-01-05',
      slot: 0,
      from: '2026-01-05',
      to: '2026-01-11',
      dueOn: '2026-01-05',
    })
  })

  test('whose windows meet what is asked for, if only by a day', () => {
    const found = (from: string, to: string) => windows(slotsBetween(cycle(), from, to))
    expect(found('2026-01-11', '2026-01-12')).toEqual(['01-05 to 01-11 by 01-11', '01-12 to 01-18 by 01-18'])
    expect(found('2026-01-12', '2026-01-18')).toEqual(['01-12 to 01-18 by 01-18'])
  })
})

const visit = (date: string, shopId = 'shop of a', id = `${shopId} ${date}`): CycleVisit => ({
  id,
  shopId,
  date,
})

describe('coverage', () => {
  const week = cycle({ locations: [location('a', { day: 3 })] })
  const inWeek = (today: string, visits: CycleVisit[] = [], reason?: string) =>
    coverage(
      slotsBetween(week, '2026-01-05', '2026-01-11'),
      visits,
      reason ? [{ locationId: 'a', period: '2026-01-05', slot: 0, reason }] : [],
      today,
    )[0]!

  test.each<[string, string, CycleVisit[], string]>([
    ['before it is due', '2026-01-06', [], 'planned'],
    ['on the day', '2026-01-07', [], 'due'],
    ['until its window ends', '2026-01-11', [], 'due'],
    ['after that', '2026-01-12', [], 'missed'],
    ['visited before it is due', '2026-01-06', [visit('2026-01-05')], 'covered'],
    ['visited late', '2026-02-01', [visit('2026-01-11')], 'covered'],
    ['visited too early', '2026-01-07', [visit('2026-01-04')], 'due'],
    ['visited too late', '2026-02-01', [visit('2026-01-12')], 'missed'],
    ['another shop', '2026-01-07', [visit('2026-01-06', 'another')], 'due'],
  ])('%s', (_, today, visits, status) => {
    expect(inWeek(today, visits).status).toBe(status)
    expect(inWeek(today, visits, 'Closed')).toMatchObject({ status, reason: 'Closed' })
  })

  test('has the reasons given for this slot of this location, in advance as well', () => {
    const given = { locationId: 'b', period: '2026-01-12', slot: 1, reason: 'Closed' }
    const locations = ['a', 'b'].map((id) => location(id, { visitsPerCycle: 2 }))
    const found = coverage(
      slotsBetween(cycle({ locations }), '2026-01-05', '2026-01-25'),
      [],
      [given],
      '2026-01-05',
    )
    const excused = found.filter(({ reason }) => reason !== null)
    expect(excused).toMatchObject([{ ...given, status: 'planned' }])
  })

  test('is by the earliest visit, and two on a day are one', () => {
    const visits = [visit('2026-01-08'), visit('2026-01-06', 'shop of a', 'z'), visit('2026-01-06')]
    expect(inWeek('2026-01-20', visits).visit).toBe(visits[2])
    const daily = cycle({ recurrence: { every: 4, unit: 'day' } })
    const twice = { ...daily, locations: [location('a'), location('b', { shopId: 'shop of a' })] }
    const slots = slotsBetween(twice, '2026-01-05', '2026-01-08')
    const covered = (...given: CycleVisit[]) =>
      coverage(slots, given, [], '2026-01-20').map((each) => each.visit)
    expect(covered(visits[1]!, visits[2]!)).toEqual([visits[2], null])
    expect(covered(visits[0]!, visits[1]!)).toEqual([visits[1], visits[0]])
  })

  test('of a shop that stands in the cycle twice: what ends first, then what is due first, then by position', () => {
    const shopId = 'shop'
    const fourWeeks: Recurrence = { every: 4, unit: 'week' }
    const covered = (locations: CallCycleLocation[], ...dates: string[]) =>
      coverage(
        slotsBetween(cycle({ recurrence: fourWeeks, locations }), '2026-01-05', '2026-02-01'),
        dates.map((date) => visit(date, shopId)),
        [],
        '2026-03-01',
      ).flatMap(({ locationId, slot, visit }) => (visit ? `${locationId}${slot} ${visit.date.slice(8)}` : []))
    const weekly = location('w', { shopId, day: 5, visitsPerCycle: 4 })
    const once = location('o', { shopId, day: 1 })
    expect(covered([once, weekly], '2026-01-06', '2026-01-07')).toEqual(['o0 07', 'w0 06'])
    expect(covered([once, weekly], '2026-01-06', '2026-01-13')).toEqual(['w0 06', 'w1 13'])
    const [tuesday, first, second] = [
      location('t', { shopId, day: 2, position: 9 }),
      location('x', { shopId, day: 4, position: 2 }),
      location('y', { shopId, day: 4, position: 1 }),
    ]
    expect(covered([first, second, tuesday], '2026-01-20')).toEqual(['t0 20'])
    expect(covered([first, second, tuesday], '2026-01-20', '2026-01-21')).toEqual(['t0 20', 'y0 21'])
  })

  test('of nothing is nothing', () =>
    expect(coverage([], [visit('2026-01-06')], [], '2026-01-06')).toEqual([]))
})

test('adherence is what part of the slots that are over was covered', () => {
  const slot = (status: 'covered' | 'planned' | 'due' | 'missed', reason: string | null = null) => ({
    status,
    reason,
  })
  expect(adherence([])).toMatchObject({ adherence: null, covered: 0 })
  expect(adherence([slot('planned'), slot('due')])).toMatchObject({ adherence: null, planned: 1, due: 1 })
  expect(
    adherence([
      slot('covered', 'Closed'),
      slot('missed'),
      slot('missed', 'Closed'),
      slot('covered'),
      slot('covered'),
      slot('due', 'Closed'),
    ]),
  ).toEqual({ covered: 3, planned: 0, due: 1, missed: 2, excused: 1, adherence: 0.6 })
})

describe('today', () => {
  const locations = [
    location('due', { day: 3, position: 5 }),
    location('late', { day: 1, position: 4 }),
    location('done', { day: 5, position: 3 }),
    location('early', { day: 3, position: 2 }),
    location('yesterday', { day: 2, position: 1 }),
    location('planned', { day: 4, position: 0 }),
    location('any', { position: 0 }),
  ]
  const today = '2026-01-07'
  const slots = coverage(
    slotsBetween(cycle({ locations }), '2026-01-05', '2026-01-18'),
    [
      visit('2026-01-07', 'shop of done'),
      visit('2026-01-05', 'shop of early'),
      visit('2026-01-06', 'shop of yesterday'),
    ],
    [],
    today,
  )
  test('the route: what is due by position, then what is done', () =>
    expect(route(slots, today).map((slot) => slot.locationId)).toEqual(['late', 'due', 'early', 'done']))
  test('what comes next', () => {
    const ids = (count: number) =>
      next(slots, count).map((slot) => `${slot.locationId} ${slot.dueOn.slice(8)}`)
    expect(ids(3)).toEqual(['planned 08', 'any 11', 'late 12'])
    expect(ids(0)).toEqual([])
    expect(ids(100)).toHaveLength(9)
  })
})

describe('what is wrong with a cycle', () => {
  const wrong = (more: Partial<CallCycleShape>) =>
    Object.fromEntries(cycleProblems(cycle(more)).map(({ field, message }) => [field, message]))
  const every = (count: number, unit: Recurrence['unit']) => ({ recurrence: { every: count, unit } })
  test.each<[string, Partial<CallCycleShape>]>([
    ['an ordinary one', {}],
    ['one without locations', { locations: [] }],
    ['a year of days', every(366, 'day')],
    ['one day', { endsOn: '2026-01-05' }],
    ['the last day of a period', { locations: [location('a', { day: 7, visitsPerCycle: 31 })] }],
    ['a shop twice', { locations: [location('a'), location('b', { shopId: 'shop of a' })] }],
    ['the first day there is', { startsOn: '1900-01-01', endsOn: '2999-12-31' }],
  ])('nothing: %s', (_, more) => expect(wrong(more)).toEqual({}))
  test.each<[Partial<CallCycleShape>, string, string]>([
    [every(0, 'week'), 'recurrence.every', 'Must be a whole number from 1 to 52'],
    [every(53, 'month'), 'recurrence.every', 'Must be a whole number from 1 to 52'],
    [every(367, 'day'), 'recurrence.every', 'Must be a whole number from 1 to 366'],
    [every(1.5, 'day'), 'recurrence.every', 'Must be a whole number from 1 to 366'],
    [every(Number.NaN, 'day'), 'recurrence.every', 'Must be a whole number from 1 to 366'],
    [{ startsOn: '2026-02-29' }, 'startsOn', 'Must be a day, such as 2026-11-30'],
    [{ startsOn: '' }, 'startsOn', 'Must be a day, such as 2026-11-30'],
    [{ startsOn: '2026-13-99' }, 'startsOn', 'Must be a day, such as 2026-11-30'],
    [{ startsOn: '2026-01-05T00:00' }, 'startsOn', 'Must be a day, such as 2026-11-30'],
    [{ startsOn: '1899-12-31' }, 'startsOn', 'Must be from 1900 to 2999'],
    [{ endsOn: '3000-01-01' }, 'endsOn', 'Must be from 1900 to 2999'],
    [{ endsOn: '2026-01-04' }, 'endsOn', 'Must not be before the start'],
    [{ timezone: 'Europe/Berlino' }, 'timezone', 'Must be a time zone, such as Europe/Berlin'],
    [
      { locations: Array.from({ length: mostLocations + 1 }, (_, index) => location(`${index}`)) },
      'locations',
      'Must be 500 or fewer',
    ],
    [
      { locations: Array.from({ length: 65 }, (_, index) => location(`${index}`, { visitsPerCycle: 31 })) },
      'locations',
      'Must ask for 2000 visits in a period or fewer; these ask for 2015',
    ],
    [{ locations: [location('a'), location('a')] }, 'locations.1.id', 'Another location has the same id'],
    [{ locations: [location('a', { day: 8 })] }, 'locations.0.day', 'Must be a whole number from 1 to 7'],
    [{ locations: [location('a', { day: 0 })] }, 'locations.0.day', 'Must be a whole number from 1 to 7'],
    [
      { locations: [location('a', { position: -1 })] },
      'locations.0.position',
      'Must be a whole number from 0 to 100000',
    ],
    [
      { locations: [location('a', { visitsPerCycle: 32 })] },
      'locations.0.visitsPerCycle',
      'Must be a whole number from 1 to 31',
    ],
  ])('%j', (more, field, message) => expect(wrong(more)).toEqual({ [field]: message }))
})

// Any cycle, in any zone, from 1970 to 2100.

const zones = Intl.supportedValuesOf('timeZone')
const [firstDay, lastDay] = [dayNumber('1970-01-01'), dayNumber('2100-12-31')]
const anyDay = fc.integer({ min: firstDay, max: lastDay })
const anyRecurrence: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.record({ every: fc.integer({ min: 1, max: 366 }), unit: fc.constant('day') }),
  fc.record({ every: fc.integer({ min: 1, max: 52 }), unit: fc.constantFrom('week', 'month') }),
  fc.record({ every: fc.integer({ min: 1, max: 4 }), unit: fc.constantFrom('day', 'week', 'month') }),
)
const anyLocations = fc
  .array(
    fc.record({
      shopId: fc.constantFrom('one', 'two', 'three'),
      day: fc.option(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 366 }))),
      position: fc.nat(3),
      visitsPerCycle: fc.integer({ min: 1, max: 31 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((locations) => locations.map((each, index) => ({ ...each, id: `${index}`, since: null, until: null })))
/** The ends of months are many, and an end of the cycle is near what is asked for. */
const anyStart = fc
  .tuple(anyDay, fc.boolean())
  .map(([day, isLast]) => (isLast ? dayNumber(`${dateOfDay(day).slice(0, 8)}01`) - 1 : day))
const anyCase = fc
  .record({
    recurrence: anyRecurrence,
    start: anyStart,
    after: fc.oneof(fc.integer({ min: -60, max: 800 }), fc.nat(40_000)),
    length: fc.oneof(fc.nat(70), fc.nat(400)),
    end: fc.option(fc.integer({ min: -50, max: 450 })),
    timezone: fc.constantFrom(...zones),
    locations: anyLocations,
  })
  .map(({ start, after, length, end, ...rest }) => {
    const from = Math.min(start + after, lastDay)
    return {
      cycle: {
        ...rest,
        startsOn: dateOfDay(start),
        endsOn: end === null ? null : dateOfDay(Math.max(start, from + end)),
      },
      from: dateOfDay(from),
      to: dateOfDay(from + length),
    }
  })

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const lengthOf = (year: number, month: number) =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : monthLengths[month - 1]!

/** The slow way: every day since the start, one by one, knowing nothing of `Date`. */
function walked(
  { recurrence: { every, unit }, startsOn, endsOn, locations }: CallCycleShape,
  from: string,
  to: string,
) {
  let [year, month, day] = startsOn.split('-').map(Number) as [number, number, number]
  const startDay = day
  let [days, months] = [0, 0]
  let period: [number, number, number][] = []
  const [periods, slots]: [string[], Slot[]] = [[], []]
  const written = ([y, m, d]: [number, number, number]) =>
    `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`
  const isThere = (date: string) => endsOn === null || date <= endsOn
  function close() {
    if (period.length === 0 || written(period.at(-1)!) < from) return
    const dates = period.map(written)
    const kept = dates.filter(isThere)
    if (kept.length === 0 || kept[0]! > to || kept.at(-1)! < from) return
    periods.push(`${kept[0]} ${kept.at(-1)}`)
    for (const { id, shopId, position, visitsPerCycle, day: wanted } of locations) {
      const count = Math.min(visitsPerCycle, dates.length)
      const parts: string[][] = Array.from({ length: count }, () => [])
      for (const [index, date] of dates.entries())
        parts[Math.ceil(((index + 1) * count) / dates.length) - 1]!.push(date)
      for (const [slot, part] of parts.entries()) {
        const open = part.filter(isThere)
        const dueOn = wanted === null ? open.at(-1) : part[Math.min(wanted, parts[0]!.length) - 1]!
        if (dueOn === undefined || !isThere(dueOn) || open[0]! > to || open.at(-1)! < from) continue
        slots.push({
          locationId: id,
          shopId,
          position,
          period: dates[0]!,
          slot,
          from: open[0]!,
          to: open.at(-1)!,
          dueOn,
        })
      }
    }
  }
  for (;;) {
    const isFirst =
      unit === 'month'
        ? months % every === 0 && day === Math.min(startDay, lengthOf(year, month))
        : days % (unit === 'week' ? 7 * every : every) === 0
    if (isFirst) {
      close()
      period = []
      if (written([year, month, day]) > to) break
    }
    period.push([year, month, day])
    days++
    day++
    if (day <= lengthOf(year, month)) continue
    day = 1
    months++
    month++
    if (month <= 12) continue
    month = 1
    year++
  }
  const orderOf = ({ dueOn, position, locationId }: Slot) => `${dueOn} ${position} ${locationId}`
  return { periods, slots: slots.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)) }
}

describe('any cycle', () => {
  test('is as if walked day by day', () => {
    let [found, cut] = [0, 0]
    fc.assert(
      fc.property(anyCase, ({ cycle, from, to }) => {
        const { periods, slots } = walked(cycle, from, to)
        expect(periodsOf(cycle, from, to).map(({ start, end }) => `${start} ${end}`)).toEqual(periods)
        expect(slotsBetween(cycle, from, to)).toEqual(slots)
        found += slots.length
        if (slots.some((slot) => slot.to === cycle.endsOn)) cut++
      }),
      { numRuns: 600 },
    )
    expect(found).toBeGreaterThan(1000)
    expect(cut).toBeGreaterThan(10)
  })

  test('has periods without gap or overlap, the windows of a location within each likewise', () =>
    fc.assert(
      fc.property(anyCase, ({ cycle: { endsOn: _, ...rest }, from, to }) => {
        const cycle = { ...rest, endsOn: null }
        const periods = periodsOf(cycle, from, to)
        const isBefore = to < cycle.startsOn
        expect(periods.length > 0).toBe(!isBefore)
        if (isBefore) return
        const first = from < cycle.startsOn ? cycle.startsOn : from
        expect(periods[0]!.start <= first && first <= periods[0]!.end).toBe(true)
        expect(periods.at(-1)!.start <= to && to <= periods.at(-1)!.end).toBe(true)
        for (const [index, { end }] of periods.slice(0, -1).entries())
          expect(dayNumber(periods[index + 1]!.start)).toBe(dayNumber(end) + 1)
        const { start, end } = periods.at(-1)!
        const length = dayNumber(end) - dayNumber(start) + 1
        const slots = slotsBetween(cycle, start, end)
        for (const { id, visitsPerCycle, day } of cycle.locations) {
          const own = slots.filter(({ locationId }) => locationId === id)
          expect(own).toHaveLength(Math.min(visitsPerCycle, length))
          expect(own.map(({ slot }) => slot)).toEqual(own.map((_, index) => index))
          expect(own.every(({ period }) => period === start)).toBe(true)
          const lengths = own.map((slot) => dayNumber(slot.to) - dayNumber(slot.from) + 1)
          expect(lengths.reduce((sum, each) => sum + each)).toBe(length)
          expect(Math.max(...lengths) - lengths[0]!).toBeLessThanOrEqual(1)
          expect(Math.min(...lengths)).toBe(lengths[0])
          for (const [index, { from, to, dueOn }] of own.entries()) {
            expect(from).toBe(index === 0 ? start : dateOfDay(dayNumber(own[index - 1]!.to) + 1))
            expect(dueOn).toBe(
              day === null ? to : dateOfDay(dayNumber(from) + Math.min(day, lengths[0]!) - 1),
            )
          }
        }
      }),
      { numRuns: 600 },
    ))

  test('has the same slots wherever what is asked for is split', () =>
    fc.assert(
      fc.property(anyCase, fc.nat(400), ({ cycle, from, to }, cut) => {
        const middle = dayNumber(from) + (cut % (dayNumber(to) - dayNumber(from) + 1))
        const keys = (...args: [string, string]) =>
          slotsBetween(cycle, ...args).map((slot) => JSON.stringify(slot))
        const parts = [...keys(from, dateOfDay(middle)), ...keys(dateOfDay(middle + 1), to)]
        expect([...new Set(parts)].sort()).toEqual(keys(from, to).sort())
      }),
      { numRuns: 600 },
    ))

  test('keeps its past where a location comes or goes: only what falls due while it is there is asked for', () =>
    fc.assert(
      fc.property(anyCase, fc.nat(400), fc.option(fc.nat(400)), ({ cycle, from, to }, came, went) => {
        const day = (after: number) => dateOfDay(dayNumber(from) + after)
        const [since, until] = [day(came), went === null ? null : day(came + went)]
        const [first, ...others] = cycle.locations
        const changed = { ...cycle, locations: [{ ...first!, since, until }, ...others] }
        const expected = slotsBetween(cycle, from, to).filter(
          ({ locationId, dueOn }) =>
            locationId !== first!.id || (dueOn >= since && (until === null || dueOn < until)),
        )
        expect(slotsBetween(changed, from, to)).toEqual(expected)
      }),
      { numRuns: 300 },
    ))

  test('has the same due dates in every zone, that of this process included', () => {
    const cases = fc.sample(anyCase, { numRuns: 30, seed: 1 })
    const found = cases.map(({ cycle, from, to }) => slotsBetween(cycle, from, to))
    for (const timezone of zones)
      for (const [index, { cycle, from, to }] of cases.slice(0, 3).entries())
        expect(slotsBetween({ ...cycle, timezone } as CallCycleShape, from, to)).toEqual(found[index])
    const shifts = ['Pacific/Kiritimati', 'America/St_Johns', 'Pacific/Pago_Pago', 'Asia/Tehran'].map(
      (zone) => {
        vi.stubEnv('TZ', zone)
        for (const [index, { cycle, from, to }] of cases.entries())
          expect(slotsBetween(cycle, from, to)).toEqual(found[index])
        return new Date(0).getTimezoneOffset()
      },
    )
    vi.unstubAllEnvs()
    expect(new Set(shifts).size).toBe(4)
  })
})

test('is quick for the far future', () => {
  const locations = Array.from({ length: mostLocations }, (_, index) =>
    location(`${index}`, { visitsPerCycle: 31, position: index }),
  )
  const busy = cycle({ recurrence: { every: 1, unit: 'day' }, startsOn: '1900-01-01', locations })
  const began = performance.now()
  for (let round = 0; round < 20; round++)
    expect(slotsBetween(busy, '2999-12-31', '2999-12-31')).toHaveLength(mostLocations)
  expect(performance.now() - began).toBeLessThan(5000)
})

describe('the day of a moment', () => {
  const formats = new Map<string, Intl.DateTimeFormat>()
  const numeric = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  function shownIn(timeZone: string) {
    if (!formats.has(timeZone))
      formats.set(timeZone, new Intl.DateTimeFormat('en-GB', { timeZone, ...numeric }))
    return formats.get(timeZone)!
  }

  test('is that which a calendar in the zone shows, near changes of the clock as well', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: firstDay * 1440, max: lastDay * 1440 }),
        (zone, minutes) => {
          const instant = new Date(minutes * 60_000)
          expect(dateIn(instant.toISOString(), zone)).toBe(
            shownIn(zone).format(instant).split('/').reverse().join('-'),
          )
        },
      ),
      { numRuns: 5000 },
    ))

  /** Each moment at which a clock shows it: none where it is put forward, two where it is put back. */
  function expectOnOwnDay(day: number, zone: string) {
    const date = dateOfDay(day)
    const daily = cycle({ recurrence: { every: 1, unit: 'day' }, startsOn: '1970-01-01', timezone: zone })
    const moments = ['00:01', '23:59'].flatMap((time) => instantsOf(`${date}T${time}`, zone))
    for (const moment of moments) {
      const visits = [visit(dateIn(moment, zone))]
      const around = slotsBetween(daily, dateOfDay(day - 1), dateOfDay(day + 1))
      const covered = coverage(around, visits, [], date).filter(({ status }) => status === 'covered')
      expect(covered.map(({ dueOn }) => dueOn)).toEqual([date])
    }
    return moments.length
  }

  test('one minute before or after midnight is its own, in every zone', () => {
    const inside = fc.integer({ min: firstDay + 1, max: lastDay })
    let moments = 0
    fc.assert(
      fc.property(fc.constantFrom(...zones), inside, (zone, day) => {
        moments += expectOnOwnDay(day, zone)
      }),
      { numRuns: 3000 },
    )
    expect(moments).toBeGreaterThan(5900)
  })

  test.each([
    ['America/Sao_Paulo', '2016-01-01'],
    ['America/Havana', '2016-01-01'],
    ['Asia/Beirut', '2016-01-01'],
    ['Europe/Berlin', '2016-01-01'],
    ['Pacific/Apia', '2011-06-01'],
    ['Asia/Pyongyang', '2015-06-01'],
    ['Africa/Casablanca', '2018-06-01'],
  ])('on every day for four years in %s', (zone, from) => {
    let moments = 0
    for (let day = 0; day < 1461; day++) moments += expectOnOwnDay(dayNumber(from) + day, zone)
    expect(Math.abs(moments - 2922)).toBeLessThan(10)
  })
})

// Any coverage.

const anyCoverage = fc
  .record({
    recurrence: fc.record({
      every: fc.integer({ min: 1, max: 6 }),
      unit: fc.constantFrom('day', 'week', 'month'),
    }),
    startsOn: fc.constantFrom('2026-01-05', '2024-01-31'),
    locations: anyLocations.map((locations) =>
      locations.map((each) => ({ ...each, visitsPerCycle: 1 + (each.visitsPerCycle % 5) })),
    ),
    asked: fc.tuple(fc.nat(60), fc.nat(90)),
    visits: fc.array(fc.record({ shopId: fc.constantFrom('one', 'two', 'three'), after: fc.nat(160) }), {
      maxLength: 25,
    }),
    today: fc.nat(160),
  })
  .map(({ recurrence, startsOn, locations, asked: [from, length], visits, today }) => {
    const after = (days: number) => dateOfDay(dayNumber(startsOn) + days)
    return {
      locations,
      slots: slotsBetween(
        { recurrence: recurrence, startsOn, endsOn: null, locations },
        after(from),
        after(from + length),
      ),
      visits: visits.map((each, index) => ({
        id: `v${index}`,
        shopId: each.shopId,
        date: after(each.after),
      })),
      today: after(today),
    }
  })

/** As many slots as can be covered at all, whichever visit goes where: by moving visits on until nothing moves. */
function mostCovered(slots: readonly Slot[], visits: readonly CycleVisit[]): number {
  const taken = new Map<Slot, CycleVisit>()
  const place = (visit: CycleVisit, seen: Set<Slot>): boolean =>
    slots.some((slot) => {
      const fits = slot.shopId === visit.shopId && slot.from <= visit.date && visit.date <= slot.to
      if (!fits || seen.has(slot)) return false
      seen.add(slot)
      const other = taken.get(slot)
      if (other && !place(other, seen)) return false
      taken.set(slot, visit)
      return true
    })
  const days = new Map(visits.map((visit) => [`${visit.shopId} ${visit.date}`, visit]))
  return [...days.values()].filter((visit) => place(visit, new Set())).length
}

describe('any coverage', () => {
  const count = (slots: readonly Slot[], visits: readonly CycleVisit[]) =>
    coverage(slots, visits, [], '2026-01-05').filter(({ status }) => status === 'covered').length

  test('is one visit in its window to one slot, the most that can be, and the statuses say so', () => {
    let shared = 0
    fc.assert(
      fc.property(anyCoverage, ({ slots, visits, today, locations }) => {
        const found = coverage(slots, visits, [], today)
        expect(found.map(({ status: _, visit: __, reason: ___, ...slot }) => slot)).toEqual(slots)
        const used = found.flatMap(({ visit }) => visit ?? [])
        expect(new Set(used.map(({ shopId, date }) => `${shopId} ${date}`)).size).toBe(used.length)
        expect(used.length).toBe(mostCovered(slots, visits))
        expect(used.length).toBeLessThanOrEqual(Math.min(slots.length, visits.length))
        for (const { visit, status, shopId, from, to, dueOn } of found) {
          if (visit) {
            expect(status).toBe('covered')
            expect([visit.shopId, from <= visit.date, visit.date <= to]).toEqual([shopId, true, true])
          } else expect(status).toBe(today < dueOn ? 'planned' : today <= to ? 'due' : 'missed')
        }
        // Where the shop stands there once, the earliest visit of each window.
        if (new Set(locations.map(({ shopId }) => shopId)).size < locations.length) shared++
        else
          for (const slot of found) {
            const dates = visits
              .filter(({ shopId, date }) => shopId === slot.shopId && slot.from <= date && date <= slot.to)
              .map(({ date }) => date)
            expect(slot.visit?.date).toBe(dates.sort()[0])
          }
      }),
      { numRuns: 1000 },
    )
    expect(shared).toBeGreaterThan(100)
  })

  test('is never less for one more visit', () =>
    fc.assert(
      fc.property(anyCoverage, ({ slots, visits }) => {
        for (const left of visits.keys()) {
          const more = count(slots, visits) - count(slots, visits.toSpliced(left, 1))
          expect([0, 1]).toContain(more)
        }
      }),
      { numRuns: 300 },
    ))

  test('is the same in whatever order slots and visits come', () =>
    fc.assert(
      fc.property(anyCoverage, fc.infiniteStream(fc.nat(1000)), ({ slots, visits, today }, random) => {
        const shuffled = <T>(list: readonly T[]) =>
          list
            .map((each) => ({ each, at: random.next().value as number }))
            .sort((one, other) => one.at - other.at)
            .map(({ each }) => each)
        const byKey = (found: readonly Slot[]) => found.map((slot) => JSON.stringify(slot)).sort()
        expect(byKey(coverage(shuffled(slots), shuffled(visits), [], today))).toEqual(
          byKey(coverage(slots, visits, [], today)),
        )
      }),
      { numRuns: 300 },
    ))

  test('adds up, on the route, in what is next and in adherence', () =>
    fc.assert(
      fc.property(anyCoverage, ({ slots, visits, today }) => {
        const found = coverage(slots, visits, [], today)
        const counted = adherence(found)
        expect(counted.covered + counted.planned + counted.due + counted.missed).toBe(slots.length)
        const way = route(found, today)
        expect(way.slice(0, counted.due).every(({ status }) => status === 'due')).toBe(true)
        expect(way.slice(counted.due).every(({ status }) => status === 'covered')).toBe(true)
        const later = next(found, slots.length)
        expect(later).toHaveLength(counted.planned)
        expect(later.every(({ dueOn }) => dueOn > today)).toBe(true)
        expect(next(found, 2)).toEqual(later.slice(0, 2))
        const visitedToday = found.filter(({ visit }) => visit?.date === today)
        expect(way).toEqual(expect.arrayContaining(visitedToday))
      }),
      { numRuns: 500 },
    ))

  test('of whole periods is the same in whatever is asked for around them', () =>
    fc.assert(
      fc.property(
        anyLocations,
        fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), fc.nat(83)), { maxLength: 20 }),
        (locations, days) => {
          const weeks = cycle({ recurrence: { every: 4, unit: 'week' }, locations })
          const visits = days.map(([shopId, after], index) =>
            visit(dateOfDay(dayNumber(weeks.startsOn) + after), shopId, `${index}`),
          )
          const whole = coverage(slotsBetween(weeks, '2026-01-05', '2026-03-29'), visits, [], '2026-02-10')
          const [, middle] = periodsOf(weeks, '2026-01-05', '2026-03-29')
          expect(coverage(slotsBetween(weeks, middle!.start, middle!.end), visits, [], '2026-02-10')).toEqual(
            whole.filter(({ period }) => period === middle!.start),
          )
        },
      ),
      { numRuns: 300 },
    ))
})
