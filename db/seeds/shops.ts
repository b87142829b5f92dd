import { parse } from 'csv-parse/sync'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShopFields } from '#common/contract/shops'

/** Supermarkets of Berlin (© OpenStreetMap contributors, ODbL 1.0) as shops, all over the city; made up without the file. */

interface Row {
  name: string
  street: string
  housenumber: string
  postcode: string
  city: string
  latitude: string
  longitude: string
}

/** So many of those that have a name and an address; null where the folder is not there. */
export async function readShops(folder: string, count: number): Promise<ShopFields[] | null> {
  const path = join(folder, 'supermarkets.csv')
  if (!existsSync(path)) return null
  const rows = parse<Row>(await readFile(path), { columns: true }).filter(
    ({ name, street, housenumber, postcode }) => name && street && housenumber && postcode,
  )
  const step = Math.floor(rows.length / count)
  return rows
    .filter((_, index) => index % step === 0)
    .flatMap((row, index) => (index < count ? toShop(row, index) : []))
}

const referenceOf = (index: number) => `B-${String(index + 1).padStart(3, '0')}`

const toShop = (row: Row, index: number): ShopFields => ({
  name: row.name.trim(),
  address: `${row.street.trim()} ${row.housenumber.trim()}, ${row.postcode.trim()} ${row.city.trim() || 'Berlin'}`,
  reference: referenceOf(index),
  latitude: Number(row.latitude),
  longitude: Number(row.longitude),
})

const chains = ['Frischmarkt', 'Kiezladen', 'Hofladen', 'Markt am Eck']
const streets = ['Alte Jakobstraße', 'Müllerstraße', 'Sonnenallee', 'Kantstraße', 'Prenzlauer Allee']

/** Believable ones, on a grid over the middle of the city. */
export const generateShops = (count: number): ShopFields[] =>
  Array.from({ length: count }, (_, index) => {
    const street = streets[index % streets.length]!
    return {
      name: `${chains[index % chains.length]!} ${street}`,
      address: `${street} ${index + 1}, ${10115 + index} Berlin`,
      reference: referenceOf(index),
      latitude: 52.48 + (index % 8) / 100,
      longitude: 13.3 + Math.floor(index / 8) / 40,
    }
  })
