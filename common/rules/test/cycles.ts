import type { CallCycleLocation, CycleVisit } from '../../contract/call-cycles.ts'
import type { CallCycleShape } from '../call-cycle.ts'

/** A call cycle of one shop a week, and what else tests of them say only in part. */

export const location = (id: string, more: Partial<CallCycleLocation> = {}): CallCycleLocation => ({
  id,
  shopId: `shop of ${id}`,
  day: null,
  position: 1,
  visitsPerCycle: 1,
  since: null,
  until: null,
  ...more,
})

export const cycle = (more: Partial<CallCycleShape> = {}): CallCycleShape => ({
  recurrence: { every: 1, unit: 'week' },
  startsOn: '2026-01-05',
  endsOn: null,
  timezone: 'Europe/Berlin',
  locations: [location('a')],
  ...more,
})

export const visit = (date: string, shopId = 'shop of a', id = `${shopId} ${date}`): CycleVisit => ({
  id,
  shopId,
  date,
})
