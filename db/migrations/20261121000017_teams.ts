import type { Knex } from 'knex'

/**
 * Teams, as a tree in which everybody has people above them (docs/decisions/0024-teams.md). `parent_level` is kept in
 * step by the foreign key and lies above the team's own level: no row can be written that would close a circle, by
 * one who writes nor by two who write at once.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION team_rank(level text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN array_position(ARRAY['team', 'area', 'region', 'nation'], level);

    CREATE TABLE teams (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      name text NOT NULL,
      level text NOT NULL CHECK (team_rank(level) IS NOT NULL),
      parent_id uuid,
      parent_level text,
      leader_id uuid,
      active boolean NOT NULL DEFAULT true,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, id, level),
      FOREIGN KEY (tenant_id, parent_id, parent_level) REFERENCES teams (tenant_id, id, level) ON UPDATE CASCADE,
      FOREIGN KEY (tenant_id, leader_id) REFERENCES users,
      CONSTRAINT teams_parent_has_level CHECK ((parent_id IS NULL) = (parent_level IS NULL)),
      CONSTRAINT teams_levels_in_order CHECK (parent_level IS NULL OR team_rank(parent_level) > team_rank(level))
    );
    CREATE INDEX teams_below ON teams (tenant_id, parent_id);
    CREATE INDEX teams_led ON teams (tenant_id, leader_id);

    CREATE TABLE user_teams (
      tenant_id uuid NOT NULL,
      team_id uuid NOT NULL,
      user_id uuid NOT NULL,
      added_by uuid,
      added_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, team_id, user_id),
      FOREIGN KEY (tenant_id, team_id) REFERENCES teams,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, added_by) REFERENCES users
    );
    CREATE INDEX teams_of_user ON user_teams (tenant_id, user_id);
  `)

  for (const table of ['teams', 'user_teams']) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    `)
  }

  await knex.schema.raw(`
    GRANT SELECT, INSERT, UPDATE ON teams TO fieldbook_app;
    GRANT SELECT, INSERT, DELETE ON user_teams TO fieldbook_app;

    CREATE FUNCTION scope_teams() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        WITH RECURSIVE mine AS (
          SELECT t.id FROM teams t
          WHERE t.tenant_id = scope_tenant() AND t.leader_id = scope_user() AND t.active
          UNION
          SELECT t.id FROM mine JOIN teams t ON t.tenant_id = scope_tenant() AND t.parent_id = mine.id AND t.active
        )
        SELECT coalesce(array_agg(id), '{}') FROM mine;
      END;
    COMMENT ON FUNCTION scope_teams IS
      'The teams in use at or below those the scope''s person leads; call it as (SELECT scope_teams()), once a statement';

    CREATE FUNCTION scope_people() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        WITH mine AS MATERIALIZED (SELECT unnest(scope_teams()) AS id)
        SELECT coalesce(array_agg(id), '{}') FROM (
          SELECT m.user_id AS id FROM user_teams m JOIN mine ON mine.id = m.team_id WHERE m.tenant_id = scope_tenant()
          UNION
          SELECT t.leader_id FROM teams t JOIN mine USING (id)
          WHERE t.tenant_id = scope_tenant() AND t.leader_id IS NOT NULL
        ) people;
      END;
    COMMENT ON FUNCTION scope_people IS
      'Who is in those teams or leads one of them, the scope''s person too; call it as (SELECT scope_people())';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION scope_people();
    DROP FUNCTION scope_teams();
    DROP TABLE user_teams, teams;
    DROP FUNCTION team_rank(text);
  `)
}
