import { describe, expect, it } from 'vitest'
import { changed, fromGrid, gridState, layoutOf, moved, placed } from './layout.ts'

const starts = [
  { name: 'title', flex: 5 },
  { name: 'type', flex: 1 },
  { name: 'start', width: 156 },
  { name: 'notes', width: 240, hidden: true },
]
const names = (columns: { name: string }[]) => columns.map(({ name }) => name)

describe('the columns', () => {
  it('are as the app has them where nobody changed them', () => {
    const columns = placed([], starts)
    expect(names(columns)).toEqual(['title', 'type', 'start', 'notes'])
    expect(columns.map(({ hidden }) => hidden)).toEqual([false, false, false, true])
  })

  it('come back as they were remembered', () => {
    const layout = [
      { name: 'start', width: 200, pinned: 'left' as const },
      { name: 'notes' },
      { name: 'title' },
      { name: 'type', hidden: true },
    ]
    expect(layoutOf(placed(layout, starts))).toEqual(layout)
    const grid = gridState(placed(layout, starts), starts, null)
    expect(layoutOf(fromGrid(grid, starts))).toEqual(layout)
  })

  it('of another version: new ones stand in their place, unknown and doubled ones are left out', () => {
    const layout = [{ name: 'start' }, { name: 'gone' }, { name: 'title' }, { name: 'title', hidden: true }]
    expect(names(placed(layout, starts))).toEqual(['start', 'notes', 'title', 'type'])
  })

  it('beside an open record are fewer, and neither pinned nor sized', () => {
    const columns = placed([{ name: 'type', pinned: 'right', width: 300 }], starts)
    expect(gridState(columns, starts, new Set(['title', 'type']))).toMatchObject([
      { colId: 'title', hide: false },
      { colId: 'start', hide: true },
      { colId: 'notes', hide: true },
      { colId: 'type', hide: false, pinned: null, flex: 1 },
    ])
  })

  it('keep a width only once a person has given it', () => {
    expect(fromGrid([{ colId: 'title', flex: 5, width: 400 }], starts)[0]?.width).toBeNull()
    expect(fromGrid([{ colId: 'start', width: 156 }], starts)[0]?.width).toBeNull()
    expect(fromGrid([{ colId: 'title', flex: null, width: 400 }], starts)[0]?.width).toBe(400)
  })

  it('move by one place in sight, within their side', () => {
    const columns = placed(
      [{ name: 'title', pinned: 'left' }, { name: 'type' }, { name: 'notes', hidden: true }],
      starts,
    )
    expect(names(columns)).toEqual(['title', 'type', 'start', 'notes'])
    expect(names(moved(columns, 'start', -1))).toEqual(['title', 'start', 'type', 'notes'])
    expect(names(moved(columns, 'type', -1))).toEqual(names(columns))
    const apart = placed([{ name: 'title' }, { name: 'notes', hidden: true }, { name: 'type' }], starts)
    expect(names(moved(apart, 'title', 1))).toEqual(['notes', 'type', 'title', 'start'])
  })

  it('go to their side when they are pinned', () => {
    expect(names(changed(placed([], starts), 'start', { pinned: 'left' }))[0]).toBe('start')
    expect(names(changed(placed([], starts), 'title', { pinned: 'right' })).at(-1)).toBe('title')
  })
})
