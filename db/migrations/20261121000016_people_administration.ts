import type { Knex } from 'knex'

/**
 * Lists of people that are searched and sorted like interactions, versions of what admins change, and super admins who
 * see the organisations and enter one (docs/decisions/0022-people.md).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION folded(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN btrim(regexp_replace(
        translate(
          regexp_replace(
            replace(replace(replace(replace(
              normalize(lower(normalize(value, NFKD)), NFKD), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]', '', 'g'),
          'øđðłħıς', 'oddlhiσ'),
        '[\\s[:cntrl:]]+', ' ', 'g'));
    COMMENT ON FUNCTION folded IS 'As common/rules/folding.ts folds, for columns that nobody has to remember to fill';

    ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 1,
      ADD COLUMN invited_at timestamptz,
      ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(folded(display_name), 600)) STORED,
      ADD COLUMN search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS
        (folded(display_name) || chr(31) || folded(username) || chr(31) || folded(email)) STORED;
    COMMENT ON COLUMN users.invited_at IS 'Of the last invitation; it is open as long as no password was set after it';
    CREATE INDEX users_by_name ON users (tenant_id, name_key, id);
    CREATE INDEX user_sites_of_site ON user_sites (tenant_id, site_id);

    ALTER TABLE sites ADD COLUMN version integer NOT NULL DEFAULT 1;
    ALTER TABLE tenants ADD COLUMN version integer NOT NULL DEFAULT 1;
    GRANT UPDATE (name, slug, status, version) ON tenants TO fieldbook_app;
    CREATE UNIQUE INDEX one_platform ON tenants (kind) WHERE kind = 'platform';

    CREATE TABLE tenant_entries (
      tenant_id uuid NOT NULL REFERENCES tenants,
      session_id uuid NOT NULL REFERENCES sessions,
      entered_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, session_id)
    );
    COMMENT ON TABLE tenant_entries IS 'The sessions of super admins whose entry into an organisation is in the audit';
    ALTER TABLE tenant_entries ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tenant_entries FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON tenant_entries TO fieldbook_app
      USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    CREATE POLICY gate ON tenant_entries FOR SELECT TO fieldbook_gate USING (true);
    GRANT SELECT, INSERT ON tenant_entries TO fieldbook_app;
    GRANT SELECT ON tenant_entries TO fieldbook_gate;
    GRANT SELECT (slug, created_at, version) ON tenants TO fieldbook_gate;

    CREATE FUNCTION is_super_admin(session uuid) RETURNS boolean
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT EXISTS (
          SELECT FROM sessions s
          JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.active
          JOIN tenants t ON t.id = u.tenant_id AND t.kind = 'platform' AND t.status = 'active'
          JOIN user_roles r ON r.tenant_id = u.tenant_id AND r.user_id = u.id AND r.role = 'super_admin'
          WHERE s.id = session AND s.revoked_at IS NULL AND s.expires_at > now()
        );
      END;
    COMMENT ON FUNCTION is_super_admin IS 'Whether this is the session of a super admin, at this moment';

    CREATE FUNCTION list_tenants(session uuid, search text, one uuid, first integer, size integer)
      RETURNS TABLE (id uuid, name text, slug text, status text, created_at timestamptz, version integer,
        users integer, sites integer, total integer)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT t.id, t.name, t.slug, t.status, t.created_at, t.version,
          (SELECT count(*)::int FROM users u WHERE u.tenant_id = t.id AND u.active),
          (SELECT count(*)::int FROM sites s WHERE s.tenant_id = t.id AND s.active),
          t.total
        FROM (
          SELECT t.*, (count(*) OVER ())::int AS total
          FROM (
            SELECT t.id, t.name, t.slug, t.status, t.created_at, t.version FROM tenants t
            WHERE t.kind = 'organisation' AND (one IS NULL OR t.id = one)
              AND (position(search IN folded(t.name)) > 0 OR position(search IN t.slug) > 0)
              AND is_super_admin(session)
          ) t
          ORDER BY folded(t.name) COLLATE "C", t.id LIMIT size OFFSET first
        ) t
        ORDER BY folded(t.name) COLLATE "C", t.id;
      END;
    COMMENT ON FUNCTION list_tenants IS 'The organisations, for a super admin; for anybody else there are none';

    CREATE FUNCTION enter_tenant(session uuid, tenant uuid) RETURNS TABLE (name text, is_audited boolean)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT t.name, EXISTS (SELECT FROM tenant_entries e WHERE e.tenant_id = t.id AND e.session_id = session)
        FROM tenants t WHERE t.id = tenant AND t.kind = 'organisation' AND is_super_admin(session);
      END;
    COMMENT ON FUNCTION enter_tenant IS 'The organisation a super admin enters, and whether the audit knows; nothing for anybody else';

    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION is_super_admin OWNER TO fieldbook_gate;
    ALTER FUNCTION list_tenants OWNER TO fieldbook_gate;
    ALTER FUNCTION enter_tenant OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION is_super_admin, list_tenants, enter_tenant FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION list_tenants, enter_tenant TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION enter_tenant;
    DROP FUNCTION list_tenants;
    DROP FUNCTION is_super_admin;
    REVOKE SELECT (slug, created_at, version) ON tenants FROM fieldbook_gate;
    DROP TABLE tenant_entries;
    DROP INDEX one_platform;
    REVOKE UPDATE (name, slug, status, version) ON tenants FROM fieldbook_app;
    ALTER TABLE tenants DROP COLUMN version;
    ALTER TABLE sites DROP COLUMN version;
    DROP INDEX user_sites_of_site;
    ALTER TABLE users DROP COLUMN search_text, DROP COLUMN name_key, DROP COLUMN invited_at, DROP COLUMN version;
    DROP FUNCTION folded;
  `)
}
