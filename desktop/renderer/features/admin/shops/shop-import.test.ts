import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Answer, Request } from '#desktop/bridge/channels'

type Import = Request<'shops.import'>
type Outcome = Answer<'shops.import'> | { code: string }

/** What the server answers, request by request; it takes every row as new where nothing else is said. */
let answers: ((request: Import) => Outcome | Promise<Outcome>)[]
let asked: Import[]
let table: Answer<'shops.readTable'>['table']

const isAnswer = (outcome: Outcome): outcome is Answer<'shops.import'> => 'success' in outcome
const asNew = ({ rows }: Import): Outcome => ({
  success: true,
  created: rows.length,
  updated: 0,
  unchanged: 0,
  problems: [],
})

vi.stubGlobal('window', {
  fieldbook: {
    on: () => () => undefined,
    ask: async (name: string, request: Import) => {
      if (name === 'shops.readTable') return { ok: true, value: { table } }
      asked.push(request)
      const outcome = await (answers.shift() ?? asNew)(request)
      return isAnswer(outcome)
        ? { ok: true, value: outcome }
        : { ok: false, problem: { message: 'No.', reference: null, details: [], ...outcome } }
    },
  },
})

const { useSession } = await import('../../../app/session.ts')
const work = await import('./shop-import.ts')
const state = () => work.useShopImport.getState()

const shops = (count: number) => ({
  fileName: 'shops.csv',
  headers: ['Name', 'ID'],
  rows: Array.from({ length: count }, (_, index) => [`Shop ${index}`, `R${index}`]),
})

beforeEach(async () => {
  answers = []
  asked = []
  table = shops(1200)
  useSession.setState({ siteId: 'here' })
  await work.chooseTable()
})
afterEach(() => {
  work.endImport()
  vi.useRealTimers()
})

it('a table is checked 500 rows at a time, and then imported', async () => {
  expect(state()).toMatchObject({ step: 'columns', columns: ['name', 'reference'] })
  await work.check()
  expect(asked.map(({ rows, dryRun, siteId }) => [rows.length, dryRun, siteId])).toEqual([
    [500, true, 'here'],
    [500, true, 'here'],
    [200, true, 'here'],
  ])
  expect(state()).toMatchObject({ step: 'checked', counts: { created: 1200 }, busy: false })
  await work.importRows()
  expect(asked.slice(3).map(({ rows, dryRun }) => [rows.length, dryRun])).toEqual([
    [500, false],
    [500, false],
    [200, false],
  ])
  expect(state()).toMatchObject({ step: 'done', answered: 1200, counts: { created: 1200 } })
})

it('bad rows are told with the name in them, and not sent; nor is the same shop twice, however far apart', async () => {
  table!.rows[3] = ['', 'R3']
  table!.rows[1100] = ['Shop 7', 'R7']
  answers = [
    (request) => ({
      ...(asNew(request) as Answer<'shops.import'>),
      problems: [{ row: 6, field: 'reference', message: 'Is taken' }],
    }),
  ]
  await work.check()
  expect(asked.flatMap(({ rows }) => rows)).toHaveLength(1198)
  const bad = work.badRows(state())
  expect(bad.map(({ row, name, problems }) => [row, name, problems.map(({ message }) => message)])).toEqual([
    [5, '', ['Is required']],
    [6, 'Shop 4', ['Is taken']],
    [1102, 'Shop 7', ['Is the same shop as row 9']],
  ])
  await work.importRows()
  expect(asked.slice(3).flatMap(({ rows }) => rows.map(({ row }) => row))).not.toContain(6)
})

it('what is broken off goes on where it was', async () => {
  answers = [asNew, () => ({ code: 'SERVICE_UNAVAILABLE' })]
  await work.check()
  expect(state()).toMatchObject({ step: 'checking', answered: 500, busy: false })
  expect(state().problem?.code).toBe('SERVICE_UNAVAILABLE')
  await work.resume()
  expect(state()).toMatchObject({ step: 'checked', counts: { created: 1200 }, problem: null })
  expect(asked.map(({ rows }) => rows[0]!.row)).toEqual([2, 502, 502, 1002])
})

it('stopping waits for the request that is under way, and keeps what it did', async () => {
  await work.check()
  answers = [
    (request) => {
      work.cancel()
      return asNew(request)
    },
  ]
  await work.importRows()
  expect(state()).toMatchObject({ step: 'done', answered: 500, counts: { created: 500 }, busy: false })
  expect(asked).toHaveLength(4)
})

it('cancelling a check leads back to the columns', async () => {
  answers = [
    (request) => {
      work.cancel()
      return asNew(request)
    },
  ]
  await work.check()
  expect(state()).toMatchObject({ step: 'columns', busy: false })
  await work.check()
  expect(state()).toMatchObject({ step: 'checked', counts: { created: 1200 } })
})

it('a server that has had enough is asked again after a pause', async () => {
  vi.useFakeTimers()
  answers = [() => ({ code: 'RATE_LIMITED' })]
  const checking = work.check()
  await vi.waitUntil(() => state().waits)
  await vi.advanceTimersByTimeAsync(5_000)
  await checking
  expect(state()).toMatchObject({ step: 'checked', waits: false, counts: { created: 1200 } })
})

it('another site ends it, whatever is still on its way', async () => {
  answers = [
    (request) => {
      useSession.setState({ siteId: 'elsewhere' })
      return asNew(request)
    },
  ]
  await work.check()
  expect(asked).toHaveLength(1)
  expect(state()).toMatchObject({ step: null, table: null })
})
