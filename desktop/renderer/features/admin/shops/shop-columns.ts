import type { ShopRow } from '#common/contract/shops'
import { fold } from '#common/rules/folding'

/** What the columns of a table hold of a shop, and the rows that makes. */

export const shopTargets = ['name', 'address', 'reference', 'latitude', 'longitude'] as const
export type ShopTarget = (typeof shopTargets)[number]

export const targetWords: Record<ShopTarget, string> = {
  name: 'Name',
  address: 'Address',
  reference: 'Reference',
  latitude: 'Latitude',
  longitude: 'Longitude',
}

/** By column; null is left out. Only the address may be in several. */
export type Columns = readonly (ShopTarget | null)[]

export interface Table {
  fileName: string
  headers: readonly string[]
  rows: readonly (readonly string[])[]
}

/** Names of columns as people write them, English and German, folded and without signs; the likelier first. */
const names: Record<ShopTarget, readonly string[]> = {
  name: words(
    'shopname storename marktname ladenname filialname outletname name shop store laden markt filiale outlet geschaft bezeichnung verkaufsstelle standort',
  ),
  reference: words(
    'reference ref referenz externalid externalref shopid storeid outletid shopnumber storenumber shopno storeno marktnummer marktnr filialnummer filialnr ladennummer ladennr kundennummer kundennr customerid customernumber gln osmid id nummer number nr no code',
  ),
  latitude: words('latitude lat breitengrad breite geolat gpslat ycoordinate y'),
  longitude: words(
    'longitude lon lng long langengrad laengengrad lange laenge geolon geolng gpslon xcoordinate x',
  ),
  address: words('address adresse anschrift fulladdress shopaddress storeaddress'),
}
const street = words(
  'street streetname addressline1 address1 strasse str streetandnumber strassehausnummer strassehausnr strassenr',
)
const houseNumber = words('housenumber houseno hausnummer hausnr hnr')
const postcode = words('postcode postalcode zip zipcode plz postleitzahl')
const city = words('city town ort stadt place gemeinde wohnort')
const parts = [
  ...street,
  ...houseNumber,
  ...postcode,
  ...city,
  ...words('addressline2 address2 district stadtteil'),
]

function words(text: string): string[] {
  return text.split(' ')
}

const plain = (header: string) => fold(header).replace(/[^a-z0-9]/g, '')

/** What each column seems to hold by its name. */
export function guessColumns(headers: readonly string[]): Columns {
  const plains = headers.map(plain)
  const columns: (ShopTarget | null)[] = plains.map((name) =>
    parts.includes(name) || names.address.includes(name) ? 'address' : null,
  )
  for (const target of ['name', 'reference', 'latitude', 'longitude'] as const) {
    const likeliest = names[target].find((name) =>
      plains.some((header, column) => header === name && columns[column] === null),
    )
    if (likeliest)
      columns[plains.findIndex((header, at) => header === likeliest && columns[at] === null)] = target
  }
  return columns
}

/** With a column put to another use; what only one column can hold is taken from the one that had it. */
export const withTarget = (columns: Columns, column: number, target: ShopTarget | null): Columns =>
  columns.map((before, at) =>
    at === column ? target : before === target && target !== 'address' ? null : before,
  )

/** What keeps the table from being imported with these columns; null when nothing does. */
export function columnsProblem(columns: Columns): string | null {
  if (!columns.includes('name')) return 'Say which column holds the name'
  const has = (target: ShopTarget) => columns.includes(target)
  if (has('latitude') !== has('longitude'))
    return `Say which column holds the ${has('latitude') ? 'longitude' : 'latitude'} too, or leave both out`
  return null
}

/** The rows as they are sent; the first one of a table stands below its headers. */
export const rowsOf = ({ headers, rows }: Pick<Table, 'headers' | 'rows'>, columns: Columns): ShopRow[] =>
  rows.map((cells, index) => {
    const of = (target: ShopTarget, most = 2000) => {
      const column = columns.indexOf(target)
      return column < 0 ? '' : (cells[column] ?? '').slice(0, most)
    }
    return {
      row: index + 2,
      name: of('name'),
      address: addressOf(headers, cells, columns).slice(0, 2000),
      reference: of('reference'),
      latitude: of('latitude', 100),
      longitude: of('longitude', 100),
    }
  })

/** “Alte Jakobstraße 83, 10179 Berlin” from whatever columns it is in; what it says already is not said twice. */
function addressOf(headers: readonly string[], cells: readonly string[], columns: Columns): string {
  let address = ''
  let last = ''
  for (const [column, target] of columns.entries()) {
    const value = (cells[column] ?? '').trim()
    if (target !== 'address' || value === '') continue
    const name = plain(headers[column] ?? '')
    const isNumber = houseNumber.includes(name)
    if (!isNumber && saysAlready(address, value)) continue
    const follows = isNumber || (postcode.includes(last) && city.includes(name))
    address += address === '' ? value : follows ? ` ${value}` : `, ${value}`
    last = name
  }
  return address
}

function saysAlready(address: string, value: string): boolean {
  const wordsOf = (text: string) => fold(text.replaceAll(',', ' ')).split(' ')
  return ` ${wordsOf(address).join(' ')} `.includes(` ${wordsOf(value).join(' ')} `)
}
