import type { Knex } from 'knex'

/**
 * How often each type is used, and whether a type may go or change its name: without an index all interactions of the
 * organisation were read for that, while its types were locked.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw('CREATE INDEX interactions_type_usage ON interactions (tenant_id, type, site_id)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('DROP INDEX interactions_type_usage')
}
