import type { View, ViewInput } from '#common/contract/views'
import { columnLayout, newestFirst, show, type Sought, useFinder } from '../../app/finder.ts'
import { readerZone } from '../../ui/date-words.ts'
import { columnStarts } from './columns.tsx'
import { filterOf, soughtBy } from './filters.ts'
import { layoutOf, placed } from './layout.ts'

/** Between a saved view and what the Finder asks for and shows. */

const plain: Sought = { search: '', filters: {}, sort: newestFirst, columns: null }

export const soughtOf = (view: View): Sought => ({
  ...soughtBy(view.filter, readerZone()),
  sort: view.sort,
  columns: view.columns.length > 0 ? view.columns : null,
})

/** Puts a saved view in force, or the plain list. */
export const showView = (view: View | null) => show(view, view ? soughtOf(view) : plain)

/** What the Finder asks for and shows, to be saved under a name. */
export function viewInput(name: string, shared: boolean): ViewInput {
  const { search, filters, sort } = useFinder.getState()
  return { name, shared, filter: filterOf(search, filters, readerZone()), sort, columns: columnLayout() }
}

/** Two layouts are told apart by what is where; a width is no change of the view. */
const shape = (columns: Sought['columns']) =>
  columns && layoutOf(placed(columns, columnStarts).map((column) => ({ ...column, width: null })))

const asText = ({ search, filters, sort, columns }: Sought) => {
  const filter = filterOf(search, filters, readerZone())
  return JSON.stringify([
    Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    sort,
    shape(columns),
  ])
}

/** Whether something else is asked for or shown than the view in force says. */
export const isChanged = (finder: Sought & { view: View | null }): boolean =>
  finder.view !== null && asText(finder) !== asText(soughtOf(finder.view))
