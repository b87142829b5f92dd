import type { Knex } from 'knex'

const partitions = 16

/**
 * Interactions, hash-partitioned by site: a search touches one partition, a new site needs no DDL. `search_text` and
 * the `_key` columns are written by the service with the folding both sides share (common/rules/folding.ts), and
 * compare by bytes, as on the device.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE interaction_types (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      name text NOT NULL CHECK (name <> '' AND name !~ ','),
      position integer NOT NULL,
      active boolean NOT NULL DEFAULT true,
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, name)
    );

    CREATE TABLE interactions (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      title text,
      type text,
      lead text,
      start_at timestamptz,
      end_at timestamptz,
      timezone text COLLATE "C",
      location text NOT NULL DEFAULT '',
      description text NOT NULL DEFAULT '',
      notes text NOT NULL DEFAULT '',
      status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'incomplete', 'complete', 'active', 'archived')),
      version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
      created_by uuid NOT NULL,
      created_at timestamptz NOT NULL,
      updated_by uuid NOT NULL,
      updated_at timestamptz NOT NULL,
      deleted_by uuid,
      deleted_at timestamptz,
      search_text text COLLATE "C" NOT NULL,
      title_key text COLLATE "C" NOT NULL,
      type_key text COLLATE "C" NOT NULL,
      lead_key text COLLATE "C" NOT NULL,
      location_key text COLLATE "C" NOT NULL,
      PRIMARY KEY (site_id, id),
      CONSTRAINT ends_after_start CHECK (end_at > start_at),
      CONSTRAINT complete_unless_draft CHECK (
        status IN ('draft', 'incomplete')
        OR num_nulls(title, type, lead, start_at, end_at, timezone) = 0
      ),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, type) REFERENCES interaction_types (tenant_id, name) ON UPDATE CASCADE,
      FOREIGN KEY (tenant_id, created_by) REFERENCES users,
      FOREIGN KEY (tenant_id, updated_by) REFERENCES users,
      FOREIGN KEY (tenant_id, deleted_by) REFERENCES users
    ) PARTITION BY HASH (site_id);
  `)

  for (let remainder = 0; remainder < partitions; remainder++) {
    await knex.schema.raw(`
      CREATE TABLE interactions_${String(remainder).padStart(2, '0')} PARTITION OF interactions
        FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder});
    `)
  }

  await knex.schema.raw(`
    CREATE INDEX interactions_search ON interactions USING gin (search_text gin_trgm_ops) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_start ON interactions (site_id, start_at DESC NULLS LAST, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_end ON interactions (site_id, end_at DESC NULLS LAST, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_updated ON interactions (site_id, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_title ON interactions (site_id, title_key, id) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_lead ON interactions (site_id, lead_key, id) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_type ON interactions (site_id, type_key, id) WHERE deleted_at IS NULL;
    CREATE INDEX interactions_location ON interactions (site_id, location_key, id) WHERE deleted_at IS NULL;

    ALTER TABLE interaction_types ENABLE ROW LEVEL SECURITY;
    ALTER TABLE interaction_types FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON interaction_types TO fieldbook_app
      USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    GRANT SELECT, INSERT, UPDATE ON interaction_types TO fieldbook_app;
  `)

  const tables = [
    'interactions',
    ...Array.from({ length: partitions }, (_, n) => `interactions_${String(n).padStart(2, '0')}`),
  ]
  for (const table of tables) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY site ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant() AND site_id = scope_site())
        WITH CHECK (tenant_id = scope_tenant() AND site_id = scope_site());
    `)
  }

  await knex.schema.raw(`
    GRANT SELECT, INSERT, UPDATE ON interactions TO fieldbook_app;

    CREATE POLICY search ON interactions FOR SELECT TO fieldbook_gate USING (true);
    GRANT SELECT ON interactions TO fieldbook_gate;
    CREATE VIEW interactions_in_scope AS
      SELECT * FROM interactions
      WHERE tenant_id = scope_tenant() AND site_id = scope_site() AND deleted_at IS NULL;
    COMMENT ON VIEW interactions_in_scope IS
      'The live interactions of the scope, read past the policy it repeats: under a policy LIKE may not use an index';
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER VIEW interactions_in_scope OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    GRANT SELECT ON interactions_in_scope TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP VIEW interactions_in_scope;
    DROP TABLE interactions, interaction_types;
  `)
}
