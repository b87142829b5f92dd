import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId, siteHeader } from './interactions.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid, Version } from './primitives.ts'

/** Places that are visited. Each belongs to a site, whose administrators keep the list. */

export const Latitude = Type.Number({ minimum: -90, maximum: 90, description: 'Degrees, WGS 84' })
export const Longitude = Type.Number({ minimum: -180, maximum: 180, description: 'Degrees, WGS 84' })

const fields = {
  name: NamedText(200),
  address: Text(300),
  reference: Type.Union([NamedText(100), Type.Null()], {
    description: 'What the shop is called in other systems; unique at its site',
  }),
  /** Both or neither. */
  latitude: Nullable(Latitude),
  longitude: Nullable(Longitude),
}

export const ShopFields = Closed(fields)
export type ShopFields = Static<typeof ShopFields>

export const Shop = Closed({
  id: Uuid,
  siteId: Uuid,
  ...fields,
  active: Type.Boolean({ description: 'Offered for new visits' }),
  version: Version,
  updatedAt: Instant,
})
export type Shop = Static<typeof Shop>

const ShopAnswer = Closed({ success: Type.Literal(true), shop: Shop })
const tags = ['shops'] as const

export const listShops = endpoint({
  method: 'GET',
  url: '/shops',
  config: { policy: 'shop.read', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary: 'The shops of the site by name; those out of use only where they are asked for',
    headers: siteHeader,
    querystring: Closed({
      search: Type.Optional(Text(200)),
      active: Type.Optional(
        Type.Enum(['true', 'false', 'all'], { description: '`true` unless said otherwise' }),
      ),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        shops: Type.Array(Shop),
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const readShop = endpoint({
  method: 'GET',
  url: '/shops/:id',
  config: { policy: 'shop.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One shop of the site',
    headers: siteHeader,
    params: byId,
    response: { 200: Closed({ shop: Shop }) },
  },
})

export const createShop = endpoint({
  method: 'POST',
  url: '/shops',
  config: { policy: 'shop.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a shop to the site; it may bring its own id',
    headers: siteHeader,
    body: Closed({ id: Type.Optional(Uuid), ...fields }),
    response: { 201: ShopAnswer },
  },
})

export const updateShop = endpoint({
  method: 'PUT',
  url: '/shops/:id',
  config: { policy: 'shop.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Change a shop, take it out of use or back into it; a stale version answers 409 with the shop as it is',
    headers: siteHeader,
    params: byId,
    body: Closed({
      ...Type.Partial(ShopFields).properties,
      active: Type.Optional(Type.Boolean()),
      version: Version,
    }),
    response: { 200: ShopAnswer },
  },
})

export const deleteShop = endpoint({
  method: 'DELETE',
  url: '/shops/:id',
  config: { policy: 'shop.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a shop nobody visited; one with visits can only be taken out of use',
    headers: siteHeader,
    params: byId,
    response: { 200: Success },
  },
})

/** In one request. */
export const maxShopRows = 500

/** A row of a table, as text; see `common/rules/shop-rows` for what is understood. */
export const ShopRow = Closed({
  row: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Its number in the table' }),
  name: Text(2000),
  address: Text(2000),
  reference: Text(2000),
  latitude: Text(100),
  longitude: Text(100),
})
export type ShopRow = Static<typeof ShopRow>

export const ShopProblem = Closed({ row: Type.Integer(), field: Type.String(), message: Type.String() })
export type ShopProblem = Static<typeof ShopProblem>

export const importShops = endpoint({
  method: 'POST',
  url: '/shops/import',
  config: { policy: 'shop.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Add or change shops from rows of a table, in one step: a row changes the shop with its reference or, where it has none, of the same name and address. Bad rows are told and passed over',
    headers: siteHeader,
    body: Closed({
      rows: Type.Array(ShopRow, { minItems: 1, maxItems: maxShopRows }),
      dryRun: Type.Optional(Type.Boolean({ description: 'Says what would be done, and does nothing' })),
    }),
    response: {
      200: Closed({
        success: Type.Literal(true),
        created: Type.Integer({ minimum: 0 }),
        updated: Type.Integer({ minimum: 0 }),
        unchanged: Type.Integer({ minimum: 0 }),
        problems: Type.Array(ShopProblem),
      }),
    },
  },
})
