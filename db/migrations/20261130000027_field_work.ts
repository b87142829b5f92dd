import type { Knex } from 'knex'

/**
 * Field work: shops, brands, surveys, visits and their photos (docs/decisions/0031-field-work.md). Who sees a visit is
 * decided here once, by `scope_sees_visit`; what belongs to one is seen with it.
 */

const may = (...grants: string[]) => `(SELECT scope_may(${grants.map((grant) => `'${grant}'`).join(', ')}))`
const me = '(SELECT scope_user())'
const system = may('system')

/** The visits of people below, one's own where one still belongs to the site, or all of them. */
const seen = (agent: string, site: string) => `(
  ${may('visit.read')}
  OR ${may('visit.read:own')} AND ${agent} = ${me} AND ${site} = ANY ((SELECT scope_sites())::uuid[])
  OR ${may('visit.read:team')} AND ${agent} = ANY ((SELECT scope_people())::uuid[]))`
const seenWith = (column: string) =>
  `EXISTS (SELECT FROM visits v WHERE v.tenant_id = scope_tenant() AND v.id = ${column})`

/** One's own visit, at the site of the scope. */
const mine = (column: string) => `${may('visit.work:own')} AND EXISTS (
  SELECT FROM visits v WHERE v.tenant_id = scope_tenant() AND v.id = ${column} AND v.agent_id = ${me}
    AND v.site_id = scope_site())`

interface Table {
  /** Which rows there are, within the organisation; all of them where nothing is said. */
  reach?: string
  write: string
  /** What may be changed of a row; nothing where nothing is said. */
  columns?: string
  removable?: true
}

const tables: Record<string, Table> = {
  shops: {
    // Also where a visit is seen that was made to it.
    reach: `site_id = scope_site() OR EXISTS (
      SELECT FROM visits v WHERE v.tenant_id = scope_tenant() AND v.shop_id = shops.id)`,
    write: `${may('shop.manage')} AND site_id = scope_site()`,
    columns:
      'name, address, reference, latitude, longitude, active, version, name_key, search_text, updated_at',
    removable: true,
  },
  brands: {
    write: may('brand.manage'),
    columns: 'name, description, colour, active, version',
    removable: true,
  },
  surveys: {
    write: may('survey.manage'),
    columns: 'name, description, active, published_number, has_changes, version',
    removable: true,
  },
  survey_questions: {
    write: may('survey.manage'),
    columns: 'position, type, text, help, required, min, max, show_if',
    removable: true,
  },
  question_options: { write: may('survey.manage'), columns: 'position, label', removable: true },
  survey_versions: { write: may('survey.manage') },
  visits: {
    reach: seen('agent_id', 'site_id'),
    write: `${may('visit.work:own')} AND agent_id = ${me} AND site_id = scope_site()`,
    columns: `shop_id, survey_number, status, completed_at, latitude, longitude, accuracy, position_source, distance,
      is_far, notes, version, interaction_version, updated_at`,
  },
  visit_answers: {
    reach: seenWith('visit_id'),
    write: mine('visit_id'),
    columns: 'value',
    removable: true,
  },
  pictures: {
    reach: `visit_id IS NULL OR ${seenWith('visit_id')}`,
    write: `CASE WHEN visit_id IS NULL THEN ${may('brand.manage', 'system')} ELSE ${mine('visit_id')} END`,
    columns: 'received, stored_at, has_thumbnail',
    removable: true,
  },
  picture_parts: {
    reach: 'EXISTS (SELECT FROM pictures p WHERE p.tenant_id = scope_tenant() AND p.id = picture_id)',
    write: `EXISTS (SELECT FROM pictures p WHERE p.tenant_id = scope_tenant() AND p.id = picture_id
      AND CASE WHEN p.visit_id IS NULL THEN ${may('brand.manage')} ELSE ${mine('p.visit_id')} END)`,
    removable: true,
  },
  brand_infographics: { write: may('brand.manage'), removable: true },
  photos: {
    reach: seenWith('visit_id'),
    write: mine('visit_id'),
    columns: 'shelf, latitude, longitude, version',
    removable: true,
  },
  shelf_quadrants: {
    reach: 'EXISTS (SELECT FROM photos p WHERE p.tenant_id = scope_tenant() AND p.id = photo_id)',
    write: `EXISTS (SELECT FROM photos p WHERE p.tenant_id = scope_tenant() AND p.id = photo_id AND ${mine('p.visit_id')})`,
    removable: true,
  },
}

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION scope_sites() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        SELECT coalesce(array_agg(m.site_id), '{}') FROM user_sites m
        JOIN sites s ON s.tenant_id = m.tenant_id AND s.id = m.site_id AND s.active
        WHERE m.tenant_id = scope_tenant() AND m.user_id = scope_user();
      END;
    COMMENT ON FUNCTION scope_sites IS
      'The sites in use the scope''s person belongs to; call it as (SELECT scope_sites()), once a statement';

    ALTER TABLE feed_changes ADD COLUMN owner_id uuid;
    COMMENT ON COLUMN feed_changes.owner_id IS
      'Whose devices alone hear of it, also of its removal; null: those of everybody the feed is for';

    CREATE TABLE shops (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      name text NOT NULL,
      address text NOT NULL DEFAULT '',
      reference text,
      latitude double precision CHECK (latitude BETWEEN -90 AND 90),
      longitude double precision CHECK (longitude BETWEEN -180 AND 180),
      active boolean NOT NULL DEFAULT true,
      version integer NOT NULL DEFAULT 1,
      name_key text COLLATE "C" NOT NULL,
      search_text text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, site_id, id),
      UNIQUE (tenant_id, site_id, reference),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      CONSTRAINT shops_both_or_neither CHECK ((latitude IS NULL) = (longitude IS NULL))
    );
    CREATE INDEX shops_by_name ON shops (site_id, name_key, id);
    COMMENT ON COLUMN shops.name_key IS 'Name and search text, folded as common/rules/folding does';

    CREATE TABLE brands (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      name text NOT NULL,
      description text NOT NULL DEFAULT '',
      colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
      active boolean NOT NULL DEFAULT true,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id)
    );

    CREATE TABLE surveys (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      name text NOT NULL,
      description text NOT NULL DEFAULT '',
      active boolean NOT NULL DEFAULT true,
      published_number integer,
      has_changes boolean NOT NULL DEFAULT true,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id)
    );

    CREATE TABLE survey_questions (
      tenant_id uuid NOT NULL,
      survey_id uuid NOT NULL,
      id uuid NOT NULL,
      position integer NOT NULL,
      type text NOT NULL CHECK (type IN
        ('text', 'number', 'single', 'multiple', 'yes_no', 'rating', 'date', 'photo')),
      text text NOT NULL,
      help text NOT NULL DEFAULT '',
      required boolean NOT NULL,
      min double precision,
      max double precision,
      show_if jsonb,
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, survey_id) REFERENCES surveys ON DELETE CASCADE,
      UNIQUE (tenant_id, survey_id, position) DEFERRABLE INITIALLY DEFERRED
    );
    COMMENT ON TABLE survey_questions IS 'Of the draft; what was published is in survey_versions';

    CREATE TABLE question_options (
      tenant_id uuid NOT NULL,
      question_id uuid NOT NULL,
      id uuid NOT NULL,
      position integer NOT NULL,
      label text NOT NULL,
      PRIMARY KEY (tenant_id, question_id, id),
      FOREIGN KEY (tenant_id, question_id) REFERENCES survey_questions ON DELETE CASCADE
    );

    CREATE TABLE survey_versions (
      tenant_id uuid NOT NULL,
      survey_id uuid NOT NULL,
      number integer NOT NULL,
      id uuid NOT NULL,
      name text NOT NULL,
      description text NOT NULL,
      questions jsonb NOT NULL,
      published_by uuid,
      published_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, survey_id, number),
      UNIQUE (tenant_id, id),
      FOREIGN KEY (tenant_id, survey_id) REFERENCES surveys
    );
    COMMENT ON TABLE survey_versions IS 'Never changed: the application may add to it and no more';

    CREATE TABLE visits (
      tenant_id uuid NOT NULL,
      site_id uuid NOT NULL,
      id uuid NOT NULL,
      agent_id uuid NOT NULL,
      shop_id uuid,
      survey_id uuid,
      survey_number integer,
      visit_type text NOT NULL CHECK (visit_type IN ('routine', 'follow_up', 'audit', 'opening', 'other')),
      status text NOT NULL CHECK (status IN ('in_progress', 'completed', 'cancelled')),
      started_at timestamptz NOT NULL,
      completed_at timestamptz,
      timezone text NOT NULL,
      latitude double precision CHECK (latitude BETWEEN -90 AND 90),
      longitude double precision CHECK (longitude BETWEEN -180 AND 180),
      accuracy double precision CHECK (accuracy >= 0),
      position_source text CHECK (position_source IN ('device', 'entered', 'shop')),
      distance integer CHECK (distance >= 0),
      is_far boolean NOT NULL DEFAULT false,
      notes text NOT NULL DEFAULT '',
      version integer NOT NULL DEFAULT 1,
      interaction_version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, site_id, id),
      FOREIGN KEY (tenant_id, site_id) REFERENCES sites,
      FOREIGN KEY (tenant_id, agent_id) REFERENCES users,
      FOREIGN KEY (tenant_id, site_id, shop_id) REFERENCES shops (tenant_id, site_id, id),
      FOREIGN KEY (tenant_id, survey_id, survey_number) REFERENCES survey_versions,
      CONSTRAINT visits_survey_has_number CHECK ((survey_id IS NULL) = (survey_number IS NULL)),
      CONSTRAINT visits_position_is_whole CHECK (num_nulls(latitude, longitude, position_source) IN (0, 3)),
      CONSTRAINT visits_completed_in_time CHECK ((status = 'completed') = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR completed_at >= started_at))
    );
    CREATE INDEX visits_latest ON visits (tenant_id, started_at DESC, id DESC);
    CREATE INDEX visits_of_agent ON visits (tenant_id, agent_id, started_at DESC, id DESC);
    CREATE INDEX visits_of_shop ON visits (tenant_id, shop_id, started_at DESC);
    COMMENT ON TABLE visits IS 'Each with the id of its interaction';
    COMMENT ON COLUMN visits.distance IS 'Metres from the shop to where it began';
    COMMENT ON COLUMN visits.interaction_version IS
      'The version its interaction has as long as nobody else changed that, and never again once somebody did';

    CREATE TABLE visit_answers (
      tenant_id uuid NOT NULL,
      visit_id uuid NOT NULL,
      question_id uuid NOT NULL,
      value jsonb NOT NULL,
      PRIMARY KEY (tenant_id, visit_id, question_id),
      FOREIGN KEY (tenant_id, visit_id) REFERENCES visits
    );

    CREATE TABLE pictures (
      tenant_id uuid NOT NULL REFERENCES tenants,
      id uuid NOT NULL,
      visit_id uuid,
      sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      size integer NOT NULL CHECK (size BETWEEN 1 AND 26214400),
      type text NOT NULL CHECK (type IN ('image/jpeg', 'image/png', 'image/webp')),
      width integer NOT NULL CHECK (width > 0),
      height integer NOT NULL CHECK (height > 0),
      received integer NOT NULL DEFAULT 0,
      stored_at timestamptz,
      has_thumbnail boolean NOT NULL DEFAULT false,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      UNIQUE (tenant_id, visit_id, id),
      FOREIGN KEY (tenant_id, visit_id) REFERENCES visits,
      CONSTRAINT pictures_received_in_size CHECK (received BETWEEN 0 AND size)
    );
    COMMENT ON TABLE pictures IS 'Photos, which have a visit, and infographics; their bytes are in the blob store once stored_at is there';

    CREATE TABLE picture_parts (
      tenant_id uuid NOT NULL,
      picture_id uuid NOT NULL,
      first integer NOT NULL,
      bytes bytea NOT NULL,
      PRIMARY KEY (tenant_id, picture_id, first),
      FOREIGN KEY (tenant_id, picture_id) REFERENCES pictures ON DELETE CASCADE
    );
    COMMENT ON TABLE picture_parts IS 'What has arrived of a picture that is not whole yet, wherever it arrived';

    CREATE TABLE brand_infographics (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      brand_id uuid NOT NULL,
      title text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, id) REFERENCES pictures ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, brand_id) REFERENCES brands
    );

    CREATE TABLE photos (
      tenant_id uuid NOT NULL,
      id uuid NOT NULL,
      site_id uuid NOT NULL,
      visit_id uuid NOT NULL,
      question_id uuid,
      purpose text NOT NULL CHECK (purpose IN ('shelf', 'outside', 'display', 'question', 'other')),
      taken_at timestamptz,
      latitude double precision CHECK (latitude BETWEEN -90 AND 90),
      longitude double precision CHECK (longitude BETWEEN -180 AND 180),
      shelf jsonb,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, visit_id, id) REFERENCES pictures (tenant_id, visit_id, id) ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, site_id, visit_id) REFERENCES visits (tenant_id, site_id, id)
    );
    CREATE INDEX photos_of_visit ON photos (tenant_id, visit_id, id);

    CREATE TABLE shelf_quadrants (
      tenant_id uuid NOT NULL,
      photo_id uuid NOT NULL,
      id uuid NOT NULL,
      brand_id uuid NOT NULL,
      position integer NOT NULL,
      polygon jsonb NOT NULL,
      area_percentage double precision NOT NULL CHECK (area_percentage BETWEEN 0 AND 100),
      PRIMARY KEY (tenant_id, photo_id, id),
      FOREIGN KEY (tenant_id, photo_id) REFERENCES photos ON DELETE CASCADE,
      FOREIGN KEY (tenant_id, brand_id) REFERENCES brands
    );
    CREATE INDEX shelf_quadrants_of_brand ON shelf_quadrants (tenant_id, brand_id);
    COMMENT ON COLUMN shelf_quadrants.area_percentage IS 'By common/rules/shelf-share, of the shelf that is marked';
  `)
  for (const [name, { reach, write, columns, removable }] of Object.entries(tables)) {
    // The owner, whom these policies meet too, is not asked.
    const mayWrite = `current_user <> 'fieldbook_app' OR (${write})`
    await knex.schema.raw(`
      ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${name} TO fieldbook_app
        USING (tenant_id = scope_tenant()${reach ? ` AND (${system} OR ${reach})` : ''})
        WITH CHECK (tenant_id = scope_tenant());
      CREATE POLICY may_insert ON ${name} AS RESTRICTIVE FOR INSERT TO fieldbook_app WITH CHECK (${mayWrite});
      CREATE POLICY may_update ON ${name} AS RESTRICTIVE FOR UPDATE TO fieldbook_app WITH CHECK (${mayWrite});
      CREATE POLICY may_delete ON ${name} AS RESTRICTIVE FOR DELETE TO fieldbook_app USING (${mayWrite});
      GRANT SELECT, INSERT ${columns ? `, UPDATE (${columns})` : ''} ${removable ? ', DELETE' : ''} ON ${name} TO fieldbook_app;
    `)
  }
  await knex.schema.raw(`SELECT pgboss.create_queue('picture-removal', '{"policy": "standard"}')`)
  await knex.schema.raw(`
    CREATE POLICY keeper ON sync_receipts TO fieldbook_keeper
      USING (tenant_id = scope_tenant() AND user_id IN (SELECT id FROM users));
    GRANT SELECT (tenant_id, user_id, result), UPDATE (result) ON sync_receipts TO fieldbook_keeper;
    CREATE FUNCTION blank_receipts(person uuid) RETURNS void
      LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        UPDATE sync_receipts SET result = result - 'record' - 'conflict'
        WHERE user_id = person AND result::text LIKE '%"latitude"%';
      END;
    COMMENT ON FUNCTION blank_receipts IS
      'Takes out of what a forgotten person''s devices were told where they were';
    GRANT CREATE ON SCHEMA public TO fieldbook_keeper;
    ALTER FUNCTION blank_receipts OWNER TO fieldbook_keeper;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_keeper;
    REVOKE EXECUTE ON FUNCTION blank_receipts FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION blank_receipts TO fieldbook_app;
  `)
  await setFeedRules(knex, feedRules)
  await setAdminAreas(knex, [...adminAreas, 'shop', 'brand', 'survey'])
}

export async function down(knex: Knex): Promise<void> {
  await setAdminAreas(knex, adminAreas)
  await setFeedRules(knex, '')
  await knex.schema.raw(`
    DROP TABLE ${Object.keys(tables).reverse().join(', ')} CASCADE;
    DROP FUNCTION blank_receipts(uuid);
    DROP POLICY keeper ON sync_receipts;
    REVOKE ALL ON sync_receipts FROM fieldbook_keeper;
    -- What code of before cannot read; row-level security binds its owner too, but for this long.
    ALTER TABLE feed_changes NO FORCE ROW LEVEL SECURITY;
    DELETE FROM feed_changes WHERE entity IN ('shop', 'brand', 'survey', 'surveyVersion', 'visit', 'photo');
    ALTER TABLE feed_changes FORCE ROW LEVEL SECURITY;
    ALTER TABLE feed_changes DROP COLUMN owner_id;
    DROP FUNCTION scope_sites();
    SELECT pgboss.delete_queue('picture-removal');
  `)
}

/** Who may say of what that it changed, beside what migration 23 has. */
const feedRules = `
  WHEN 'shop' THEN ${may('shop.manage')} AND feed_id = scope_site()
  WHEN 'brand' THEN ${may('brand.manage')}
  WHEN 'survey' THEN ${may('survey.manage')}
  WHEN 'surveyVersion' THEN ${may('survey.manage')}
  WHEN 'visit' THEN ${may('visit.work:own')} AND feed_id = scope_site()
  WHEN 'photo' THEN ${may('visit.work:own')} AND feed_id = scope_site()`

async function setFeedRules(knex: Knex, more: string): Promise<void> {
  const write = `CASE entity
    WHEN 'interaction' THEN ${may('interaction.create', 'interaction.update')} AND feed_id = scope_site() OR ${system}
    WHEN 'interactionType' THEN ${may('type.manage')}
    WHEN 'person' THEN ${may('user.create', 'user.update', 'user.forget')} OR ${may('session.own')} AND entity_id = ${me}
    ${more}
    ELSE ${system}
  END`
  await knex.schema.raw(`
    ALTER POLICY may_insert ON feed_changes WITH CHECK (${write});
    ALTER POLICY may_update ON feed_changes WITH CHECK (${write});
  `)
}

const adminAreas = [
  'user',
  'role',
  'team',
  'site',
  'tenant',
  'type',
  'device',
  'password',
  'identity',
  'audit',
]

/** What is looked after by admins is kept for longer than what happens in the field. */
const setAdminAreas = (knex: Knex, areas: readonly string[]) =>
  knex.schema.raw(`
    CREATE OR REPLACE FUNCTION audit_class(action text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN starts_with(action, 'session.') THEN 'sign-in'
        WHEN starts_with(action, 'access.') THEN 'refusal'
        WHEN split_part(action, '.', 1) IN (${areas.map((area) => `'${area}'`).join(', ')}) THEN 'admin'
        WHEN starts_with(action, 'export.') THEN 'export'
        ELSE 'data'
      END;
  `)
