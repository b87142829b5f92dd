import { expect, it } from 'vitest'
import { routeWords, stopWords } from './stop-words.ts'

const slot = { from: '2026-11-30', to: '2026-12-06', dueOn: '2026-12-02', visit: null }
const visit = (date: string) => ({ id: '', shopId: '', date })

it('says when a visit is due, or what became of it', () => {
  expect(stopWords({ ...slot, group: 'open' }, '2026-12-01')).toBe('Due 2 Dec')
  expect(stopWords({ ...slot, group: 'open', dueOn: slot.to }, '2026-12-01')).toBe('By 6 Dec')
  expect(stopWords({ ...slot, group: 'due' }, '2026-12-02')).toBe('Due today')
  expect(stopWords({ ...slot, group: 'due' }, '2026-12-04')).toBe('Due since 2 Dec')
  expect(stopWords({ ...slot, group: 'done', visit: visit('2026-12-02') }, '2026-12-02')).toBe(
    'Visited today',
  )
  expect(stopWords({ ...slot, group: 'done', visit: visit('2026-12-01') }, '2026-12-02')).toBe(
    'Visited 1 Dec',
  )
  expect(stopWords({ ...slot, group: 'missed' }, '2026-12-08')).toBe('Missed 30 Nov – 6 Dec 2026')
  expect(stopWords({ ...slot, group: 'due' }, '2027-01-04')).toBe('Due since 2 Dec 2026')
})

it('counts what of today is done, and nothing where there is nothing to do', () => {
  expect(routeWords([{ group: 'due' }, { group: 'done' }, { group: 'open' }, { group: 'missed' }])).toBe(
    '1 of 2 done',
  )
  expect(routeWords([{ group: 'open' }])).toBeNull()
})
