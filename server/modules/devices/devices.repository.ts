import {
  type Device,
  type DeviceListQuery,
  type DeviceReport,
  overForDays,
  unseenAfterDays,
} from '#common/contract/devices'
import type { FleetHealth } from '#common/contract/reports'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

interface Columns {
  id: string
  user_id: string
  display_name: string
  username: string
  device_name: string | null
  created_at: Date
  last_used_at: Date
  expires_at: Date
  is_over: boolean
  reported_at: Date | null
  app_version: string | null
  platform: string | null
  managed: boolean | null
  waiting: number | null
  oldest_waiting_at: Date | null
  last_error: string | null
  last_error_at: Date | null
}

export interface OpenDevice {
  userId: string
  deviceName: string | null
}

const isOpen = 's.revoked_at IS NULL AND s.expires_at > now()'
const isListed = `s.revoked_at IS NULL AND s.expires_at > now() - interval '${overForDays} days'`

/** What comes before the first sign that is none of a number, as numbers; null for a version that begins otherwise. */
const versionOf = (table: string) =>
  `CASE WHEN ${table}.app_version ~ '^[0-9]{1,9}([.][0-9]{1,9})*([^0-9.]|$)'
     THEN string_to_array(substring(${table}.app_version FROM '^[0-9.]*[0-9]'), '.')::int[] END`

const states = {
  outdated: `${versionOf('s')} < (
    SELECT max(${versionOf('n')}) FROM sessions n
    WHERE n.tenant_id = :tenantId AND n.revoked_at IS NULL AND n.expires_at > now() - interval '${overForDays} days')`,
  unseen: `s.last_used_at < now() - interval '${unseenAfterDays} days'`,
  waiting: 's.waiting > 0',
  failing: `s.last_error_at > s.last_used_at - interval '1 day'`,
}

const sortColumns: Record<string, string> = {
  person: 'u.name_key',
  device: `nullif(s.device_key, '')`,
  appVersion: versionOf('s'),
  lastUsedAt: 's.last_used_at',
  oldestWaitingAt: 's.oldest_waiting_at',
}

const deviceOf = (row: Columns): Omit<Device, 'isThis'> => ({
  id: row.id,
  user: { id: row.user_id, displayName: row.display_name, username: row.username },
  deviceName: row.device_name,
  startedAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  isOver: row.is_over,
  reportedAt: row.reported_at?.toISOString() ?? null,
  appVersion: row.app_version,
  platform: row.platform,
  managed: row.managed,
  waiting: row.waiting,
  oldestWaitingAt: row.oldest_waiting_at?.toISOString() ?? null,
  lastError:
    row.last_error && row.last_error_at
      ? { code: row.last_error, at: row.last_error_at.toISOString() }
      : null,
})

export const createDevicesRepository = ({ db, scope }: Transaction) => ({
  async page({
    search = '',
    state,
    sort = '-lastUsedAt',
    page = 1,
    pageSize = 25,
  }: DeviceListQuery): Promise<{ devices: Omit<Device, 'isThis'>[]; total: number }> {
    const terms = searchTerms(search).map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
    const from = `
      FROM sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      WHERE s.tenant_id = :tenantId AND ${isListed} ${state ? `AND ${states[state]}` : ''}
        ${terms.length > 0 ? 'AND u.search_text || chr(31) || s.device_key LIKE ALL (:terms::text[])' : ''}`
    const values = { tenantId: scope.tenantId, ...(terms.length > 0 && { terms }) }
    const counted = await db.raw<{ rows: { total: number }[] }>(
      `SELECT count(*)::int AS total ${from}`,
      values,
    )
    const direction = sort.startsWith('-') ? 'DESC' : 'ASC'
    const { rows } = await db.raw<{ rows: Columns[] }>(
      `SELECT s.id, s.user_id, u.display_name, u.username, s.device_name, s.created_at, s.last_used_at, s.expires_at,
         s.expires_at <= now() AS is_over, s.reported_at, s.app_version, s.platform, s.managed, s.waiting, s.oldest_waiting_at, s.last_error, s.last_error_at
       ${from}
       ORDER BY ${sortColumns[sort.replace('-', '')]!} ${direction} NULLS LAST, s.id ${direction}
       LIMIT :limit OFFSET :offset`,
      { ...values, limit: pageSize, offset: (page - 1) * pageSize },
    )
    return { devices: rows.map(deviceOf), total: counted.rows[0]!.total }
  },

  async health(): Promise<Omit<FleetHealth, 'asOf'>> {
    const listed = `sessions s WHERE s.tenant_id = :tenantId AND ${isListed}`
    const values = { tenantId: scope.tenantId }
    const many = async <Row>(sql: string) => (await db.raw<{ rows: Row[] }>(sql, values)).rows
    interface Counts extends Pick<
      FleetHealth,
      'devices' | 'newestVersion' | 'outdated' | 'unseen' | 'silent' | 'waiting' | 'edits' | 'failing'
    > {
      oldestWaitingAt: Date | null
    }
    const [counts] = await many<Counts>(
      `SELECT count(*)::int AS devices,
         (array_agg(s.app_version ORDER BY ${versionOf('s')} DESC NULLS LAST, s.app_version DESC)
            FILTER (WHERE ${versionOf('s')} IS NOT NULL))[1] AS "newestVersion",
         count(*) FILTER (WHERE ${states.outdated})::int AS outdated,
         count(*) FILTER (WHERE ${states.unseen})::int AS unseen,
         count(*) FILTER (WHERE s.reported_at IS NULL)::int AS silent,
         count(*) FILTER (WHERE ${states.waiting})::int AS waiting, coalesce(sum(s.waiting), 0)::int AS edits,
         min(s.oldest_waiting_at) FILTER (WHERE ${states.waiting}) AS "oldestWaitingAt",
         count(*) FILTER (WHERE ${states.failing})::int AS failing
       FROM ${listed}`,
    )
    const versions = await many<{ version: string; devices: number; lastSeenAt: Date }>(
      `SELECT s.app_version AS version, count(*)::int AS devices, max(s.last_used_at) AS "lastSeenAt"
       FROM ${listed} AND s.app_version IS NOT NULL GROUP BY 1 ORDER BY devices DESC, version DESC`,
    )
    const platforms = await many<FleetHealth['platforms'][number]>(
      `SELECT s.platform, count(*)::int AS devices
       FROM ${listed} AND s.platform IS NOT NULL GROUP BY 1 ORDER BY devices DESC, platform`,
    )
    const errors = await many<{ code: string; devices: number; lastAt: Date }>(
      `SELECT s.last_error AS code, count(*)::int AS devices, max(s.last_error_at) AS "lastAt"
       FROM ${listed} AND ${states.failing} GROUP BY 1 ORDER BY devices DESC, code`,
    )
    const waits = await many<FleetHealth['waits'][number]>(
      `SELECT w.hours, count(d.id)::int AS devices
       FROM (VALUES (0, 1), (1, 24), (24, 168), (168, NULL)) w (hours, below)
       LEFT JOIN (SELECT s.id, now() - s.oldest_waiting_at AS waited FROM ${listed} AND ${states.waiting}) d
         ON d.waited >= make_interval(hours => w.hours)
           AND (w.below IS NULL OR d.waited < make_interval(hours => w.below))
       GROUP BY w.hours ORDER BY w.hours`,
    )
    return {
      ...counts!,
      oldestWaitingAt: counts!.oldestWaitingAt?.toISOString() ?? null,
      versions: versions.map((row) => ({ ...row, lastSeenAt: row.lastSeenAt.toISOString() })),
      platforms,
      errors: errors.map((row) => ({ ...row, lastAt: row.lastAt.toISOString() })),
      waits,
    }
  },

  /** Ends its session, and says whose it was; null where there is none that is open. */
  async end(id: string): Promise<OpenDevice | null> {
    const { rows } = await db.raw<{ rows: { user_id: string; device_name: string | null }[] }>(
      `UPDATE sessions s SET revoked_at = now() WHERE s.id = :id AND ${isOpen} RETURNING user_id, device_name`,
      { id },
    )
    return rows[0] ? { userId: rows[0].user_id, deviceName: rows[0].device_name } : null
  },

  async report(id: string, report: DeviceReport): Promise<void> {
    const { appVersion, platform, managed = null, waiting, oldestWaitingFor, lastError } = report
    await db.raw(
      `UPDATE sessions SET reported_at = now(), last_used_at = now(), app_version = :appVersion, platform = :platform, managed = :managed,
         waiting = :waiting, oldest_waiting_at = now() - make_interval(secs => :oldestWaitingFor::float8),
         last_error = coalesce(:code, last_error),
         last_error_at = coalesce(now() - make_interval(secs => :ago::float8), last_error_at)
       WHERE id = :id`,
      {
        id,
        appVersion,
        platform,
        managed,
        waiting,
        oldestWaitingFor: waiting > 0 ? oldestWaitingFor : null,
        code: lastError?.code ?? null,
        ago: lastError?.ago ?? null,
      },
    )
  },

  /** It is in use, if that is not written down already. */
  async touch(id: string, seconds: number): Promise<void> {
    await db.raw(
      `UPDATE sessions SET last_used_at = now()
       WHERE id = :id AND last_used_at < now() - make_interval(secs => :seconds)`,
      { id, seconds },
    )
  },
})
