import type { Transaction } from '../../shared/transaction.ts'
import type { MailFile } from './mailer.ts'
import type { MailAbout, MailKind } from './words.ts'

export interface Mail {
  kind: MailKind
  createdAt: Date
  giveUpAt: Date
  email: string
  displayName: string
  username: string
  tenantName: string
  about: MailAbout | null
  attachment: MailFile | null
}

interface MailColumns {
  kind: MailKind
  created_at: Date
  give_up_at: Date
  email: string
  display_name: string
  username: string
  tenant_name: string
  about: MailAbout | null
  file_name: string | null
  media_type: string
  bytes: Uint8Array
}

const keptDays = 30

export const emailHash = `sha256(convert_to(lower(u.email), 'UTF8'))`

/** Those with which no mail waits any more. */
const removeFiles = (db: Transaction['db']): Promise<void> =>
  db('mail_files')
    .whereNotExists(
      db('mails')
        .whereRaw('mails.tenant_id = mail_files.tenant_id AND mails.file_id = mail_files.id')
        .whereRaw('sent_at IS NULL AND refused_at IS NULL AND give_up_at > now()'),
    )
    .delete()

export const createMailRepository = ({ db, scope }: Transaction) => ({
  async add(mail: {
    id: string
    userId: string
    kind: MailKind
    hours: number
    about?: MailAbout
    fileId?: string
  }): Promise<void> {
    await db.raw(
      `WITH old AS (DELETE FROM mails WHERE user_id = :userId AND created_at < now() - make_interval(days => :keptDays))
       INSERT INTO mails (tenant_id, id, user_id, kind, give_up_at, about, file_id)
       VALUES (:tenantId, :id, :userId, :kind, now() + make_interval(hours => :hours), :about, :fileId)`,
      {
        ...mail,
        tenantId: scope.tenantId,
        keptDays,
        about: mail.about ? JSON.stringify(mail.about) : null,
        fileId: mail.fileId ?? null,
      },
    )
  },

  async addFile(id: string, { name, mediaType, bytes }: MailFile): Promise<void> {
    await db('mail_files').insert({
      tenant_id: scope.tenantId,
      id,
      name,
      media_type: mediaType,
      bytes: Buffer.from(bytes),
    })
  },

  removeFiles: () => removeFiles(db),

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
      `SELECT m.kind, m.created_at, m.give_up_at, u.email, u.display_name, u.username, t.name AS tenant_name,
         m.about, f.name AS file_name, f.media_type, f.bytes
       FROM mails m
       JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.active
       JOIN tenants t ON t.id = m.tenant_id
       LEFT JOIN mail_files f ON f.tenant_id = m.tenant_id AND f.id = m.file_id
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
          about: row.about,
          attachment:
            row.file_name === null
              ? null
              : { name: row.file_name, mediaType: row.media_type, bytes: row.bytes },
        }
      : null
  },

  async settle(id: string, outcome: 'sent_at' | 'refused_at'): Promise<void> {
    // Of two with the same file one comes after the other, and sees that nobody waits for it any more.
    await db.raw(
      `SELECT pg_advisory_xact_lock(hashtextextended('file of mails ' || file_id, 0)) FROM mails
       WHERE id = ? AND file_id IS NOT NULL`,
      [id],
    )
    await db('mails')
      .where({ id })
      .update({ [outcome]: db.fn.now() })
    await removeFiles(db)
  },
})
