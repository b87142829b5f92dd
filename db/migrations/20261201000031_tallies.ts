import type { Knex } from 'knex'

/**
 * What figures are read from (docs/decisions/0035-tallies.md): ledgers to which every change of what is counted adds
 * rows, what was with a minus and what is with a plus. Their sum at any moment is what a recount would find. Rows are
 * only ever added, so that nobody waits for anybody, and added up now and then by `compact_tallies`.
 */

const may = (...grants: string[]) => `(SELECT scope_may(${grants.map((grant) => `'${grant}'`).join(', ')}))`
const none = `'00000000-0000-0000-0000-000000000000'::uuid`

/** As visits are seen; whose they are is looked up in a table of hashes, for many rows are read at once. */
const seen = `(
  ${may('visit.read')}
  OR ${may('visit.read:own')} AND agent_id = (SELECT scope_user()) AND site_id IN (SELECT unnest(scope_sites()))
  OR ${may('visit.read:team')} AND agent_id IN (SELECT unnest(scope_people())))`

interface Ledger {
  keys: Record<string, string>
  counts: readonly string[]
  reach: string
  index: string
}

const ofVisits = ['started', 'completed', 'cancelled', 'far', 'surveys', 'photos', 'share']
const ledgers: Record<string, Ledger> = {
  visit_days: {
    keys: { brand_id: 'uuid', day: 'date', agent_id: 'uuid', site_id: 'uuid' },
    counts: ofVisits,
    reach: seen,
    index: 'tenant_id, brand_id, agent_id, day, site_id',
  },
  // The same by month, for long times.
  visit_months: {
    keys: { brand_id: 'uuid', month: 'date', agent_id: 'uuid', site_id: 'uuid' },
    counts: ofVisits,
    reach: seen,
    index: 'tenant_id, brand_id, agent_id, month, site_id',
  },
  shop_months: {
    keys: { brand_id: 'uuid', month: 'date', shop_id: 'uuid', agent_id: 'uuid', site_id: 'uuid' },
    counts: ['completed', 'photos', 'share'],
    reach: seen,
    index: 'tenant_id, brand_id, agent_id, month, shop_id, site_id',
  },
  // Of photos in shops: for the days beside whole months.
  shelf_days: {
    keys: { brand_id: 'uuid', day: 'date', shop_id: 'uuid', agent_id: 'uuid', site_id: 'uuid' },
    counts: ['photos', 'share'],
    reach: seen,
    index: 'tenant_id, brand_id, agent_id, day, shop_id, site_id',
  },
  interaction_days: {
    keys: { site_id: 'uuid', day: 'date', type: 'text', lead: 'text' },
    counts: ['interactions'],
    // Of one site where the scope is in one, as interactions are.
    reach: `((SELECT scope_site()) IS NULL OR site_id = (SELECT scope_site()))
      AND (${may('visit.read')} OR site_id IN (SELECT unnest(scope_sites())))`,
    index: 'tenant_id, site_id, day, type, lead',
  },
}

/** What is marked on a photo `p`, by brand. */
const marks = `jsonb_each_text(p.marked) AS m(brand, share)`
const month = `date_trunc('month', v.day)::date`

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE photos ADD COLUMN marked jsonb;
    COMMENT ON COLUMN photos.marked IS
      'By brand, what of the shelf it has, in whole ten-thousandths of a percent; null where nothing is marked. Kept by the database';
    REVOKE INSERT ON photos FROM fieldbook_app;
    GRANT INSERT (tenant_id, id, site_id, visit_id, question_id, purpose, taken_at, latitude, longitude, shelf, version,
      created_at) ON photos TO fieldbook_app;
    CREATE INDEX visits_completed_days ON visits (tenant_id, day) INCLUDE (shop_id, agent_id, site_id)
      WHERE status = 'completed';
  `)
  for (const [name, { keys, counts, reach, index }] of Object.entries(ledgers)) {
    const columns = Object.entries(keys).map(([key, type]) => `${key} ${type} NOT NULL`)
    await knex.schema.raw(`
      CREATE TABLE ${name} (
        tenant_id uuid NOT NULL,
        ${columns.join(', ')},
        ${counts.map((count) => `${count} bigint NOT NULL DEFAULT 0`).join(', ')},
        merged boolean NOT NULL DEFAULT false
      );
      CREATE INDEX ${name}_by_key ON ${name} (${index}) INCLUDE (${counts.join(', ')});
      CREATE INDEX ${name}_new ON ${name} (tenant_id) WHERE NOT merged;
      ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${name} TO fieldbook_app
        USING (tenant_id = scope_tenant() AND ${reach}) WITH CHECK (tenant_id = scope_tenant());
      CREATE POLICY keeper ON ${name} TO fieldbook_keeper USING (true) WITH CHECK (true);
      GRANT SELECT ON ${name} TO fieldbook_app;
      GRANT SELECT, INSERT, DELETE ON ${name} TO fieldbook_keeper;
    `)
  }
  // Without a scope it is the operator who asks, whom the application's rules do not meet.
  const ofScope = 'USING (tenant_id = scope_tenant() OR scope_tenant() IS NULL)'
  await knex.schema.raw(`
    CREATE POLICY keeper ON visits FOR SELECT TO fieldbook_keeper ${ofScope};
    CREATE POLICY keeper ON photos TO fieldbook_keeper ${ofScope};
    CREATE POLICY keeper ON shelf_quadrants FOR SELECT TO fieldbook_keeper ${ofScope};
    GRANT SELECT ON visits, shelf_quadrants TO fieldbook_keeper;
    GRANT SELECT, UPDATE (marked) ON photos TO fieldbook_keeper;

    CREATE FUNCTION tally_of_visit(v visits, sign integer, OUT started bigint, OUT completed bigint,
      OUT cancelled bigint, OUT far bigint, OUT surveys bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN ROW(sign::bigint, (sign * (v.status = 'completed')::integer)::bigint,
        (sign * (v.status = 'cancelled')::integer)::bigint,
        (sign * (v.status = 'completed' AND v.is_far)::integer)::bigint,
        (sign * (v.status = 'completed' AND v.survey_id IS NOT NULL)::integer)::bigint);

    CREATE FUNCTION count_marks(v visits, marked jsonb, sign integer) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF marked IS NULL OR v.status <> 'completed' THEN RETURN; END IF;
        WITH m AS (
          SELECT ${none} AS brand, sign AS photos, 0 AS share
          UNION ALL SELECT brand::uuid, 0, sign * share::bigint FROM jsonb_each_text(marked) AS each(brand, share)
        ), days AS (
          INSERT INTO visit_days (tenant_id, day, agent_id, site_id, brand_id, photos, share)
          SELECT v.tenant_id, v.day, v.agent_id, v.site_id, m.* FROM m
        ), months AS (
          INSERT INTO visit_months (tenant_id, month, agent_id, site_id, brand_id, photos, share)
          SELECT v.tenant_id, ${month}, v.agent_id, v.site_id, m.* FROM m
        ), shelves AS (
          INSERT INTO shelf_days (tenant_id, day, shop_id, agent_id, site_id, brand_id, photos, share)
          SELECT v.tenant_id, v.day, v.shop_id, v.agent_id, v.site_id, m.* FROM m WHERE v.shop_id IS NOT NULL
        )
        INSERT INTO shop_months (tenant_id, month, shop_id, agent_id, site_id, brand_id, photos, share)
        SELECT v.tenant_id, ${month}, v.shop_id, v.agent_id, v.site_id, m.* FROM m WHERE v.shop_id IS NOT NULL;
      END $$;

    CREATE FUNCTION count_visit(v visits, sign integer) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        WITH t AS (SELECT * FROM tally_of_visit(v, sign)), days AS (
          INSERT INTO visit_days
            (tenant_id, day, agent_id, site_id, brand_id, started, completed, cancelled, far, surveys)
          SELECT v.tenant_id, v.day, v.agent_id, v.site_id, ${none}, t.* FROM t
        )
        INSERT INTO visit_months
          (tenant_id, month, agent_id, site_id, brand_id, started, completed, cancelled, far, surveys)
        SELECT v.tenant_id, ${month}, v.agent_id, v.site_id, ${none}, t.* FROM t;
        IF v.status <> 'completed' THEN RETURN; END IF;
        IF v.shop_id IS NOT NULL THEN
          INSERT INTO shop_months (tenant_id, month, shop_id, agent_id, site_id, brand_id, completed)
          VALUES (v.tenant_id, ${month}, v.shop_id, v.agent_id, v.site_id, ${none}, sign);
        END IF;
        PERFORM count_marks(v, p.marked, sign) FROM photos p
        WHERE p.tenant_id = v.tenant_id AND p.visit_id = v.id AND p.marked IS NOT NULL;
      END $$;

    CREATE FUNCTION tally_visit() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        IF TG_OP <> 'INSERT' THEN PERFORM count_visit(OLD, -1); END IF;
        IF TG_OP <> 'DELETE' THEN PERFORM count_visit(NEW, 1); END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER tally_new AFTER INSERT OR DELETE ON visits FOR EACH ROW EXECUTE FUNCTION tally_visit();
    CREATE TRIGGER tally_changed AFTER UPDATE ON visits FOR EACH ROW
      WHEN ((OLD.status, OLD.shop_id, OLD.is_far, OLD.survey_id, OLD.day, OLD.agent_id, OLD.site_id) IS DISTINCT FROM
        (NEW.status, NEW.shop_id, NEW.is_far, NEW.survey_id, NEW.day, NEW.agent_id, NEW.site_id))
      EXECUTE FUNCTION tally_visit();

    CREATE FUNCTION tally_photo() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        PERFORM count_marks(v, OLD.marked, -1), count_marks(v, CASE WHEN TG_OP = 'UPDATE' THEN NEW.marked END, 1)
        FROM visits v WHERE v.tenant_id = OLD.tenant_id AND v.id = OLD.visit_id;
        RETURN NULL;
      END $$;
    CREATE TRIGGER tally_gone AFTER DELETE ON photos FOR EACH ROW
      WHEN (OLD.marked IS NOT NULL) EXECUTE FUNCTION tally_photo();
    CREATE TRIGGER tally_changed AFTER UPDATE OF marked ON photos FOR EACH ROW
      WHEN (OLD.marked IS DISTINCT FROM NEW.marked) EXECUTE FUNCTION tally_photo();

    CREATE FUNCTION mark_photos() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        UPDATE photos p SET marked = (
          SELECT jsonb_object_agg(b.brand_id, b.share) FROM (
            SELECT q.brand_id, sum(floor(q.area_percentage * 10000 + 0.5))::bigint AS share FROM shelf_quadrants q
            WHERE q.tenant_id = p.tenant_id AND q.photo_id = p.id GROUP BY q.brand_id) b)
        FROM (SELECT DISTINCT tenant_id, photo_id FROM changed) c
        WHERE p.tenant_id = c.tenant_id AND p.id = c.photo_id;
        RETURN NULL;
      END $$;
    CREATE TRIGGER mark_photos_new AFTER INSERT ON shelf_quadrants REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION mark_photos();
    CREATE TRIGGER mark_photos_changed AFTER UPDATE ON shelf_quadrants REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION mark_photos();
    CREATE TRIGGER mark_photos_gone AFTER DELETE ON shelf_quadrants REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION mark_photos();

    CREATE FUNCTION tally_interactions() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        IF TG_OP = 'INSERT' THEN
          INSERT INTO interaction_days (tenant_id, site_id, day, type, lead, interactions)
          SELECT tenant_id, site_id, day_in(start_at, timezone), coalesce(type, ''), coalesce(lead, ''), count(*)
          FROM new_rows WHERE deleted_at IS NULL AND day_in(start_at, timezone) IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
        ELSIF TG_OP = 'DELETE' THEN
          INSERT INTO interaction_days (tenant_id, site_id, day, type, lead, interactions)
          SELECT tenant_id, site_id, day_in(start_at, timezone), coalesce(type, ''), coalesce(lead, ''), -count(*)
          FROM old_rows WHERE deleted_at IS NULL AND day_in(start_at, timezone) IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
        ELSE
          INSERT INTO interaction_days (tenant_id, site_id, day, type, lead, interactions)
          SELECT tenant_id, site_id, day_in(start_at, timezone), coalesce(type, ''), coalesce(lead, ''), sum(sign)
          FROM (
            SELECT -1 AS sign, o.* FROM old_rows o UNION ALL SELECT 1, n.* FROM new_rows n
          ) changed
          WHERE deleted_at IS NULL AND day_in(start_at, timezone) IS NOT NULL
          GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0;
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER tally_new AFTER INSERT ON interactions REFERENCING NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION tally_interactions();
    CREATE TRIGGER tally_changed AFTER UPDATE ON interactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION tally_interactions();
    CREATE TRIGGER tally_gone AFTER DELETE ON interactions REFERENCING OLD TABLE AS old_rows
      FOR EACH STATEMENT EXECUTE FUNCTION tally_interactions();
  `)
  const merges = Object.entries(ledgers).map(([name, { keys, counts }]) => {
    const columns = ['tenant_id', ...Object.keys(keys)]
    const sums = counts.map((count) => `sum(${count})`)
    return `
      WITH due AS (SELECT ${columns.join(', ')} FROM ${name} WHERE NOT merged LIMIT most),
      gone AS (
        DELETE FROM ${name} t USING (SELECT DISTINCT * FROM due) d
        WHERE ${columns.map((column) => `t.${column} = d.${column}`).join(' AND ')}
        RETURNING t.*
      ),
      kept AS (
        INSERT INTO ${name} (${columns.join(', ')}, ${counts.join(', ')}, merged)
        SELECT ${columns.join(', ')}, ${sums.join(', ')}, true FROM gone GROUP BY ${columns.join(', ')}
        HAVING (${sums.join(', ')}) <> (${counts.map(() => '0').join(', ')})
      )
      SELECT count(*) FILTER (WHERE NOT merged) INTO fresh FROM gone;
      total := total + fresh;`
  })
  await knex.schema.raw(`
    CREATE FUNCTION compact_tallies(most integer) RETURNS bigint
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      DECLARE
        total bigint := 0;
        fresh bigint;
      BEGIN
        -- Two at once would leave what each has added up beside the other's.
        PERFORM pg_advisory_xact_lock(hashtextextended('compact_tallies', 0));
        ${merges.join('\n')}
        RETURN total;
      END $$;
    COMMENT ON FUNCTION compact_tallies IS
      'Adds up rows of ledgers that are of the same, at most so many new ones of each at once; answers how many new ones that were';

    GRANT CREATE ON SCHEMA public TO fieldbook_keeper;
  `)
  for (const name of [
    'count_marks(visits, jsonb, integer)',
    'count_visit(visits, integer)',
    'tally_visit()',
    'tally_photo()',
    'mark_photos()',
    'tally_interactions()',
    'compact_tallies(integer)',
  ])
    await knex.schema.raw(`
      ALTER FUNCTION ${name} OWNER TO fieldbook_keeper;
      REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC;
    `)
  await knex.schema.raw(`
    REVOKE CREATE ON SCHEMA public FROM fieldbook_keeper;
    GRANT EXECUTE ON FUNCTION compact_tallies(integer) TO fieldbook_app;
    SELECT pgboss.create_queue('tallies', '{"policy": "standard"}');
  `)
  await fill(knex)
}

/** From what is there already, as a recount finds it. */
async function fill(knex: Knex): Promise<void> {
  const forced = ['visits', 'photos', 'shelf_quadrants', 'interactions', ...Object.keys(ledgers)]
  const force = (how: string) =>
    knex.schema.raw(forced.map((name) => `ALTER TABLE ${name} ${how} ROW LEVEL SECURITY;`).join('\n'))
  await force('NO FORCE')
  await knex.schema.raw(`
    ALTER TABLE photos DISABLE TRIGGER tally_changed;
    UPDATE photos p SET marked = b.marked FROM (
      SELECT tenant_id, photo_id, jsonb_object_agg(brand_id, share) AS marked FROM (
        SELECT tenant_id, photo_id, brand_id, sum(floor(area_percentage * 10000 + 0.5))::bigint AS share
        FROM shelf_quadrants GROUP BY 1, 2, 3) q GROUP BY 1, 2) b
    WHERE p.tenant_id = b.tenant_id AND p.id = b.photo_id;
    ALTER TABLE photos ENABLE TRIGGER tally_changed;

    INSERT INTO visit_days
      (tenant_id, day, agent_id, site_id, brand_id, started, completed, cancelled, far, surveys, merged)
    SELECT v.tenant_id, v.day, v.agent_id, v.site_id, ${none},
      sum(t.started), sum(t.completed), sum(t.cancelled), sum(t.far), sum(t.surveys), true
    FROM visits v CROSS JOIN LATERAL tally_of_visit(v, 1) t GROUP BY 1, 2, 3, 4;
    INSERT INTO visit_days (tenant_id, day, agent_id, site_id, brand_id, photos)
    SELECT v.tenant_id, v.day, v.agent_id, v.site_id, ${none}, count(*)
    FROM visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id AND p.marked IS NOT NULL
    WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4;
    INSERT INTO visit_days (tenant_id, day, agent_id, site_id, brand_id, share, merged)
    SELECT v.tenant_id, v.day, v.agent_id, v.site_id, m.brand::uuid, sum(m.share::bigint), true
    FROM visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id CROSS JOIN LATERAL ${marks}
    WHERE v.status = 'completed' GROUP BY 1, 2, 3, 4, 5;

    INSERT INTO visit_months
      (tenant_id, brand_id, month, agent_id, site_id, ${ofVisits.join(', ')}, merged)
    SELECT v.tenant_id, brand_id, ${month}, agent_id, site_id, ${ofVisits.map((count) => `sum(${count})`).join(', ')}, true
    FROM visit_days v GROUP BY 1, 2, 3, 4, 5;

    INSERT INTO shop_months (tenant_id, month, shop_id, agent_id, site_id, brand_id, completed, merged)
    SELECT v.tenant_id, ${month}, v.shop_id, v.agent_id, v.site_id, ${none}, count(*), true
    FROM visits v WHERE v.status = 'completed' AND v.shop_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO shelf_days (tenant_id, day, shop_id, agent_id, site_id, brand_id, photos, merged)
    SELECT v.tenant_id, v.day, v.shop_id, v.agent_id, v.site_id, ${none}, count(*), true
    FROM visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id AND p.marked IS NOT NULL
    WHERE v.status = 'completed' AND v.shop_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO shelf_days (tenant_id, day, shop_id, agent_id, site_id, brand_id, share, merged)
    SELECT v.tenant_id, v.day, v.shop_id, v.agent_id, v.site_id, m.brand::uuid, sum(m.share::bigint), true
    FROM visits v JOIN photos p ON p.tenant_id = v.tenant_id AND p.visit_id = v.id CROSS JOIN LATERAL ${marks}
    WHERE v.status = 'completed' AND v.shop_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6;
    INSERT INTO shop_months (tenant_id, month, shop_id, agent_id, site_id, brand_id, photos, share, merged)
    SELECT v.tenant_id, ${month}, v.shop_id, v.agent_id, v.site_id, v.brand_id, sum(v.photos), sum(v.share),
      v.brand_id <> ${none}
    FROM shelf_days v GROUP BY 1, 2, 3, 4, 5, 6;

    INSERT INTO interaction_days (tenant_id, site_id, day, type, lead, interactions, merged)
    SELECT tenant_id, site_id, day_in(start_at, timezone), coalesce(type, ''), coalesce(lead, ''), count(*), true
    FROM interactions WHERE deleted_at IS NULL AND day_in(start_at, timezone) IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
  `)
  await force('FORCE')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    SELECT pgboss.delete_queue('tallies');
    DROP TRIGGER tally_new ON interactions;
    DROP TRIGGER tally_changed ON interactions;
    DROP TRIGGER tally_gone ON interactions;
    DROP FUNCTION tally_interactions();
    DROP TRIGGER mark_photos_new ON shelf_quadrants;
    DROP TRIGGER mark_photos_changed ON shelf_quadrants;
    DROP TRIGGER mark_photos_gone ON shelf_quadrants;
    DROP FUNCTION mark_photos();
    DROP TRIGGER tally_gone ON photos;
    DROP TRIGGER tally_changed ON photos;
    DROP FUNCTION tally_photo();
    DROP TRIGGER tally_new ON visits;
    DROP TRIGGER tally_changed ON visits;
    DROP FUNCTION tally_visit();
    DROP FUNCTION count_visit(visits, integer);
    DROP FUNCTION count_marks(visits, jsonb, integer);
    DROP FUNCTION tally_of_visit(visits, integer);
    DROP FUNCTION compact_tallies(integer);
    DROP TABLE ${Object.keys(ledgers).join(', ')};
    DROP POLICY keeper ON visits;
    DROP POLICY keeper ON photos;
    DROP POLICY keeper ON shelf_quadrants;
    REVOKE ALL ON visits, photos, shelf_quadrants FROM fieldbook_keeper;
    DROP INDEX visits_completed_days;
    REVOKE INSERT ON photos FROM fieldbook_app;
    GRANT INSERT ON photos TO fieldbook_app;
    ALTER TABLE photos DROP COLUMN marked;
  `)
}
