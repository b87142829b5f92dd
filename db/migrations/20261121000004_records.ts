import type { Knex } from 'knex'

/**
 * What sync and audit stand on. A feed is a site's or, under the tenant's own id, the tenant's. Every write ends by
 * moving its feed's head: the row lock makes `seq` free of gaps and ordered by commit, and the same lock carries the
 * audit chain. `feed_changes` keeps only the latest change of each record, so it grows with the records and not with
 * the edits; what is deleted stays in it for ever.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE feed_heads (
      tenant_id uuid NOT NULL REFERENCES tenants,
      feed_id uuid NOT NULL,
      seq bigint NOT NULL DEFAULT 0,
      audit_count bigint NOT NULL DEFAULT 0,
      audit_hash bytea NOT NULL DEFAULT sha256('fieldbook'),
      PRIMARY KEY (tenant_id, feed_id)
    );

    CREATE TABLE feed_changes (
      tenant_id uuid NOT NULL,
      feed_id uuid NOT NULL,
      seq bigint NOT NULL,
      entity text NOT NULL,
      entity_id uuid NOT NULL,
      removed boolean NOT NULL,
      PRIMARY KEY (feed_id, entity, entity_id),
      FOREIGN KEY (tenant_id, feed_id) REFERENCES feed_heads
    );
    CREATE INDEX feed_changes_since ON feed_changes (feed_id, seq);

    CREATE TABLE sync_receipts (
      tenant_id uuid NOT NULL,
      device_id uuid NOT NULL,
      mutation_id uuid NOT NULL,
      user_id uuid NOT NULL,
      feed_id uuid NOT NULL,
      seq bigint NOT NULL,
      payload_hash bytea NOT NULL,
      result jsonb NOT NULL,
      entity_id uuid,
      version integer,
      sole_author boolean NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, device_id, mutation_id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users,
      FOREIGN KEY (tenant_id, feed_id) REFERENCES feed_heads
    );
    COMMENT ON COLUMN sync_receipts.version IS 'Of the record after an applied mutation; a later edit may be based on it';
    COMMENT ON COLUMN sync_receipts.sole_author IS
      'Nothing of anybody else is in that version that the device had not seen when it made the edit';
    CREATE INDEX sync_receipts_since ON sync_receipts (feed_id, device_id, seq);

    CREATE TABLE audit_logs (
      tenant_id uuid NOT NULL,
      feed_id uuid NOT NULL,
      position bigint NOT NULL,
      id uuid NOT NULL,
      at timestamptz NOT NULL,
      actor_id uuid,
      action text NOT NULL,
      entity text,
      entity_id uuid,
      old_values jsonb,
      new_values jsonb,
      address text,
      device text,
      request_id text,
      hash bytea NOT NULL,
      PRIMARY KEY (feed_id, position),
      FOREIGN KEY (tenant_id, feed_id) REFERENCES feed_heads,
      FOREIGN KEY (tenant_id, actor_id) REFERENCES users
    );
    COMMENT ON COLUMN audit_logs.hash IS 'SHA-256 over the hash before it and the canonical form of this entry';

    CREATE TABLE system_audit (
      id uuid PRIMARY KEY,
      at timestamptz NOT NULL,
      action text NOT NULL,
      detail jsonb NOT NULL,
      address text,
      request_id text
    );
    COMMENT ON TABLE system_audit IS 'What belongs to no tenant, such as a sign-in under a name nobody has';
  `)

  for (const table of ['feed_heads', 'feed_changes', 'sync_receipts', 'audit_logs']) {
    await knex.schema.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${table} TO fieldbook_app
        USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    `)
  }

  await knex.schema.raw(`
    GRANT SELECT, INSERT, UPDATE ON feed_heads, feed_changes TO fieldbook_app;
    GRANT SELECT, INSERT ON sync_receipts, audit_logs TO fieldbook_app;
    GRANT INSERT ON system_audit TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw('DROP TABLE system_audit, audit_logs, sync_receipts, feed_changes, feed_heads')
}
