import { expect, test } from 'vitest'
import type { ReportKind } from '#common/contract/reports'
import type { Actor } from '../../shared/scope.ts'
import { createReportTables, mostRows } from './report-tables.ts'

type Sources = Parameters<typeof createReportTables>[0]

const actor: Actor = {
  id: 'a',
  tenantId: 't',
  roles: ['admin'],
  sites: [],
  requestId: '',
  address: '',
  device: null,
}
const unasked = () => Promise.reject(new Error('Is not asked'))
const none: Sources = {
  transact: unasked,
  audit: { activity: unasked },
  goals: { list: unasked },
  figures: { shelfShare: unasked },
  coverage: { heatMap: unasked },
}
/** As services answer, of which as much is given as is read. */
const answering = <T>(answer: (query: Record<string, unknown>) => object) =>
  ((_: unknown, query: Record<string, unknown>) => Promise.resolve(answer(query))) as T

const november = { from: '2026-11-01', to: '2026-11-30' }
const make = (sources: Partial<Sources>, kind: ReportKind) =>
  createReportTables({ ...none, ...sources })(actor, {
    kind,
    siteId: null,
    teamId: 'team',
    timezone: 'Europe/Berlin',
    ...november,
  })

test('shelf share is asked of the figures, and is empty where no shelf was marked', async () => {
  const asked: unknown[] = []
  const figures = (photos: number) => ({
    shelfShare: answering<Sources['figures']['shelfShare']>((query) => {
      asked.push(query)
      return { photos, brands: [{ name: 'Milk & Co', share: 12.5, before: null }] }
    }),
  })
  expect((await make({ figures: figures(8) }, 'shelf_share')).table.rows).toEqual([
    ['Milk & Co', 12.5, 8, null],
  ])
  expect((await make({ figures: figures(0) }, 'shelf_share')).table.rows).toEqual([])
  expect(asked[0]).toEqual({ ...november, teamId: 'team' })
})

test('coverage tells of everybody, page by page', async () => {
  const total = { covered: 7, missed: 2, excused: 1, planned: 0, due: 0, adherence: 7 / 9 }
  const heatMap = answering<Sources['coverage']['heatMap']>(({ page }) => ({
    rows: Array.from({ length: page === 3 ? 5 : 100 }, (_, n) => ({ name: `${page as number}.${n}`, total })),
    total: 205,
  }))
  const { table } = await make({ coverage: { heatMap } }, 'coverage')
  expect(table.rows).toHaveLength(205)
  expect([table.rows[0], table.rows[204]]).toEqual([
    ['1.0', 7, 2, 1, 77.8],
    ['3.4', 7, 2, 1, 77.8],
  ])
})

test('goals are those that ran in the time, a row for each they are assigned to', async () => {
  const progress = (name: string) => ({
    assignment: { name },
    progress: { value: 3, target: 10, state: 'behind', forecast: 6 },
  })
  const goal = (startsOn: string, endsOn: string) => ({
    name: startsOn,
    startsOn,
    endsOn,
    progress: [progress('Anna'), progress('Harbour')],
  })
  const list = answering<Sources['goals']['list']>(() => ({
    goals: [
      goal('2026-09-01', '2026-10-31'),
      goal('2026-10-01', '2026-11-01'),
      goal('2026-12-01', '2026-12-31'),
    ],
    total: 3,
  }))
  expect((await make({ goals: { list } }, 'goals')).table.rows).toEqual([
    ['2026-10-01', 'Anna', '2026-10-01', '2026-11-01', 3, 10, 'behind', 6],
    ['2026-10-01', 'Harbour', '2026-10-01', '2026-11-01', 3, 10, 'behind', 6],
  ])
})

test('activity is of the days on the clocks of its zone, and what does not fit is cut', async () => {
  const asked: Record<string, unknown>[] = []
  const person = { displayName: 'Ada', username: 'ada', active: false, signIns: 1, writes: 2, exports: 3 }
  const activity = answering<Sources['audit']['activity']>((query) => {
    asked.push(query)
    return { users: Array.from({ length: 100 }, () => person), total: mostRows + 1 }
  })
  const { table, isCut } = await make({ audit: { activity } }, 'activity')
  expect(asked[0]).toMatchObject({ from: '2026-10-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z' })
  expect(table.rows[0]).toEqual(['Ada', 'ada', 'No', 1, 2, 3])
  expect([table.rows.length, isCut]).toEqual([mostRows, true])
})
