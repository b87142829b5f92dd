import type { QueueItem } from '#desktop/bridge/channels'

const id = (n: number) => `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}`

const edit = (n: number, title: string, more: Partial<QueueItem>): QueueItem => ({
  mutationId: id(n),
  entity: 'interaction',
  entityId: id(1000 + n),
  siteId: id(9000),
  siteName: 'Trade fairs',
  mayBeSent: false,
  op: 'update',
  title,
  savedAt: new Date(Date.now() - n * 60_000).toISOString(),
  state: 'rejected',
  base: { location: 'Conference Room A' },
  patch: { location: 'Conference Room B' },
  conflict: null,
  problem: null,
  ...more,
})

const refused = {
  base: { type: 'Call' },
  patch: { type: 'Webinar' },
  problem: {
    message: 'The interaction is not valid',
    details: [{ field: 'type', message: 'Is not one of the types of your organisation' }],
  },
}

/** One edit for each reason an edit can stop for that needs no second person, some of them twice. */
export const stoppedEdits = (siteId: string): QueueItem[] => [
  edit(1, 'Refused', { siteId, ...refused }),
  edit(2, 'Refused', {
    siteId,
    entityId: id(1001),
    state: 'blocked',
    patch: { notes: 'More' },
    base: { notes: '' },
  }),
  edit(3, 'Refused as well', { siteId, ...refused }),
  edit(4, 'Gone', {
    siteId,
    state: 'conflict',
    conflict: { fields: ['location'], base: {}, mine: {}, theirs: null },
  }),
  edit(5, 'Fair in Cologne', { problem: { message: 'You no longer belong to this site', details: [] } }),
  edit(6, 'Fair in Munich', { problem: { message: 'You no longer belong to this site', details: [] } }),
  edit(7, 'From a newer version', { siteId, state: 'unreadable', base: {}, patch: {} }),
]
