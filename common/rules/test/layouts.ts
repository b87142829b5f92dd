import fc from 'fast-check'
import type { Point } from '../shelf-share.ts'

type Polygon = readonly Point[]

export const star = (corners: number, radius: (corner: number) => number, x = 0.5, y = 0.5) =>
  Array.from({ length: corners }, (_, corner) => ({
    x: x + radius(corner) * Math.cos((2 * Math.PI * corner) / corners),
    y: y + radius(corner) * Math.sin((2 * Math.PI * corner) / corners),
  }))

const part = fc.nat(9973).map((number) => number / 9973)

/** Outlines around a middle, mostly concave, and some that run anywhere and cross themselves. */
export const outline = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(part, part, fc.array(part, { minLength: 3, maxLength: 12 }))
      .map(([x, y, radii]) =>
        star(radii.length, (corner) => 0.06 + radii[corner]! * 0.19, 0.25 + x / 2, 0.25 + y / 2),
      ),
  },
  fc.array(fc.record({ x: part, y: part }), { minLength: 3, maxLength: 7 }),
)

/**
 * On a coarse grid outlines share corners and edges, and have level and upright ones. Its cells are not square, as
 * pixels would favour one side of their diagonals.
 */
const snapped = (corners: Polygon) =>
  corners.map(({ x, y }) => ({ x: Math.round(x * 16) / 16, y: Math.round(y * 13) / 13 }))

/** Of up to eight blocks, over each other and apart. */
export const blocks = (minLength: number) =>
  fc.oneof(
    fc.array(outline, { minLength, maxLength: 8 }),
    fc.array(outline.map(snapped), { minLength, maxLength: 8 }),
  )

/** Random layouts with the outline of a shelf and without: the thousand that shares are held against. */
export const layoutsOfShelves = fc.tuple(blocks(2), fc.option(outline, { freq: 1 }))
export const thousandLayouts = { numRuns: 1000, seed: 20260302 }
