import { passwordsRemembered } from '#common/rules/password-policy'
import type { Transaction } from '../../shared/transaction.ts'
import { emailHash } from '../mail/mail.repository.ts'

export interface PasswordState {
  userId: string
  username: string
  /** The one in use, then those before it, the newest first. */
  hashes: string[]
}

interface PasswordColumns {
  id: string
  username: string
  password_hash: string
  history: string[]
}

export const createPasswordsRepository = ({ db, scope }: Transaction) => ({
  /** Of a person who may sign in. */
  async of(userId: string): Promise<PasswordState | null> {
    const { rows } = await db.raw<{ rows: PasswordColumns[] }>(
      `SELECT id, username, password_hash, ARRAY(
         SELECT h.password_hash FROM password_history h WHERE h.tenant_id = u.tenant_id AND h.user_id = u.id
         ORDER BY replaced_at DESC LIMIT :before
       ) AS history
       FROM users u WHERE id = :userId AND active AND EXISTS (SELECT FROM tenants WHERE status = 'active')`,
      { userId, before: passwordsRemembered - 1 },
    )
    const [row] = rows
    return row
      ? { userId: row.id, username: row.username, hashes: [row.password_hash, ...row.history] }
      : null
  },

  /** Whose a code is, while it can be used; with `use`, for the last time. */
  async holderOf(resetId: string, { use }: { use: boolean }): Promise<string | null> {
    const open = db('password_resets')
      .where({ id: resetId })
      .whereNull('used_at')
      .where('expires_at', '>', db.fn.now())
      .whereRaw(
        `email_hash = (SELECT ${emailHash} FROM users u WHERE u.tenant_id = password_resets.tenant_id AND u.id = user_id)`,
      )
    const holders = await (use
      ? open.update({ used_at: db.fn.now() }).returning<{ user_id: string }[]>('user_id')
      : open.select<{ user_id: string }[]>('user_id'))
    return holders[0]?.user_id ?? null
  },

  /** The address that a code which was used had been mailed to is its owner's, if it is still theirs. */
  async confirmEmail(resetId: string): Promise<void> {
    await db.raw(
      `UPDATE users u SET email_confirmed = true FROM password_resets r
       WHERE r.tenant_id = u.tenant_id AND r.id = ? AND r.user_id = u.id AND r.email_hash = ${emailHash}`,
      [resetId],
    )
  },

  /** False where it is no longer `from`: somebody else changed it meanwhile. What is mailed for it counts no longer. */
  async change(userId: string, from: string, to: string): Promise<boolean> {
    const changed = await db('users').where({ id: userId, password_hash: from }).update({
      password_hash: to,
      password_changed_at: db.fn.now(),
      must_change_password: false,
    })
    if (changed === 0) return false
    await db('password_history').insert({ tenant_id: scope.tenantId, user_id: userId, password_hash: from })
    await db.raw(
      `DELETE FROM password_history WHERE user_id = :userId AND replaced_at NOT IN (
         SELECT replaced_at FROM password_history WHERE user_id = :userId ORDER BY replaced_at DESC LIMIT :kept)`,
      { userId, kept: passwordsRemembered - 1 },
    )
    await db('password_resets')
      .where({ user_id: userId })
      .whereNull('used_at')
      .update({ used_at: db.fn.now() })
    return true
  },

  /** Ends a person's sessions but for one, which has nothing more to change. */
  async endSessions(userId: string, but: string | null): Promise<void> {
    await db('sessions')
      .where({ user_id: userId })
      .whereNull('revoked_at')
      .modify((query) => void (but && query.whereNot({ id: but })))
      .update({ revoked_at: db.fn.now() })
    if (but) await db('sessions').where({ id: but }).update({ must_change_password: false })
  },

  /** Mails with codes that were asked for within the last hour. */
  async resetsOfLastHour(userId: string): Promise<number> {
    const row = await db('password_resets')
      .where({ user_id: userId })
      .where('created_at', '>', db.raw(`now() - interval '1 hour'`))
      .first<{ count: number }>(db.raw('count(*)::int AS count'))
    return row.count
  },
})
