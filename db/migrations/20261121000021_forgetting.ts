import type { Knex } from 'knex'

/** A sign-in that was refused, of which nobody is the actor. */
const ofNobody = (entry: string) => `${entry}.actor_id IS NULL AND ${entry}.entered_by IS NULL`

/** By their whole names, so that an index finds them among much else that a person did. */
const imports = ['started', 'checked', 'done', 'undone', 'cancelled', 'failed', 'part', 'part-undone']
  .map((what) => `'import.${what}'`)
  .join(', ')

/** Not by a join, which without statistics, as after much was written at once, reads all of one for each of the other. */
const due = (what: string) => `a.position IN (SELECT d.position FROM due d WHERE d.${what})`

/** Of a view, what was theirs alone. */
const isPrivate = (values: string) => `${values} ->> 'shared' = 'false'`

/**
 * People are forgotten (docs/decisions/0027-forgetting.md): `fieldbook_keeper` takes out of the audit what is about
 * them. Row-level security shows it no entry for that but those by a person, or about one, whose row says that they
 * are forgotten.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    ALTER TABLE users ADD COLUMN forgotten_at timestamptz;
    COMMENT ON COLUMN users.forgotten_at IS
      'When everything by which they can be known was removed; their row stays for what they did';

    ALTER TABLE audit_logs ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN audit_logs.forgotten IS
      'What was about a forgotten person was taken out; a later entry, audit.blanked, says what was left';

    -- Those who were forgotten before this was undone; what retention blanked has no request.
    ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE audit_logs NO FORCE ROW LEVEL SECURITY;
    UPDATE audit_logs SET forgotten = true, blanked = false WHERE blanked AND request_id IS NOT NULL;
    UPDATE users u SET active = false, forgotten_at = coalesce(
      (SELECT max(a.at) FROM audit_logs a
       WHERE a.feed_id = u.tenant_id AND a.entity_id = u.id AND a.action = 'user.forgotten'), now())
    WHERE u.email LIKE 'forgotten-%@forgotten.invalid';
    ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY;
    ALTER TABLE users FORCE ROW LEVEL SECURITY;

    CREATE POLICY keeper ON users FOR SELECT TO fieldbook_keeper
      USING (tenant_id = scope_tenant() AND forgotten_at IS NOT NULL);
    CREATE POLICY keeper ON sessions FOR SELECT TO fieldbook_keeper
      USING (tenant_id = scope_tenant() AND user_id IN (SELECT id FROM users));
    GRANT SELECT (tenant_id, id, forgotten_at) ON users TO fieldbook_keeper;
    GRANT SELECT (tenant_id, id, user_id) ON sessions TO fieldbook_keeper;
    CREATE POLICY keeper_forgets ON audit_logs FOR UPDATE TO fieldbook_keeper
      USING (
        tenant_id = scope_tenant()
        AND (
          actor_id IN (SELECT id FROM users)
          OR entity_id IN (SELECT id FROM users)
          OR entity_id IN (SELECT id FROM sessions)
          OR new_values #>> '{admin,id}' IN (SELECT id::text FROM users)
        )
      )
      WITH CHECK (tenant_id = scope_tenant() AND forgotten);
    GRANT UPDATE (forgotten) ON audit_logs TO fieldbook_keeper;

    CREATE FUNCTION blank_person(feed uuid, person uuid, most integer) RETURNS SETOF bigint
      LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        WITH due AS MATERIALIZED (
          SELECT f.position, bool_or(f.old_too) AS old_too, bool_or(f.new_too) AS new_too,
            bool_or(f.origin_too) AS origin_too
          FROM (
            (
              SELECT b.position, false AS old_too, false AS new_too, true AS origin_too FROM audit_logs b
              WHERE b.feed_id = feed AND b.actor_id = person AND num_nonnulls(b.address, b.device) > 0
              LIMIT most
            )
            UNION ALL
            SELECT b.position, true, ${isPrivate('b.new_values')}, false FROM audit_logs b
            WHERE b.feed_id = feed AND b.actor_id = person
              AND b.action IN ('view.created', 'view.updated', 'view.deleted')
              AND (${isPrivate('b.old_values')} OR ${isPrivate('b.new_values')})
            UNION ALL
            SELECT b.position, false, false, false FROM audit_logs b
            WHERE b.feed_id = feed AND b.actor_id = person AND b.action = ANY (ARRAY[${imports}])
              AND b.new_values ->> 'fileName' IS NOT NULL
            UNION ALL
            SELECT b.position, true, true, ${ofNobody('b')} FROM audit_logs b
            WHERE b.feed_id = feed AND b.entity = 'user' AND b.entity_id = person
              AND (num_nonnulls(b.old_values, b.new_values) > 0
                OR (${ofNobody('b')} AND num_nonnulls(b.address, b.device) > 0))
            UNION ALL
            SELECT b.position, true, true, false FROM sessions s
            JOIN audit_logs b ON b.feed_id = feed AND b.entity = 'session' AND b.entity_id = s.id
              AND num_nonnulls(b.old_values, b.new_values) > 0
            WHERE s.user_id = person
            UNION ALL
            SELECT b.position, false, false, false FROM audit_logs b
            WHERE b.feed_id = feed AND b.action = 'tenant.created' AND NOT b.blanked
              AND b.new_values #>> '{admin,id}' = person::text
          ) f
          GROUP BY f.position ORDER BY f.position LIMIT most
        )
        UPDATE audit_logs a
        SET old_values = CASE WHEN ${due('old_too')} THEN NULL ELSE a.old_values END,
          new_values = CASE
            WHEN ${due('new_too')} THEN NULL
            WHEN a.action = 'tenant.created' AND a.new_values #>> '{admin,id}' = person::text
              THEN a.new_values - 'admin'
            WHEN starts_with(a.action, 'import.') AND a.actor_id = person THEN a.new_values - 'fileName'
            ELSE a.new_values
          END,
          address = CASE WHEN ${due('origin_too')} THEN NULL ELSE a.address END,
          device = CASE WHEN ${due('origin_too')} THEN NULL ELSE a.device END,
          forgotten = true
        WHERE a.feed_id = feed AND a.position = ANY (ARRAY(SELECT d.position FROM due d))
          AND person IN (SELECT u.id FROM users u)
        RETURNING a.position;
      END;
    COMMENT ON FUNCTION blank_person IS
      'Takes out of entries of a feed what is about a forgotten person and where they did it from, and says which entries those were';

    GRANT CREATE ON SCHEMA public TO fieldbook_keeper;
    ALTER FUNCTION blank_person OWNER TO fieldbook_keeper;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_keeper;
    REVOKE EXECUTE ON FUNCTION blank_person FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION blank_person TO fieldbook_app;
  `)
}

/**
 * Those who are forgotten stay so, as disabled, until this is done again. Entries without what was about them count as
 * blanked, so that the chain holds.
 */
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION blank_person;
    DROP POLICY keeper_forgets ON audit_logs;
    DROP POLICY keeper ON sessions;
    DROP POLICY keeper ON users;
    REVOKE SELECT (tenant_id, id, user_id) ON sessions FROM fieldbook_keeper;
    REVOKE SELECT (tenant_id, id, forgotten_at) ON users FROM fieldbook_keeper;
    ALTER TABLE audit_logs NO FORCE ROW LEVEL SECURITY;
    UPDATE audit_logs SET blanked = true WHERE forgotten;
    ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY;
    ALTER TABLE audit_logs DROP COLUMN forgotten;
    ALTER TABLE users DROP COLUMN forgotten_at;
  `)
}
