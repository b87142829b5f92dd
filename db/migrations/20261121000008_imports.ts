import type { Knex } from 'knex'

/**
 * Imports: their rows as they were sent, what became of them, and the names records have where they come from. The
 * rows are there for a while, the names stay.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE imports (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      state text NOT NULL,
      file_name text NOT NULL,
      headers jsonb NOT NULL,
      options jsonb NOT NULL,
      rows integer NOT NULL,
      received integer NOT NULL DEFAULT 0,
      width integer NOT NULL,
      progress integer NOT NULL DEFAULT 0,
      turn integer NOT NULL DEFAULT 0,
      checked jsonb,
      result jsonb,
      undone jsonb,
      undo_before bigint,
      problem text,
      created_by uuid NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_by uuid NOT NULL,
      origin jsonb NOT NULL,
      ended_at timestamptz,
      touched_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, site_id, id),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, created_by) REFERENCES users,
      FOREIGN KEY (tenant_id, started_by) REFERENCES users
    );
    COMMENT ON COLUMN imports.width IS 'Cells of the longest row';
    COMMENT ON COLUMN imports.turn IS 'Goes up with each check, run and undoing; a job of an earlier turn does nothing';
    COMMENT ON COLUMN imports.started_by IS 'Who asked for what is going on, whose rights count';
    COMMENT ON COLUMN imports.undo_before IS 'Position in the audit; what the import did before it is still to be undone';
    CREATE INDEX imports_latest ON imports (site_id, created_at DESC);

    CREATE TABLE import_rows (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      import_id uuid NOT NULL,
      first integer NOT NULL,
      rows jsonb NOT NULL,
      PRIMARY KEY (tenant_id, site_id, import_id, first),
      FOREIGN KEY (tenant_id, site_id, import_id) REFERENCES imports
    );
    COMMENT ON TABLE import_rows IS 'Parts of the table, as they were sent; the first row of the table is 0';

    CREATE TABLE import_keys (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      import_id uuid NOT NULL,
      key text COLLATE "C" NOT NULL,
      row integer NOT NULL,
      PRIMARY KEY (tenant_id, site_id, import_id, key),
      FOREIGN KEY (tenant_id, site_id, import_id) REFERENCES imports
    );
    COMMENT ON TABLE import_keys IS 'The references of a table and the records they mean, each with the row that had it first';

    CREATE TABLE import_problems (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      import_id uuid NOT NULL,
      of_undoing boolean NOT NULL,
      row integer NOT NULL,
      title text,
      reason text NOT NULL,
      PRIMARY KEY (tenant_id, site_id, import_id, of_undoing, row),
      FOREIGN KEY (tenant_id, site_id, import_id) REFERENCES imports
    );

    CREATE TABLE import_references (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      reference text COLLATE "C" NOT NULL,
      interaction_id uuid NOT NULL,
      import_id uuid NOT NULL,
      PRIMARY KEY (tenant_id, site_id, reference),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites
    );
    CREATE INDEX import_references_of_interaction ON import_references (tenant_id, site_id, interaction_id);
    COMMENT ON TABLE import_references IS 'The record a reference means, for as long as there is such a record';

    SELECT pgboss.create_queue('import', '{"policy": "standard"}');
  `)
  for (const table of tables) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY site ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant() AND site_id = scope_site())
        WITH CHECK (tenant_id = scope_tenant() AND site_id = scope_site());
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO fieldbook_app;
    `)
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    SELECT pgboss.delete_queue('import');
    DROP TABLE ${[...tables].reverse().join(', ')};
  `)
}

const tables = ['imports', 'import_rows', 'import_keys', 'import_problems', 'import_references']
