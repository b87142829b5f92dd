import type { Knex } from 'knex'

/** What devices tell of themselves, in the row of their session (docs/decisions/0028-device-reports.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE sessions
      ADD COLUMN reported_at timestamptz,
      ADD COLUMN app_version text,
      ADD COLUMN platform text,
      ADD COLUMN waiting integer,
      ADD COLUMN oldest_waiting_at timestamptz,
      ADD COLUMN last_error text,
      ADD COLUMN last_error_at timestamptz,
      ADD COLUMN device_key text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (left(folded(coalesce(device_name, '')), 600)) STORED;
    COMMENT ON COLUMN sessions.last_used_at IS 'Of its last request, give or take a few minutes';
    COMMENT ON COLUMN sessions.waiting IS 'Edits that were not sent yet when it last reported';
    COMMENT ON COLUMN sessions.last_error IS 'A code, never a sentence: why synchronising last failed there';
    CREATE INDEX sessions_open ON sessions (tenant_id, expires_at) WHERE revoked_at IS NULL;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP INDEX sessions_open;
    ALTER TABLE sessions DROP COLUMN device_key, DROP COLUMN last_error_at, DROP COLUMN last_error,
      DROP COLUMN oldest_waiting_at, DROP COLUMN waiting, DROP COLUMN platform, DROP COLUMN app_version,
      DROP COLUMN reported_at;
    COMMENT ON COLUMN sessions.last_used_at IS NULL;
  `)
}
