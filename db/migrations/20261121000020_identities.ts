import type { Knex } from 'knex'

/** Who a person is at a provider of the organisation: found by that from the second time on, whatever their e-mail. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE TABLE user_identities (
      tenant_id uuid NOT NULL,
      user_id uuid NOT NULL,
      issuer text NOT NULL,
      subject text NOT NULL,
      email text NOT NULL,
      linked_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, user_id, issuer),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
      UNIQUE (issuer, subject)
    );
    COMMENT ON COLUMN user_identities.email IS 'The verified address by which it was linked';
    ALTER TABLE user_identities ENABLE ROW LEVEL SECURITY;
    ALTER TABLE user_identities FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON user_identities TO fieldbook_app
      USING (tenant_id = scope_tenant()) WITH CHECK (tenant_id = scope_tenant());
    CREATE POLICY gate ON user_identities FOR SELECT TO fieldbook_gate USING (true);
    GRANT SELECT, INSERT, DELETE ON user_identities TO fieldbook_app;
    GRANT SELECT (tenant_id, user_id, issuer, subject) ON user_identities TO fieldbook_gate;

    CREATE FUNCTION find_identity(of_issuer text, of_subject text) RETURNS TABLE (tenant_id uuid, user_id uuid)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
      BEGIN ATOMIC
        SELECT i.tenant_id, i.user_id FROM user_identities i
        WHERE i.issuer = of_issuer AND i.subject = of_subject;
      END;
    COMMENT ON FUNCTION find_identity IS 'Who this is at a provider, in whatever tenant';
    GRANT CREATE ON SCHEMA public TO fieldbook_gate;
    ALTER FUNCTION find_identity OWNER TO fieldbook_gate;
    REVOKE CREATE ON SCHEMA public FROM fieldbook_gate;
    REVOKE EXECUTE ON FUNCTION find_identity FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION find_identity TO fieldbook_app;
  `)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    DROP FUNCTION find_identity;
    DROP TABLE user_identities;
  `)
}
