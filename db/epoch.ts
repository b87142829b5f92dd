import pg from 'pg'

/**
 * Begins another life of a database that was put back: devices fetch everything again, and send again what they had been
 * told is saved. Twice does no harm but to fetch twice. Refuses a database that is still recovering, of which nothing
 * can be written yet, and one that is not Fieldbook's.
 */
export async function beginEpoch(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ recovering: boolean; known: boolean }>(
      `SELECT pg_is_in_recovery() AS recovering, to_regclass('public.server_state') IS NOT NULL AS known`,
    )
    const { recovering, known } = rows[0]!
    if (recovering) {
      throw new Error(
        'The database at DATABASE_URL is still recovering; end that first: SELECT pg_wal_replay_resume()',
      )
    }
    if (!known) throw new Error('The database at DATABASE_URL has no tables of Fieldbook; check the address')
    const { rowCount } = await client.query('UPDATE server_state SET epoch = gen_random_uuid()')
    if (rowCount !== 1)
      throw new Error('The table server_state of the database has lost its row; restore another backup')
  } finally {
    await client.end()
  }
}
