import { expect, it } from 'vitest'
import {
  coordinatesWords,
  emptyShop,
  pairOf,
  readValues,
  rebased,
  shopChanges,
  valuesOf,
} from './shop-values.ts'

const shop = {
  name: 'Ledo',
  address: 'Quäkerstraße 2',
  reference: null,
  latitude: 52.5724174,
  longitude: 13.3,
}

it('a shop becomes text and is read back the same', () => {
  const values = valuesOf(shop)
  expect(readValues(values)).toEqual({ shop, problems: [] })
  expect(shopChanges(values, { ...values, name: ' Ledo  ', latitude: '52,5724174°' })).toEqual({})
})

it('only what says something else is a change', () => {
  const saved = valuesOf(shop)
  expect(shopChanges(saved, { ...saved, reference: ' B-12 ', latitude: '', longitude: '' })).toEqual({
    reference: 'B-12',
    latitude: null,
    longitude: null,
  })
})

it('what somebody else changed lies under what is typed', () => {
  const saved = valuesOf(shop)
  const now = { ...saved, name: 'Ledo Markt', address: 'Quäkerstraße 4' }
  expect(rebased({ ...saved, name: 'Ledo Nord' }, saved, now)).toEqual({ ...now, name: 'Ledo Nord' })
})

it('what is missing or no place is said by its field', () => {
  const problems = readValues({ ...emptyShop, latitude: 'north', longitude: '200' }).problems
  expect(problems.map(({ field }) => field)).toEqual(['name', 'latitude', 'longitude'])
})

it.each([
  ['52.5098189, 13.4073729', '52.5098189', '13.4073729'],
  [' -33.86 151.21 ', '-33.86', '151.21'],
  ['52,5098', null, null],
  ['52.5098', null, null],
])('“%s” pasted is the place %s, %s', (text, latitude, longitude) =>
  expect(pairOf(text)).toEqual(latitude ? { latitude, longitude } : null),
)

it('a place is written to the metre, and not at all where it is not known', () => {
  expect(coordinatesWords(shop)).toBe('52.57242, 13.30000')
  expect(coordinatesWords({ latitude: null, longitude: null })).toBe('')
})
