import { expect, test } from 'vitest'
import type { ReportSchedule, SurveyCompletion } from '#common/contract/reports'
import { completionRows, rateWords, recipientWords, waitWords, whenWords } from './report-words.ts'

const schedule = { every: 'week', hour: 7, timezone: 'Europe/Berlin' } as ReportSchedule

test('when a report comes, with its zone where that is another', () => {
  expect(whenWords(schedule, 'Europe/Berlin')).toBe('Every Monday at 07:00')
  expect(whenWords({ ...schedule, every: 'month', hour: 18 }, 'Asia/Tokyo')).toBe(
    'On the 1st of each month at 18:00, Europe/Berlin',
  )
})

test('who gets it', () => {
  expect(recipientWords([])).toBe('Nobody')
  expect(recipientWords(['Ada', 'Ben'])).toBe('Ada and Ben')
  expect(recipientWords(['Ada', 'Ben', 'Cleo'])).toBe('Ada, Ben and 1 other')
  expect(recipientWords(['Ada', 'Ben', 'Cleo', 'Dilan'])).toBe('Ada, Ben and 2 others')
})

test('parts and waits', () => {
  expect([rateWords(null), rateWords(0), rateWords(0.666)]).toEqual(['–', '0%', '67%'])
  expect(waitWords({ hours: 24, devices: 1 })).toBe('A day up to a week')
  expect(waitWords({ hours: 5000, devices: 1 })).toBe('5,000 hours or longer')
})

test('the table as it is saved', () => {
  const survey: SurveyCompletion = {
    surveyId: '',
    name: 'Shelf check',
    started: 3,
    completed: 2,
    cancelled: 0,
    open: 1,
    rate: 2 / 3,
    agents: 1,
  }
  expect(completionRows([survey, { ...survey, started: 0, rate: null }]).slice(1)).toEqual([
    ['Shelf check', '3', '2', '0', '1', '66.7', '1'],
    ['Shelf check', '0', '2', '0', '1', '', '1'],
  ])
})
