import type { Knex } from 'knex'

/**
 * Roles and scope. The owner migrates and does nothing else. `fieldbook_app` is what the server acts as: it owns
 * nothing, and row-level security shows it only the tenant (and site) the transaction has named. `fieldbook_gate`
 * cannot sign in; it owns the few views and functions through which the app looks past a policy on purpose:
 * finding who is signing in, before a tenant is known, and the search (see docs/decisions/0004-search-under-rls.md).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DO $$
    DECLARE wanted text;
    BEGIN
      FOREACH wanted IN ARRAY ARRAY['fieldbook_app', 'fieldbook_gate'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
          EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
      END LOOP;
    END $$;

    CREATE EXTENSION IF NOT EXISTS pg_trgm;

    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    DO $$ BEGIN
      -- Who may make temporary tables may also make functions.
      EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END $$;
    GRANT USAGE ON SCHEMA public TO fieldbook_app, fieldbook_gate;
    GRANT SELECT ON knex_migrations TO fieldbook_app;

    CREATE FUNCTION scope_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
      RETURN nullif(current_setting('fieldbook.tenant_id', true), '')::uuid;
    CREATE FUNCTION scope_site() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
      RETURN nullif(current_setting('fieldbook.site_id', true), '')::uuid;

    CREATE TABLE server_state (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      epoch uuid NOT NULL DEFAULT gen_random_uuid()
    );
    COMMENT ON COLUMN server_state.epoch IS 'Changes when the database is restored; devices then fetch everything again';
    INSERT INTO server_state DEFAULT VALUES;
    GRANT SELECT ON server_state TO fieldbook_app;
  `)
}

/** The roles stay: they belong to the whole cluster, and other databases in it may use them. */
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP TABLE server_state;
    REVOKE SELECT ON knex_migrations FROM fieldbook_app;
    DROP FUNCTION scope_site();
    DROP FUNCTION scope_tenant();
    REVOKE USAGE ON SCHEMA public FROM fieldbook_app, fieldbook_gate;
  `)
}
