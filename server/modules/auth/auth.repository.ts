import type { TenantRole } from '#common/contract/auth'
import type { SiteMembership } from '#common/contract/sites'
import { passwordMaxAgeDays } from '#common/contract/tenants'
import type { Knex } from 'knex'
import type { Transaction } from '../../shared/transaction.ts'

export interface Credentials {
  userId: string
  passwordHash: string
  /** The person, and the organisation they belong to. */
  active: boolean
  /** Because somebody else chose it, or it is older than the organisation lets it become. */
  mustChangePassword: boolean
}

/** Who is signed in, read fresh: what they may do counts from the next request on. */
export interface SessionRow {
  tenantId: string
  tenantName: string
  isPlatform: boolean
  userId: string
  username: string
  email: string
  displayName: string
  defaultSiteId: string | null
  activeSiteId: string | null
  roles: TenantRole[]
  sites: SiteMembership[]
  /** What the device it was started on calls itself. */
  deviceName: string | null
  mustChangePassword: boolean
  /** As the organisation decided, if it did. */
  offlineDays: number | null
}

interface SessionColumns {
  tenant_id: string
  tenant_name: string
  tenant_kind: string
  user_id: string
  username: string
  email: string
  display_name: string
  default_site_id: string | null
  active_site_id: string | null
  roles: TenantRole[]
  sites: SiteMembership[]
  device_name: string | null
  must_change_password: boolean
  offline_days: number | null
}

export interface UserFound {
  tenantId: string
  userId: string
}

interface Found<T> {
  rows: T[]
}

/** The lookups that come before a tenant is known. They tell which tenant, and no more than signing in needs. */
export const createSignInLookup = (knex: Knex) => ({
  async findUser(identifier: string): Promise<UserFound | null> {
    const { rows } = await knex.raw<Found<{ tenant_id: string; user_id: string }>>(
      'SELECT * FROM find_user(?)',
      [identifier],
    )
    return rows[0] ? { tenantId: rows[0].tenant_id, userId: rows[0].user_id } : null
  },

  async readSession(sessionId: string): Promise<SessionRow | null> {
    const { rows } = await knex.raw<Found<SessionColumns>>('SELECT * FROM read_session(?)', [sessionId])
    const row = rows[0]
    return row
      ? {
          tenantId: row.tenant_id,
          tenantName: row.tenant_name,
          isPlatform: row.tenant_kind === 'platform',
          userId: row.user_id,
          username: row.username,
          email: row.email,
          displayName: row.display_name,
          defaultSiteId: row.default_site_id,
          activeSiteId: row.active_site_id,
          roles: row.roles,
          sites: row.sites,
          deviceName: row.device_name,
          mustChangePassword: row.must_change_password,
          offlineDays: row.offline_days,
        }
      : null
  },

  /** Failures in a row of an account: a user's, or a name's that nobody has. */
  async lockedUntil(account: Buffer): Promise<Date | null> {
    const row = await knex('sign_in_failures')
      .where({ account })
      .first<{ locked_until: Date | null } | undefined>('locked_until')
    return row?.locked_until ?? null
  },

  /** Whether this one locked it. */
  async countFailure(account: Buffer, limit: number, lockSeconds: number): Promise<boolean> {
    const { rows } = await knex.raw<Found<{ locks: boolean }>>(
      `INSERT INTO sign_in_failures AS f (account, failures, last_failed_at) VALUES (:account, 1, now())
       ON CONFLICT (account) DO UPDATE SET
         failures = CASE WHEN f.locked_until < now() THEN 1 ELSE f.failures + 1 END,
         last_failed_at = now(),
         locked_until = CASE
           WHEN f.locked_until > now() THEN f.locked_until
           WHEN f.locked_until IS NULL AND f.failures + 1 >= :limit THEN now() + make_interval(secs => :lockSeconds)
         END
       RETURNING coalesce(locked_until = now() + make_interval(secs => :lockSeconds), false) AS locks`,
      { account, limit, lockSeconds },
    )
    return rows[0]!.locks
  },

  /** How often an account failed from an address, and all accounts together, for as long as each is counted. */
  async attempts(account: Buffer, address: string, within: Windows): Promise<Attempts> {
    const rows = await knex('sign_in_attempts')
      .where({ address })
      .whereIn('account', [account, everyAccount])
      .select<{ account: Buffer; failures: number; age: number }[]>(
        'account',
        'failures',
        knex.raw('extract(epoch FROM now() - since)::float8 AS age'),
      )
    const of = (key: Buffer, seconds: number) =>
      rows.find((row) => row.account.equals(key) && row.age <= seconds)?.failures ?? 0
    return { ofAccount: of(account, within.ofAccount), ofAddress: of(everyAccount, within.ofAddress) }
  },

  async countAttempt(account: Buffer, address: string, within: Windows): Promise<void> {
    await knex.raw(
      `INSERT INTO sign_in_attempts AS a (account, address, failures, since)
       VALUES (:everyAccount, :address, 1, now()), (:account, :address, 1, now())
       ON CONFLICT (account, address) DO UPDATE SET
         failures = CASE WHEN (${attemptIsOver}) THEN 1 ELSE a.failures + 1 END,
         since = CASE WHEN (${attemptIsOver}) THEN now() ELSE a.since END`,
      { account, everyAccount, address, ...within },
    )
  },

  clearFailures: (account: Buffer): Promise<void> => clearFailures(knex, account),
})

/** A little of what counts no longer, as made-up names are counted too; false when there is no more. */
export async function sweepFailures({ db }: Transaction, limit = 500): Promise<boolean> {
  const { rows } = await db.raw<Found<{ swept: boolean }>>(
    `WITH failures AS (
       DELETE FROM sign_in_failures WHERE account IN (
         SELECT account FROM sign_in_failures
         WHERE last_failed_at < now() - interval '7 days' AND coalesce(locked_until < now(), true) LIMIT :limit)
       RETURNING 1
     ), attempts AS (
       DELETE FROM sign_in_attempts WHERE (account, address) IN (
         SELECT account, address FROM sign_in_attempts WHERE since < now() - interval '7 days' LIMIT :limit)
       RETURNING 1
     )
     SELECT greatest((SELECT count(*) FROM failures), (SELECT count(*) FROM attempts)) = :limit AS swept`,
    { limit },
  )
  return rows[0]!.swept
}

/** Seconds. */
export interface Windows {
  ofAccount: number
  ofAddress: number
}
interface Attempts {
  ofAccount: number
  ofAddress: number
}

/** In place of one. */
const everyAccount = Buffer.alloc(0)

const attemptIsOver =
  'a.since < now() - make_interval(secs => CASE WHEN a.account = :everyAccount THEN :ofAddress::float8 ELSE :ofAccount END)'

/** An account whose failures are forgiven: its password was right, it has another, or an admin unlocked it. */
export async function clearFailures(db: Knex, account: Buffer): Promise<void> {
  await db.raw(
    `WITH forgiven AS (DELETE FROM sign_in_failures WHERE account = :account)
     DELETE FROM sign_in_attempts WHERE account = :account`,
    { account },
  )
}

export type SignInLookup = ReturnType<typeof createSignInLookup>

export interface NewSession {
  id: string
  userId: string
  deviceName: string | null
  tokenHash: Buffer
  lifetimeSeconds: number
  mustChangePassword: boolean
}

export interface SessionTokens {
  tokenHash: Buffer
  previousHash: Buffer | null
  secondsSinceRotation: number
  ended: boolean
}

interface SessionTokenColumns {
  token_hash: Buffer
  previous_hash: Buffer | null
  age: number
  ended: boolean
}

export interface OpenSession {
  id: string
  deviceName: string | null
  appVersion: string | null
  platform: string | null
  startedAt: string
  lastUsedAt: string
  expiresAt: string
}

interface OpenSessionColumns {
  id: string
  device_name: string | null
  app_version: string | null
  platform: string | null
  created_at: Date
  last_used_at: Date
  expires_at: Date
}

interface CredentialColumns {
  id: string
  password_hash: string
  active: boolean
  must_change: boolean
}

export const createSessionsRepository = ({ db, scope }: Transaction) => ({
  async credentials(userId: string): Promise<Credentials | null> {
    const row = await db('users')
      .where({ id: userId })
      .first<CredentialColumns | undefined>(
        'id',
        'password_hash',
        db.raw(`active AND EXISTS (SELECT FROM tenants WHERE status = 'active') AS active`),
        db.raw(
          `must_change_password OR password_changed_at < (
             SELECT now() - make_interval(days => nullif(coalesce((settings->>'passwordMaxAgeDays')::int, ?), 0)) FROM tenants
           ) IS TRUE AS must_change`,
          [passwordMaxAgeDays],
        ),
      )
    return row
      ? {
          userId: row.id,
          passwordHash: row.password_hash,
          active: row.active,
          mustChangePassword: row.must_change,
        }
      : null
  },

  /** False where the person may not sign in any more, or there is one with this id already. */
  async start(session: NewSession): Promise<boolean> {
    // First, and held until the transaction ends: nobody is disabled or forgotten beside it.
    const active = await db('users')
      .where({ id: session.userId, active: true })
      .update({ last_login_at: db.fn.now() })
    if (active === 0) return false
    // One that ran out on the same device is not another device.
    await db('sessions')
      .where({ user_id: session.userId, device_name: session.deviceName })
      .whereNull('revoked_at')
      .where('expires_at', '<=', db.fn.now())
      .update({ revoked_at: db.ref('expires_at') })
    const { rowCount } = (await db('sessions')
      .insert({
        tenant_id: scope.tenantId,
        id: session.id,
        user_id: session.userId,
        device_name: session.deviceName,
        token_hash: session.tokenHash,
        lifetime: `${session.lifetimeSeconds} seconds`,
        expires_at: db.raw('now() + make_interval(secs => ?)', [session.lifetimeSeconds]),
        must_change_password: session.mustChangePassword,
      })
      .onConflict('id')
      .ignore()) as unknown as { rowCount: number }
    return rowCount > 0
  },

  /** With `lock` two refreshes of one family take turns. */
  async tokens(id: string, { lock }: { lock: boolean }): Promise<SessionTokens | null> {
    const row = await db('sessions')
      .where({ id })
      .modify((query) => void (lock && query.forUpdate()))
      .first<SessionTokenColumns | undefined>(
        'token_hash',
        'previous_hash',
        db.raw('extract(epoch FROM now() - rotated_at)::float8 AS age'),
        db.raw('(revoked_at IS NOT NULL OR expires_at <= now()) AS ended'),
      )
    return row
      ? {
          tokenHash: row.token_hash,
          previousHash: row.previous_hash,
          secondsSinceRotation: row.age,
          ended: row.ended,
        }
      : null
  },

  async rotate(id: string, from: Buffer, to: Buffer): Promise<void> {
    await db('sessions')
      .where({ id })
      .update({
        previous_hash: from,
        token_hash: to,
        rotated_at: db.fn.now(),
        last_used_at: db.fn.now(),
        expires_at: db.raw('now() + lifetime'),
      })
  },

  async revoke(id: string): Promise<void> {
    await db('sessions').where({ id }).whereNull('revoked_at').update({ revoked_at: db.fn.now() })
  },

  /** Of a person, those that have not ended, the one used last first. */
  async open(userId: string): Promise<OpenSession[]> {
    const rows = await db('sessions')
      .where({ user_id: userId })
      .whereNull('revoked_at')
      .where('expires_at', '>', db.fn.now())
      .orderBy('last_used_at', 'desc')
      .select<OpenSessionColumns[]>(
        'id',
        'device_name',
        'app_version',
        'platform',
        'created_at',
        'last_used_at',
        'expires_at',
      )
    return rows.map((row) => ({
      id: row.id,
      deviceName: row.device_name,
      appVersion: row.app_version,
      platform: row.platform,
      startedAt: row.created_at.toISOString(),
      lastUsedAt: row.last_used_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
    }))
  },

  /** Ends one of a person's sessions; false where they have no such one open. */
  async end(userId: string, id: string): Promise<boolean> {
    const ended = await db('sessions')
      .where({ id, user_id: userId })
      .whereNull('revoked_at')
      .where('expires_at', '>', db.fn.now())
      .update({ revoked_at: db.fn.now() })
    return ended > 0
  },

  async setActiveSite(id: string, siteId: string): Promise<void> {
    await db('sessions').where({ id }).update({ active_site_id: siteId })
  },

  /** Answers with the one before. */
  async setDefaultSite(userId: string, siteId: string): Promise<string | null> {
    const user = await db('users')
      .where({ id: userId })
      .forNoKeyUpdate()
      .first<{ default_site_id: string | null }>('default_site_id')
    await db('users').where({ id: userId }).update({ default_site_id: siteId })
    return user.default_site_id
  },
})
