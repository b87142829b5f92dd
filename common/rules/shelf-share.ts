/**
 * How a marked shelf is shared between the blocks drawn on its photo. The shelf is what its outline encloses, and where
 * none was drawn everything that any block covers; what lies outside counts for nobody, and what several blocks cover
 * counts once, for the block on top: the latest of the list. An outline that crosses itself
 * encloses whatever it winds around (non-zero winding). Corners are relative to the photo, which changes no share.
 *
 * Server and device must agree to the last bit: there is nothing here but + - * /, rounding and orders without ties.
 */

import { maxCorners } from '../contract/photos.ts'

export interface Point {
  x: number
  y: number
}

/** Of a photo. */
export const maxCornersInAll = 1000

/**
 * Pieces of edges that a measurement may step over: some ten milliseconds of work. A hundred blocks with four corners
 * take a twentieth of it; outlines that run to and fro across each other cost the square of their corners.
 */
export const maxSteps = 150_000

interface Budget {
  steps: number
}

/** Of the photo: smaller ones are a slip of the hand. */
const smallestBlock = 1e-6

/**
 * Corners and crossings lie on a grid of this many steps a side, far finer than any photo. Whole numbers make edges
 * that touch equal instead of almost equal, so that rounding never invents a crossing.
 */
const steps = 0x100_0000_0000

/** Of the photo: less is what is left of outlines without area when their corners move onto the grid. */
const nothing = 1e-9

interface Layer {
  height: number
  /** It covers what its outline does not enclose. */
  isAround: boolean
  winding: number
  area: number
}

/** The part of an edge inside one strip of the photo: where it enters above and where it leaves below. */
interface Piece {
  layer: Layer
  turn: 1 | -1
  top: number
  bottom: number
}

interface Edge extends Piece {
  from: Point
  to: Point
}

const covers = ({ isAround, winding }: Layer) => (winding === 0) === isAround

/** The layers that cover, a bit for each height: the highest is asked for at every step. */
class Covering {
  readonly #layers: readonly Layer[]
  readonly #words: Uint32Array

  constructor(layers: readonly Layer[]) {
    this.#layers = layers
    this.#words = new Uint32Array(Math.ceil(layers.length / 32))
    for (const layer of layers) this.update(layer)
  }

  update(layer: Layer) {
    const bit = 1 << (layer.height % 32)
    const word = layer.height >> 5
    if (covers(layer)) this.#words[word]! |= bit
    else this.#words[word]! &= ~bit
  }

  highest(): Layer | undefined {
    for (let word = this.#words.length - 1; word >= 0; word--) {
      const bits = this.#words[word]!
      if (bits !== 0) return this.#layers[32 * word + 31 - Math.clz32(bits)]
    }
    return undefined
  }
}

const onGrid = ({ x, y }: Point): Point => ({ x: Math.round(x * steps), y: Math.round(y * steps) })

/** The edges of an outline, all pointing down. Level ones bound no strip. */
function edgesOf(polygon: readonly Point[], layer: Layer): Edge[] {
  const corners = polygon.map(onGrid)
  return corners.flatMap((corner, index) => {
    const next = corners[(index + 1) % corners.length]!
    if (corner.y === next.y) return []
    const down = corner.y < next.y
    const [from, to] = down ? [corner, next] : [next, corner]
    return [{ layer, turn: down ? 1 : -1, from, to, top: from.x, bottom: from.x }]
  })
}

/** Whatever does not cross at `start` and at `end` does not cross here: rounding keeps the order. */
const between = (start: number, end: number, part: number) => Math.round(start * (1 - part) + end * part)

/**
 * What is seen of every block, as a part of the photo, and where there is a frame within that alone. The photo is cut
 * into level strips at every corner, and a strip is cut again around the edges that cross inside it, and only there: so
 * the work follows the crossings there are, not all pairs of edges. It ends early, and with other areas, where it takes
 * more than the budget, of which less than nothing is left then.
 */
function visibleAreas(
  blocks: readonly (readonly Point[])[],
  frame: readonly Point[] | null = null,
  budget: Budget = { steps: Infinity },
): number[] {
  const outlines = frame ? [...blocks, frame] : blocks
  const layers = outlines.map((_, height): Layer => ({
    height,
    isAround: height === blocks.length,
    winding: 0,
    area: 0,
  }))
  const covering = new Covering(layers)
  let owner = covering.highest()

  /** Steps over a piece to the right. What the owner on the left gains, the one on the right has too much so far. */
  function cross({ layer, turn }: Piece, top: number, bottom: number, tall: number) {
    layer.winding += turn
    covering.update(layer)
    if (owner && layer.height < owner.height) return
    const before = owner
    owner = covers(layer) ? layer : covering.highest()
    if (owner === before) return
    const left = ((top + bottom) / 2) * tall
    if (before) before.area += left
    if (owner) owner.area -= left
  }

  /** Steps over all pieces of a strip, and leaves them in their order at its top. */
  function sweep(pieces: Piece[], top: number, bottom: number) {
    budget.steps -= pieces.length
    if (budget.steps < 0) return
    putInOrder(pieces)
    const leastFrom = new Float64Array(pieces.length + 1).fill(Infinity)
    for (let index = pieces.length - 1; index >= 0; index--)
      leastFrom[index] = Math.min(pieces[index]!.bottom, leastFrom[index + 1]!)
    let start = 0
    let reach = -Infinity
    for (let index = 0; index < pieces.length; index++) {
      const piece = pieces[index]!
      reach = Math.max(reach, piece.bottom)
      if (reach > leastFrom[index + 1]!) continue
      if (index === start) cross(piece, piece.top, piece.bottom, bottom - top)
      else untangle(pieces.slice(start, index + 1), leastFrom[start]!, top, bottom)
      start = index + 1
    }
  }

  /** Steps over pieces, in their order at the top, of which the first is not the leftmost, at `least`, at the bottom. */
  function untangle(pieces: Piece[], least: number, top: number, bottom: number) {
    if (pieces.length === 2) return crossPair(pieces[0]!, pieces[1]!, bottom - top)
    // No order matters in the thinnest strip there is.
    if (bottom - top === 1) return pieces.forEach((piece) => cross(piece, piece.top, piece.bottom, 1))
    const at = Math.round(top + (bottom - top) * cutAt(pieces, least))
    const cut = Math.min(Math.max(at, top + 1), bottom - 1)
    const middle = (piece: Piece) => between(piece.top, piece.bottom, (cut - top) / (bottom - top))
    const before = owner
    sweep(
      pieces.map((piece) => ({
        layer: piece.layer,
        turn: piece.turn,
        top: piece.top,
        bottom: middle(piece),
      })),
      top,
      cut,
    )
    stepBack(pieces, before)
    sweep(
      pieces.map((piece) => ({
        layer: piece.layer,
        turn: piece.turn,
        top: middle(piece),
        bottom: piece.bottom,
      })),
      cut,
      bottom,
    )
  }

  /** Most tangles by far are two pieces that cross, and need no grid. */
  function crossPair(first: Piece, second: Piece, tall: number) {
    const above = crossing(first, second) * tall
    const x = first.top + (first.bottom - first.top) * (above / tall)
    const before = owner
    cross(first, first.top, x, above)
    cross(second, second.top, x, above)
    stepBack([first, second], before)
    cross(second, x, second.bottom, tall - above)
    cross(first, x, first.bottom, tall - above)
  }

  function stepBack(pieces: readonly Piece[], before: Layer | undefined) {
    for (const { layer, turn } of pieces) {
      layer.winding -= turn
      covering.update(layer)
    }
    owner = before
  }

  const edges = outlines.flatMap((polygon, height) => edgesOf(polygon, layers[height]!))
  edges.sort((one, other) => one.from.y - other.from.y)
  const cuts = [...new Set(edges.flatMap(({ from, to }) => [from.y, to.y]))].sort((one, other) => one - other)
  let active: Edge[] = []
  let started = 0
  for (const [index, bottom] of cuts.slice(1).entries()) {
    const top = cuts[index]!
    active = active.filter(({ to }) => to.y > top)
    while (edges[started]?.from.y === top) active.push(edges[started++]!)
    for (const edge of active) {
      const { from, to } = edge
      edge.top = edge.bottom
      edge.bottom = between(from.x, to.x, (bottom - from.y) / (to.y - from.y))
    }
    sweep(active, top, bottom)
    if (budget.steps < 0) break
  }
  return layers.slice(0, blocks.length).map(({ area }) => area / steps / steps)
}

/** From left to right at the top of their strip. They nearly are, so that each moves only past what it has crossed. */
function putInOrder(pieces: Piece[]) {
  for (let index = 1; index < pieces.length; index++) {
    const piece = pieces[index]!
    let place = index
    for (; place > 0; place--) {
      const left = pieces[place - 1]!
      if (left.top < piece.top || (left.top === piece.top && left.bottom <= piece.bottom)) break
      pieces[place] = left
    }
    pieces[place] = piece
  }
}

/** How far down, from 0 to 1, two pieces cross. */
function crossing(first: Piece, second: Piece): number {
  const above = second.top - first.top
  return above / (above + first.bottom - second.bottom)
}

/**
 * Where, from 0 to 1, to cut a tangle: a few pieces where two of them cross. Many are cut in half, so that cuts do not
 * nest deeply, and so are those with a gap so small that rounding could open it again at every cut.
 */
function cutAt(pieces: readonly Piece[], least: number): number {
  const first = pieces[0]!
  const leftmost = pieces.find(({ bottom }) => bottom === least)!
  const smallestGap = Math.min(leftmost.top - first.top, first.bottom - least)
  return pieces.length > 8 || smallestGap < 3 ? 1 / 2 : crossing(first, leftmost)
}

/** Percent with four decimals of the whole; 0 of nothing. */
function percent(area: number, whole: number): number {
  return whole < nothing ? 0 : Math.max(0, Math.round((area / whole) * 1e6) / 1e4)
}

const sum = (areas: readonly number[]) => areas.reduce((total, area) => total + area, 0)

interface Measured {
  areas: number[]
  unmarked: number
  whole: number
}

function measure(
  blocks: readonly (readonly Point[])[],
  shelf: readonly Point[] | null,
  budget?: Budget,
): Measured {
  const [unmarked, ...areas] = shelf
    ? visibleAreas([shelf, ...blocks], shelf, budget)
    : [0, ...visibleAreas(blocks, null, budget)]
  return { areas, unmarked: unmarked!, whole: sum(areas) + unmarked! }
}

/**
 * The share of every block, in percent, in the order of the list. Blocks and the outline of the shelf must have no
 * `polygonProblem`.
 */
export function shelfShares(
  blocks: readonly (readonly Point[])[],
  shelf: readonly Point[] | null = null,
): number[] {
  const { areas, whole } = measure(blocks, shelf)
  return areas.map((area) => percent(area, whole))
}

/** The share of the shelf that no block covers, in percent; 0 where the shelf has no outline. */
export function unmarkedShare(blocks: readonly (readonly Point[])[], shelf: readonly Point[] | null): number {
  const { unmarked, whole } = measure(blocks, shelf)
  return percent(unmarked, whole)
}

/** The share of every brand that has a block, in percent, rounded once: not the sum of rounded shares. */
export function brandShares(
  blocks: readonly { brandId: string; polygon: readonly Point[] }[],
  shelf: readonly Point[] | null = null,
): Map<string, number> {
  const { areas, whole } = measure(
    blocks.map(({ polygon }) => polygon),
    shelf,
  )
  const ofBrand = new Map<string, number>()
  for (const [index, { brandId }] of blocks.entries())
    ofBrand.set(brandId, (ofBrand.get(brandId) ?? 0) + areas[index]!)
  return new Map([...ofBrand].map(([brandId, area]) => [brandId, percent(area, whole)]))
}

/** Whether outlines cross each other so often that measuring them would hold up whoever does. */
export function isTangled(blocks: readonly (readonly Point[])[], shelf: readonly Point[] | null): boolean {
  const budget = { steps: maxSteps }
  measure(blocks, shelf, budget)
  return budget.steps < 0
}

const isOnPhoto = (coordinate: number) => coordinate >= 0 && coordinate <= 1

/** Why an outline is no block, for the person who drew it; null when it is one. */
export function polygonProblem(polygon: readonly Point[]): string | null {
  if (polygon.length < 3) return 'A block needs at least 3 corners.'
  if (polygon.length > maxCorners) return `A block can have at most ${maxCorners} corners.`
  if (!polygon.every(({ x, y }) => isOnPhoto(x) && isOnPhoto(y))) return 'A block must lie within the photo.'
  if (sum(visibleAreas([polygon])) < smallestBlock) return 'The block is too small to measure.'
  return null
}
