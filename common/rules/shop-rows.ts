import type { FieldProblem } from '../contract/errors.ts'
import { problemsOf } from '../contract/sentences.ts'
import { type Shop, ShopFields, type ShopProblem, type ShopRow } from '../contract/shops.ts'
import { fold } from './folding.ts'

/** What rows of somebody's table mean as shops, said once for the app's preview and for the server. */

/** Where a shop is, is known as a whole or not at all. */
export function placeProblems({
  latitude,
  longitude,
}: Pick<ShopFields, 'latitude' | 'longitude'>): FieldProblem[] {
  if ((latitude === null) === (longitude === null)) return []
  const field = latitude === null ? 'latitude' : 'longitude'
  return [{ field, message: 'Is required beside the other one' }]
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

/** The texts of a shop as they are kept and compared, on whatever way they came. */
export const tidied = <S extends Pick<ShopFields, 'name' | 'address' | 'reference'>>(shop: S): S => ({
  ...shop,
  name: oneLine(shop.name),
  address: oneLine(shop.address),
  reference: oneLine(shop.reference ?? '') || null,
})

/** Degrees as people write them: `50.85`, `50,85`, `50.85°`; NaN for anything else. */
function degreesOf(text: string): number | null {
  const plain = oneLine(text).replace(/ ?°$/, '').replace('−', '-').replace(',', '.')
  if (plain === '') return null
  return /^[+-]?\d{1,3}(\.\d{1,20})?$/.test(plain) ? Number(plain) : NaN
}

/** The shop a row has; an empty cell is '' or null. With problems it is as far as it could be read. */
export function readShopRow(row: ShopRow): { shop: ShopFields; problems: FieldProblem[] } {
  const { name, address, reference } = row
  const places = { latitude: degreesOf(row.latitude), longitude: degreesOf(row.longitude) }
  const shop: ShopFields = tidied({ name, address, reference, ...places })
  const problems = problemsOf(ShopFields, { ...shop, latitude: null, longitude: null })
  for (const [field, most] of [
    ['latitude', 90],
    ['longitude', 180],
  ] as const) {
    const degrees = shop[field] ?? 0
    if (Number.isNaN(degrees))
      problems.push({ field, message: `“${oneLine(row[field])}” is not in degrees, such as 50.8467` })
    else if (Math.abs(degrees) > most)
      problems.push({ field, message: `Must be from -${most} to ${most} degrees` })
  }
  return { shop, problems: [...problems, ...placeProblems(shop)] }
}

/** What is to become of a table: the shops as they would be, and what of it cannot be done. */
export interface ShopPlan {
  created: ShopFields[]
  updated: { before: Shop; after: ShopFields }[]
  unchanged: number
  problems: ShopProblem[]
}

const placeOf = ({ name, address }: ShopFields) => `${fold(name)}\n${fold(address)}`

/** Of one name and address: an address without a number names no house, and the coordinates tell the shops apart. */
const isElsewhere = (a: ShopFields, b: ShopFields): boolean =>
  !/\d/.test(a.address) &&
  a.latitude !== null &&
  b.latitude !== null &&
  (a.latitude !== b.latitude || a.longitude !== b.longitude)

/** Whether shops of one name and address may be one. */
const isOne = (a: ShopFields, b: ShopFields): boolean =>
  (a.reference === null || b.reference === null) && !isElsewhere(a, b)

/** The best first: where the row says, where nobody knows, elsewhere. */
const nearness = (shop: ShopFields, other: ShopFields): number =>
  shop.latitude === other.latitude && shop.longitude === other.longitude ? 0 : other.latitude === null ? 1 : 2

/**
 * A row means the shop with its reference, else the nearest of the same name and address that has no other reference
 * and is not known to be elsewhere; where there is none it is a new shop. An empty cell leaves what is there. `known` are the
 * shops of the site that any of the rows may mean.
 */
export function planShops(rows: readonly ShopRow[], known: readonly Shop[]): ShopPlan {
  const plan: ShopPlan = { created: [], updated: [], unchanged: 0, problems: [] }
  /** The rows before, by what says that another one means the same shop. */
  const done = {
    ids: new Map<string, number>(),
    references: new Map<string, number>(),
    places: new Map<string, { row: number; shop: ShopFields; id: string | undefined }[]>(),
  }
  const byReference = new Map(known.map((shop) => [shop.reference, shop]))
  const byPlace = Map.groupBy(known, placeOf)

  for (const given of rows) {
    const { shop, problems } = readShopRow(given)
    const { reference } = shop
    const place = placeOf(shop)
    const before =
      (reference === null ? undefined : byReference.get(reference)) ??
      byPlace
        .get(place)
        ?.filter((other) => isOne(shop, other))
        .sort((a, b) => nearness(shop, a) - nearness(shop, b))[0]
    const same =
      (before && done.ids.get(before.id)) ??
      (reference === null ? undefined : done.references.get(reference)) ??
      done.places
        .get(place)
        // Of two shops that are known each has its row.
        ?.find(({ shop: earlier, id }) => isOne(shop, earlier) && !(before && id !== undefined))?.row
    if (same !== undefined) problems.push({ field: 'row', message: `Is the same shop as row ${same}` })
    if (problems.length > 0) {
      plan.problems.push(...problems.map((problem) => ({ row: given.row, ...problem })))
      continue
    }
    if (before) done.ids.set(before.id, given.row)
    if (reference !== null) done.references.set(reference, given.row)
    done.places.set(place, [...(done.places.get(place) ?? []), { row: given.row, shop, id: before?.id }])
    if (!before) {
      plan.created.push(shop)
      continue
    }
    const after = filledUp(shop, before)
    if (isSame(after, before)) plan.unchanged++
    else plan.updated.push({ before, after })
  }
  return plan
}

const filledUp = (
  { name, address, reference, latitude, longitude }: ShopFields,
  before: Shop,
): ShopFields => ({
  name,
  address: address || before.address,
  reference: reference ?? before.reference,
  latitude: latitude ?? before.latitude,
  longitude: longitude ?? before.longitude,
})

const isSame = (after: ShopFields, before: Shop): boolean =>
  (Object.keys(after) as (keyof ShopFields)[]).every((field) => after[field] === before[field])
