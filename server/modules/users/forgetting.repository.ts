import { forgottenName } from '#common/contract/users'
import { sha256 } from '../../shared/canonical-json.ts'
import { system } from '../../shared/scope.ts'
import { enterSite, type Transaction } from '../../shared/transaction.ts'
import { windows } from '../auth/guessing.ts'

/** Of whom nobody knows the address any more. */
const nowhere = JSON.stringify({ address: '', device: null })

export const createForgettingRepository = (tx: Transaction) => {
  const { db, scope } = tx

  return {
    /** The addresses mails may have gone to. */
    async emails(userId: string): Promise<string[]> {
      const { rows } = await db.raw<{ rows: { email: string }[] }>(
        `SELECT email FROM users WHERE id = :userId
         UNION SELECT email FROM user_identities WHERE user_id = :userId
         UNION SELECT said ->> 'email' FROM audit_logs a
           CROSS JOIN LATERAL (VALUES (a.old_values), (a.new_values)) v (said)
           WHERE a.feed_id = :tenantId AND a.entity = 'user' AND a.entity_id = :userId AND said ->> 'email' IS NOT NULL`,
        { userId, tenantId: scope.tenantId },
      )
      return rows.map(({ email }) => email)
    },

    /**
     * Failures of the account, and those of the addresses it was used from, which the audit still has: those only once
     * they count no more, since until then they keep whoever guesses there from everybody's accounts.
     */
    async removeFailures(userId: string): Promise<void> {
      await db.raw(
        `WITH failures AS (DELETE FROM sign_in_failures WHERE account = :account)
         DELETE FROM sign_in_attempts WHERE account = :account OR account = ''
           AND since < now() - make_interval(secs => :ofAddress) AND address IN (
           SELECT a.address FROM audit_logs a WHERE a.feed_id = :tenantId AND a.actor_id = :userId
           UNION SELECT a.address FROM audit_logs a
             WHERE a.feed_id = :tenantId AND a.entity = 'user' AND a.entity_id = :userId AND a.actor_id IS NULL)`,
        { account: sha256(userId), userId, tenantId: scope.tenantId, ofAddress: windows.ofAddress },
      )
    },

    /** Leaves a row that only what they did points at; `name` is one that nobody else has. */
    async removeNames(userId: string, name: string): Promise<void> {
      await db('users')
        .where({ id: userId })
        .update({
          username: name,
          email: `${name}@forgotten.invalid`,
          display_name: forgottenName,
          password_hash: db.raw('DEFAULT'),
          password_changed_at: db.ref('created_at'),
          must_change_password: false,
          active: false,
          last_login_at: null,
          invited_at: null,
          default_site_id: null,
          forgotten_at: db.fn.now(),
          version: db.raw('version + 1'),
        })
    },

    /** What belongs to their row; sessions stay, ended, and tell of no device. */
    async removeBelongings(userId: string): Promise<void> {
      await db('sessions')
        .where({ user_id: userId })
        .update({
          device_name: null,
          app_version: null,
          platform: null,
          managed: null,
          active_site_id: null,
          revoked_at: db.raw('coalesce(revoked_at, now())'),
        })
      for (const table of ['user_identities', 'password_history', 'user_roles', 'user_sites', 'user_teams'])
        await db(table).where({ user_id: userId }).delete()
    },

    /** The teams that are without a leader now. */
    async leaveTeams(userId: string): Promise<string[]> {
      const left = await db('teams')
        .where({ leader_id: userId })
        .update({ leader_id: null, version: db.raw('version + 1') })
        .returning<{ id: string }[]>('id')
      return left.map(({ id }) => id)
    },

    /** Their own, and their place among those who get others'. */
    async removeFromReports(userId: string): Promise<void> {
      await db('report_schedules').where({ owner_id: userId }).delete()
      await db.raw(
        `UPDATE report_schedules SET recipients = array_remove(recipients, :userId), version = version + 1,
           active = active AND cardinality(recipients) > 1,
           next_at = CASE WHEN cardinality(recipients) > 1 THEN next_at END,
           last_problem = CASE WHEN cardinality(recipients) > 1 THEN last_problem
             ELSE 'Paused: there is nobody left to send it to.' END
         WHERE :userId = ANY (recipients)`,
        { userId },
      )
    },

    /**
     * What their devices were told became of edits that say where they were, for which they will not ask any more; it
     * goes only once their row says that they are forgotten.
     */
    async removePositionsTold(userId: string): Promise<void> {
      await db.raw('SELECT blank_receipts(?)', [userId])
    },

    /** What they alone see or uploaded, and where their device was, at every site: looked at as the person, removed by the server itself. */
    async removeFromSites(userId: string): Promise<void> {
      const sites = await db('sites').pluck<string[]>('id')
      for (const siteId of sites) {
        await enterSite({ ...tx, scope: { ...scope, userId, by: system } }, siteId)
        await db('saved_views').where({ owner_id: userId, shared: false }).delete()
        await db('exports').where({ owner_id: userId }).delete()
        const imports = db('imports').where({ created_by: userId }).select('id')
        for (const table of ['import_rows', 'import_keys', 'import_problems'])
          await db(table).whereIn('import_id', imports.clone()).delete()
        await db('imports').where({ created_by: userId }).delete()
        const visits = db('visits').where({ agent_id: userId, site_id: siteId })
        await db('photos')
          .whereNotNull('latitude')
          .whereIn('visit_id', visits.clone().select('id'))
          .update({ latitude: null, longitude: null })
        await visits
          .where({ position_source: 'device' })
          .update({ latitude: null, longitude: null, accuracy: null, position_source: null })
        await db('imports')
          .where({ started_by: userId })
          .update({ origin: db.raw('origin || ?::jsonb', [nowhere]) })
      }
      await enterSite(tx, scope.siteId)
    },
  }
}
