import type { Knex } from 'knex'

/** An index for each column that can be sorted by and had none: 200,000 rows of a site were sorted for a page of 25. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE INDEX interactions_created ON interactions (site_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_status ON interactions (site_id, status, id) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_zone ON interactions (site_id, timezone NULLS FIRST, id) WHERE deleted_at IS NULL;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('DROP INDEX interactions_created, interactions_status, interactions_zone')
}
