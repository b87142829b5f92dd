import { beforeEach, expect, it } from 'vitest'
import type { View } from '#common/contract/views'
import { forgetFinder, layOut, searchFor, setFilter, sortBy, useFinder } from '../../app/finder.ts'
import { usePreferences } from '../../app/preferences.ts'
import { isChanged, showView, viewInput } from './view-state.ts'

const view = (change: Partial<View> = {}): View => ({
  id: 'v1',
  siteId: 's1',
  ownerId: 'p1',
  name: 'Open calls',
  shared: false,
  filter: { search: 'north', type: ['Call'], startFrom: '2026-08-01T00:00:00.000Z' },
  sort: [{ field: 'lead', descending: false }],
  columns: [],
  updatedAt: '2026-08-01T00:00:00.000Z',
  ...change,
})
const changed = () => isChanged(useFinder.getState())

beforeEach(() => {
  forgetFinder()
  usePreferences.setState({ of: null, values: {} })
})

it('saves what is asked for, and puts the same in force again', () => {
  searchFor('north')
  setFilter('type', ['Call'])
  setFilter('start', { from: '2026-08-01' })
  sortBy([{ field: 'lead', descending: false }])
  const { filter, sort, columns } = viewInput('Open calls', false)
  const before = useFinder.getState()
  forgetFinder()
  showView(view({ filter, sort, columns }))
  expect(useFinder.getState()).toMatchObject({
    search: before.search,
    filters: before.filters,
    sort: before.sort,
    columns: null,
  })
  expect(changed()).toBe(false)
})

it('is changed by a search, a filter, another order, and back again', () => {
  showView(view())
  expect(changed()).toBe(false)
  searchFor('south')
  expect(changed()).toBe(true)
  searchFor('north')
  expect(changed()).toBe(false)
  setFilter('lead', 'ana')
  expect(changed()).toBe(true)
  setFilter('lead', undefined)
  sortBy([{ field: 'lead', descending: true }])
  expect(changed()).toBe(true)
  showView(null)
  expect(changed()).toBe(false)
  expect(useFinder.getState()).toMatchObject({ search: '', filters: {}, view: null })
})

it('keeps its own columns apart from those of the person', () => {
  layOut([{ name: 'lead' }])
  showView(view({ columns: [{ name: 'status' }, { name: 'title', width: 300 }] }))
  expect(viewInput('', false).columns[0]?.name).toBe('status')
  layOut([{ name: 'status' }, { name: 'title', width: 250 }])
  expect(changed()).toBe(false)
  layOut([{ name: 'title' }, { name: 'status' }])
  expect(changed()).toBe(true)
  showView(null)
  expect(viewInput('', false).columns[0]?.name).toBe('lead')
})
