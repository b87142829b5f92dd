import type { Knex } from 'knex'

/** Not coalesce: before a policy has passed a row, PostgreSQL does not hold one against an index. */
const entityOf = (table: string) => `CASE WHEN ${table}.entity IS NULL THEN '' ELSE ${table}.entity END`

/**
 * The audit is read by what happened and by whom, and kept for as long as its class says. `fieldbook_keeper` cannot
 * sign in; it owns the one function that takes the content out of entries that are old enough, and row-level security
 * shows it none that are not. Their places and hashes stay, so that the chain can still be followed.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fieldbook_keeper') THEN
        CREATE ROLE fieldbook_keeper NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
      END IF;
      GRANT fieldbook_keeper TO CURRENT_USER;
    END $$;
    GRANT USAGE ON SCHEMA public TO fieldbook_keeper;

    ALTER TABLE audit_logs ADD COLUMN blanked boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN audit_logs.blanked IS
      'Its content was taken out; a later entry, audit.blanked, says what was left of it';

    CREATE INDEX audit_logs_of_kind ON audit_logs (feed_id, action, (${entityOf('audit_logs')}), at, position)
      WHERE NOT blanked;
    CREATE INDEX audit_logs_of_actor ON audit_logs (feed_id, actor_id, action, at, position)
      WHERE actor_id IS NOT NULL;

    CREATE FUNCTION audit_kinds(feed uuid) RETURNS TABLE (action text, entity text)
      LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        WITH RECURSIVE kinds AS (
          (
            SELECT a.action, ${entityOf('a')} AS entity FROM audit_logs a
            WHERE a.feed_id = feed AND NOT a.blanked
            ORDER BY a.action, ${entityOf('a')} LIMIT 1
          )
          UNION ALL
          SELECT next.action, next.entity FROM kinds k CROSS JOIN LATERAL (
            SELECT a.action, ${entityOf('a')} AS entity FROM audit_logs a
            WHERE a.feed_id = feed AND NOT a.blanked
              AND (a.action, ${entityOf('a')}) > (k.action, k.entity)
            ORDER BY a.action, ${entityOf('a')} LIMIT 1
          ) next
        )
        SELECT k.action, k.entity FROM kinds k;
      END;
    COMMENT ON FUNCTION audit_kinds IS
      'The actions that are in the audit of a feed, each with what it was done to: a step of the index for each';

    CREATE FUNCTION audit_class(action text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN starts_with(action, 'session.') THEN 'sign-in'
        WHEN starts_with(action, 'access.') THEN 'refusal'
        WHEN split_part(action, '.', 1) IN ('user', 'role', 'team', 'site', 'tenant', 'type', 'device', 'password',
          'identity', 'audit') THEN 'admin'
        WHEN starts_with(action, 'export.') THEN 'export'
        ELSE 'data'
      END;

    CREATE FUNCTION audit_kept(action text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN action = 'audit.blanked' THEN NULL
        ELSE CASE audit_class(action)
          WHEN 'refusal' THEN interval '1 year'
          WHEN 'admin' THEN interval '3 years'
          ELSE interval '2 years'
        END
      END;
    COMMENT ON FUNCTION audit_kept IS 'How long what such an entry says is kept; null: for ever';

    CREATE POLICY keeper_reads ON audit_logs FOR SELECT TO fieldbook_keeper USING (tenant_id = scope_tenant());
    CREATE POLICY keeper_blanks ON audit_logs FOR UPDATE TO fieldbook_keeper
      USING (tenant_id = scope_tenant() AND at < now() - audit_kept(action))
      WITH CHECK (tenant_id = scope_tenant() AND blanked);
    GRANT SELECT, UPDATE (actor_id, entered_by, entity_id, old_values, new_values, address, device, request_id, blanked)
      ON audit_logs TO fieldbook_keeper;

    CREATE FUNCTION blank_audit(feed uuid, most integer) RETURNS SETOF bigint
      LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        UPDATE audit_logs a
        SET actor_id = NULL, entered_by = NULL, entity_id = NULL, old_values = NULL, new_values = NULL, address = NULL,
          device = NULL, request_id = NULL, blanked = true
        FROM (
          SELECT old.position
          FROM (SELECT DISTINCT k.action FROM audit_kinds(feed) k WHERE audit_kept(k.action) IS NOT NULL) kind
          CROSS JOIN LATERAL (
            SELECT b.position FROM audit_logs b
            WHERE b.feed_id = feed AND NOT b.blanked AND b.action = kind.action
              AND b.at < now() - audit_kept(kind.action)
            ORDER BY b.at, b.position LIMIT most
          ) old
          ORDER BY old.position LIMIT most
        ) due
        WHERE a.feed_id = feed AND a.position = due.position AND NOT a.blanked
        RETURNING a.position;
      END;
    COMMENT ON FUNCTION blank_audit IS
      'Takes the content out of the oldest entries of a feed that need not be kept any longer, and says which they were';

    GRANT CREATE ON SCHEMA public TO fieldbook_keeper;
    ALTER FUNCTION blank_audit OWNER TO fieldbook_keeper;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_keeper;
    REVOKE EXECUTE ON FUNCTION blank_audit FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION blank_audit TO fieldbook_app;
  `)
}

/** The role stays, as it belongs to the whole cluster. */
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION blank_audit;
    DROP POLICY keeper_blanks ON audit_logs;
    DROP POLICY keeper_reads ON audit_logs;
    REVOKE ALL ON audit_logs FROM fieldbook_keeper;
    REVOKE USAGE ON SCHEMA public FROM fieldbook_keeper;
    DROP FUNCTION audit_kept;
    DROP FUNCTION audit_class;
    DROP FUNCTION audit_kinds;
    DROP INDEX audit_logs_of_actor;
    DROP INDEX audit_logs_of_kind;
    ALTER TABLE audit_logs DROP COLUMN blanked;
  `)
}
