import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type GoalFields, goalMetrics, type GoalState } from '../contract/goals.ts'
import { dateOfDay, dayNumber } from './calendar.ts'
import {
  addSums,
  type CountedPart,
  goalProblems,
  type GoalVisit,
  type Measured,
  paceTolerance,
  progress,
  sumsOf,
  valueOf,
} from './goal-progress.ts'

const countFor = (metric: Measured['metric'], visits: readonly GoalVisit[], part: CountedPart) =>
  valueOf(metric, sumsOf(metric, visits, part))

/** A hundred days. */
const goal = (more: Partial<Measured> = {}): Measured => ({
  metric: 'visits_completed',
  target: 1000,
  startsOn: '2026-01-01',
  endsOn: '2026-04-10',
  ...more,
})
const share = (target: number) => goal({ metric: 'shelf_share', target })

describe('progress', () => {
  test('at an even pace by the end of today', () =>
    expect(progress(goal(), 200, '2026-01-20')).toEqual({
      value: 200,
      target: 1000,
      share: 0.2,
      daysGone: 20,
      days: 100,
      expected: 200,
      forecast: 1000,
      state: 'on pace',
    }))

  test.each<[string, number, number, GoalState]>([
    ['2025-12-31', 0, 0, 'not begun'],
    ['2026-01-01', 10, 0, 'behind'],
    ['2026-01-01', 10, 10, 'on pace'],
    ['2026-01-20', 200, 190, 'on pace'],
    ['2026-01-20', 200, 189, 'behind'],
    ['2026-01-20', 200, 210, 'on pace'],
    ['2026-01-20', 200, 211, 'ahead'],
    ['2026-01-20', 200, 1000, 'reached'],
    ['2026-04-10', 1000, 999, 'on pace'],
    ['2026-04-10', 1000, 1000, 'reached'],
    ['2026-04-11', 1000, 999, 'missed'],
    ['2026-04-11', 1000, 1000, 'reached'],
  ])('on %s, where %d are expected, %d are: %s', (today, expected, value, state) =>
    expect(progress(goal(), value, today)).toMatchObject({ expected, state }),
  )

  test('of a shelf share, which is a mean, against the target all along', () => {
    const found = (value: number | null, today = '2026-01-01') => progress(share(40), value, today)
    expect(found(40)).toMatchObject({ expected: 40, forecast: 40, share: 1, daysGone: 1, state: 'on pace' })
    expect(found(90).state).toBe('on pace')
    expect(found(38).state).toBe('on pace')
    expect(found(37.9999).state).toBe('behind')
    expect(found(90, '2026-04-10').state).toBe('on pace')
    expect(found(40, '2026-04-11').state).toBe('reached')
    expect(found(39.9999, '2026-04-11').state).toBe('missed')
    expect(found(40, '2025-12-31').state).toBe('not begun')
  })

  test('of a shelf share that was never measured', () => {
    const found = (today: string) => progress(share(40), null, today)
    expect(found('2026-02-01')).toMatchObject({ value: null, share: null, forecast: null, state: 'behind' })
    expect(found('2026-04-11').state).toBe('missed')
    expect(found('2025-12-31').state).toBe('not begun')
  })

  test('of one day', () => {
    const day = goal({ startsOn: '2024-02-29', endsOn: '2024-02-29', target: 3 })
    expect(progress(day, 1, '2024-02-29')).toMatchObject({ days: 1, daysGone: 1, expected: 3, forecast: 1 })
    expect(progress(day, 1, '2024-02-28')).toMatchObject({ daysGone: 0, expected: 0, forecast: null })
    expect(progress(day, 1, '2024-03-01')).toMatchObject({ daysGone: 1, state: 'missed' })
  })
})

const visit = (more: Partial<GoalVisit> = {}): GoalVisit => ({
  shopId: 'shop',
  surveyId: null,
  date: '2026-01-15',
  photos: [],
  ...more,
})
/** Of one photo each. */
const marked = (...shares: number[]) => shares.map((areaPercentage) => [{ brandId: 'a', areaPercentage }])
const january = { startsOn: '2026-01-01', endsOn: '2026-01-31', brandId: 'a' }

describe('what counts', () => {
  const visits = [
    visit({ surveyId: 'one', date: '2026-01-01', photos: marked(50) }),
    visit({
      date: '2026-01-31',
      photos: [
        [{ brandId: 'b', areaPercentage: 100 }],
        [
          { brandId: 'a', areaPercentage: 0.00005 },
          { brandId: 'b', areaPercentage: 1 },
          { brandId: 'a', areaPercentage: 0 },
        ],
      ],
    }),
    visit({ shopId: 'another', surveyId: 'two', date: '2026-01-02' }),
    visit({ shopId: null, surveyId: 'one', date: '2026-01-02' }),
    visit({ shopId: 'before', surveyId: 'one', date: '2025-12-31', photos: marked(9) }),
    visit({ shopId: 'after', surveyId: 'one', date: '2026-02-01', photos: marked(9) }),
  ]
  test('within the period, its first and its last day included', () =>
    expect(goalMetrics.map((metric) => countFor(metric, visits, january))).toEqual([4, 2, 3, 16.6667]))
  test('for another brand, one that is nowhere, and for none', () => {
    expect(countFor('shelf_share', visits, { ...january, brandId: 'b' })).toBe(33.6667)
    expect(countFor('shelf_share', visits, { ...january, brandId: 'c' })).toBe(0)
    expect(countFor('visits_completed', visits, { ...january, brandId: null })).toBe(4)
  })
  test('of nothing', () =>
    expect(goalMetrics.map((metric) => countFor(metric, [], january))).toEqual([0, 0, 0, null]))
  test('a photo on which nothing is marked says nothing', () =>
    expect(countFor('shelf_share', [visit(), visit({ photos: marked(40) })], january)).toBe(40))
  test.each([
    [[0.0001, 0], 0.0001],
    [[0.0001, 0, 0], 0],
    [[33.3333, 33.3333, 33.3334], 33.3333],
    [[33.3333, 33.3334, 33.3334], 33.3334],
    [[100, 100, 100], 100],
    [[0.1, 0.2], 0.15],
  ])('the mean of %j is %d', (shares, mean) =>
    expect(countFor('shelf_share', [visit({ photos: marked(...shares) })], january)).toBe(mean),
  )
})

// Any goal, from 1970 to 2100.

const anyGoal = fc
  .record({
    metric: fc.constantFrom(...goalMetrics),
    target: fc.integer({ min: 1, max: 1_000_000 }),
    start: fc.integer({ min: 0, max: dayNumber('2100-12-31') }),
    length: fc.oneof(fc.nat(3), fc.nat(800)),
    at: fc.integer({ min: -5, max: 810 }),
    // Of the target or of what is to be expected, in percent.
    part: fc.integer({ min: 0, max: 200 }),
    isOfPace: fc.boolean(),
  })
  .map(({ metric, target, start, length, at, part, isOfPace }) => {
    const isMean = metric === 'shelf_share'
    const made: Measured = {
      metric,
      target: isMean ? target / 1e4 : target,
      startsOn: dateOfDay(start),
      endsOn: dateOfDay(start + length),
    }
    const gone = Math.min(Math.max((at + 1) / (length + 1), 0), 1)
    const value = (made.target * part * (isOfPace && !isMean ? gone : 1)) / 100
    return {
      goal: made,
      today: dateOfDay(start + at),
      value: isMean ? Math.round(value * 1e4) / 1e4 : Math.round(value),
    }
  })

/** The days one by one, and all from the words of the design. */
function slowly({ metric, target, startsOn, endsOn }: Measured, value: number, today: string) {
  let [days, daysGone] = [0, 0]
  for (let day = dayNumber(startsOn); day <= dayNumber(endsOn); day++) {
    days++
    if (dateOfDay(day) <= today) daysGone++
  }
  const isMean = metric === 'shelf_share'
  const expected = isMean ? target : target * (daysGone / days)
  const [begun, over] = [today >= startsOn, today > endsOn]
  const isThere = value >= target && (over || !isMean)
  const low = value < expected * (1 - paceTolerance / 100)
  const high = value > expected * (1 + paceTolerance / 100)
  const running = low ? 'behind' : high && !isMean ? 'ahead' : 'on pace'
  return {
    days,
    daysGone,
    expected,
    /** Too near to the limit for numbers that are not whole. */
    isClose: [0.95, 1.05].some((part) => Math.abs(value - part * expected) < 1e-6),
    state: !begun ? 'not begun' : isThere ? 'reached' : over ? 'missed' : running,
  }
}

describe('any goal', () => {
  test('is as if counted day by day', () => {
    const states = new Map<GoalState, number>()
    fc.assert(
      fc.property(anyGoal, ({ goal, value, today }) => {
        const found = progress(goal, value, today)
        const slow = slowly(goal, value, today)
        states.set(found.state, (states.get(found.state) ?? 0) + 1)
        expect(found).toMatchObject({ value, target: goal.target, days: slow.days, daysGone: slow.daysGone })
        expect(found.expected).toBeCloseTo(slow.expected, 6)
        expect(found.share).toBeCloseTo(value / goal.target, 9)
        if (!slow.isClose) expect(found.state).toBe(slow.state)
        const isMean = goal.metric === 'shelf_share'
        const forecast = isMean ? value : slow.daysGone === 0 ? null : value / (slow.daysGone / slow.days)
        if (forecast === null) expect(found.forecast).toBeNull()
        else expect(found.forecast).toBeCloseTo(forecast, 4)
      }),
      { numRuns: 2000 },
    )
    expect([...states.keys()].sort()).toEqual([
      'ahead',
      'behind',
      'missed',
      'not begun',
      'on pace',
      'reached',
    ])
    expect(Math.min(...states.values())).toBeGreaterThan(10)
  })

  test('is never worse for a greater value, nor is more expected earlier', () => {
    const rank: GoalState[] = ['not begun', 'missed', 'behind', 'on pace', 'ahead', 'reached']
    const rankOf = (state: GoalState) => rank.indexOf(state)
    fc.assert(
      fc.property(anyGoal, fc.nat(1000), ({ goal, value, today }, more) => {
        const [one, greater] = [progress(goal, value, today), progress(goal, value + more, today)]
        expect(rankOf(greater.state)).toBeGreaterThanOrEqual(rankOf(one.state))
        const tomorrow = progress(goal, value, dateOfDay(dayNumber(today) + 1))
        expect(tomorrow.expected).toBeGreaterThanOrEqual(one.expected)
        expect(one.expected).toBeLessThanOrEqual(goal.target)
        if (today > goal.endsOn) expect([one.forecast, one.expected]).toEqual([value, goal.target])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('any visits', () => {
  const anyVisits = fc.array(
    fc.record({
      shopId: fc.option(fc.constantFrom('one', 'two', 'three')),
      surveyId: fc.option(fc.constantFrom('x', 'y')),
      date: fc.integer({ min: -5, max: 40 }).map((day) => dateOfDay(dayNumber('2026-01-01') + day)),
      photos: fc.array(
        fc.array(
          fc.record({
            brandId: fc.constantFrom('a', 'b'),
            areaPercentage: fc.integer({ min: 0, max: 500_000 }).map((n) => n / 1e4),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 30 },
  )

  test('count the same in whatever order, in parts and as a whole', () =>
    fc.assert(
      fc.property(anyVisits, fc.nat(30), (visits, cut) => {
        const count = (metric: Measured['metric'], given = visits, part = january) =>
          countFor(metric, given, part)
        const split = dateOfDay(dayNumber('2026-01-01') + cut)
        for (const metric of goalMetrics) {
          const whole = count(metric)
          expect(count(metric, visits.toReversed())).toBe(whole)
          const [some, others] = [visits.slice(0, cut), visits.slice(cut)]
          const added = addSums(sumsOf(metric, others, january), sumsOf(metric, some, january))
          expect(valueOf(metric, added)).toBe(whole)
          if (metric === 'shelf_share') continue
          const parts = [
            count(metric, visits, { ...january, endsOn: split })!,
            count(metric, visits, { ...january, startsOn: dateOfDay(dayNumber(split) + 1) })!,
          ]
          if (metric === 'shops_covered') {
            expect(whole).toBeGreaterThanOrEqual(Math.max(...parts))
            expect(whole).toBeLessThanOrEqual(parts[0]! + parts[1]!)
          } else expect(parts[0]! + parts[1]!).toBe(whole)
        }
        expect(count('shops_covered')!).toBeLessThanOrEqual(count('visits_completed')!)
        expect(count('surveys_completed')!).toBeLessThanOrEqual(count('visits_completed')!)
      }),
      { numRuns: 500 },
    ))

  test('have a mean share of four decimals, half a last one off at the most', () =>
    fc.assert(
      fc.property(anyVisits, (visits) => {
        const mean = countFor('shelf_share', visits, january)
        // In whole numbers, without any rounding.
        let [sum, photos] = [0n, 0n]
        for (const { date, photos: taken } of visits)
          if (date >= january.startsOn && date <= january.endsOn)
            for (const quadrants of taken) {
              photos++
              for (const { brandId, areaPercentage } of quadrants)
                if (brandId === 'a') sum += BigInt(areaPercentage.toFixed(4).replace('.', ''))
            }
        if (photos === 0n) expect(mean).toBeNull()
        else expect(mean).toBe(Number((2n * sum + photos) / (2n * photos)) / 1e4)
      }),
      { numRuns: 1000 },
    ))
})

describe('a goal is refused', () => {
  const sound: GoalFields = {
    name: 'Visits',
    metric: 'visits_completed',
    target: 10,
    brandId: null,
    startsOn: '2026-01-01',
    endsOn: '2026-01-31',
    timezone: 'Europe/Berlin',
  }
  const share: GoalFields = { ...sound, metric: 'shelf_share', target: 33.5, brandId: 'a' }
  const fieldsOf = (goal: GoalFields) => goalProblems(goal).map(({ field }) => field)

  test('only where something is wrong with it', () => {
    expect(fieldsOf(sound)).toEqual([])
    expect(fieldsOf(share)).toEqual([])
    expect(fieldsOf({ ...sound, endsOn: sound.startsOn })).toEqual([])
  })

  test.each<[string, GoalFields, string[]]>([
    ['half a visit', { ...sound, target: 1.5 }, ['target']],
    ['more than the whole shelf', { ...share, target: 100.1 }, ['target']],
    ['a share of no brand', { ...share, brandId: null }, ['brandId']],
    ['a brand of visits', { ...sound, brandId: 'a' }, ['brandId']],
    ['an end before the start', { ...sound, endsOn: '2025-12-31' }, ['endsOn']],
    ['six years', { ...sound, endsOn: '2031-12-31' }, ['endsOn']],
  ])('for %s', (_, goal, fields) => expect(fieldsOf(goal)).toEqual(fields))
})
