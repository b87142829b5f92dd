import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  outputDir: '../../out/journeys',
  // `npm test` runs two lanes of one worker each, on a desktop each (build/test.ts).
  workers: 1,
  // Most take seconds; some take as long as hundreds of edits do on a busy machine.
  timeout: 180_000,
  // However busy the other lane keeps the machine.
  expect: { timeout: 20_000 },
  // A second attempt is counted as passed, and named at the end of `npm test` (docs/decisions/0030).
  retries: process.env.CI ? 1 : 0,
  forbidOnly: !!process.env.CI,
  // Recording every journey costs time; where there is a second attempt, that one is recorded.
  use: { screenshot: 'only-on-failure', trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure' },
})
