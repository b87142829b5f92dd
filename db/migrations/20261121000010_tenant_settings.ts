import type { Knex } from 'knex'

/** An organisation's admins change its settings through the application. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw('GRANT UPDATE (settings) ON tenants TO fieldbook_app')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('REVOKE UPDATE (settings) ON tenants FROM fieldbook_app')
}
