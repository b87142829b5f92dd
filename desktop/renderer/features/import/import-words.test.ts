import { expect, it } from 'vitest'
import type { Import } from '#common/contract/imports'
import { isUndoable, outcomeWords } from './import-words.ts'

const now = new Date('2026-05-31T12:00:00.000Z')
const found: Import = {
  id: '0197a4a4-0000-7000-8000-000000000001',
  siteId: '0197a4a4-0000-7000-8000-000000000002',
  state: 'done',
  fileName: 'Meetings.csv',
  headers: ['Title'],
  options: {
    columns: ['title'],
    defaults: {},
    dateOrder: 'dmy',
    startTime: '00:00',
    endTime: '23:59',
    existing: 'update',
  },
  rows: 1000,
  received: 1000,
  progress: 1000,
  checked: null,
  result: { created: 150, updated: 50, same: 700, bad: 100 },
  undone: null,
  createdAt: '2026-05-30T12:00:00.000Z',
  createdBy: '0197a4a4-0000-7000-8000-000000000003',
  endedAt: '2026-05-30T12:10:00.000Z',
  problem: null,
}

it.each([
  ['done', {}, true],
  ['stopped', {}, true],
  ['failed after it had begun', { state: 'failed', problem: 'No.' }, true],
  ['failed while it was undone', { state: 'failed', undone: { done: 10, spared: 1 } }, true],
  ['failed when it was checked', { state: 'failed', result: null, endedAt: null }, false],
  ['done without a change', { result: { created: 0, updated: 0, same: 1000, bad: 0 } }, false],
  ['at work', { state: 'running' }, false],
  ['over for more than a month', { endedAt: '2026-05-01T11:00:00.000Z' }, false],
] as const)('an import that is %s can be undone as the server allows it', (_, changes, isIt) => {
  expect(isUndoable({ ...found, ...changes }, now)).toBe(isIt)
})

it('how far undoing is goes by the records that were changed, not by the rows of the table', () => {
  const undoing = (progress: number) => outcomeWords({ ...found, state: 'undoing', progress })
  expect([undoing(0), undoing(100), undoing(200)]).toEqual([
    'Being undone, 0%',
    'Being undone, 50%',
    'Being undone, 100%',
  ])
})
