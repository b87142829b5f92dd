import type { Knex } from 'knex'

/** Reports that are mailed by themselves, and files with mails (docs/decisions/0036-reports.md). */

const may = (grant: string) => `(SELECT scope_may('${grant}'))`
const system = may('system')
const owned = `(${may('report.schedule')} OR ${may('report.schedule:own')} AND owner_id = (SELECT scope_user()))`

/** The owner of the database, whom these policies meet too, is not asked. */
const restrict = (table: string, write: string, insert = write) => `
  CREATE POLICY may_insert ON ${table} AS RESTRICTIVE FOR INSERT TO fieldbook_app
    WITH CHECK (current_user <> 'fieldbook_app' OR ${system} OR ${insert});
  CREATE POLICY may_update ON ${table} AS RESTRICTIVE FOR UPDATE TO fieldbook_app
    WITH CHECK (current_user <> 'fieldbook_app' OR ${system} OR ${write});
  CREATE POLICY may_delete ON ${table} AS RESTRICTIVE FOR DELETE TO fieldbook_app
    USING (current_user <> 'fieldbook_app' OR ${system} OR ${write});`

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE report_schedules (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      owner_id uuid NOT NULL,
      name text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('visits', 'shelf_share', 'coverage', 'goals', 'survey_completion', 'activity')),
      format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
      every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
      hour integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
      timezone text NOT NULL,
      site_id uuid,
      team_id uuid,
      recipients uuid[] NOT NULL,
      active boolean NOT NULL,
      next_at timestamptz,
      last_at timestamptz,
      last_problem text,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, owner_id) REFERENCES users,
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, team_id) REFERENCES teams,
      CONSTRAINT report_schedules_due CHECK (active = (next_at IS NOT NULL))
    );
    CREATE INDEX report_schedules_due ON report_schedules (tenant_id, next_at) WHERE active;
    CREATE INDEX report_schedules_of_owner ON report_schedules (tenant_id, owner_id);
    COMMENT ON COLUMN report_schedules.owner_id IS 'As whom it is made, with the rights they have then';
    COMMENT ON COLUMN report_schedules.next_at IS 'Moved in the transaction that queues the mails: by then each has been made once';
    ALTER TABLE report_schedules ENABLE ROW LEVEL SECURITY;
    ALTER TABLE report_schedules FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON report_schedules TO fieldbook_app
      USING (tenant_id = scope_tenant() AND (${system} OR ${owned})) WITH CHECK (tenant_id = scope_tenant());
    ${restrict('report_schedules', owned, `${owned} AND owner_id = (SELECT scope_user())`)}
    GRANT SELECT, INSERT, DELETE, UPDATE (name, kind, format, every, hour, timezone, site_id, team_id, recipients, active,
      next_at, last_at, last_problem, version) ON report_schedules TO fieldbook_app;

    CREATE TABLE mail_files (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      name text NOT NULL,
      media_type text NOT NULL,
      bytes bytea NOT NULL,
      PRIMARY KEY (tenant_id, id)
    );
    COMMENT ON TABLE mail_files IS 'What goes with mails, for as long as one of them waits to be sent';
    ALTER TABLE mail_files ENABLE ROW LEVEL SECURITY;
    ALTER TABLE mail_files FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON mail_files TO fieldbook_app
      USING (tenant_id = scope_tenant() AND ${system}) WITH CHECK (tenant_id = scope_tenant());
    ${restrict('mail_files', 'false')}
    GRANT SELECT, INSERT, DELETE ON mail_files TO fieldbook_app;

    ALTER TABLE mails ADD COLUMN about jsonb, ADD COLUMN file_id uuid;
    CREATE INDEX mails_with_file ON mails (tenant_id, file_id) WHERE file_id IS NOT NULL;
    COMMENT ON COLUMN mails.about IS 'What its words tell of beside the person, where there is more';
    SELECT pgboss.create_queue('reports-due', '{"policy": "singleton"}');
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    SELECT pgboss.delete_queue('reports-due');
    -- What code of before cannot send; row-level security binds its owner too, but for this long.
    ALTER TABLE mails NO FORCE ROW LEVEL SECURITY;
    DELETE FROM mails WHERE kind = 'report';
    ALTER TABLE mails FORCE ROW LEVEL SECURITY;
    ALTER TABLE mails DROP COLUMN about, DROP COLUMN file_id;
    DROP TABLE mail_files, report_schedules;
  `)
}
