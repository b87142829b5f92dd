import type { Transaction } from '../../shared/transaction.ts'
import type { MailKind } from './words.ts'

export interface Mail {
  kind: MailKind
  createdAt: Date
  giveUpAt: Date
  email: string
  displayName: string
  username: string
  tenantName: string
}

interface MailColumns {
  kind: MailKind
  created_at: Date
  give_up_at: Date
  email: string
  display_name: string
  username: string
  tenant_name: string
}

const keptDays = 30

export const emailHash = `sha256(convert_to(lower(u.email), 'UTF8'))`

export const createMailRepository = ({ db, scope }: Transaction) => ({
  async add(mail: { id: string; userId: string; kind: MailKind; hours: number }): Promise<void> {
    await db.raw(
      `WITH old AS (DELETE FROM mails WHERE user_id = :userId AND created_at < now() - make_interval(days => :keptDays))
       INSERT INTO mails (tenant_id, id, user_id, kind, give_up_at)
       VALUES (:tenantId, :id, :userId, :kind, now() + make_interval(hours => :hours))`,
      { ...mail, tenantId: scope.tenantId, keptDays },
    )
  },

  async addReset(reset: { id: string; userId: string; hours: number }): Promise<void> {
    await db.raw(
      `WITH old AS (DELETE FROM password_resets WHERE user_id = :userId AND created_at < now() - make_interval(days => :keptDays))
       INSERT INTO password_resets (tenant_id, id, user_id, email_hash, expires_at)
       SELECT tenant_id, :id, id, ${emailHash}, now() + make_interval(hours => :hours) FROM users u WHERE id = :userId`,
      { ...reset, keptDays },
    )
  },

  /** All there are to a person, with their codes; answers with the ids. */
  async removeAll(userId: string): Promise<string[]> {
    const removed = await db('mails').where({ user_id: userId }).delete().returning<{ id: string }[]>('id')
    await db('password_resets').where({ user_id: userId }).delete()
    return removed.map(({ id }) => id)
  },

  /** Where it is still to be sent: nobody has sent it, its time is not over, and its code still counts. */
  async due(id: string): Promise<Mail | null> {
    const { rows } = await db.raw<{ rows: MailColumns[] }>(
      `SELECT m.kind, m.created_at, m.give_up_at, u.email, u.display_name, u.username, t.name AS tenant_name
       FROM mails m
       JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.active
       JOIN tenants t ON t.id = m.tenant_id
       LEFT JOIN password_resets r ON r.tenant_id = m.tenant_id AND r.id = m.id
       WHERE m.id = ? AND m.sent_at IS NULL AND m.refused_at IS NULL AND m.give_up_at > now()
         AND r.used_at IS NULL AND coalesce(r.email_hash = ${emailHash}, true)`,
      [id],
    )
    const [row] = rows
    return row
      ? {
          kind: row.kind,
          createdAt: row.created_at,
          giveUpAt: row.give_up_at,
          email: row.email,
          displayName: row.display_name,
          username: row.username,
          tenantName: row.tenant_name,
        }
      : null
  },

  async settle(id: string, outcome: 'sent_at' | 'refused_at'): Promise<void> {
    await db('mails')
      .where({ id })
      .update({ [outcome]: db.fn.now() })
  },
})
