import { v7 as uuidv7 } from 'uuid'
import type { Interaction } from '#common/contract/interactions'
import type { SiteMembership } from '#common/contract/sites'
import type { PullPage } from '#common/contract/sync'
import { alice, bob, filled, siteA } from './device.ts'

export const record = (changes: Partial<Interaction> = {}): Interaction => ({
  id: uuidv7(),
  siteId: siteA,
  ...filled,
  version: 1,
  createdBy: bob,
  createdAt: '2026-01-05T10:00:00.000Z',
  updatedBy: alice,
  updatedAt: '2026-01-06T10:00:00.000Z',
  ...changes,
})

/** A page as a server sends it; what is not said is empty. */
export const page = (changes: Partial<PullPage> & { records?: Interaction[] } = {}): PullPage => {
  const { records = [], ...rest } = changes
  return {
    reset: false,
    epoch: 'e1',
    cursor: 'c1',
    hasMore: false,
    remaining: 0,
    roles: [],
    sites: [member(siteA)],
    changes: records.map((each) => ({ entity: 'interaction', record: each })),
    removals: [],
    plan: 0,
    notices: [],
    receipts: [],
    ...rest,
  }
}

export const member = (id: string, role: SiteMembership['role'] = 'administrator'): SiteMembership => ({
  id,
  name: 'Site',
  role,
})
