import { describe, expect, it } from 'vitest'
import type { Brand } from '#common/contract/brands'
import type { Polygon } from '#common/contract/photos'
import { brandOrder, inkOn, sharesOf, shareWords } from './shares.ts'

const box = (left: number, right: number): Polygon => [
  { x: left, y: 0 },
  { x: right, y: 0 },
  { x: right, y: 0.5 },
  { x: left, y: 0.5 },
]
const block = (id: string, brandId: string, polygon: Polygon) => ({ id, brandId, polygon })

describe('shares', () => {
  const quadrants = [
    block('1', 'arla', box(0, 0.1)),
    block('2', 'valio', box(0.2, 0.4)),
    block('3', 'arla', box(0.5, 0.5)),
  ]

  it('are of what is marked where there is no outline, and a block that is none counts for nothing', () => {
    const { brands, unmarked } = sharesOf({ shelf: null, quadrants })
    expect(brands.map(({ brandId, share }) => [brandId, shareWords(share)])).toEqual([
      ['valio', '66.7 %'],
      ['arla', '33.3 %'],
    ])
    expect(unmarked).toBeNull()
  })

  it('are of the outline where there is one, which says what is not marked', () => {
    const { brands, unmarked } = sharesOf({ shelf: box(0, 0.5), quadrants })
    expect(brands.map(({ share }) => share)).toEqual([40, 20])
    expect(unmarked).toBe(40)
  })
})

it.each([
  ['#ffffff', '#000000'],
  ['#ffb347', '#000000'],
  ['#2f7cf6', '#000000'],
  ['#0f6b6b', '#ffffff'],
  ['#b3261e', '#ffffff'],
])('on %s one reads %s', (colour, ink) => expect(inkOn(colour)).toBe(ink))

it('brands are offered as they were used last, then by name, and only those in use', () => {
  const brand = (id: string, active = true) => ({ id, name: id, active }) as Brand
  const order = brandOrder(
    [brand('valio'), brand('arla'), brand('oatly'), brand('old', false)],
    ['old', 'oatly'],
  )
  expect(order.map(({ id }) => id)).toEqual(['oatly', 'arla', 'valio'])
})
