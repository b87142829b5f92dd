import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A test of the server waits for its database half of the time: two at once fill two cores.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{common,desktop,build,reliability}/**/*.test.{ts,tsx}'],
          exclude: ['desktop/e2e/**', 'reliability/real/**'],
          // Long enough to catch what hangs, on the busiest of machines.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['{server,db,reliability/real}/**/*.test.ts'],
          globalSetup: 'server/test/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
