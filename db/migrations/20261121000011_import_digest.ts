import type { Knex } from 'knex'

/** Rows that were not all sent can be sent later, of the same table only. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE imports ADD COLUMN digest text;
    COMMENT ON COLUMN imports.digest IS 'Of the table, as whoever sends it made it';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('ALTER TABLE imports DROP COLUMN digest')
}
