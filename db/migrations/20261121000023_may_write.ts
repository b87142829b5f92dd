import type { Knex } from 'knex'

/**
 * Row-level security by role (docs/decisions/0029-row-level-security-by-role.md). Beside what it reaches a transaction
 * says what whoever it is by may do there, as common/rules/permissions.ts has it; by restrictive policies on top of
 * those for reach nothing is written that is not among it, and nothing at all where it says nothing. What is read stays as it was.
 */

const may = (...grants: string[]) => `(SELECT scope_may(${grants.map((grant) => `'${grant}'`).join(', ')}))`
const me = '(SELECT scope_user())'
const here = 'scope_site()'
/** The server itself, acting for nobody. */
const system = may('system')
const anybody = may('session.own')

/** What rows may be written; in place of `write` for one way of it only. `leave`: what rows may be changed. */
interface Rule {
  write?: string
  insert?: string
  update?: string
  leave?: string
  remove?: string
}

const ofPerson = `${may('user.create', 'user.manage', 'user.forget')} OR ${anybody} AND user_id = ${me}`
const ofSite = `${may('user.create', 'user.manage', 'user.forget')} OR ${may('site.people')} AND site_id = ${here}`
const inMyTeams = (action: string, teamId: string) =>
  `${may(action)} OR ${may(`${action}:own`)} AND ${teamId} = ANY ((SELECT scope_teams())::uuid[])`
const myOwn = `${may('view.own')} AND owner_id = ${me}`

const rules: Record<string, Rule> = {
  tenants: { insert: may('tenant.create'), update: may('tenant.manage', 'tenant.suspend') },
  tenant_entries: { write: system },

  users: {
    insert: may('user.create'),
    update: `${may('user.update')} OR ${may('user.update:own')} AND id = ${me}`,
  },
  // Nobody makes a super admin from within an organisation.
  user_roles: {
    write: `${system} OR ${may('user.create', 'user.manage', 'user.forget')} AND role <> 'super_admin'`,
  },
  user_sites: { write: ofSite, leave: ofSite },
  user_identities: { write: system, remove: ofPerson },
  sessions: {
    insert: system,
    update: `${may('user.manage', 'user.forget', 'device.manage')} OR ${anybody} AND user_id = ${me}`,
  },
  password_history: { write: ofPerson },
  password_resets: { write: ofPerson },
  mails: { write: ofPerson, update: system },

  sites: {
    insert: may('site.create'),
    update: `${may('site.update')} OR ${may('site.manage')} AND id = ${here}`,
  },
  teams: { insert: inMyTeams('team.manage', 'parent_id'), update: inMyTeams('team.manage', 'id') },
  user_teams: { write: inMyTeams('team.addMember', 'team_id') },

  interaction_types: { write: may('type.manage') },
  interactions: {
    insert: `${system} OR ${may('interaction.create')} AND created_by = ${me}`,
    leave: `deleted_at IS NULL OR ${may('interaction.restore')}`,
    update: `${may('interaction.update')} AND (
      deleted_at IS NULL OR ${may('interaction.delete')} OR ${may('interaction.delete:own')} AND created_by = ${me})`,
    remove: system,
  },
  saved_views: {
    insert: `(${system} OR ${myOwn}) AND (NOT shared OR ${may('view.share')})`,
    update: `(${myOwn} OR ${may('view.manage')}) AND (NOT shared OR ${may('view.share')})`,
    remove: `${myOwn} OR ${may('view.manage')}`,
  },

  exports: { write: may('interaction.export'), remove: system },
  export_chunks: { write: may('interaction.export') },
  imports: { write: may('interaction.import') },
  import_rows: { write: may('interaction.import') },
  import_keys: { write: may('interaction.import') },
  import_problems: { write: may('interaction.import') },
  import_references: { write: may('interaction.import') },

  feed_changes: {
    write: `CASE entity
      WHEN 'interaction' THEN ${may('interaction.create', 'interaction.update')} AND feed_id = ${here} OR ${system}
      WHEN 'interactionType' THEN ${may('type.manage')}
      WHEN 'person' THEN ${may('user.create', 'user.update', 'user.forget')} OR ${anybody} AND entity_id = ${me}
      ELSE ${system}
    END`,
  },
  // In nobody else's name.
  sync_receipts: { write: `${system} OR ${may('sync.use')} AND user_id = ${me}` },
  audit_logs: { write: `${system} OR ${anybody} AND ${me} IN (actor_id, entered_by)` },
}

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE FUNCTION scope_may(VARIADIC grants text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
      RETURN current_user <> 'fieldbook_app' OR coalesce(
        string_to_array(current_setting('fieldbook.may', true), ' ') && (grants || 'system'::text), false);
    COMMENT ON FUNCTION scope_may IS
      'Whether the scope has one of these grants, or is the server''s own; call it as (SELECT scope_may(…)), once a statement. The owner, whom the application''s policies meet too, is not asked';
  `)
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND NOT relispartition ORDER BY relname`)
  for (const { name } of rows) await restrict(knex, name, rules[name] ?? { write: anybody })

  // Whose a record or a view is, and where, is decided once.
  await knex.schema.raw(`
    REVOKE UPDATE ON interactions, saved_views, user_roles FROM fieldbook_app;
    GRANT UPDATE (title, type, lead, start_at, end_at, timezone, location, description, notes, status, version,
      updated_by, updated_at, deleted_by, deleted_at, search_text, title_key, type_key, lead_key, location_key)
      ON interactions TO fieldbook_app;
    GRANT UPDATE (name, shared, filter, sort, columns, updated_at) ON saved_views TO fieldbook_app;
  `)
}

/**
 * A row that may not be written is an error. `leave` and `remove` look at the row as it was: what does not meet them is
 * passed over, also by SELECT FOR UPDATE.
 */
async function restrict(knex: Knex, table: string, rule: Rule): Promise<void> {
  const { write, insert = write, update = write, leave = 'true', remove = write } = rule
  const policy = (command: string, terms: string) =>
    `CREATE POLICY may_${command.toLowerCase()} ON ${table} AS RESTRICTIVE FOR ${command} TO fieldbook_app ${terms};`
  await knex.schema.raw(
    [
      policy('INSERT', `WITH CHECK (${insert ?? 'false'})`),
      policy('UPDATE', `USING (${leave}) WITH CHECK (${update ?? 'false'})`),
      policy('DELETE', `USING (${remove ?? 'false'})`),
    ].join('\n'),
  )
}

export async function down(knex: Knex): Promise<void> {
  const { rows } = await knex.raw<{ rows: { name: string; table: string }[] }>(`
    SELECT policyname AS name, tablename AS "table" FROM pg_policies
    WHERE schemaname = 'public' AND policyname IN ('may_insert', 'may_update', 'may_delete')`)
  await knex.schema.raw(rows.map(({ name, table }) => `DROP POLICY ${name} ON ${table};`).join('\n'))
  await knex.schema.raw(`
    DROP FUNCTION scope_may(text[]);
    REVOKE UPDATE (title, type, lead, start_at, end_at, timezone, location, description, notes, status, version,
      updated_by, updated_at, deleted_by, deleted_at, search_text, title_key, type_key, lead_key, location_key)
      ON interactions FROM fieldbook_app;
    REVOKE UPDATE (name, shared, filter, sort, columns, updated_at) ON saved_views FROM fieldbook_app;
    GRANT UPDATE ON interactions, saved_views, user_roles TO fieldbook_app;
  `)
}
