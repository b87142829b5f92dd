import type { ColumnState } from 'ag-grid-community'
import type { ViewColumn } from '#common/contract/views'

/** A column as the app has it before anybody changes it. */
export interface ColumnStart {
  name: string
  width?: number
  flex?: number
  hidden?: boolean
}

export type Pin = 'left' | 'right' | null

export interface PlacedColumn {
  name: string
  /** Null where the column takes its share of the room there is. */
  width: number | null
  hidden: boolean
  pinned: Pin
}

const byPin = (column: PlacedColumn) => (column.pinned === 'left' ? 0 : column.pinned === 'right' ? 2 : 1)

/**
 * All columns from left to right, as `layout` has them. Columns it does not know stand where the app puts them, and
 * what the app does not know is left out: a layout may come from another version.
 */
export function placed(layout: readonly ViewColumn[], starts: readonly ColumnStart[]): PlacedColumn[] {
  const known = layout.filter(
    ({ name }, index) =>
      starts.some((start) => start.name === name) &&
      layout.findIndex((other) => other.name === name) === index,
  )
  const names = known.map(({ name }) => name)
  for (const [index, { name }] of starts.entries()) {
    if (names.includes(name)) continue
    const before = starts[index - 1]?.name
    names.splice(before === undefined ? 0 : names.indexOf(before) + 1, 0, name)
  }
  return names
    .map((name): PlacedColumn => {
      const start = starts.find((each) => each.name === name)!
      const column = known.find((each) => each.name === name)
      return {
        name,
        width: column?.width ?? null,
        hidden: column ? (column.hidden ?? false) : (start.hidden ?? false),
        pinned: column?.pinned ?? null,
      }
    })
    .toSorted((a, b) => byPin(a) - byPin(b))
}

/** As it is remembered; the opposite of `placed`. */
export const layoutOf = (columns: readonly PlacedColumn[]): ViewColumn[] =>
  columns.map(({ name, width, hidden, pinned }) => ({
    name,
    ...(width !== null && { width: Math.round(width) }),
    ...(hidden && { hidden }),
    ...(pinned && { pinned }),
  }))

/** What a grid with these columns has to be told; `only` are the ones that stay beside an open record. */
export function gridState(
  columns: readonly PlacedColumn[],
  starts: readonly ColumnStart[],
  only: ReadonlySet<string> | null,
): ColumnState[] {
  return columns.map(({ name, width, hidden, pinned }) => {
    const start = starts.find((each) => each.name === name)!
    const own = only ? null : width
    return {
      colId: name,
      hide: hidden || (only !== null && !only.has(name)),
      pinned: only ? null : pinned,
      flex: own === null ? (start.flex ?? null) : null,
      ...(own !== null ? { width: own } : start.width !== undefined && { width: start.width }),
    }
  })
}

/** The columns as a person has dragged them in the grid. */
export function fromGrid(states: readonly ColumnState[], starts: readonly ColumnStart[]): PlacedColumn[] {
  return states.flatMap((state): PlacedColumn[] => {
    const start = starts.find(({ name }) => name === state.colId)
    if (!start) return []
    const sized = !state.flex && state.width !== undefined && state.width !== start.width
    return [
      {
        name: state.colId,
        width: sized ? state.width! : null,
        hidden: state.hide ?? false,
        pinned: state.pinned === 'left' || state.pinned === 'right' ? state.pinned : null,
      },
    ]
  })
}

/** A column one place further, among those pinned like it; hidden ones are passed over. */
export function moved(columns: readonly PlacedColumn[], name: string, step: -1 | 1): PlacedColumn[] {
  const from = columns.findIndex((column) => column.name === name)
  let to = from + step
  while (columns[to]?.hidden && columns[to]?.pinned === columns[from]?.pinned) to += step
  if (!columns[from] || columns[to]?.pinned !== columns[from].pinned) return [...columns]
  const others = columns.filter((column) => column.name !== name)
  others.splice(to, 0, columns[from])
  return others
}

/** The columns with one of them changed; pinning moves it to its side. */
export const changed = (
  columns: readonly PlacedColumn[],
  name: string,
  change: Partial<PlacedColumn>,
): PlacedColumn[] =>
  columns
    .map((column) => (column.name === name ? { ...column, ...change } : column))
    .toSorted((a, b) => byPin(a) - byPin(b))
