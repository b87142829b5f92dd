import { expect, it } from 'vitest'
import type { WholeCycle } from '#common/contract/call-cycles'
import {
  copyOf,
  cycleChanges,
  type CycleValues,
  readCycle,
  rebased,
  sortedErrors,
  valuesOf,
} from './cycle-values.ts'

const location = (id: string, position: number, until: string | null = null) => ({
  id,
  shopId: `shop-${id}`,
  day: position + 1,
  position,
  visitsPerCycle: 1,
  since: null,
  until,
})

const whole: WholeCycle = {
  cycle: {
    id: 'cycle',
    siteId: 'site',
    name: 'Mitte',
    userId: 'agnes',
    teamId: null,
    recurrence: { every: 2, unit: 'week' },
    startsOn: '2026-11-02',
    endsOn: null,
    timezone: 'Europe/Berlin',
    locations: [location('b', 1), location('gone', 0, '2026-11-20'), location('a', 0)],
    version: 3,
    updatedAt: '2026-11-02T00:00:00.000Z',
  },
  siteName: 'Sales',
  ownerName: 'Agnes Pier',
  shops: [{ id: 'shop-a', name: 'Corner', address: 'Allee 1', active: true }],
  mayManage: true,
}
const saved = valuesOf(whole)

it('the form has the shops that are in it now, in their order', () => {
  expect(saved.stops.map(({ id, name }) => [id, name])).toEqual([
    ['a', 'Corner'],
    ['b', 'A shop that is not there any more'],
  ])
  expect(cycleChanges(saved, { ...saved, name: ' Mitte ' })).toEqual({})
})

it('another order is a change of all locations, which stay those that they are', () => {
  const stops = saved.stops.toReversed()
  expect(cycleChanges(saved, { ...saved, stops }).locations).toMatchObject([
    { id: 'b', position: 0, day: 2 },
    { id: 'a', position: 1, day: 1 },
  ])
})

it('what is missing or no number is said beside its field', () => {
  const bad: CycleValues = {
    ...saved,
    name: ' ',
    owner: null,
    every: '60',
    endsOn: '2026-11-01',
    stops: [{ ...saved.stops[0]!, day: 'Monday', visits: '0' }],
  }
  const { errors, ofStops } = readCycle(bad)
  expect(Object.keys(errors).toSorted()).toEqual(['endsOn', 'every', 'name', 'owner'])
  expect(Object.keys(ofStops.get('a') ?? {}).toSorted()).toEqual(['day', 'visits'])
  expect(readCycle(saved)).toMatchObject({ errors: {}, locations: [{ day: 1 }, { day: 2 }] })
})

it('what the server says of a location stands beside its shop', () => {
  const { ofStops, errors } = sortedErrors(
    [
      { field: 'locations.1.shopId', message: 'There is no such shop at this site' },
      { field: 'userId', message: 'Is not one of yours' },
    ],
    saved.stops,
  )
  expect(ofStops.get('b')).toEqual({ shop: 'There is no such shop at this site' })
  expect(errors).toEqual({ owner: 'Is not one of yours' })
})

it('a copy is for somebody who is still to be chosen, from today on', () => {
  const copy = copyOf({ ...saved, endsOn: '2026-11-30' }, '2026-12-01', () => 'new')
  expect(copy).toMatchObject({ owner: null, startsOn: '2026-12-01', endsOn: '', every: '2' })
  expect(copy.stops.map(({ id }) => id)).toEqual([null, null])
})

it('what somebody else changed lies under what is typed', () => {
  const now = { ...saved, name: 'Mitte and Wedding', endsOn: '2026-12-31', stops: saved.stops.slice(0, 1) }
  const typed = { ...saved, name: 'Mitte-Nord' }
  expect(rebased(typed, saved, now)).toEqual({ ...now, name: 'Mitte-Nord' })
  const reordered = { ...saved, stops: saved.stops.toReversed() }
  expect(rebased(reordered, saved, now).stops.map(({ id }) => id)).toEqual(['a'])
})
