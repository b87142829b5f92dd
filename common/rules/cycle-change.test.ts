import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallCycle, CallCycleFields, CallCycleLocation, LocationInput } from '../contract/call-cycles.ts'
import { dateOfDay, dayNumber } from './calendar.ts'
import { slotsBetween } from './call-cycle.ts'
import { changeLocations, changeProblems } from './cycle-change.ts'

const fields: CallCycleFields = {
  name: 'Round',
  userId: 'me',
  teamId: null,
  recurrence: { every: 1, unit: 'week' },
  startsOn: '2026-01-05',
  endsOn: null,
  timezone: 'Europe/Berlin',
}

describe('a cycle that has begun', () => {
  const wrong = (changes: Partial<CallCycleFields>, today = '2026-02-01') =>
    changeProblems(fields, { ...fields, ...changes }, today).map(({ field }) => field)

  test.each<[Partial<CallCycleFields>, string[]]>([
    [{ userId: 'you' }, ['userId']],
    [{ userId: null, teamId: 'us' }, ['userId', 'teamId']],
    [{ recurrence: { every: 2, unit: 'week' } }, ['recurrence']],
    [{ startsOn: '2026-01-06' }, ['startsOn']],
    [{ endsOn: '2026-01-31' }, ['endsOn']],
    [{ endsOn: '2026-02-01' }, []],
    [{ name: 'Another', timezone: 'Europe/Rome' }, []],
  ])('%j: %j', (changes, found) => {
    expect(wrong(changes)).toEqual(found)
    expect(wrong(changes, '2026-01-04')).toEqual([])
  })
})

describe('the locations of a cycle', () => {
  let ids = 0
  const newId = () => `new ${++ids}`
  const location = (id: string, more: Partial<CallCycleLocation> = {}): CallCycleLocation => ({
    id,
    shopId: `shop ${id}`,
    day: null,
    position: 0,
    visitsPerCycle: 1,
    since: null,
    until: null,
    ...more,
  })
  const inputs: fc.Arbitrary<LocationInput[]> = fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((id) =>
          fc.record({
            id: fc.constant(id),
            shopId: fc.constantFrom('one', 'two'),
            day: fc.option(fc.integer({ min: 1, max: 7 })),
            position: fc.nat(3),
            visitsPerCycle: fc.integer({ min: 1, max: 3 }),
          }),
        ),
      ),
    )

  const applied = (cycle: Pick<CallCycle, 'locations'>, change: ReturnType<typeof changeLocations>) => {
    const changed = new Map(change.change.map((each) => [each.id, each]))
    return [
      ...cycle.locations
        .filter(({ id }) => !change.remove.includes(id))
        .map((each) => changed.get(each.id) ?? each),
      ...change.add,
    ]
  }

  test('become what is wanted from today on, and were what they were before', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -10, max: 60 }), inputs), { minLength: 1, maxLength: 5 }),
        (edits) => {
          let cycle = { ...fields, locations: [] as CallCycleLocation[] }
          for (const [after, wanted] of edits.sort(([one], [other]) => one - other)) {
            const today = dateOfDay(dayNumber(fields.startsOn) + after)
            const before = cycle
            cycle = { ...cycle, locations: applied(cycle, changeLocations(cycle, wanted, today, newId)) }
            expect(new Set(cycle.locations.map(({ id }) => id)).size).toBe(cycle.locations.length)
            const shape = (all: readonly LocationInput[]) =>
              all
                .map(({ shopId, day, position, visitsPerCycle }) =>
                  JSON.stringify([shopId, day, position, visitsPerCycle]),
                )
                .sort()
            expect(shape(cycle.locations.filter(({ until }) => until === null))).toEqual(shape(wanted))
            const past = (of: typeof cycle) =>
              slotsBetween(of, fields.startsOn, today)
                .filter(({ dueOn }) => dueOn < today)
                .map(({ locationId, dueOn }) => `${locationId} ${dueOn}`)
                .sort()
            expect(past(cycle)).toEqual(past(before))
          }
        },
      ),
      { numRuns: 300 },
    ))

  test('that are left as they are stay the same, and what never asked for a visit is gone', () => {
    const cycle = { ...fields, locations: [location('a'), location('b', { since: '2026-02-01' })] }
    const { id, shopId, day, visitsPerCycle } = cycle.locations[0]!
    const found = changeLocations(
      cycle,
      [{ id, shopId, day, position: 7, visitsPerCycle }],
      '2026-02-01',
      newId,
    )
    expect(found).toEqual({ add: [], change: [location('a', { position: 7 })], remove: ['b'] })
  })
})
