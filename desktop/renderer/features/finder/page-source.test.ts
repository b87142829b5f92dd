import type { IGetRowsParams } from 'ag-grid-community'
import { beforeEach, expect, it, vi } from 'vitest'
import { forgetFinder, goToPage, setPaging, sortBy, useFinder } from '../../app/finder.ts'
import { usePreferences } from '../../app/preferences.ts'
import { pageSource } from './page-source.ts'

type Answer = (outcome: unknown) => void
let asked: { request: { offset: number; sort: unknown[] }; answer: Answer }[] = []

beforeEach(() => {
  asked = []
  forgetFinder()
  usePreferences.setState({ of: null, values: {} })
  const ask = (_: string, request: never) => new Promise((answer: Answer) => asked.push({ request, answer }))
  vi.stubGlobal('window', { fieldbook: { ask } })
})

const params = () =>
  ({
    startRow: 0,
    endRow: 100,
    successCallback: vi.fn(),
    failCallback: vi.fn(),
  }) as unknown as IGetRowsParams & { successCallback: ReturnType<typeof vi.fn> }

const page = (found: number) => ({ ok: true, value: { rows: [], found, total: 60 } })
/** Until what the answers set off has happened. */
const settled = () => new Promise((done) => setTimeout(done))

it('asks for the page the Finder is on, in its order', async () => {
  sortBy([{ field: 'lead', descending: true }])
  goToPage(2)
  pageSource('s1').datasource.getRows(params())
  expect(asked[0]?.request).toMatchObject({
    siteId: 's1',
    offset: 50,
    limit: 25,
    sort: [{ field: 'lead', descending: true }],
  })
  asked[0]?.answer(page(60))
  await settled()
  expect(useFinder.getState()).toMatchObject({ found: 60, total: 60, page: 2 })
})

it('goes back to the last page when the one it is on is gone', async () => {
  goToPage(2)
  pageSource('s1').datasource.getRows(params())
  asked[0]?.answer(page(50))
  await settled()
  expect(useFinder.getState().page).toBe(1)
})

it('counts only the newest answer', async () => {
  const { datasource } = pageSource('s1')
  datasource.getRows(params())
  datasource.getRows(params())
  asked[1]?.answer(page(2))
  asked[0]?.answer(page(1))
  await settled()
  expect(useFinder.getState().found).toBe(2)
})

it('keeps the problem of a question without an answer', async () => {
  const question = params()
  pageSource('s1').datasource.getRows(question)
  asked[0]?.answer({
    ok: false,
    problem: { code: 'INTERNAL_ERROR', message: 'No', reference: null, details: [] },
  })
  await settled()
  expect(question.failCallback).toHaveBeenCalled()
  expect(useFinder.getState().problem?.message).toBe('No')
})

it('shows every answer, however fast the data changes, and the last change in the end', async () => {
  const { datasource, refresh } = pageSource('s1')
  const refreshInfiniteCache = vi.fn()
  const api = {
    refreshInfiniteCache,
    getFocusedCell: () => null,
    isDestroyed: () => false,
  } as unknown as Parameters<typeof refresh>[0]
  datasource.getRows(params())
  refresh(api)
  refresh(api)
  expect(refreshInfiniteCache).not.toHaveBeenCalled()
  asked[0]?.answer(page(1))
  await settled()
  expect(refreshInfiniteCache).toHaveBeenCalledTimes(1)
})

it('reads an endless list block by block and says how long it is', async () => {
  setPaging('endless')
  const { datasource } = pageSource('s1')
  const question = { ...params(), startRow: 100, endRow: 200 }
  datasource.getRows(question)
  expect(asked[0]?.request).toMatchObject({ offset: 100, limit: 100 })
  asked[0]?.answer(page(160))
  await settled()
  expect(question.successCallback).toHaveBeenCalledWith([], 160)
})

const rows = (...ids: string[]) => ids.map((id) => ({ id }))
const answerOf = (value: object) => ({ ok: true, value })

it('shows the rows before they are counted; counting the same again keeps the last count until then', async () => {
  const { datasource } = pageSource('s1')
  const question = params()
  datasource.getRows(question)
  asked[0]?.answer(answerOf({ rows: rows('a'), found: null, total: 60 }))
  await settled()
  expect(question.successCallback).toHaveBeenCalledWith(rows('a'), 1)
  expect(useFinder.getState()).toMatchObject({ found: null, total: 60, shown: ['a'] })
  asked[1]?.answer(answerOf({ found: 42 }))
  await settled()
  expect(useFinder.getState().found).toBe(42)

  datasource.getRows(params())
  asked[2]?.answer(answerOf({ rows: rows('b'), found: null, total: 60 }))
  await settled()
  expect(useFinder.getState().found).toBe(42)
  asked[3]?.answer(answerOf({ found: 43 }))
  await settled()
  expect(useFinder.getState().found).toBe(43)
})

it('counts only what is still asked for', async () => {
  const { datasource } = pageSource('s1')
  datasource.getRows(params())
  asked[0]?.answer(answerOf({ rows: rows('a'), found: null, total: 60 }))
  await settled()
  datasource.getRows(params())
  asked[2]?.answer(answerOf({ rows: rows('b'), found: 1, total: 60 }))
  asked[1]?.answer(answerOf({ found: 42 }))
  await settled()
  expect(useFinder.getState().found).toBe(1)
})

it('an endless list learns how long it is once that is counted', async () => {
  setPaging('endless')
  const api = { isDestroyed: () => false, setRowCount: vi.fn() }
  const question = { ...params(), api }
  pageSource('s1').datasource.getRows(question as never)
  asked[0]?.answer(answerOf({ rows: rows('a'), found: null, total: 60 }))
  await settled()
  expect(question.successCallback).toHaveBeenCalledWith(rows('a'), undefined)
  asked[1]?.answer(answerOf({ found: 42 }))
  await settled()
  expect(api.setRowCount).toHaveBeenCalledWith(42, true)
})

it('where nothing is found the rows before stay in the grid, out of sight, unless the site is empty', async () => {
  const { datasource } = pageSource('s1')
  const ask = async (number: number, value: object) => {
    const question = params()
    datasource.getRows(question)
    asked[number]?.answer(answerOf(value))
    await settled()
    return question.successCallback
  }
  await ask(0, { rows: rows('a', 'b'), found: 2, total: 60 })
  expect(await ask(1, { rows: [], found: 0, total: 60 })).toHaveBeenCalledWith(rows('a', 'b'), 2)
  expect(useFinder.getState()).toMatchObject({ found: 0, shown: [] })
  expect(await ask(2, { rows: [], found: 0, total: 0 })).toHaveBeenCalledWith([], 0)
})
