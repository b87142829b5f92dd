import type { Knex } from 'knex'

/** The audit is anchored by a job; the platform's own tenant has one too, which is verified like any other. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`SELECT pgboss.create_queue('audit-seal', '{"policy": "singleton"}')`)
  await createTenantIds(knex, 'Every tenant, for work that nobody signed in asks for')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`SELECT pgboss.delete_queue('audit-seal')`)
  await createTenantIds(
    knex,
    'Every organisation, for work that nobody signed in asks for',
    `WHERE kind = 'organisation'`,
  )
}

async function createTenantIds(knex: Knex, comment: string, where = ''): Promise<void> {
  await knex.schema.raw(`
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    CREATE OR REPLACE FUNCTION tenant_ids() RETURNS SETOF uuid
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT id FROM tenants ${where} ORDER BY id;
      END;
    COMMENT ON FUNCTION tenant_ids IS '${comment}';
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
  `)
}
