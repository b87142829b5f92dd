import { describe, expect, test } from 'vitest'
import {
  type CallCycleLocation,
  type CycleVisit,
  mostLocations,
  type Recurrence,
} from '../contract/call-cycles.ts'
import { dateOfDay, dayNumber } from './calendar.ts'
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
import { cycle, location, visit } from './test/cycles.ts'

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
