import { expect, inject, test } from 'vitest'
import * as fuzz from './fuzz.ts'

/** A share of `npm run test:security`; what it finds is named with the command that shows it again. */

test('malformed requests get answers of the contract', { timeout: 300_000 }, async () => {
  const { failures, figures } = await fuzz.run({ database: inject('databaseServer'), count: '600' })
  expect(failures).toEqual([])
  expect(figures).toMatchObject({ requests: 600, 'failures of the server (5xx)': 0 })
})
