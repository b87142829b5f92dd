import type { FieldProblem } from '#common/contract/errors'
import type { Shop, ShopFields } from '#common/contract/shops'
import { readShopRow } from '#common/rules/shop-rows'
import { shopTargets, type ShopTarget } from './shop-columns.ts'

/** What the form about a shop holds: all of it as text. */
export type ShopValues = Record<ShopTarget, string>

export const emptyShop: ShopValues = { name: '', address: '', reference: '', latitude: '', longitude: '' }

export const valuesOf = ({ name, address, reference, latitude, longitude }: ShopFields): ShopValues => ({
  name,
  address,
  reference: reference ?? '',
  latitude: latitude === null ? '' : String(latitude),
  longitude: longitude === null ? '' : String(longitude),
})

/** What was typed, read as a row of a table would be. */
export const readValues = (values: ShopValues): { shop: ShopFields; problems: FieldProblem[] } =>
  readShopRow({ row: 1, ...values })

/** The fields that say something else than `saved`. */
export function shopChanges(saved: ShopValues, values: ShopValues): Partial<ShopFields> {
  const before = readValues(saved).shop
  const { shop } = readValues(values)
  return Object.fromEntries(
    shopTargets
      .filter((field) => !Object.is(shop[field], before[field]))
      .map((field) => [field, shop[field]]),
  )
}

/** What was typed over `before`, on top of the shop as it is `now`. */
export function rebased(values: ShopValues, before: ShopValues, now: ShopValues): ShopValues {
  const mine = shopChanges(before, values)
  return Object.fromEntries(
    shopTargets.map((field) => [field, field in mine ? values[field] : now[field]]),
  ) as ShopValues
}

/** A place copied from a map as “52.5098, 13.4073”, in its parts; null for anything else. */
export function pairOf(text: string): Pick<ShopValues, 'latitude' | 'longitude'> | null {
  const [, latitude, longitude] = /^\s*(-?\d{1,2}\.\d+)°?[,;]?\s+(-?\d{1,3}\.\d+)°?\s*$/.exec(text) ?? []
  return latitude && longitude ? { latitude, longitude } : null
}

/** 52.50982, 13.40733: to the metre. */
export const coordinatesWords = ({ latitude, longitude }: Pick<Shop, 'latitude' | 'longitude'>): string =>
  latitude === null || longitude === null || Number.isNaN(latitude) || Number.isNaN(longitude)
    ? ''
    : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
