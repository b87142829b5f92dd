import type { Knex } from 'knex'

/** How much work waits on devices, over all organisations, for whoever watches the server. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    GRANT SELECT (waiting, oldest_waiting_at) ON sessions TO fieldbook_gate;
    CREATE FUNCTION device_backlog(OUT devices integer, OUT waiting integer, OUT edits bigint, OUT oldest_seconds float)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT count(*)::integer, (count(*) FILTER (WHERE s.waiting > 0))::integer, coalesce(sum(s.waiting), 0),
          coalesce(extract(epoch FROM now() - min(s.oldest_waiting_at) FILTER (WHERE s.waiting > 0)), 0)::float
        FROM sessions s WHERE s.revoked_at IS NULL AND s.expires_at > now();
      END;
    COMMENT ON FUNCTION device_backlog IS
      'Where people are signed in: how many devices, how many have work that is not sent, how much, and since when; counts alone';
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION device_backlog OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION device_backlog FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION device_backlog TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION device_backlog;
    REVOKE SELECT (waiting, oldest_waiting_at) ON sessions FROM fieldbook_gate;
  `)
}
