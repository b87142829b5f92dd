import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{common,desktop,build}/**/*.test.{ts,tsx}'],
          exclude: ['desktop/e2e/**'],
        },
      },
      {
        test: {
          name: 'server',
          include: ['{server,db}/**/*.test.ts'],
          globalSetup: 'server/test/global-setup.ts',
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
