import type { TestDatabase } from './database.ts'

/**
 * Sends these requests at once; none of them writes to the tables before each of them waits for something, to write or
 * for another one to end.
 */
export async function writingTogether<T>(
  { owner }: TestDatabase,
  tables: string,
  requests: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const client = await owner.connect()
  try {
    await client.query('BEGIN')
    await client.query(`LOCK TABLE ${tables} IN SHARE MODE`)
    let answered = false
    const answers = Promise.all(requests.map((send) => send().finally(() => (answered = true))))
    for (let waiting = 0; waiting < requests.length;) {
      if (answered) throw new Error('A request was answered before all of them waited')
      // Asked on another connection: within a transaction the answer would stay the first one.
      const { rows } = await owner.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      waiting = rows[0]!.waiting
    }
    await client.query('COMMIT')
    return await answers
  } finally {
    // What was not committed is let go of with its connection.
    client.release(true)
  }
}
