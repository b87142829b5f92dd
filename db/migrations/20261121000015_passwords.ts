import type { Knex } from 'knex'

/** Passwords that were used before or have to be changed, codes and mails for new ones, and who guesses from where. */

const tables = ['password_history', 'password_resets', 'mails']

/** A hash (bcrypt, of the cost of all others) of random bytes that nobody kept. */
const nobodys = '$2b$12$VPPeRfQodnzcpW3b6Ae35O5OClkZHyWRjekqjlmh9eI2P8jlleQpy'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE users ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
    ALTER TABLE users ALTER COLUMN password_hash SET DEFAULT '${nobodys}';
    COMMENT ON COLUMN users.password_hash IS 'Unless said otherwise one that no password matches';
    COMMENT ON COLUMN users.must_change_password IS 'Somebody else chose it: their next session does nothing before they choose one';
    ALTER TABLE sessions ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
    GRANT SELECT (must_change_password) ON sessions TO fieldbook_gate;

    CREATE TABLE password_history (
      tenant_id uuid NOT NULL,
      user_id uuid NOT NULL,
      replaced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      password_hash text NOT NULL,
      PRIMARY KEY (tenant_id, user_id, replaced_at),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users
    );
    COMMENT ON TABLE password_history IS 'The hashes before the one in use, the newest few';

    CREATE TABLE password_resets (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      user_id uuid NOT NULL,
      email_hash bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users
    );
    CREATE INDEX password_resets_of_user ON password_resets (tenant_id, user_id, created_at);
    COMMENT ON COLUMN password_resets.id IS 'The code that is mailed is made of it with a secret that is not in the database';
    COMMENT ON COLUMN password_resets.email_hash IS 'Of the address it was mailed to: for whoever has another by now it counts no longer';
    COMMENT ON COLUMN password_resets.used_at IS 'When it was used, or a password was chosen without it';

    CREATE TABLE mails (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      user_id uuid NOT NULL,
      kind text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      give_up_at timestamptz NOT NULL,
      sent_at timestamptz,
      refused_at timestamptz,
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users
    );
    CREATE INDEX mails_of_user ON mails (tenant_id, user_id, created_at);
    COMMENT ON TABLE mails IS 'What is to be sent to whom; its words are made when it is sent, and not kept';
    COMMENT ON COLUMN mails.id IS 'Of one with a code that of its row in password_resets';

    CREATE TABLE sign_in_attempts (
      account bytea NOT NULL,
      address text NOT NULL,
      failures integer NOT NULL,
      since timestamptz NOT NULL,
      PRIMARY KEY (account, address)
    );
    COMMENT ON TABLE sign_in_attempts IS 'Failures by account and address, and under an empty account all of an address';
    GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO fieldbook_app;

    SELECT pgboss.create_queue('mail', '{"policy": "standard"}');
  `)
  for (const table of tables) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
      GRANT SELECT, INSERT, DELETE ON ${table} TO fieldbook_app;
    `)
  }
  await knex.schema.raw(`
    GRANT UPDATE (used_at) ON password_resets TO fieldbook_app;
    GRANT UPDATE (sent_at, refused_at) ON mails TO fieldbook_app;
    DROP FUNCTION read_session;
  `)
  await createReadSession(knex, true)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    SELECT pgboss.delete_queue('mail');
    DROP FUNCTION read_session;
    DROP TABLE sign_in_attempts, mails, password_resets, password_history;
    ALTER TABLE sessions DROP COLUMN must_change_password;
    ALTER TABLE users ALTER COLUMN password_hash DROP DEFAULT;
    COMMENT ON COLUMN users.password_hash IS NULL;
    ALTER TABLE users DROP COLUMN must_change_password;
  `)
  await createReadSession(knex, false)
}

/** As it was before, and with what it tells of the password. */
async function createReadSession(knex: Knex, ofPassword: boolean): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION read_session(session uuid)
      RETURNS TABLE (
        tenant_id uuid, tenant_name text, tenant_kind text, user_id uuid, username text, email text,
        display_name text, default_site_id uuid, active_site_id uuid, roles text[], sites jsonb, device_name text
        ${ofPassword ? ', must_change_password boolean' : ''}
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
          s.device_name
          ${ofPassword ? ', s.must_change_password' : ''}
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
