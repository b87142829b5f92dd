import { sha256 } from '../../shared/canonical-json.ts'
import type { Transaction } from '../../shared/transaction.ts'

/** Rows as they are written into a copy, with names and moments as in the API. */
type Rows = Promise<Record<string, unknown>[]>

/** A part of what may be much, in order of something unique in it. */
export interface Page {
  rows: Record<string, unknown>[]
  /** Where the next part begins; null where this was the last. */
  after: string | null
}

const pageSize = 1000

const pageOf = (found: (Record<string, unknown> & { place: string })[]): Page => ({
  rows: found.map(({ place: _, ...row }) => row),
  after: found.length < pageSize ? null : found.at(-1)!.place,
})

interface Feed {
  feedId: string
  siteName: string | null
}

export const createCopyingRepository = ({ db, scope }: Transaction, userId: string) => {
  const all = async <Row extends Record<string, unknown>>(sql: string, values: object = {}): Promise<Row[]> =>
    (
      await db.raw<{ rows: Row[] }>(sql, {
        ...values,
        userId,
        tenantId: scope.tenantId,
        siteId: scope.siteId,
      } as never)
    ).rows
  const page = async (sql: string, values: object) => pageOf(await all(sql, { ...values, pageSize }))

  return {
    passwordChangedAt: async () =>
      (await all<{ at: Date }>('SELECT password_changed_at AS at FROM users WHERE id = :userId'))[0]!.at,

    teams: (): Rows =>
      all(
        `SELECT t.id, t.name, t.level, t.leader_id IS NOT DISTINCT FROM :userId::uuid AS leads, m.added_at AS "addedAt"
         FROM teams t LEFT JOIN user_teams m ON m.tenant_id = t.tenant_id AND m.team_id = t.id AND m.user_id = :userId
         WHERE t.leader_id = :userId OR m.user_id IS NOT NULL ORDER BY t.name`,
      ),

    sessions: (): Rows =>
      all(
        `SELECT s.id, s.device_name AS "deviceName", s.platform, s.app_version AS "appVersion", s.created_at AS "startedAt", s.last_used_at AS "lastUsedAt",
           s.expires_at AS "expiresAt", s.revoked_at AS "endedAt", s.reported_at AS "reportedAt", s.managed, s.waiting,
           s.oldest_waiting_at AS "oldestWaitingAt", s.last_error AS "lastError", s.last_error_at AS "lastErrorAt"
         FROM sessions s WHERE s.user_id = :userId ORDER BY s.created_at`,
      ),

    identities: (): Rows =>
      all(
        `SELECT issuer, subject, email, linked_at AS "linkedAt" FROM user_identities
         WHERE user_id = :userId ORDER BY linked_at`,
      ),

    mails: (): Rows =>
      all(
        `SELECT id, kind, about, created_at AS "createdAt", sent_at AS "sentAt", refused_at AS "refusedAt" FROM mails
         WHERE user_id = :userId ORDER BY created_at`,
      ),

    scheduledReports: (): Rows =>
      all(
        `SELECT r.id, r.name, r.kind, r.format, r.every, r.hour, r.timezone, r.site_id AS "siteId", r.team_id AS "teamId",
           r.recipients, r.active, r.last_at AS "lastAt", r.created_at AS "createdAt"
         FROM report_schedules r WHERE r.owner_id = :userId ORDER BY r.created_at`,
      ),

    /** Those they made, and those that are for them alone. */
    goals: (): Rows =>
      all(
        `SELECT g.id, g.name, g.metric, g.target, g.brand_id AS "brandId", g.starts_on::text AS "startsOn",
           g.ends_on::text AS "endsOn", g.timezone, g.owner_id IS NOT DISTINCT FROM :userId::uuid AS "madeByThem",
           a.created_at AS "assignedAt", g.created_at AS "createdAt"
         FROM goals g
         LEFT JOIN goal_assignments a ON a.tenant_id = g.tenant_id AND a.goal_id = g.id AND a.user_id = :userId
         WHERE g.tenant_id = :tenantId AND (g.owner_id = :userId OR a.id IS NOT NULL) ORDER BY g.created_at, g.id`,
      ),

    callCycles: (): Rows =>
      all(
        `SELECT c.site_id AS "siteId", c.id, c.name, c.every, c.unit, c.starts_on::text AS "startsOn",
           c.ends_on::text AS "endsOn", c.timezone, c.owner_id IS NOT DISTINCT FROM :userId::uuid AS "madeByThem",
           c.user_id IS NOT DISTINCT FROM :userId::uuid AS "forThem", c.created_at AS "createdAt"
         FROM call_cycles c
         WHERE c.tenant_id = :tenantId AND (c.owner_id = :userId OR c.user_id = :userId) ORDER BY c.created_at, c.id`,
      ),

    /** Why visits of call cycles were not made, as they said. */
    missReasons: (after: string | null): Promise<Page> =>
      page(
        `SELECT * FROM (
           SELECT concat_ws(' ', m.cycle_id, m.location_id, m.period, lpad(m.slot::text, 2, '0')) COLLATE "C" AS place,
             m.cycle_id AS "cycleId", m.location_id AS "locationId", m.period::text, m.slot, m.reason,
             m.said_at AS "saidAt"
           FROM call_cycle_misses m WHERE m.tenant_id = :tenantId AND m.said_by = :userId
         ) said
         WHERE :after::text IS NULL OR place > :after ORDER BY place LIMIT :pageSize`,
        { after },
      ),

    /** That one was mailed, not what it was. */
    codes: (): Rows =>
      all(
        `SELECT created_at AS "createdAt", expires_at AS "expiresAt", used_at AS "usedAt" FROM password_resets
         WHERE user_id = :userId ORDER BY created_at`,
      ),

    /** Wrong passwords as they are counted: those in a row, wherever they came from, and those of each address. */
    failures: (): Rows =>
      all(
        `SELECT NULL AS address, f.failures, NULL AS since, f.last_failed_at AS "lastAt", f.locked_until AS "lockedUntil"
         FROM sign_in_failures f WHERE f.account = :account
         UNION ALL
         SELECT a.address, a.failures, a.since, NULL, NULL FROM sign_in_attempts a WHERE a.account = :account`,
        { account: sha256(userId) },
      ),

    /** Those of the site that the scope's person sees: one's own are all. */
    views: (): Rows =>
      all(
        `SELECT v.site_id AS "siteId", v.id, v.name, v.shared, v.filter, v.sort, v.columns, v.updated_at AS "updatedAt"
         FROM saved_views v WHERE v.site_id = :siteId AND v.owner_id = :userId ORDER BY v.name`,
      ),

    exports: (): Rows =>
      all(
        `SELECT e.site_id AS "siteId", e.id, e.file_name AS "fileName", e.state, e.filter, e.origin,
           e.created_at AS "createdAt"
         FROM exports e WHERE e.site_id = :siteId AND e.owner_id = :userId ORDER BY e.created_at`,
      ),

    imports: (): Rows =>
      all(
        `SELECT i.site_id AS "siteId", i.id, i.file_name AS "fileName", i.state, i.rows,
           CASE WHEN i.started_by = :userId THEN i.origin END AS origin, i.created_at AS "createdAt"
         FROM imports i WHERE i.site_id = :siteId AND (i.created_by = :userId OR i.started_by = :userId)
         ORDER BY i.created_at`,
      ),

    /** Of the scope's site those they added, or changed last; without titles where those may not be told. */
    interactions: (after: string | null, withTitles: boolean): Promise<Page> =>
      page(
        `SELECT i.id AS place, i.site_id AS "siteId", i.id,
           CASE WHEN :withTitles AND i.deleted_at IS NULL THEN i.title END AS title,
           i.created_by = :userId AS "addedByThem", i.created_at AS "createdAt",
           i.updated_by = :userId AS "changedLastByThem", i.updated_at AS "updatedAt", i.deleted_at AS "deletedAt"
         FROM interactions i
         WHERE i.site_id = :siteId AND (i.created_by = :userId OR i.updated_by = :userId)
           AND (:after::uuid IS NULL OR i.id > :after::uuid)
         ORDER BY i.id LIMIT :pageSize`,
        { after, withTitles },
      ),

    /** Those they made, wherever and however long ago; shops by name only at sites that may be told. */
    visits: (after: string | null, siteIds: readonly string[]): Promise<Page> =>
      page(
        `SELECT v.id AS place, v.site_id AS "siteId", v.id,
           CASE WHEN v.site_id = ANY (:siteIds::uuid[]) THEN s.name END AS shop, v.visit_type AS "visitType", v.status,
           v.started_at AS "startedAt", v.completed_at AS "completedAt", v.timezone, v.latitude, v.longitude,
           v.accuracy, v.position_source AS "positionSource", v.distance AS "metresFromShop"
         FROM visits v LEFT JOIN shops s ON s.tenant_id = v.tenant_id AND s.id = v.shop_id
         WHERE v.tenant_id = :tenantId AND v.agent_id = :userId AND (:after::uuid IS NULL OR v.id > :after::uuid)
         ORDER BY v.id LIMIT :pageSize`,
        { after, siteIds },
      ),

    /** What is kept about the photos of their visits, without what is on them. */
    photos: (after: string | null): Promise<Page> =>
      page(
        `SELECT p.id AS place, p.id, p.visit_id AS "visitId", p.purpose, p.taken_at AS "takenAt", p.latitude,
           p.longitude, f.type, f.size, f.sha256, p.created_at AS "createdAt", f.stored_at AS "storedAt"
         FROM photos p
         JOIN visits v ON v.tenant_id = p.tenant_id AND v.id = p.visit_id AND v.agent_id = :userId
         JOIN pictures f ON f.tenant_id = p.tenant_id AND f.id = p.id
         WHERE p.tenant_id = :tenantId AND (:after::uuid IS NULL OR p.id > :after::uuid)
         ORDER BY p.id LIMIT :pageSize`,
        { after },
      ),

    /** All of the organisation, also those out of use. */
    sites: () => all<{ id: string; name: string }>('SELECT id, name FROM sites ORDER BY name'),

    feeds: (): Promise<Feed[]> =>
      all<Feed & Record<string, unknown>>(
        `SELECT f.feed_id AS "feedId", s.name AS "siteName" FROM feed_heads f
         LEFT JOIN sites s ON s.tenant_id = f.tenant_id AND s.id = f.feed_id ORDER BY s.name NULLS FIRST, f.feed_id`,
      ),

    /** What the person did: what and when and from where; what it was about belongs to the organisation. */
    deeds: (feed: Feed, after: string | null): Promise<Page> =>
      page(
        `SELECT a.position AS place, :siteName::text AS site, a.at, a.action, a.entity, a.entity_id AS "entityId",
           a.address, a.device
         FROM audit_logs a
         WHERE a.feed_id = :feedId AND a.actor_id = :userId AND (:after::bigint IS NULL OR a.position > :after::bigint)
         ORDER BY a.position LIMIT :pageSize`,
        { ...feed, after },
      ),

    /**
     * What others did to the person and their devices, who tried to sign in as them, and the organisation they founded.
     * Where others did it from is theirs.
     */
    concerning: (feed: Feed, after: string | null): Promise<Page> =>
      page(
        `SELECT a.position AS place, :siteName::text AS site, a.at, a.action, a.actor_id AS "byId",
           a.old_values AS "oldValues", a.new_values AS "newValues",
           CASE WHEN num_nonnulls(a.actor_id, a.entered_by) = 0 THEN a.address END AS address,
           CASE WHEN num_nonnulls(a.actor_id, a.entered_by) = 0 THEN a.device END AS device
         FROM audit_logs a
         WHERE a.feed_id = :feedId
           AND a.entity_id = ANY (
             ARRAY(SELECT s.id FROM sessions s WHERE s.user_id = :userId) || ARRAY[:userId, :tenantId]::uuid[])
           AND (a.entity = 'user' OR a.action = 'device.signed_out'
             OR a.action = 'tenant.created' AND a.new_values #>> '{admin,id}' = :userId)
           AND (:after::bigint IS NULL OR a.position > :after::bigint)
         ORDER BY a.position LIMIT :pageSize`,
        { ...feed, after },
      ),
  }
}
