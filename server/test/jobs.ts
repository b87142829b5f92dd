import { expect } from 'vitest'
import type { TestDatabase } from './database.ts'

/** Once nothing waits, is worked on or is to be tried again. */
export const noJobsLeft = ({ owner }: TestDatabase) =>
  expect
    .poll(
      async () =>
        (
          await owner.query<{ name: string; state: string }>(
            `SELECT name, state FROM pgboss.job WHERE state IN ('created', 'retry', 'active')`,
          )
        ).rows,
      { timeout: 50_000, interval: 50 },
    )
    .toEqual([])
