import type { Knex } from 'knex'

/**
 * The epoch follows the database itself, so that no restore goes unnoticed: another cluster has another identifier, a
 * recovery to a point in time or a promoted replica another timeline, a dump that was loaded another table. A copy of
 * the whole machine has none of these; for that there is `server_state.epoch`.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION server_epoch() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
      SELECT md5(concat_ws(' ', epoch, system_identifier, timeline_id, 'feed_heads'::regclass::oid))::uuid
      FROM server_state, pg_control_system(), pg_control_checkpoint()
    $$;
    GRANT EXECUTE ON FUNCTION server_epoch() TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('DROP FUNCTION server_epoch()')
}
