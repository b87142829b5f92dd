import { expect, it } from 'vitest'
import { outcomeWords, planWords } from './bulk-words.ts'

const refused = [{ id: 'a', title: null, reason: 'No' }]

it('says before what will happen, and to how many not', () => {
  expect(planWords('archive', 412, 3)).toBe('412 will be archived, 3 will not.')
  expect(planWords('update', 1412, 0)).toBe('1,412 will be changed.')
  expect(planWords('delete', 0, 1)).toBe('Nothing will be deleted.')
})

it('says after what happened, and what was taken back', () => {
  const outcome = { bulkId: 'b', kind: 'archive' as const, done: 412, refused }
  expect(outcomeWords(outcome)).toBe('412 records archived. 1 record stayed as it was.')
  expect(outcomeWords({ ...outcome, bulkId: null })).toBe(
    'Taken back: 412 records as before. 1 record spared.',
  )
  expect(outcomeWords({ ...outcome, bulkId: null, done: 0 })).toBe(
    'Nothing could be taken back. 1 record spared.',
  )
  expect(outcomeWords({ ...outcome, bulkId: null, refused: [] })).toBe('Taken back: 412 records as before.')
})
