import type { Knex } from 'knex'

/**
 * What migration 27 left to the application: drafts of surveys are there for those who keep them, and of what is one
 * person's alone nobody else learns that it changed, or that it is there. And indexes.
 */

const may = (grant: string) => `(SELECT scope_may('${grant}'))`
const keeps = may('survey.manage')
const system = may('system')

/** Which rows there are for whom; of a survey that is published its head is everybody's. */
const drafts = {
  surveys: `published_number IS NOT NULL OR ${keeps}`,
  survey_questions: keeps,
  question_options: keeps,
}

export async function up(knex: Knex): Promise<void> {
  for (const [name, reach] of Object.entries(drafts))
    await knex.schema.raw(
      `ALTER POLICY tenant ON ${name} USING (tenant_id = scope_tenant() AND (${system} OR ${reach}))`,
    )
  // The owner of the database, whom this policy meets too, is not asked.
  await knex.schema.raw(`
    CREATE POLICY owned ON feed_changes AS RESTRICTIVE FOR SELECT TO fieldbook_app
      USING (current_user <> 'fieldbook_app' OR owner_id IS NULL OR owner_id = (SELECT scope_user()) OR ${system});
    CREATE INDEX sync_receipts_with_place ON sync_receipts (tenant_id, user_id)
      WHERE result::text LIKE '%"latitude"%';
    CREATE INDEX visits_of_site ON visits (tenant_id, site_id, started_at DESC, id DESC);
    CREATE INDEX visits_by_status ON visits (tenant_id, status, started_at DESC, id DESC);
    COMMENT ON INDEX sync_receipts_with_place IS 'For blank_receipts, which has to find them among all there ever were';
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP INDEX sync_receipts_with_place, visits_of_site, visits_by_status;
    DROP POLICY owned ON feed_changes;
  `)
  for (const name of Object.keys(drafts))
    await knex.schema.raw(`ALTER POLICY tenant ON ${name} USING (tenant_id = scope_tenant())`)
}
