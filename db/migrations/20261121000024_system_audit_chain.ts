import type { Knex } from 'knex'

/**
 * What belongs to no organisation is chained like the feeds: `system_audit_head` keeps how many entries there are and
 * the last hash. Only the server's own scope sees either (docs/decisions/0020-audit-anchors.md).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE system_audit_head (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      audit_count bigint NOT NULL DEFAULT 0,
      audit_hash bytea NOT NULL DEFAULT sha256('fieldbook')
    );
    INSERT INTO system_audit_head DEFAULT VALUES;
    ALTER TABLE system_audit ADD COLUMN position bigint, ADD COLUMN hash bytea;
  `)
  const { rows } = await knex.raw<{ rows: Stored[] }>('SELECT * FROM system_audit ORDER BY at, id')
  for (const [index, { id, at, action, detail, address, request_id: requestId }] of rows.entries()) {
    const entry = {
      id,
      at: at.toISOString(),
      actorId: null,
      action,
      entity: null,
      entityId: null,
      oldValues: null,
      newValues: detail,
      address,
      device: null,
      requestId,
    }
    const position = index + 1
    await knex('system_audit_head').update({
      audit_count: position,
      audit_hash: knex.raw(`sha256(audit_hash || convert_to(?, 'UTF8'))`, [canonicalJson(entry)]),
    })
    await knex('system_audit')
      .where({ id })
      .update({ position, hash: knex('system_audit_head').select('audit_hash') })
  }
  await knex.schema.raw(`
    ALTER TABLE system_audit DROP CONSTRAINT system_audit_pkey, ADD PRIMARY KEY (position),
      ALTER COLUMN hash SET NOT NULL;
    COMMENT ON COLUMN system_audit.hash IS 'SHA-256 over the hash before it and the canonical form of this entry';
  `)
  for (const table of ['system_audit', 'system_audit_head']) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY system ON ${table} TO fieldbook_app
        USING ((SELECT scope_may('system'))) WITH CHECK ((SELECT scope_may('system')));
      GRANT SELECT ON ${table} TO fieldbook_app;
    `)
  }
  await knex.schema.raw('GRANT UPDATE (audit_count, audit_hash) ON system_audit_head TO fieldbook_app')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    REVOKE SELECT ON system_audit FROM fieldbook_app;
    DROP POLICY system ON system_audit;
    ALTER TABLE system_audit NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE system_audit DISABLE ROW LEVEL SECURITY;
    ALTER TABLE system_audit DROP COLUMN position, DROP COLUMN hash, ADD PRIMARY KEY (id);
    DROP TABLE system_audit_head;
  `)
}

interface Stored {
  id: string
  at: Date
  action: string
  detail: unknown
  address: string | null
  request_id: string | null
}

/** As the server chains by: with sorted keys. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
