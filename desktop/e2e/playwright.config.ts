import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  outputDir: '../../out/journeys',
  // Two cores: journeys beside each other would measure each other.
  workers: 1,
  // Most take seconds; some take as long as hundreds of edits do on a busy machine.
  timeout: 180_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  use: { screenshot: 'only-on-failure', trace: 'retain-on-failure' },
})
