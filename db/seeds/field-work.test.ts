import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { surveyProblems } from '#common/rules/survey-draft'
import { metresBetween } from '#common/rules/visit-rules'
import { readConfig } from '#server/config'
import { dairyQuestions } from './field-work.ts'
import { generateShops, readShops } from './shops.ts'

test('the survey of the demo asks what a survey may ask, in every way there is', () => {
  const questions = Object.values(dairyQuestions())
  expect(surveyProblems(questions)).toEqual([])
  expect(new Set(questions.map(({ type }) => type)).size).toBe(8)
})

test('its shops are in Berlin, real ones where there are any', async () => {
  const folder = join(readConfig({}).demoMeetings, '../berlin-supermarkets')
  const real = await readShops(folder, 40)
  for (const shops of [generateShops(40), ...(real ? [real] : [])]) {
    expect(new Set(shops.map(({ reference }) => reference)).size).toBe(40)
    for (const { name, address, latitude, longitude } of shops) {
      expect(name).toMatch(/\S/)
      expect(address).toMatch(/^.+ \S+, \d{5} .+$/)
      const place = { latitude: latitude!, longitude: longitude! }
      expect(metresBetween(place, { latitude: 52.52, longitude: 13.405 })).toBeLessThan(40_000)
    }
  }
  expect(await readShops(join(tmpdir(), 'there-are-no-shops-here'), 40)).toBeNull()
})
