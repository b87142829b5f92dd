import { describe, expect, it } from 'vitest'
import {
  type Action,
  type Marking,
  type Marks,
  newMarking,
  problemsOf,
  reduceMarking,
  shapesOf,
} from './marking.ts'

const brand = { brandId: 'valio' }
const none: Marks = { shelf: null, quadrants: [] }
const after = (actions: Action[], from: Marking = newMarking(none)) => actions.reduce(reduceMarking, from)
const corner = (x: number, y: number): Action => ({ do: 'corner', at: { x, y }, purpose: brand })
const block = (id: string, x = 0.1): Action => ({
  do: 'rectangle',
  from: { x, y: 0.1 },
  to: { x: x + 0.2, y: 0.3 },
  purpose: brand,
  id,
})
const polygon = (state: Marking, id: string) => state.marks.quadrants.find((each) => each.id === id)?.polygon

describe('drawing', () => {
  it('goes corner by corner, the last of which can be dropped, until the shape is closed', () => {
    const drawn = after([
      corner(0, 0),
      corner(0.9, 0.9),
      { do: 'dropCorner' },
      corner(0.5, 0),
      corner(0.5, 0.5),
    ])
    expect(drawn.marks).toBe(none)
    const closed = after([{ do: 'close', id: 'a' }], drawn)
    expect(closed.marks.quadrants).toEqual([
      {
        id: 'a',
        brandId: 'valio',
        polygon: [
          { x: 0, y: 0 },
          { x: 0.5, y: 0 },
          { x: 0.5, y: 0.5 },
        ],
      },
    ])
    expect(closed).toMatchObject({ drawing: null, chosen: { shape: 'a', corner: null } })
  })

  it('refuses what is no block, says why, and keeps the corners', () => {
    const two = after([corner(0, 0), corner(0.5, 0), { do: 'close', id: 'a' }])
    expect(two).toMatchObject({ marks: none, refusal: 'A block needs at least 3 corners.' })
    expect(two.drawing?.corners).toHaveLength(2)
    expect(after([corner(0.5, 0.5)], two).refusal).toBeNull()
    const slip = after([
      { do: 'rectangle', from: { x: 0.1, y: 0.1 }, to: { x: 0.1001, y: 0.1001 }, purpose: brand, id: 'a' },
    ])
    expect(slip).toMatchObject({ marks: none, refusal: 'The block is too small to measure.' })
  })

  it('of a rectangle may go any way, and stays on the photo', () => {
    const state = after([
      { do: 'rectangle', from: { x: 0.5, y: 1.4 }, to: { x: -0.2, y: 0.5 }, purpose: brand, id: 'a' },
    ])
    expect(polygon(state, 'a')).toEqual([
      { x: 0, y: 0.5 },
      { x: 0.5, y: 0.5 },
      { x: 0.5, y: 1 },
      { x: 0, y: 1 },
    ])
  })

  it('of the shelf takes the place of the outline before', () => {
    const outline = (to: number): Action => ({
      do: 'rectangle',
      from: { x: 0, y: 0 },
      to: { x: to, y: to },
      purpose: 'shelf',
      id: 'unused',
    })
    const state = after([outline(0.5), block('a'), outline(0.9)])
    expect(state.marks.shelf![2]).toEqual({ x: 0.9, y: 0.9 })
    expect(shapesOf(state.marks)).toEqual(['shelf', 'a'])
  })
})

describe('moving', () => {
  it('moves a block as far as the photo goes, and keeps its form', () => {
    const state = after([block('a'), { do: 'nudge', by: { x: -0.5, y: 0.05 } }])
    const [first, second] = polygon(state, 'a')!
    expect(first!.x).toBe(0)
    expect(first!.y).toBeCloseTo(0.15)
    expect(second!.x - first!.x).toBeCloseTo(0.2)
  })

  it('is one step to take back, however long it goes on', () => {
    const drawn = after([block('a')])
    const by = (x: number): Action => ({ do: 'drag', by: { x, y: 0 } })
    const state = after([by(0.1), by(0.2), by(0.3), { do: 'rest' }, by(0.1), { do: 'rest' }], drawn)
    expect(polygon(state, 'a')![0]!.x).toBeCloseTo(0.5)
    const once = after([{ do: 'undo' }], state)
    expect(polygon(once, 'a')![0]!.x).toBeCloseTo(0.4)
    expect(after([{ do: 'undo' }], once).marks).toEqual(drawn.marks)
  })

  it('moves one corner, and says where that leaves no block', () => {
    const state = after([
      block('a'),
      { do: 'stepCorner', by: -1 },
      { do: 'nudge', by: { x: 0.2, y: 0 } },
      { do: 'stepCorner', by: 1 },
      { do: 'nudge', by: { x: 0.2, y: 0 } },
    ])
    expect(polygon(state, 'a')!.map(({ x }) => Math.round(x * 10))).toEqual([3, 3, 3, 3])
    expect(problemsOf(state.marks).get('a')).toBe('The block is too small to measure.')
  })
})

describe('changing', () => {
  it('adds a corner in the middle of an edge, and takes corners away while three are left', () => {
    const more = after([block('a'), { do: 'addCorner', after: 3, at: null }])
    expect(more.chosen).toEqual({ shape: 'a', corner: 4 })
    expect(polygon(more, 'a')![4]).toEqual({ x: 0.1, y: 0.2 })
    const three = after([{ do: 'remove' }, { do: 'remove' }], more)
    expect(polygon(three, 'a')).toHaveLength(3)
    expect(after([{ do: 'remove' }], three).refusal).toBe('A block needs at least 3 corners.')
  })

  it('goes on to the next block when one is removed', () => {
    const state = after([block('a'), block('b', 0.4), { do: 'choose', shape: 'a' }, { do: 'remove' }])
    expect(shapesOf(state.marks)).toEqual(['b'])
    expect(state.chosen).toEqual({ shape: 'b', corner: null })
    expect(after([{ do: 'remove' }], state).chosen).toBeNull()
  })

  it('takes steps back and again, until something else is done', () => {
    const two = after([block('a'), block('b', 0.4), { do: 'brand', id: 'b', brandId: 'oatly' }])
    const back = after([{ do: 'undo' }, { do: 'undo' }], two)
    expect(shapesOf(back.marks)).toEqual(['a'])
    // The block that was chosen is not there any more.
    expect(back.chosen).toBeNull()
    expect(after([{ do: 'redo' }, { do: 'redo' }, { do: 'redo' }], back).marks).toEqual(two.marks)
    expect(after([block('c', 0.6), { do: 'redo' }], back).marks.quadrants.map(({ id }) => id)).toEqual([
      'a',
      'c',
    ])
    expect(after([{ do: 'undo' }]).marks).toBe(none)
  })
})
