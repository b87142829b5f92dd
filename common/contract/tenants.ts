import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { Closed, Nullable } from './primitives.ts'

/** Years after which what nobody has changed is archived, unless the organisation decides otherwise. */
export const archiveAfterYears = 2

/** What an organisation's admins decide for all its sites. */
export const TenantSettings = Closed({
  archiveAfterYears: Type.Optional(
    Nullable(
      Type.Integer({
        minimum: 1,
        maximum: 50,
        description: `Interactions nobody has changed for so many years are archived at night; null: never. ${archiveAfterYears} unless said otherwise`,
      }),
    ),
  ),
})
export type TenantSettings = Static<typeof TenantSettings>

const tags = ['tenants'] as const

export const readTenantSettings = endpoint({
  method: 'GET',
  url: '/tenant/settings',
  config: { policy: 'tenant.manage', limit: 'read' },
  schema: {
    tags,
    summary: 'What holds for all sites of the organisation',
    response: { 200: Closed({ settings: TenantSettings }) },
  },
})

export const changeTenantSettings = endpoint({
  method: 'PUT',
  url: '/tenant/settings',
  config: { policy: 'tenant.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Decide what holds for all sites of the organisation; what is left out is as the product has it',
    body: TenantSettings,
    response: { 200: Closed({ success: Type.Literal(true), settings: TenantSettings }) },
  },
})
