import type { SessionUser } from '#common/contract/auth'
import { alice, siteA, siteB } from '#desktop/main/test/device'
import { member } from '#desktop/main/test/records'

/** Whose day it is, where no server says so. */
export const profile: SessionUser = {
  id: alice,
  username: 'a',
  email: 'a@example.org',
  displayName: 'A',
  tenant: null,
  roles: [],
  sites: [member(siteA), member(siteB)],
  defaultSiteId: null,
  activeSiteId: null,
  mustChangePassword: false,
}
