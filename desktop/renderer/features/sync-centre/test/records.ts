import type { Interaction } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'

/** A record as somebody else left it; `changes` makes it the one a test is about. */
export const record = (changes: Partial<Interaction> = {}): Interaction => ({
  id: 'r1',
  siteId: 's1',
  title: 'Stock count',
  type: 'Visit',
  lead: 'James Smith',
  startDateTime: '2026-08-22T13:00:00.000Z',
  endDateTime: '2026-08-22T14:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: 'Virtual',
  description: '',
  notes: '',
  status: 'complete',
  version: 4,
  createdBy: 'u1',
  createdAt: '2026-08-01T08:00:00.000Z',
  updatedBy: 'u2',
  updatedAt: '2026-08-22T07:40:00.000Z',
  ...changes,
})

/** An edit of that record that waits to be sent. */
export const queueItem = (changes: Partial<QueueItem> = {}): QueueItem => ({
  mutationId: 'm1',
  entity: 'interaction',
  entityId: 'r1',
  siteId: 's1',
  siteName: 'East',
  mayBeSent: false,
  op: 'update',
  title: 'Stock count',
  savedAt: '2026-08-22T07:12:00.000Z',
  state: 'waiting',
  base: { location: 'A' },
  patch: { location: 'B' },
  conflict: null,
  problem: null,
  ...changes,
})
