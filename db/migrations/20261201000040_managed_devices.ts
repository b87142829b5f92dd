import type { Knex } from 'knex'

/** Whether IT prescribes settings on a device, as it tells itself. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE sessions ADD COLUMN managed boolean;
    COMMENT ON COLUMN sessions.managed IS 'Whether IT had set something of the app there when it last reported';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('ALTER TABLE sessions DROP COLUMN managed')
}
