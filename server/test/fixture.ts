import { demoPassword, type DemoTenant, standardTypes } from '#db/seeds/demo'

/** Two organisations and the platform, with people in every role and no interactions: what the demo is made of, small. */
export const password = demoPassword

export const fixture = [
  {
    name: 'Harbour & Vale',
    slug: 'harbour-vale',
    sites: { Marketing: [], Sales: [], Support: [] },
    types: standardTypes,
    people: [
      { username: 'admin', displayName: 'Ada Harbour', roles: ['admin'] },
      { username: 'editor', displayName: 'Edith Vale', sites: { Marketing: 'editor', Sales: 'editor' } },
      { username: 'colleague', displayName: 'Cora Lane', sites: { Marketing: 'editor' } },
      { username: 'viewer', displayName: 'Victor Lane', sites: { Marketing: 'viewer' } },
      { username: 'manager', displayName: 'Mona Pier', sites: { Marketing: 'administrator' } },
      { username: 'siteless', displayName: 'Sid Quay', roles: ['agent'] },
    ],
  },
  {
    name: 'Brightmart',
    slug: 'brightmart',
    sites: { 'Head office': [] },
    types: standardTypes,
    people: [{ username: 'outsider', displayName: 'Oscar Bright', roles: ['admin'] }],
  },
  {
    name: 'Fieldbook',
    slug: 'fieldbook',
    kind: 'platform',
    sites: {},
    types: [],
    people: [{ username: 'root', displayName: 'Root', roles: ['super_admin'] }],
  },
] as const satisfies readonly DemoTenant[]

type Tenant = (typeof fixture)[number]
export type TenantName = Tenant['name']
export type PersonName = Tenant['people'][number]['username']
export type SiteName = { [T in Tenant as T['name']]: keyof T['sites'] }[TenantName]

/** The ids of what the fixture holds; they are the same in every test's own database. */
export interface FixtureIds {
  tenants: Record<TenantName, string>
  sites: Record<SiteName, string>
  users: Record<PersonName, string>
}
