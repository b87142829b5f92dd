import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxCorners, maxQuadrants } from '#common/contract/photos'
import {
  brandShares,
  isTangled,
  type Point,
  polygonProblem,
  shelfShares,
  unmarkedShare,
} from './shelf-share.ts'
import { blocks, layoutsOfShelves, star, thousandLayouts } from './test/layouts.ts'

type Polygon = readonly Point[]

const polygon = (...corners: (readonly [x: number, y: number])[]): Polygon =>
  corners.map(([x, y]) => ({ x, y }))
const box = (left: number, top: number, right: number, bottom: number) =>
  polygon([left, top], [right, top], [right, bottom], [left, bottom])

/** A star drawn in one go: its middle is wound around twice, its points once. */
const pentagram = [0, 2, 4, 1, 3].map((corner) => star(5, () => 0.4)[corner]!)

describe('shares', () => {
  test.each<[string, Polygon[], number[]]>([
    ['one block is all', [box(0.1, 0.1, 0.2, 0.2)], [100]],
    ['no blocks', [], []],
    ['apart', [box(0, 0, 0.25, 1), box(0.5, 0, 0.75, 0.5)], [66.6667, 33.3333]],
    ['touching', [box(0, 0, 0.3, 0.7), box(0.3, 0, 0.9, 0.7)], [33.3333, 66.6667]],
    ['touching at a slope', [polygon([0, 0], [1, 1], [0, 1]), polygon([0, 0], [1, 0], [1, 1])], [50, 50]],
    ['touching in part', [box(0.1, 0.2, 0.4, 0.8), box(0.4, 0, 0.5, 0.6)], [75, 25]],
    ['overlapping', [box(0, 0, 0.5, 0.5), box(0.25, 0.25, 0.75, 0.75)], [42.8571, 57.1429]],
    ['overlapping, the other on top', [box(0.25, 0.25, 0.75, 0.75), box(0, 0, 0.5, 0.5)], [42.8571, 57.1429]],
    ['inside and on top', [box(0, 0, 1, 1), box(0.25, 0.25, 0.75, 0.75)], [75, 25]],
    ['inside and covered', [box(0.25, 0.25, 0.75, 0.75), box(0, 0, 1, 1)], [0, 100]],
    ['three deep', [box(0, 0, 1, 1), box(0, 0, 1, 0.5), box(0, 0, 0.5, 1)], [25, 25, 50]],
    ['identical', [box(0.1, 0.1, 0.7, 0.3), box(0.1, 0.1, 0.7, 0.3), box(0.1, 0.1, 0.7, 0.3)], [0, 0, 100]],
    [
      'identical, and crossed',
      [pentagram, box(0, 0.5, 1, 0.9), pentagram, pentagram],
      [0, 63.3301, 0, 36.6699],
    ],
    [
      'concave',
      [
        polygon([0, 0], [1, 0], [1, 1], [0.75, 1], [0.75, 0.5], [0.25, 0.5], [0.25, 1], [0, 1]),
        box(0, 0, 1, 0.25),
      ],
      [66.6667, 33.3333],
    ],
    ['crossing itself', [polygon([0, 0], [1, 1], [1, 0], [0, 1]), box(0, 0, 0.25, 1)], [55.5556, 44.4444]],
    ['winding twice', [[...box(0, 0, 0.5, 1), ...box(0, 0, 0.5, 1)], box(0.5, 0, 1, 1)], [50, 50]],
    [
      'corners in a row',
      [polygon([0, 0], [0.2, 0], [0.5, 0], [0.5, 1], [0.5, 0.4], [0.5, 1], [0, 1])],
      [100],
    ],
    ['half without area', [box(0, 0, 1, 1), polygon([0.1, 0.1], [0.7, 0.7], [0.3, 0.3])], [100, 0]],
    ['without area', [polygon([0.1, 0.2], [0.7, 0.8], [0.3, 0.4]), box(0.3, 0.1, 0.3, 0.9), []], [0, 0, 0]],
    ['level', [box(0.1, 0.5, 0.9, 0.5)], [0]],
  ])('%s', (_, blocks, shares) => expect(shelfShares(blocks)).toEqual(shares))

  test('a full shelf of blocks with many corners is measured at once', () => {
    const blocks = Array.from({ length: maxQuadrants }, (_, block) =>
      star(
        20,
        (corner) => 0.05 + ((corner * 7 + block * 3) % 11) / 200,
        0.15 + (block % 10) * 0.07,
        0.1 + block / 125,
      ),
    )
    expect(shelfShares(blocks).reduce((total, share) => total + share)).toBeCloseTo(100, 2)
  })

  test('many edges through one point, and all across each other', () => {
    const bowTies = Array.from({ length: 40 }, (_, block) =>
      polygon([block / 40, 0], [1 - block / 40, 1], [1 - (block + 1) / 40, 1], [(block + 1) / 40, 0]),
    )
    for (const share of shelfShares(bowTies)) expect(share).toBeCloseTo(2.5, 3)
    const zigzag = Array.from({ length: maxCorners }, (_, corner) => ({
      x: ((corner * 73) % 199) / 199,
      y: corner % 2,
    }))
    const [under, over] = shelfShares([box(0, 0, 1, 1), zigzag])
    expect(under! + over!).toBeCloseTo(100, 3)
  })

  test('an edge across as many as there may be', () => {
    const combs = Array.from({ length: maxQuadrants - 1 }, (_, block) =>
      Array.from({ length: maxCorners }, (_, corner) => ({
        x: (block + corner / maxCorners) / maxQuadrants,
        y: corner % 2,
      })),
    )
    const [slope, ...others] = shelfShares([polygon([0, 0], [1, 1], [0, 1]), ...combs])
    expect(slope).toBeGreaterThan(0)
    expect(others.reduce((total, share) => total + share, slope!)).toBeCloseTo(100, 2)
  })
})

describe('within the outline of a shelf', () => {
  test.each<[string, Polygon, Polygon[], number[], number]>([
    ['one block', box(0, 0, 1, 0.5), [box(0, 0, 0.25, 0.5)], [25], 75],
    ['one that sticks out', box(0, 0, 1, 0.5), [box(0, 0.25, 1, 1)], [50], 50],
    ['one that lies outside', box(0, 0, 1, 0.5), [box(0, 0.6, 1, 1), box(0, 0, 0.1, 0.5)], [0, 10], 90],
    ['overlapping', box(0, 0, 1, 1), [box(0, 0, 0.5, 1), box(0.25, 0, 0.75, 1)], [25, 50], 25],
    ['all of it', box(0.2, 0.2, 0.8, 0.8), [box(0, 0, 1, 1)], [100], 0],
    ['nothing', box(0.2, 0.2, 0.8, 0.8), [], [], 100],
    [
      'a concave shelf',
      polygon([0, 0], [1, 0], [1, 1], [0.75, 1], [0.75, 0.5], [0.25, 0.5], [0.25, 1], [0, 1]),
      [box(0, 0.5, 1, 1)],
      [33.3333],
      66.6667,
    ],
    ['one that is the shelf', pentagram, [pentagram], [100], 0],
  ])('%s', (_, shelf, blocks, shares, unmarked) => {
    for (const outline of [shelf, [...shelf].reverse()]) {
      expect(shelfShares(blocks, outline)).toEqual(shares)
      expect(unmarkedShare(blocks, outline)).toEqual(unmarked)
    }
  })

  test('brands have it together', () => {
    const blocks = [
      { brandId: 'a', polygon: box(0, 0, 0.25, 1) },
      { brandId: 'a', polygon: box(0.5, 0, 0.75, 1) },
    ]
    expect([...brandShares(blocks, box(0, 0, 1, 0.5))]).toEqual([['a', 50]])
    expect(unmarkedShare([box(0, 0, 0.5, 0.5)], null)).toBe(0)
  })
})

describe('shares of brands', () => {
  test('are those of their blocks together', () => {
    const shares = brandShares([
      { brandId: 'a', polygon: box(0, 0, 0.5, 1) },
      { brandId: 'b', polygon: box(0.5, 0, 1, 0.5) },
      { brandId: 'a', polygon: box(0.25, 0, 0.75, 0.5) },
      { brandId: 'c', polygon: box(0.8, 0.1, 0.8, 0.4) },
    ])
    expect([...shares]).toEqual([
      ['a', 83.3333],
      ['b', 16.6667],
      ['c', 0],
    ])
  })

  test('are rounded once', () => {
    const blocks = [0, 1, 2].map((row) => ({
      brandId: row < 2 ? 'a' : 'b',
      polygon: box(0, row / 4, 1, (row + 1) / 4),
    }))
    expect(shelfShares(blocks.map((block) => block.polygon))).toEqual([33.3333, 33.3333, 33.3333])
    expect(brandShares(blocks).get('a')).toBe(66.6667)
  })

  test('of nothing there are none', () => expect(brandShares([])).toEqual(new Map()))
})

describe('what is no block', () => {
  test.each<[string, Polygon, string | null]>([
    ['a triangle', polygon([0, 0], [1, 0], [1, 1]), null],
    ['as many corners as there may be', star(maxCorners, () => 0.4), null],
    ['an outline that crosses itself', polygon([0, 0], [1, 1], [1, 0], [0, 1]), null],
    ['two corners', polygon([0, 0], [1, 1]), 'at least 3 corners'],
    ['too many corners', star(maxCorners + 1, () => 0.4), 'at most 200 corners'],
    ['left of the photo', box(-0.001, 0, 0.5, 0.5), 'within the photo'],
    ['below the photo', box(0, 0, 0.5, 1.001), 'within the photo'],
    ['not a number', polygon([0, 0], [1, 0], [Number.NaN, 1]), 'within the photo'],
    ['without end', polygon([0, 0], [1, 0], [1, Infinity]), 'within the photo'],
    ['a line', polygon([0, 0], [0.5, 0.5], [1, 1]), 'too small'],
    ['a speck', box(0.5, 0.5, 0.5009, 0.501), 'too small'],
    ['a little more than a speck', box(0.5, 0.5, 0.5011, 0.501), null],
  ])('%s', (_, corners, problem) => {
    if (problem === null) expect(polygonProblem(corners)).toBeNull()
    else expect(polygonProblem(corners)).toContain(problem)
  })
})

describe('what is too much to measure', () => {
  test('is no shelf full of blocks, however they lie', () => {
    const rows = Array.from({ length: maxQuadrants }, (_, block) => {
      const [x, y, slope] = [(block % 10) / 10, Math.floor(block / 10) / 10, block / 1000]
      return polygon([x, y], [x + 0.11, y + slope / 2], [x + 0.11, y + 0.1], [x, y + 0.08])
    })
    const columns = Array.from({ length: maxQuadrants }, (_, block) => {
      const [left, top] = [block / 101, block / 1000]
      return polygon([left, top], [left + 0.011, top / 2], [left + 0.012, 1 - top], [left, 1 - top / 3])
    })
    const rounds = Array.from({ length: 20 }, (_, block) =>
      star(50, (corner) => 0.1 + (corner % 3) / 100, 0.2 + (block % 5) / 7, 0.2 + Math.floor(block / 5) / 6),
    )
    for (const layout of [rows, columns, rounds]) expect(isTangled(layout, box(0, 0, 1, 0.95))).toBe(false)
  })

  test('are outlines that run to and fro, across each other or past many corners', () => {
    const across = Array.from({ length: maxCorners }, (_, n) => ({ x: n / maxCorners, y: n % 2 }))
    const down = across.map(({ x, y }) => ({ x: y, y: x }))
    expect(isTangled([across, down, across, down], null)).toBe(true)
    expect(isTangled([across, down], across)).toBe(true)
    const combs = Array.from({ length: 5 }, (_, comb) =>
      across.map(({ x, y }) => ({ x: (comb + x) / 5, y: y ? 1 - x / 10 - comb / 99 : x / 11 + comb / 98 })),
    )
    expect(isTangled(combs, null)).toBe(true)
  })
})

describe('any layout', () => {
  const total = (shares: readonly number[]) => shares.reduce((sum, share) => sum + share, 0)
  /** Never without area. */
  const layouts = blocks(1).map((others) => [box(0.4, 0.4, 0.6, 0.6), ...others])
  /** Equal but for a last decimal that was rounded the other way. */
  const expectSame = (shares: readonly number[], others: readonly number[]) => {
    expect(shares.length).toBe(others.length)
    for (const [block, share] of shares.entries())
      expect(Math.abs(share - others[block]!)).toBeLessThan(1.01e-4)
  }

  /** Writes `mark` wherever the outline covers the middle of a pixel of a row. */
  function fillRow(row: Int8Array, y: number, corners: Polygon, mark: number) {
    const turns: { column: number; turn: number }[] = []
    for (const [corner, from] of corners.entries()) {
      const to = corners[(corner + 1) % corners.length]!
      if (from.y > y === to.y > y) continue
      const x = from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y)
      turns.push({ column: Math.ceil(x * row.length - 0.5), turn: from.y > y ? 1 : -1 })
    }
    turns.sort((one, other) => one.column - other.column)
    let winding = 0
    for (const [index, { column, turn }] of turns.entries()) {
      winding += turn
      if (winding !== 0) row.fill(mark, column, turns[index + 1]!.column)
    }
  }

  /**
   * The simple way: who is on top at the middle of each of side × side pixels, all of them or those in the shelf, of
   * which the first count is what nobody covers. An odd side keeps those off the coarse grid.
   */
  function pixels(layout: readonly Polygon[], shelf: Polygon | null, side = 401): number[] {
    const counts = [0, ...layout.map(() => 0)]
    const owners = new Int8Array(side)
    const within = new Int8Array(side)
    for (let row = 0; row < side; row++) {
      const y = (row + 0.5) / side
      owners.fill(shelf ? 0 : -1)
      for (const [block, corners] of layout.entries()) fillRow(owners, y, corners, block + 1)
      within.fill(shelf ? 0 : 1)
      if (shelf) fillRow(within, y, shelf, 1)
      for (const [column, owner] of owners.entries()) if (owner >= 0 && within[column]) counts[owner]!++
    }
    return counts
  }

  test('is shared as its pixels are, with the outline of a shelf and without', () =>
    fc.assert(
      fc.property(layoutsOfShelves, ([layout, shelf]) => {
        const counts = pixels(layout, shelf)
        const whole = total(counts)
        fc.pre(whole > 0.05 * 401 * 401)
        const shares = [unmarkedShare(layout, shelf), ...shelfShares(layout, shelf)]
        for (const [block, share] of shares.entries())
          expect(Math.abs(share - (100 * counts[block]!) / whole)).toBeLessThan(0.5)
      }),
      thousandLayouts,
    ))

  test('adds up', () =>
    fc.assert(
      fc.property(blocks(1), (layout) => {
        const shares = shelfShares(layout)
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0)
        const area = layout.some((corners) => polygonProblem(corners) === null)
        if (area) expect(Math.abs(total(shares) - 100)).toBeLessThan(0.001)
      }),
      { numRuns: 1000 },
    ))

  test('is the same wherever an outline starts and whichever way it runs', () =>
    fc.assert(
      fc.property(layouts, fc.nat(11), fc.boolean(), (layout, start, reverse) => {
        const turned = layout.map((corners) => [
          ...corners.slice(start % corners.length),
          ...corners.slice(0, start % corners.length),
        ])
        expectSame(
          shelfShares(reverse ? turned.map((corners) => corners.toReversed()) : turned),
          shelfShares(layout),
        )
      }),
      { numRuns: 300 },
    ))

  test('is the same on a photo of another size or mirrored', () => {
    const scale = fc.double({ min: 0.3, max: 1, noNaN: true })
    fc.assert(
      fc.property(layouts, scale, scale, fc.boolean(), (layout, wide, tall, swapped) => {
        const scaled = layout.map((corners) =>
          corners.map(({ x, y }) =>
            swapped ? { x: 1 - y * wide, y: x * tall } : { x: x * wide, y: y * tall },
          ),
        )
        expectSame(shelfShares(scaled), shelfShares(layout))
      }),
      { numRuns: 300 },
    )
  })
})
