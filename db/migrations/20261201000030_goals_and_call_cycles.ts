import type { Knex } from 'knex'

/**
 * Goals and call cycles (docs/decisions/0034-goals-and-call-cycles.md). Each belongs to whoever made it, and is there for
 * those it is for, for their teams and for those who lead them.
 */

const may = (grant: string) => `(SELECT scope_may('${grant}'))`
const me = '(SELECT scope_user())'
const system = may('system')
const anybody = may('session.own')
const people = '(SELECT scope_people())::uuid[]'
const led = '(SELECT scope_teams())::uuid[]'
const belongs = '(SELECT scope_memberships())::uuid[]'

/** What is one's own, or was made by somebody one leads; an admin may all. */
const managed = (grant: string, owner: string) => `(
  ${may(grant)} OR ${may(`${grant}:own`)} AND (${owner} = ${me} OR ${owner} = ANY (${people})))`

/** What is for one, or for those one leads. */
const forScope = (grant: string, table: string, isThere = 'true') => `(
  ${may(`${grant}:own`)} AND (${table}.user_id = ${me} OR ${table}.team_id = ANY (${belongs})) AND ${isThere}
  OR ${may(`${grant}:team`)} AND (${table}.user_id = ANY (${people}) OR ${table}.team_id = ANY (${led})))`

/** One assigns to oneself and to those one leads. */
const within = (grant: string, table: string) => `(
  ${may(grant)} OR ${table}.user_id = ${me} OR ${table}.user_id = ANY (${people}) OR ${table}.team_id = ANY (${led}))`

const ofCycle = (condition: string) => `EXISTS (
  SELECT FROM call_cycles c WHERE c.tenant_id = scope_tenant() AND c.id = cycle_id AND ${condition})`

interface Table {
  reach: string
  insert: string
  update?: string
  columns?: string
  remove?: string
}

const cycleManaged = managed('callCycle.manage', 'owner_id')

const tables: Record<string, Table> = {
  goal_assignments: {
    reach: `${managed('goal.read', 'owner_id')} OR ${forScope('goal.read', 'goal_assignments')}`,
    insert: `${managed('goal.manage', 'owner_id')} AND ${within('goal.manage', 'goal_assignments')}`,
    remove: managed('goal.manage', 'owner_id'),
  },
  goals: {
    reach: `${managed('goal.read', 'owner_id')} OR EXISTS (
      SELECT FROM goal_assignments a WHERE a.tenant_id = scope_tenant() AND a.goal_id = goals.id)`,
    insert: managed('goal.manage', 'owner_id'),
    update: managed('goal.manage', 'owner_id'),
    columns: 'name, metric, target, brand_id, starts_on, ends_on, timezone, version',
    remove: managed('goal.manage', 'owner_id'),
  },
  call_cycles: {
    reach: `${managed('callCycle.read', 'owner_id')} OR ${forScope(
      'callCycle.read',
      'call_cycles',
      'site_id = ANY ((SELECT scope_sites())::uuid[])',
    )}`,
    insert: `${may('callCycle.create:own')} AND ${cycleManaged} AND ${within('callCycle.manage', 'call_cycles')}
      AND site_id = scope_site()`,
    update: `${cycleManaged} AND ${within('callCycle.manage', 'call_cycles')}`,
    columns: `name, user_id, team_id, every, unit, starts_on, ends_on, timezone, version, updated_at`,
    remove: cycleManaged,
  },
  call_cycle_locations: {
    reach: ofCycle('true'),
    insert: ofCycle(managed('callCycle.manage', 'c.owner_id')),
    update: ofCycle(managed('callCycle.manage', 'c.owner_id')),
    columns: 'position, until',
    remove: ofCycle(managed('callCycle.manage', 'c.owner_id')),
  },
  // Whoever sees the cycle may say why a visit of it was not made.
  call_cycle_misses: {
    reach: ofCycle('true'),
    insert: ofCycle(`(${may('callCycle.excuse')} OR ${may('callCycle.excuse:own')})`),
    update: ofCycle(`(${may('callCycle.excuse')} OR ${may('callCycle.excuse:own')})`),
    columns: 'reason, said_by, said_at',
    remove: ofCycle(`(${may('callCycle.excuse')} OR ${may('callCycle.excuse:own')})`),
  },
}

/** What moves the clock of plans: whose a goal or cycle is hangs on teams. */
const clocked = ['goals', 'goal_assignments', 'call_cycles', 'call_cycle_locations', 'teams', 'user_teams']

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION scope_memberships() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        WITH RECURSIVE mine AS (
          SELECT t.id, t.parent_id FROM teams t
          WHERE t.tenant_id = scope_tenant() AND t.active AND (t.leader_id = scope_user() OR t.id IN (
            SELECT m.team_id FROM user_teams m WHERE m.tenant_id = scope_tenant() AND m.user_id = scope_user()))
          UNION
          SELECT t.id, t.parent_id FROM mine JOIN teams t
            ON t.tenant_id = scope_tenant() AND t.id = mine.parent_id AND t.active
        )
        SELECT coalesce(array_agg(id), '{}') FROM mine;
      END;
    COMMENT ON FUNCTION scope_memberships IS
      'The teams in use the scope''s person is in or leads, and those above; call it as (SELECT scope_memberships())';

    CREATE FUNCTION people_of_team(team uuid) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        WITH RECURSIVE below AS (
          SELECT t.id, t.leader_id FROM teams t WHERE t.tenant_id = scope_tenant() AND t.id = team AND t.active
          UNION
          SELECT t.id, t.leader_id FROM below JOIN teams t
            ON t.tenant_id = scope_tenant() AND t.parent_id = below.id AND t.active
        )
        SELECT coalesce(array_agg(id), '{}') FROM (
          SELECT m.user_id AS id FROM user_teams m JOIN below ON below.id = m.team_id WHERE m.tenant_id = scope_tenant()
          UNION
          SELECT leader_id FROM below WHERE leader_id IS NOT NULL
        ) people;
      END;
    COMMENT ON FUNCTION people_of_team IS
      'Who is in a team or in those below it, or leads one of them; nobody while the team is out of use';

    CREATE TABLE goals (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      owner_id uuid,
      name text NOT NULL,
      metric text NOT NULL CHECK (metric IN ('visits_completed', 'shops_covered', 'surveys_completed', 'shelf_share')),
      target double precision NOT NULL CHECK (target > 0),
      brand_id uuid,
      starts_on date NOT NULL,
      ends_on date NOT NULL,
      timezone text NOT NULL,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, owner_id) REFERENCES users,
      FOREIGN KEY (tenant_id, brand_id) REFERENCES brands,
      CONSTRAINT goals_in_order CHECK (ends_on >= starts_on),
      CONSTRAINT goals_brand_of_share CHECK ((metric = 'shelf_share') = (brand_id IS NOT NULL))
    );
    CREATE INDEX goals_by_end ON goals (tenant_id, ends_on, id);
    COMMENT ON COLUMN goals.owner_id IS 'Who made it; null where a super admin did, who is of no organisation';

    CREATE TABLE goal_assignments (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      goal_id uuid NOT NULL,
      owner_id uuid,
      user_id uuid,
      team_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE NULLS NOT DISTINCT (tenant_id, goal_id, user_id, team_id),
      FOREIGN KEY (tenant_id, goal_id) REFERENCES goals ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, team_id) REFERENCES teams,
      CONSTRAINT goal_assignments_one CHECK (num_nonnulls(user_id, team_id) = 1)
    );
    CREATE INDEX goal_assignments_of_user ON goal_assignments (tenant_id, user_id);
    CREATE INDEX goal_assignments_of_team ON goal_assignments (tenant_id, team_id);
    COMMENT ON COLUMN goal_assignments.owner_id IS 'That of its goal, which never changes';

    CREATE TABLE call_cycles (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      owner_id uuid,
      name text NOT NULL,
      user_id uuid,
      team_id uuid,
      every integer NOT NULL CHECK (every BETWEEN 1 AND 366),
      unit text NOT NULL CHECK (unit IN ('day', 'week', 'month')),
      starts_on date NOT NULL,
      ends_on date,
      timezone text NOT NULL,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, site_id, id),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, owner_id) REFERENCES users,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, team_id) REFERENCES teams,
      CONSTRAINT call_cycles_one CHECK (num_nonnulls(user_id, team_id) = 1),
      CONSTRAINT call_cycles_in_order CHECK (ends_on >= starts_on)
    );
    CREATE INDEX call_cycles_of_user ON call_cycles (tenant_id, user_id);
    CREATE INDEX call_cycles_of_team ON call_cycles (tenant_id, team_id);

    CREATE TABLE call_cycle_locations (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      cycle_id uuid NOT NULL,
      id uuid NOT NULL,
      shop_id uuid NOT NULL,
      day integer CHECK (day >= 1),
      position integer NOT NULL,
      visits_per_cycle integer NOT NULL CHECK (visits_per_cycle BETWEEN 1 AND 31),
      since date,
      until date,
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, cycle_id, id),
      FOREIGN KEY (tenant_id, site_id, cycle_id) REFERENCES call_cycles (tenant_id, site_id, id) ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, site_id, shop_id) REFERENCES shops (tenant_id, site_id, id)
    );
    CREATE INDEX call_cycle_locations_of_shop ON call_cycle_locations (tenant_id, shop_id);
    COMMENT ON TABLE call_cycle_locations IS 'Those of before too, so that what was due then stays what it was';

    CREATE TABLE call_cycle_misses (
      tenant_id uuid NOT NULL,
      cycle_id uuid NOT NULL,
      location_id uuid NOT NULL,
      period date NOT NULL,
      slot integer NOT NULL CHECK (slot >= 0),
      reason text NOT NULL,
      said_by uuid,
      said_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, cycle_id, location_id, period, slot),
      FOREIGN KEY (tenant_id, cycle_id, location_id) REFERENCES call_cycle_locations (tenant_id, cycle_id, id)
        ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, said_by) REFERENCES users
    );

    CREATE TABLE plan_clocks (
      tenant_id uuid PRIMARY KEY REFERENCES tenants,
      moves bigint NOT NULL
    );
    COMMENT ON TABLE plan_clocks IS 'How often anything changed by which somebody has other goals or call cycles';
    ALTER TABLE plan_clocks ENABLE ROW LEVEL SECURITY;
    ALTER TABLE plan_clocks FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON plan_clocks TO fieldbook_app
      USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    CREATE POLICY may_insert ON plan_clocks AS RESTRICTIVE FOR INSERT TO fieldbook_app WITH CHECK (${anybody});
    CREATE POLICY may_update ON plan_clocks AS RESTRICTIVE FOR UPDATE TO fieldbook_app WITH CHECK (${anybody});
    GRANT SELECT, INSERT, UPDATE (moves) ON plan_clocks TO fieldbook_app;

    CREATE FUNCTION move_plan_clock() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF scope_tenant() IS NOT NULL THEN
          INSERT INTO plan_clocks VALUES (scope_tenant(), 1)
          ON CONFLICT (tenant_id) DO UPDATE SET moves = plan_clocks.moves + 1;
        END IF;
        RETURN NULL;
      END $$;
    COMMENT ON FUNCTION move_plan_clock IS
      'Of the organisation of the scope; whoever changes these tables without one has devices hear of it later';
  `)
  for (const [name, { reach, insert, update, columns, remove }] of Object.entries(tables)) {
    // The owner of the database, whom these policies meet too, is not asked.
    const unless = (rule = 'false') => `current_user <> 'fieldbook_app' OR ${system} OR (${rule})`
    await knex.schema.raw(`
      ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${name} TO fieldbook_app
        USING (tenant_id = scope_tenant() AND (${system} OR ${reach}))
        WITH CHECK (tenant_id = scope_tenant());
      CREATE POLICY may_insert ON ${name} AS RESTRICTIVE FOR INSERT TO fieldbook_app WITH CHECK (${unless(insert)});
      CREATE POLICY may_update ON ${name} AS RESTRICTIVE FOR UPDATE TO fieldbook_app WITH CHECK (${unless(update)});
      CREATE POLICY may_delete ON ${name} AS RESTRICTIVE FOR DELETE TO fieldbook_app USING (${unless(remove)});
      GRANT SELECT, INSERT ${columns ? `, UPDATE (${columns})` : ''} ${remove ? ', DELETE' : ''} ON ${name} TO fieldbook_app;
    `)
  }
  for (const name of clocked)
    await knex.schema.raw(`
      CREATE TRIGGER move_plan_clock AFTER INSERT OR UPDATE OR DELETE ON ${name}
        FOR EACH STATEMENT EXECUTE FUNCTION move_plan_clock()`)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP TABLE call_cycle_misses, call_cycle_locations, call_cycles, goals, goal_assignments CASCADE;
    DROP FUNCTION move_plan_clock() CASCADE;
    DROP TABLE plan_clocks;
    DROP FUNCTION people_of_team(uuid);
    DROP FUNCTION scope_memberships();
  `)
}
