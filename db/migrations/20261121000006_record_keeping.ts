import type { Knex } from 'knex'

/**
 * Finder views, history, restore and purge, and what a session tells of its sites and its device. From here on a scope
 * may name a person too: what is theirs alone is seen by nobody else.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION scope_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
      RETURN nullif(current_setting('fieldbook.user_id', true), '')::uuid;

    CREATE TABLE saved_views (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      owner_id uuid NOT NULL,
      name text NOT NULL,
      shared boolean NOT NULL,
      filter jsonb NOT NULL,
      sort jsonb NOT NULL,
      columns jsonb NOT NULL,
      updated_at timestamptz NOT NULL,
      PRIMARY KEY (tenant_id, site_id, id),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, owner_id) REFERENCES users
    );
    ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY;
    ALTER TABLE saved_views FORCE ROW LEVEL SECURITY;
    CREATE POLICY site ON saved_views TO fieldbook_app
      USING (tenant_id = scope_tenant() AND site_id = scope_site() AND (shared OR owner_id = scope_user()))
      WITH CHECK (tenant_id = scope_tenant() AND site_id = scope_site() AND (shared OR owner_id = scope_user()));
    GRANT SELECT, INSERT, UPDATE, DELETE ON saved_views TO fieldbook_app;

    GRANT DELETE ON interaction_types TO fieldbook_app;

    CREATE INDEX interactions_deleted ON interactions (site_id, deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
    GRANT DELETE ON interactions TO fieldbook_app;
    CREATE POLICY purge ON interactions AS RESTRICTIVE FOR DELETE TO fieldbook_app
      USING (deleted_at < now() - interval '30 days');
    COMMENT ON POLICY purge ON interactions IS 'Rows go for good only once nobody may restore them';

    CREATE INDEX audit_logs_of_entity ON audit_logs (feed_id, entity_id, position DESC) WHERE entity_id IS NOT NULL;

    GRANT SELECT (settings) ON sites TO fieldbook_gate;
    GRANT SELECT (device_name) ON sessions TO fieldbook_gate;
    CREATE FUNCTION tenant_ids() RETURNS SETOF uuid
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT id FROM tenants WHERE kind = 'organisation' ORDER BY id;
      END;
    COMMENT ON FUNCTION tenant_ids IS 'Every organisation, for work that nobody signed in asks for';
    DROP FUNCTION read_session;
  `)
  await createReadSession(knex, `'settings', nullif(p.settings, '{}')`, 'device_name')
  await knex.schema.raw(`
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION tenant_ids OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION tenant_ids FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION tenant_ids TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`DROP FUNCTION read_session`)
  await createReadSession(knex)
  await knex.schema.raw(`
    DROP FUNCTION tenant_ids;
    REVOKE SELECT (device_name) ON sessions FROM fieldbook_gate;
    REVOKE SELECT (settings) ON sites FROM fieldbook_gate;
    DROP INDEX audit_logs_of_entity;
    DROP POLICY purge ON interactions;
    REVOKE DELETE ON interactions FROM fieldbook_app;
    DROP INDEX interactions_deleted;
    REVOKE DELETE ON interaction_types FROM fieldbook_app;
    DROP TABLE saved_views;
    DROP FUNCTION scope_user();
  `)
}

/** As migration 2 made it, with what more it tells of a site and of the session. */
async function createReadSession(knex: Knex, moreOfSite = '', moreOfSession = ''): Promise<void> {
  const ofSite = `'id', p.id, 'name', p.name, 'role', p.role`
  await knex.schema.raw(`
    CREATE FUNCTION read_session(session uuid)
      RETURNS TABLE (
        tenant_id uuid, tenant_name text, tenant_kind text, user_id uuid, username text, email text,
        display_name text, default_site_id uuid, active_site_id uuid, roles text[], sites jsonb
        ${moreOfSession && `, ${moreOfSession} text`}
      )
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT t.id, t.name, t.kind, u.id, u.username, u.email, u.display_name, u.default_site_id, s.active_site_id,
          ARRAY(SELECT r.role FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role),
          (
            SELECT coalesce(
              jsonb_agg(
                ${moreOfSite ? `jsonb_strip_nulls(jsonb_build_object(${ofSite}, ${moreOfSite}))` : `jsonb_build_object(${ofSite})`}
                ORDER BY p.name
              ),
              '[]'
            )
            FROM (
              SELECT site.id, site.name, ${moreOfSite && 'site.settings,'}
                CASE WHEN admin.user_id IS NULL THEN m.role ELSE 'administrator' END AS role
              FROM sites site
              LEFT JOIN user_sites m
                ON m.tenant_id = site.tenant_id AND m.site_id = site.id AND m.user_id = u.id
              LEFT JOIN user_roles admin
                ON admin.tenant_id = site.tenant_id AND admin.user_id = u.id AND admin.role = 'admin'
              WHERE site.tenant_id = u.tenant_id AND site.active
                AND (m.user_id IS NOT NULL OR admin.user_id IS NOT NULL)
            ) p
          )
          ${moreOfSession && `, s.${moreOfSession}`}
        FROM sessions s
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.active
        JOIN tenants t ON t.id = u.tenant_id AND t.status = 'active'
        WHERE s.id = session AND s.revoked_at IS NULL AND s.expires_at > now();
      END;
    COMMENT ON FUNCTION read_session IS
      'Who is signed in, with the roles and sites they have at this moment; nothing once the session has ended';
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION read_session OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION read_session FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION read_session TO fieldbook_app;
  `)
}
