import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION read_session;
    GRANT SELECT (settings) ON tenants TO fieldbook_gate;
  `)
  await createReadSession(knex, true)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION read_session;
    REVOKE SELECT (settings) ON tenants FROM fieldbook_gate;
  `)
  await createReadSession(knex, false)
}

/** As it was before, and with what the organisation decided about being offline. */
async function createReadSession(knex: Knex, ofOffline: boolean): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION read_session(session uuid)
      RETURNS TABLE (
        tenant_id uuid, tenant_name text, tenant_kind text, user_id uuid, username text, email text,
        display_name text, default_site_id uuid, active_site_id uuid, roles text[], sites jsonb, device_name text,
        must_change_password boolean ${ofOffline ? ', offline_days integer' : ''}
      )
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT t.id, t.name, t.kind, u.id, u.username, u.email, u.display_name, u.default_site_id, s.active_site_id,
          ARRAY(SELECT r.role FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role),
          (
            SELECT coalesce(
              jsonb_agg(
                jsonb_strip_nulls(
                  jsonb_build_object('id', p.id, 'name', p.name, 'role', p.role, 'settings', nullif(p.settings, '{}'))
                )
                ORDER BY p.name
              ),
              '[]'
            )
            FROM (
              SELECT site.id, site.name, site.settings,
                CASE WHEN admin.user_id IS NULL THEN m.role ELSE 'administrator' END AS role
              FROM sites site
              LEFT JOIN user_sites m
                ON m.tenant_id = site.tenant_id AND m.site_id = site.id AND m.user_id = u.id
              LEFT JOIN user_roles admin
                ON admin.tenant_id = site.tenant_id AND admin.user_id = u.id AND admin.role = 'admin'
              WHERE site.tenant_id = u.tenant_id AND site.active
                AND (m.user_id IS NOT NULL OR admin.user_id IS NOT NULL)
            ) p
          ),
          s.device_name, s.must_change_password ${ofOffline ? ", (t.settings->>'offlineDays')::integer" : ''}
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
