import type { Knex } from 'knex'

/** In an organisation a super admin entered nobody of it acts, so its audit names them beside the actor. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE audit_logs ADD COLUMN entered_by uuid,
      ADD CONSTRAINT audit_logs_one_actor CHECK (actor_id IS NULL OR entered_by IS NULL);
    COMMENT ON COLUMN audit_logs.entered_by IS 'Of the platform: who acted in place of a person of the organisation';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`ALTER TABLE audit_logs DROP COLUMN entered_by`)
}
