import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { type CycleVisit, mostLocations, type Recurrence } from '../contract/call-cycles.ts'
import { dateIn, dateOfDay, dayNumber } from './calendar.ts'
import {
  adherence,
  type CallCycleShape,
  coverage,
  next,
  periodsOf,
  route,
  type Slot,
  slotsBetween,
} from './call-cycle.ts'
import { instantsOf } from './time-zone.ts'
import { cycle, location, visit } from './test/cycles.ts'

/** Of any recurrence, zone, year and order of visits. */

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

test('a day of the far future costs what one of the first year does', () => {
  const locations = Array.from({ length: mostLocations }, (_, index) =>
    location(`${index}`, { visitsPerCycle: 31, position: index }),
  )
  const busy = cycle({ recurrence: { every: 1, unit: 'day' }, startsOn: '1900-01-01', locations })
  // Every period that is looked at is cut at the end of the cycle.
  const cuts = vi.spyOn(Math, 'min')
  const cost = (day: string) => {
    cuts.mockClear()
    expect(slotsBetween(busy, day, day)).toHaveLength(mostLocations)
    return cuts.mock.calls.length
  }
  expect(cost('2999-12-31')).toBe(cost('1900-12-31'))
  cuts.mockRestore()
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
