import type { Knex } from 'knex'

const none = '00000000-0000-0000-0000-000000000000'
const rowsAtOnce = 1000

/**
 * What belongs to no organisation is the audit of a tenant of its own, in which nobody is: chained, anchored, verified
 * and blanked like every other (docs/decisions/0020-audit-anchors.md). What there was before comes along.
 */
export async function up(knex: Knex): Promise<void> {
  await within(knex, none)
  await knex('tenants').insert({ id: none, name: 'No organisation', slug: '-' })
  const [head] = (await knex('feed_heads')
    .insert({ tenant_id: none, feed_id: none })
    .returning('audit_hash')) as [{ audit_hash: Buffer }]
  await knex.schema.raw(`
    CREATE FUNCTION pg_temp.link(so_far bytea, start bytea, entry text) RETURNS bytea LANGUAGE sql IMMUTABLE
      RETURN sha256(coalesce(so_far, start) || convert_to(entry, 'UTF8'));
    CREATE AGGREGATE pg_temp.chain (start bytea, entry text) (SFUNC = pg_temp.link, STYPE = bytea);
    LOCK TABLE system_audit IN SHARE MODE;
    DECLARE unchained NO SCROLL CURSOR FOR
      SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, action, detail, address,
        request_id AS "requestId"
      FROM system_audit ORDER BY system_audit.at, id`)
  let hash = head.audit_hash
  let count = 0
  for (;;) {
    const { rows } = await knex.raw<{ rows: Stored[] }>(`FETCH ${rowsAtOnce} FROM unchained`)
    if (rows.length === 0) break
    const entries = rows.map(({ id, at, action, detail, address, requestId }) => {
      const entry = {
        id,
        at: at.replace(/000Z$/, 'Z'),
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
      return { ...entry, position: ++count, canonical: canonicalJson(entry) }
    })
    const inserted = await knex.raw<{ rows: { position: string; hash: Buffer }[] }>(
      `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, action, new_values, address, request_id, hash)
       SELECT '${none}', '${none}', position, id, at, action, "newValues", address, "requestId",
         pg_temp.chain(?::bytea, canonical) OVER (ORDER BY position)
       FROM jsonb_to_recordset(?::jsonb) AS entry (position bigint, id uuid, at timestamptz, action text,
         "newValues" jsonb, address text, "requestId" text, canonical text)
       RETURNING position, hash`,
      [hash, JSON.stringify(entries)],
    )
    hash = inserted.rows.find(({ position }) => Number(position) === count)!.hash
  }
  await knex('feed_heads')
    .where({ feed_id: none })
    .update({ seq: count, audit_count: count, audit_hash: hash })
  await knex.schema.raw(
    'CLOSE unchained; DROP TABLE system_audit; DROP AGGREGATE pg_temp.chain (bytea, text); DROP FUNCTION pg_temp.link',
  )
  // Last, since it keeps everybody out.
  await allowKinds(knex, ['organisation', 'platform', 'system'])
  await knex('tenants').where({ id: none }).update({ kind: 'system' })
  await within(knex, '')
}

/** What was blanked comes back without its content, and the chain is lost. */
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE system_audit (
      id uuid PRIMARY KEY,
      at timestamptz NOT NULL,
      action text NOT NULL,
      detail jsonb NOT NULL,
      address text,
      request_id text
    );
    COMMENT ON TABLE system_audit IS 'What belongs to no tenant, such as a sign-in under a name nobody has';
    GRANT INSERT ON system_audit TO fieldbook_app;
  `)
  await within(knex, none)
  await knex.schema.raw(`
    INSERT INTO system_audit
      SELECT id, at, action, coalesce(new_values, '{}'), address, request_id FROM audit_logs WHERE feed_id = '${none}';
    DELETE FROM audit_logs WHERE feed_id = '${none}';
    DELETE FROM feed_heads WHERE feed_id = '${none}';
    ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
    DELETE FROM tenants WHERE id = '${none}';
    ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
  `)
  await within(knex, '')
  await allowKinds(knex, ['organisation', 'platform'])
}

/** The owner too sees the rows of one tenant. */
const within = (knex: Knex, tenantId: string) =>
  knex.raw(`SELECT set_config('fieldbook.tenant_id', ?, true)`, [tenantId])

const allowKinds = (knex: Knex, kinds: string[]) =>
  knex.schema.raw(`
    ALTER TABLE tenants DROP CONSTRAINT tenants_kind_check,
      ADD CONSTRAINT tenants_kind_check CHECK (kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))`)

interface Stored {
  id: string
  at: string
  action: string
  detail: unknown
  address: string | null
  requestId: string | null
}

/** As the server chains by: with sorted keys. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
