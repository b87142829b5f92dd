import { maxCorners, maxQuadrants, type Polygon, type Quadrant } from '#common/contract/photos'
import { type Point, polygonProblem } from '#common/rules/shelf-share'

/** What is drawn on a shelf photo, how it is changed, and what can be taken back. Corners are relative to the photo. */

export interface Marks {
  shelf: Polygon | null
  quadrants: Quadrant[]
}

/** The outline of the shelf among the shapes; blocks go by their ids. */
export const shelfShape = 'shelf'

/** What a shape is drawn for: a brand by its id, or the outline of the shelf. */
export type Purpose = { brandId: string } | typeof shelfShape

export interface Marking {
  marks: Marks
  past: readonly Marks[]
  future: readonly Marks[]
  /** A shape, or one corner of it, that keys and buttons are about. */
  chosen: { shape: string; corner: number | null } | null
  /** Corners set so far of a shape that is not closed. */
  drawing: { purpose: Purpose; corners: Polygon } | null
  /** A movement that goes on counts as one: how everything was before, and of what. */
  moving: { from: Marks; of: string } | null
  /** Why the last action did nothing. */
  refusal: string | null
}

export type Action =
  | { do: 'load'; marks: Marks }
  | { do: 'corner'; at: Point; purpose: Purpose }
  | { do: 'dropCorner' }
  | { do: 'close'; id: string }
  | { do: 'rectangle'; from: Point; to: Point; purpose: Purpose; id: string }
  | { do: 'choose'; shape: string | null; corner?: number | null }
  | { do: 'stepCorner'; by: 1 | -1 }
  /** By so much from where the movement began. */
  | { do: 'drag'; by: Point }
  /** By so much from where it is. */
  | { do: 'nudge'; by: Point }
  /** The movement is over. */
  | { do: 'rest' }
  | { do: 'addCorner'; after: number; at: Point | null }
  | { do: 'remove' }
  | { do: 'brand'; id: string; brandId: string }
  | { do: 'undo' }
  | { do: 'redo' }

export const newMarking = (marks: Marks): Marking => ({
  marks,
  past: [],
  future: [],
  chosen: null,
  drawing: null,
  moving: null,
  refusal: null,
})

/** Steps that can be taken back. */
const mostSteps = 200

export const polygonOf = ({ shelf, quadrants }: Marks, shape: string): Polygon | null =>
  shape === shelfShape ? shelf : (quadrants.find(({ id }) => id === shape)?.polygon ?? null)

/** The shapes in the order of the keyboard: the shelf, then the blocks as they were drawn. */
export const shapesOf = ({ shelf, quadrants }: Marks): string[] => [
  ...(shelf ? [shelfShape] : []),
  ...quadrants.map(({ id }) => id),
]

/** Why shapes could not be kept as they are, by shape. */
export function problemsOf(marks: Marks): Map<string, string> {
  return new Map(
    shapesOf(marks).flatMap((shape) => {
      const message = polygonProblem(polygonOf(marks, shape)!)
      return message === null ? [] : [[shape, message]]
    }),
  )
}

export function reduceMarking(state: Marking, action: Action): Marking {
  const goesOn = action.do === 'drag' || action.do === 'nudge'
  const before = state.refusal === null ? state : { ...state, refusal: null }
  return act(goesOn || !before.moving ? before : { ...before, moving: null }, action)
}

function act(state: Marking, action: Action): Marking {
  const { marks, chosen, drawing } = state
  switch (action.do) {
    case 'load':
      return { ...newMarking(action.marks), chosen: stillThere(action.marks, chosen), drawing }
    case 'corner': {
      const corners = drawing?.corners ?? []
      if (corners.length >= maxCorners)
        return refuse(state, `A block can have at most ${maxCorners} corners.`)
      const purpose = drawing?.purpose ?? action.purpose
      return { ...state, chosen: null, drawing: { purpose, corners: [...corners, action.at] } }
    }
    case 'dropCorner': {
      const corners = drawing?.corners.slice(0, -1) ?? []
      return { ...state, drawing: drawing && corners.length > 0 ? { ...drawing, corners } : null }
    }
    case 'close':
      return drawing ? added(state, drawing.purpose, drawing.corners, action.id) : state
    case 'rectangle':
      return added(state, action.purpose, rectangle(action.from, action.to), action.id)
    case 'choose':
      return {
        ...state,
        chosen: action.shape === null ? null : { shape: action.shape, corner: action.corner ?? null },
      }
    case 'stepCorner': {
      const polygon = chosen && polygonOf(marks, chosen.shape)
      if (!polygon) return state
      const first = action.by === 1 ? 0 : polygon.length - 1
      const corner =
        chosen.corner === null ? first : (chosen.corner + action.by + polygon.length) % polygon.length
      return { ...state, chosen: { ...chosen, corner } }
    }
    case 'drag':
      return moved(state, action.by, true)
    case 'nudge':
      return moved(state, action.by, false)
    case 'rest':
      return state
    case 'addCorner': {
      const polygon = chosen && polygonOf(marks, chosen.shape)
      if (!polygon) return state
      if (polygon.length >= maxCorners)
        return refuse(state, `A block can have at most ${maxCorners} corners.`)
      const at = action.at ?? middle(polygon[action.after]!, polygon[(action.after + 1) % polygon.length]!)
      const corner = action.after + 1
      return {
        ...changed(state, withPolygon(marks, chosen.shape, polygon.toSpliced(corner, 0, at))),
        chosen: { ...chosen, corner },
      }
    }
    case 'remove':
      return removed(state)
    case 'brand':
      return changed(state, {
        ...marks,
        quadrants: marks.quadrants.map((each) =>
          each.id === action.id ? { ...each, brandId: action.brandId } : each,
        ),
      })
    case 'undo':
    case 'redo':
      return travelled(state, action.do)
  }
}

const refuse = (state: Marking, refusal: string): Marking => ({ ...state, refusal })

function changed(state: Marking, marks: Marks): Marking {
  return { ...state, marks, past: [...state.past, state.marks].slice(-mostSteps), future: [] }
}

function travelled(state: Marking, way: 'undo' | 'redo'): Marking {
  const marks = way === 'undo' ? state.past.at(-1) : state.future[0]
  if (!marks) return state
  return {
    ...state,
    marks,
    past: way === 'undo' ? state.past.slice(0, -1) : [...state.past, state.marks],
    future: way === 'undo' ? [state.marks, ...state.future] : state.future.slice(1),
    chosen: stillThere(marks, state.chosen),
  }
}

function stillThere(marks: Marks, chosen: Marking['chosen']): Marking['chosen'] {
  const polygon = chosen && polygonOf(marks, chosen.shape)
  if (!polygon) return null
  return chosen.corner !== null && chosen.corner >= polygon.length ? { ...chosen, corner: null } : chosen
}

function added(state: Marking, purpose: Purpose, corners: Polygon, id: string): Marking {
  const message = polygonProblem(corners)
  if (message) return refuse(state, message)
  const { marks } = state
  if (purpose === shelfShape)
    return {
      ...changed(state, { ...marks, shelf: corners }),
      drawing: null,
      chosen: { shape: shelfShape, corner: null },
    }
  if (marks.quadrants.length >= maxQuadrants)
    return refuse(state, `A photo takes ${maxQuadrants} blocks at most.`)
  const quadrants = [...marks.quadrants, { id, ...purpose, polygon: corners }]
  return { ...changed(state, { ...marks, quadrants }), drawing: null, chosen: { shape: id, corner: null } }
}

/** A corner goes, while the shape keeps three; else the shape. */
function removed(state: Marking): Marking {
  const { marks, chosen } = state
  const polygon = chosen && polygonOf(marks, chosen.shape)
  if (!polygon) return state
  if (chosen.corner !== null) {
    if (polygon.length <= 3) return refuse(state, 'A block needs at least 3 corners.')
    const left = polygon.toSpliced(chosen.corner, 1)
    return {
      ...changed(state, withPolygon(marks, chosen.shape, left)),
      chosen: { ...chosen, corner: Math.min(chosen.corner, left.length - 1) },
    }
  }
  const shapes = shapesOf(marks)
  const at = shapes.indexOf(chosen.shape)
  const next = shapes[at + 1] ?? shapes[at - 1]
  return {
    ...changed(state, withPolygon(marks, chosen.shape, null)),
    chosen: next === undefined ? null : { shape: next, corner: null },
  }
}

function moved(state: Marking, by: Point, fromStart: boolean): Marking {
  const { marks, chosen } = state
  if (!chosen || !polygonOf(marks, chosen.shape)) return state
  const of = `${chosen.shape} ${chosen.corner}`
  const goesOn = state.moving?.of === of
  const from = goesOn ? state.moving!.from : marks
  const basis = polygonOf(fromStart ? from : marks, chosen.shape)!
  const polygon =
    chosen.corner === null
      ? shifted(basis, by)
      : basis.with(chosen.corner, onPhoto(sum(basis[chosen.corner]!, by)))
  const next = withPolygon(marks, chosen.shape, polygon)
  return { ...(goesOn ? { ...state, marks: next } : changed(state, next)), moving: { from, of } }
}

function withPolygon(marks: Marks, shape: string, polygon: Polygon | null): Marks {
  if (shape === shelfShape) return { ...marks, shelf: polygon }
  return {
    ...marks,
    quadrants: marks.quadrants.flatMap((each) =>
      each.id === shape ? (polygon ? [{ ...each, polygon }] : []) : [each],
    ),
  }
}

const sum = (a: Point, b: Point): Point => ({ x: a.x + b.x, y: a.y + b.y })
const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
const clamped = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

/** The nearest place on the photo. */
export const onPhoto = ({ x, y }: Point): Point => ({ x: clamped(x, 0, 1), y: clamped(y, 0, 1) })

/** All corners by the same way, as far as the photo goes. */
function shifted(polygon: Polygon, by: Point): Polygon {
  const way = (axis: 'x' | 'y') => {
    const all = polygon.map((corner) => corner[axis])
    return clamped(by[axis], -Math.min(...all), 1 - Math.max(...all))
  }
  const step = { x: way('x'), y: way('y') }
  return polygon.map((corner) => onPhoto(sum(corner, step)))
}

function rectangle(from: Point, to: Point): Polygon {
  const a = onPhoto(from)
  const b = onPhoto(to)
  const [left, right] = a.x < b.x ? [a.x, b.x] : [b.x, a.x]
  const [top, bottom] = a.y < b.y ? [a.y, b.y] : [b.y, a.y]
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ]
}
