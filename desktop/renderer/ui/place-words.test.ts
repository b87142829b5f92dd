import { expect, it } from 'vitest'
import { distanceWords, positionWords, readCoordinates } from './place-words.ts'

it.each([
  [0, '0 m'],
  [38.6, '39 m'],
  [104, '100 m'],
  [994, '990 m'],
  [996, '1 km'],
  [1234, '1.2 km'],
  [9949, '9.9 km'],
  [23_400, '23 km'],
  [1_234_567, '1,235 km'],
])('%d metres are %s', (metres, words) => expect(distanceWords(metres)).toBe(words))

const alexanderplatz = { latitude: 52.5219, longitude: 13.4132 }

it.each([
  ['52.5219, 13.4132', alexanderplatz],
  ['52.5219,13.4132', alexanderplatz],
  [' 52.5219 13.4132 ', alexanderplatz],
  ['52,5219; 13,4132', alexanderplatz],
  ['52,5219, 13,4132', alexanderplatz],
  ['52.5219° 13.4132°', alexanderplatz],
  ['-33.9, 18', { latitude: -33.9, longitude: 18 }],
  ['91, 13', null],
  ['52.5219, 181', null],
  ['52.5219', null],
  ['north, east', null],
  ['', null],
])('“%s” is read as %o', (text, place) => expect(readCoordinates(text)).toEqual(place))

it('a position says how exact it is and where it is from', () => {
  expect(positionWords({ ...alexanderplatz, accuracy: 12.4, source: 'device' })).toBe(
    '52.52190, 13.41320 · within 12 m · measured by this device',
  )
  expect(positionWords({ ...alexanderplatz, accuracy: null, source: 'shop' })).toBe(
    '52.52190, 13.41320 · the place of the shop',
  )
})
