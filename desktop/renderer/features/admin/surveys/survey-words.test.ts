import { expect, it } from 'vitest'
import { publishWords, stateWords } from './survey-words.ts'

it('a survey is a draft, a version, or a version and what came after it', () => {
  const words = (publishedNumber: number | null, hasChanges: boolean) =>
    stateWords({ publishedNumber, hasChanges }).words
  expect(words(null, true)).toBe('Draft')
  expect(words(2, false)).toBe('Version 2')
  expect(words(2, true)).toBe('Version 2, changed since')
})

it('publishing says what becomes of visits in progress', () => {
  expect(publishWords(2)).toBe(
    'New visits begin with version 3. Visits in progress stay with version 2 until their agent goes on to the new one.',
  )
  expect(publishWords(null)).not.toContain('in progress')
})
