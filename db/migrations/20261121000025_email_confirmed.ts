import type { Knex } from 'knex'

/** Whether an e-mail address is more than somebody's word (docs/decisions/0025-signing-in-with-a-provider.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE users ADD COLUMN email_confirmed boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN users.email_confirmed IS 'A code that was mailed there was used; else no provider signs anybody in by it';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('ALTER TABLE users DROP COLUMN email_confirmed')
}
