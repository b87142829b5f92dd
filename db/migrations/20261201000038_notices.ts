import type { Knex } from 'knex'

/** What admins have every open app say (docs/decisions/0040-notices.md). */

const manage = `current_user <> 'fieldbook_app' OR (SELECT scope_may('notice.manage'))`

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE notices (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      site_id uuid,
      kind text NOT NULL CHECK (kind IN ('maintenance', 'warning', 'info')),
      words text NOT NULL CHECK (length(words) BETWEEN 1 AND 500),
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      withdrawn_at timestamptz,
      version integer NOT NULL DEFAULT 1,
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      CONSTRAINT notices_in_order CHECK (ends_at > starts_at)
    );
    CREATE INDEX notices_by_end ON notices (tenant_id, (least(ends_at, withdrawn_at)));
    COMMENT ON COLUMN notices.site_id IS 'Null: for all of the organisation';
    ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notices FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON notices TO fieldbook_app
      USING (tenant_id = scope_tenant() AND (
        site_id IS NULL OR (SELECT scope_may('notice.manage')) OR site_id = ANY ((SELECT scope_sites())::uuid[])))
      WITH CHECK (tenant_id = scope_tenant());
    CREATE POLICY may_insert ON notices AS RESTRICTIVE FOR INSERT TO fieldbook_app WITH CHECK (${manage});
    CREATE POLICY may_update ON notices AS RESTRICTIVE FOR UPDATE TO fieldbook_app WITH CHECK (${manage});
    GRANT SELECT, INSERT, UPDATE (site_id, kind, words, starts_at, ends_at, withdrawn_at, version)
      ON notices TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('DROP TABLE notices')
}
