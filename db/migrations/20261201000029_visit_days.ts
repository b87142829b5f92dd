import type { Knex } from 'knex'

/**
 * The day a visit belongs to, on the clocks where it began: goals, call cycles and figures count by it, and no change of
 * a zone, nor of who asks, moves it (docs/decisions/0034-goals-and-call-cycles.md). The application writes it; what else
 * writes visits may leave it to the database.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION day_in(at timestamptz, zone text) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
      BEGIN
        RETURN (at AT TIME ZONE zone)::date;
      EXCEPTION WHEN invalid_parameter_value THEN
        RETURN (at AT TIME ZONE 'UTC')::date;
      END $$;
    COMMENT ON FUNCTION day_in IS
      'The day on the clocks of a zone; by UTC where PostgreSQL does not know it, as it may not know the latest';

    ALTER TABLE visits ADD COLUMN day date;
    ALTER TABLE visits NO FORCE ROW LEVEL SECURITY;
    UPDATE visits SET day = day_in(started_at, timezone);
    ALTER TABLE visits FORCE ROW LEVEL SECURITY;
    ALTER TABLE visits ALTER COLUMN day SET NOT NULL;
    COMMENT ON COLUMN visits.day IS 'When it began, on the clocks of its time zone';

    CREATE FUNCTION day_of_visit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.day := coalesce(NEW.day, day_in(NEW.started_at, NEW.timezone));
        RETURN NEW;
      END $$;
    CREATE TRIGGER day_of_visit BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION day_of_visit();

    CREATE INDEX visits_completed_by_day ON visits (tenant_id, agent_id, day) INCLUDE (shop_id, site_id, survey_id)
      WHERE status = 'completed';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP INDEX visits_completed_by_day;
    DROP TRIGGER day_of_visit ON visits;
    DROP FUNCTION day_of_visit();
    ALTER TABLE visits DROP COLUMN day;
    DROP FUNCTION day_in(timestamptz, text);
  `)
}
