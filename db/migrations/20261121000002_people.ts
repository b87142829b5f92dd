import type { Knex } from 'knex'

/** Tenants, the people and sites in them, and their sessions. Foreign keys carry the tenant, so no row points across. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE tenants (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      slug text NOT NULL UNIQUE,
      status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
      kind text NOT NULL DEFAULT 'organisation' CHECK (kind IN ('organisation', 'platform')),
      settings jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON COLUMN tenants.kind IS 'The one platform tenant is the home of super admins, who belong to no organisation';

    CREATE TABLE roles (name text PRIMARY KEY);
    INSERT INTO roles VALUES ('agent'), ('team_leader'), ('area_manager'), ('regional_manager'),
      ('national_manager'), ('admin'), ('super_admin');

    CREATE TABLE users (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL UNIQUE,
      username text NOT NULL CHECK (username !~ '@'),
      email text NOT NULL CHECK (email ~ '@'),
      display_name text NOT NULL,
      password_hash text NOT NULL,
      password_changed_at timestamptz NOT NULL DEFAULT now(),
      active boolean NOT NULL DEFAULT true,
      last_login_at timestamptz,
      default_site_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id)
    );
    CREATE UNIQUE INDEX users_username ON users (lower(username));
    CREATE UNIQUE INDEX users_email ON users (lower(email));

    CREATE TABLE user_roles (
      tenant_id uuid NOT NULL,
      user_id uuid NOT NULL,
      role text NOT NULL REFERENCES roles,
      PRIMARY KEY (tenant_id, user_id, role),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users
    );

    CREATE TABLE sites (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL UNIQUE,
      name text NOT NULL,
      description text,
      active boolean NOT NULL DEFAULT true,
      settings jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, name)
    );

    ALTER TABLE users ADD FOREIGN KEY (tenant_id, default_site_id) REFERENCES sites;

    CREATE TABLE user_sites (
      tenant_id uuid NOT NULL,
      user_id uuid NOT NULL,
      site_id uuid NOT NULL,
      role text NOT NULL CHECK (role IN ('viewer', 'editor', 'administrator')),
      assigned_by uuid,
      assigned_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, user_id, site_id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, assigned_by) REFERENCES users
    );

    CREATE TABLE sessions (
      tenant_id uuid NOT NULL,
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL,
      device_name text,
      token_hash bytea NOT NULL,
      previous_hash bytea,
      rotated_at timestamptz NOT NULL DEFAULT now(),
      lifetime interval NOT NULL,
      expires_at timestamptz NOT NULL,
      active_site_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz NOT NULL DEFAULT now(),
      revoked_at timestamptz,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, active_site_id) REFERENCES sites
    );
    COMMENT ON TABLE sessions IS 'One refresh-token family each; only hashes of tokens are kept';
    CREATE INDEX sessions_of_user ON sessions (tenant_id, user_id);

    CREATE TABLE sign_in_failures (
      account bytea PRIMARY KEY,
      failures integer NOT NULL,
      last_failed_at timestamptz NOT NULL,
      locked_until timestamptz
    );
    COMMENT ON COLUMN sign_in_failures.account IS 'Hash of a user id, or of a name nobody has: both lock alike';
  `)

  for (const table of ['users', 'user_roles', 'sites', 'user_sites', 'sessions']) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
      CREATE POLICY gate ON ${table} FOR SELECT TO fieldbook_gate USING (true);
      GRANT SELECT, INSERT, UPDATE ON ${table} TO fieldbook_app;
    `)
  }

  await knex.schema.raw(`
    ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON tenants TO fieldbook_app
      USING (id = scope_tenant()) WITH CHECK (id = scope_tenant());
    CREATE POLICY gate ON tenants FOR SELECT TO fieldbook_gate USING (true);
    GRANT SELECT, INSERT ON tenants TO fieldbook_app;
    GRANT SELECT ON roles TO fieldbook_app;
    GRANT DELETE ON user_roles, user_sites TO fieldbook_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO fieldbook_app;

    GRANT SELECT (id, name, kind, status) ON tenants TO fieldbook_gate;
    GRANT SELECT (tenant_id, id, username, email, display_name, active, default_site_id) ON users TO fieldbook_gate;
    GRANT SELECT ON user_roles, user_sites TO fieldbook_gate;
    GRANT SELECT (tenant_id, id, name, active) ON sites TO fieldbook_gate;
    GRANT SELECT (tenant_id, id, user_id, active_site_id, expires_at, revoked_at) ON sessions TO fieldbook_gate;

    CREATE FUNCTION find_user(identifier text) RETURNS TABLE (tenant_id uuid, user_id uuid)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT u.tenant_id, u.id FROM users u
        WHERE lower(u.username) = lower(identifier) OR lower(u.email) = lower(identifier);
      END;
    COMMENT ON FUNCTION find_user IS 'Whose user name or e-mail this is, in whatever tenant';

    CREATE FUNCTION read_session(session uuid)
      RETURNS TABLE (
        tenant_id uuid, tenant_name text, tenant_kind text, user_id uuid, username text, email text,
        display_name text, default_site_id uuid, active_site_id uuid, roles text[], sites jsonb
      )
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT t.id, t.name, t.kind, u.id, u.username, u.email, u.display_name, u.default_site_id, s.active_site_id,
          ARRAY(SELECT r.role FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role),
          (
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'role', p.role) ORDER BY p.name), '[]')
            FROM (
              SELECT site.id, site.name, CASE WHEN admin.user_id IS NULL THEN m.role ELSE 'administrator' END AS role
              FROM sites site
              LEFT JOIN user_sites m
                ON m.tenant_id = site.tenant_id AND m.site_id = site.id AND m.user_id = u.id
              LEFT JOIN user_roles admin
                ON admin.tenant_id = site.tenant_id AND admin.user_id = u.id AND admin.role = 'admin'
              WHERE site.tenant_id = u.tenant_id AND site.active
                AND (m.user_id IS NOT NULL OR admin.user_id IS NOT NULL)
            ) p
          )
        FROM sessions s
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.active
        JOIN tenants t ON t.id = u.tenant_id AND t.status = 'active'
        WHERE s.id = session AND s.revoked_at IS NULL AND s.expires_at > now();
      END;
    COMMENT ON FUNCTION read_session IS
      'Who is signed in, with the roles and sites they have at this moment; nothing once the session has ended';

    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION read_session OWNER TO fieldbook_gate;
    ALTER FUNCTION find_user OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION find_user, read_session FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION find_user, read_session TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION read_session;
    DROP FUNCTION find_user;
    DROP TABLE sign_in_failures, sessions, user_sites, user_roles;
    ALTER TABLE users DROP CONSTRAINT users_tenant_id_default_site_id_fkey;
    DROP TABLE sites, users, roles, tenants;
  `)
}
