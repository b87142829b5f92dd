import { expect, it } from 'vitest'
import { columnsProblem, guessColumns, rowsOf, withTarget } from './shop-columns.ts'

const guessed = (headers: string) => {
  const names = headers.split(',')
  return Object.fromEntries(
    guessColumns(names).flatMap((target, at) => (target ? [[names[at]!, target]] : [])),
  )
}

it('columns are known by their English names', () => {
  expect(
    guessed('name,street,housenumber,postcode,city,opening_hours,brand,type,latitude,longitude,source'),
  ).toEqual({
    name: 'name',
    street: 'address',
    housenumber: 'address',
    postcode: 'address',
    city: 'address',
    latitude: 'latitude',
    longitude: 'longitude',
  })
  expect(guessed('Store ID,Store name,Address,Lat,Lng')).toEqual({
    'Store ID': 'reference',
    'Store name': 'name',
    Address: 'address',
    Lat: 'latitude',
    Lng: 'longitude',
  })
})

it('columns are known by their German names', () => {
  expect(guessed('Filial-Nr.,Laden,Straße,Hausnr.,PLZ,Ort,Breitengrad,Längengrad,Bemerkung')).toEqual({
    'Filial-Nr.': 'reference',
    Laden: 'name',
    Straße: 'address',
    'Hausnr.': 'address',
    PLZ: 'address',
    Ort: 'address',
    Breitengrad: 'latitude',
    Längengrad: 'longitude',
  })
})

it('of two columns that may be the name, the likelier is taken', () => {
  expect(guessed('Shop,Shop name')).toEqual({ 'Shop name': 'name' })
  expect(guessed('Nr,id')).toEqual({ id: 'reference' })
})

it('only the address is in several columns', () => {
  const columns = guessColumns(['Name', 'Street', 'City', 'Other'])
  expect(withTarget(columns, 3, 'name')).toEqual([null, 'address', 'address', 'name'])
  expect(withTarget(columns, 3, 'address')).toEqual(['name', 'address', 'address', 'address'])
  expect(withTarget(columns, 1, null)).toEqual(['name', null, 'address', null])
})

it('a name is needed, and both coordinates or neither', () => {
  expect(columnsProblem(['address', null])).toBe('Say which column holds the name')
  expect(columnsProblem(['name', 'latitude'])).toContain('longitude')
  expect(columnsProblem(['name', 'longitude'])).toContain('latitude')
  expect(columnsProblem(['name', 'longitude', 'latitude'])).toBeNull()
})

it.each([
  [
    'street,housenumber,postcode,city',
    'Alte Jakobstraße|83|10179|Berlin',
    'Alte Jakobstraße 83, 10179 Berlin',
  ],
  ['street,housenumber,postcode,city', 'Alte Jakobstraße||10179|', 'Alte Jakobstraße, 10179'],
  ['street,housenumber,postcode,city', '||| Berlin ', 'Berlin'],
  ['Adresse,PLZ,Ort', 'Kornmarkt 1, 10115 Berlin|10115|berlin', 'Kornmarkt 1, 10115 Berlin'],
  ['Straße,Hausnr.', 'Straße des 17. Juni 17|17', 'Straße des 17. Juni 17 17'],
  ['Street,District,City', 'High Street|York|New York', 'High Street, York, New York'],
])('the columns %s with %s are the address “%s”', (headers, cells, address) => {
  const names = headers.split(',')
  const [row] = rowsOf(
    { headers: names, rows: [cells.split('|')] },
    names.map(() => 'address' as const),
  )
  expect(row!.address).toBe(address)
})

it('a row has the number it has in the table, whose first one holds the names of the columns', () => {
  const table = { headers: ['Name', 'Lat', 'Lon'], rows: [['Ledo', '52,5', '13.3'], ['Netto']] }
  expect(rowsOf(table, guessColumns(table.headers))).toEqual([
    { row: 2, name: 'Ledo', address: '', reference: '', latitude: '52,5', longitude: '13.3' },
    { row: 3, name: 'Netto', address: '', reference: '', latitude: '', longitude: '' },
  ])
})
