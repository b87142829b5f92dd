import { expect, it } from 'vitest'
import { bulkPatch, bulkProblems } from './bulk-fields.ts'

it('sets what was ticked and nothing else; an empty text empties', () => {
  expect(bulkPatch({ lead: ' Ana Jones ', notes: '', status: 'active' })).toEqual({
    lead: 'Ana Jones',
    notes: '',
    status: 'active',
  })
  expect(bulkPatch({})).toEqual({})
})

it('says what is missing', () => {
  expect(
    bulkProblems({ type: '', lead: ' ', timezone: 'Europe/Berl', location: '', status: 'active' }),
  ).toEqual({
    type: 'Is required',
    lead: 'Is required',
    timezone: 'Choose a time zone from the list',
  })
  expect(bulkProblems({ timezone: 'Europe/Berlin' })).toEqual({})
})
