import type { Knex } from 'knex'

/** Reads everything, writes nothing, and cannot sign in: the owner takes its place while a backup is made. */
export const backupReader = 'fieldbook_backup'

/**
 * Lets that role read every table there is, past row-level security, which binds the owner too. Done after each
 * migration, so that no table is left out that a later one makes; a backup that meets one is refused by PostgreSQL and
 * not silently without its rows.
 */
export async function letBackupsRead(db: Knex): Promise<void> {
  await db.raw(`
    DO $$
    DECLARE target regclass;
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${backupReader}') THEN
        CREATE ROLE ${backupReader} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
      END IF;
      GRANT ${backupReader} TO CURRENT_USER;
      GRANT USAGE ON SCHEMA public, pgboss TO ${backupReader};
      GRANT SELECT ON ALL TABLES IN SCHEMA public, pgboss TO ${backupReader};
      GRANT SELECT ON ALL SEQUENCES IN SCHEMA public, pgboss TO ${backupReader};
      FOR target IN
        SELECT c.oid FROM pg_class c
        WHERE c.relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace) AND c.relkind IN ('r', 'p') AND c.relrowsecurity
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'backup')
      LOOP
        EXECUTE format('CREATE POLICY backup ON %s FOR SELECT TO ${backupReader} USING (true)', target);
      END LOOP;
    END $$`)
}
