import type { Transaction } from '../../shared/transaction.ts'

export interface AuditQuery {
  /** Whose feeds: one site's, or those of the whole organisation. */
  site?: string
  from?: string
  to?: string
  actor?: string
  action?: string
  entity?: string
  entityId?: string
}

/** Where an entry stands among those of all feeds, the latest first. */
export interface Place {
  at: string
  feedId: string
  position: number
}

export interface KeptEntry extends Place {
  id: string
  action: string
  actorId: string | null
  actorName: string | null
  enteredBy: string | null
  siteName: string | null
  entity: string | null
  entityId: string | null
  oldValues: unknown
  newValues: unknown
  address: string | null
  device: string | null
  requestId: string | null
}

/** A sign-in, a change of any kind, an export: what activity is counted in; the rest is none. */
const counted = `
  count(*) FILTER (WHERE e.action = 'session.started')::integer AS "signIns",
  count(*) FILTER (WHERE audit_class(e.action) IN ('admin', 'data'))::integer AS writes,
  count(*) FILTER (WHERE audit_class(e.action) = 'export')::integer AS exports`

export interface Counts {
  signIns: number
  writes: number
  exports: number
}

export interface ActivePerson {
  id: string
  displayName: string
  username: string
  active: boolean
  lastSignInAt: Date | null
}

export const createAuditRepository = ({ db }: Transaction) => ({
  /**
   * Of every feed and every kind of entry in it the latest that are wanted, each read from an index, and of those the
   * latest: so it does not matter how much there is of anything else. What is done to one thing is little.
   */
  async entries(query: AuditQuery, after: Place | null, limit: number): Promise<KeptEntry[]> {
    const { sql, values } = latest(query, after, limit)
    const { rows } = await db.raw<{
      rows: (Omit<KeptEntry, 'at' | 'position'> & { at: Date; position: string })[]
    }>(
      `SELECT a.id, a.at, a.feed_id AS "feedId", a.position, a.action, a.actor_id AS "actorId",
         u.display_name AS "actorName", a.entered_by AS "enteredBy", s.name AS "siteName", a.entity,
         a.entity_id AS "entityId", a.old_values AS "oldValues", a.new_values AS "newValues", a.address, a.device,
         a.request_id AS "requestId"
       FROM (${sql}) latest
       JOIN audit_logs a ON a.feed_id = latest.feed_id AND a.position = latest.position
       LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.actor_id
       LEFT JOIN sites s ON s.tenant_id = a.tenant_id AND s.id = a.feed_id
       ORDER BY a.at DESC, a.feed_id DESC, a.position DESC`,
      values,
    )
    return rows.map((row) => ({ ...row, at: row.at.toISOString(), position: Number(row.position) }))
  },

  /** How many there are, counted up to `most`. */
  async count(query: AuditQuery, most: number): Promise<number> {
    const { sql, values } = latest(query, null, most)
    const { rows } = await db.raw<{ rows: [{ count: number }] }>(
      `SELECT count(*)::int AS count FROM (${sql}) latest`,
      values,
    )
    return rows[0].count
  },

  /** By name; `search` is part of a name, user name or e-mail address. */
  async people(
    search: string,
    page: number,
    pageSize: number,
  ): Promise<{ people: ActivePerson[]; total: number }> {
    const pattern = `%${search
      .trim()
      .toLowerCase()
      .replace(/[\\%_]/g, '\\$&')}%`
    const { rows } = await db.raw<{ rows: (ActivePerson & { total: string })[] }>(
      `SELECT id, display_name AS "displayName", username, active, last_login_at AS "lastSignInAt",
         count(*) OVER () AS total
       FROM users
       WHERE lower(display_name) LIKE :pattern OR lower(username) LIKE :pattern OR lower(email) LIKE :pattern
       ORDER BY lower(display_name), id LIMIT :pageSize OFFSET :offset`,
      { pattern, pageSize, offset: (page - 1) * pageSize },
    )
    return {
      people: rows.map(({ total: _, ...person }) => person),
      total: Number(rows[0]?.total ?? 0),
    }
  },

  /** What each of these people did; those who did nothing are left out. */
  async countsOf(ids: readonly string[], from: string, to: string): Promise<Map<string, Counts>> {
    const { rows } = await db.raw<{ rows: (Counts & { id: string })[] }>(
      // The kinds are found once, and not again for each entry, as a planner that knows nothing of the table may have it.
      `WITH k AS MATERIALIZED (
         SELECT DISTINCT f.feed_id, kind.action FROM feed_heads f CROSS JOIN LATERAL audit_kinds(f.feed_id) kind
       )
       SELECT e.actor_id AS id, ${counted}
       FROM k
       JOIN audit_logs e ON e.feed_id = k.feed_id AND e.actor_id = ANY (:ids) AND e.action = k.action
         AND e.at >= :from AND e.at < :to
       GROUP BY e.actor_id`,
      { ids, from, to },
    )
    return new Map(rows.map(({ id, ...counts }) => [id, counts]))
  },

  /** What everybody did on each day, as the days of a time zone go. */
  async countsByDay(from: string, to: string, timezone: string): Promise<(Counts & { day: string })[]> {
    const { rows } = await db.raw<{ rows: (Counts & { day: string })[] }>(
      `SELECT to_char(e.day, 'YYYY-MM-DD') AS day,
         coalesce(sum(n) FILTER (WHERE e.action = 'session.started'), 0)::integer AS "signIns",
         coalesce(sum(n) FILTER (WHERE audit_class(e.action) IN ('admin', 'data')), 0)::integer AS writes,
         coalesce(sum(n) FILTER (WHERE audit_class(e.action) = 'export'), 0)::integer AS exports
       FROM feed_heads f
       CROSS JOIN LATERAL (SELECT DISTINCT kind.action FROM audit_kinds(f.feed_id) kind) k
       CROSS JOIN LATERAL (
         SELECT k.action, (a.at AT TIME ZONE :timezone)::date AS day, count(*) AS n FROM audit_logs a
         WHERE a.feed_id = f.feed_id AND NOT a.blanked AND a.action = k.action AND a.actor_id IS NOT NULL
           AND a.at >= :from AND a.at < :to
         GROUP BY 2
       ) e
       WHERE k.action = 'session.started' OR audit_class(k.action) IN ('admin', 'data', 'export')
       GROUP BY e.day ORDER BY e.day`,
      { from, to, timezone },
    )
    return rows
  },
})

/** The places of entries, the latest first. */
function latest(query: AuditQuery, after: Place | null, limit: number) {
  const { site, from, to, actor, action, entity, entityId } = query
  const ofKind = entityId
    ? matches('e', action, entity)
    : actor
      ? `e.action = k.action AND ${matches('e', undefined, entity)}`
      : `e.action = k.action AND CASE WHEN e.entity IS NULL THEN '' ELSE e.entity END = k.entity`
  const kinds = entityId
    ? ''
    : `CROSS JOIN LATERAL (
         SELECT DISTINCT kind.action ${actor ? '' : ', kind.entity'} FROM audit_kinds(f.feed_id) kind
         WHERE ${matches('kind', action, entity)}
       ) k`
  const sql = `
    SELECT found.* FROM feed_heads f ${kinds}
    CROSS JOIN LATERAL (
      SELECT e.at, e.feed_id, e.position FROM audit_logs e
      WHERE e.feed_id = f.feed_id AND NOT e.blanked
        AND ${ofKind} ${entityId ? 'AND e.entity_id = :entityId' : ''}
        ${actor ? 'AND e.actor_id = :actor' : ''}
        ${from ? 'AND e.at >= :from' : ''} ${to ? 'AND e.at < :to' : ''}
        ${after ? 'AND e.at <= :lastAt AND (e.at, e.feed_id, e.position) < (:lastAt, :lastFeed, :lastPosition)' : ''}
      ORDER BY e.at DESC, e.position DESC LIMIT :limit
    ) found
    WHERE ${site ? 'f.feed_id = :site' : 'true'}
    ORDER BY found.at DESC, found.feed_id DESC, found.position DESC LIMIT :limit`
  const values = {
    ...bindings({ site, from, to, actor, entity, entityId, action: action?.replace(/\*$/, '') }),
    ...(after && { lastAt: after.at, lastFeed: after.feedId, lastPosition: after.position }),
    limit,
  }
  return { sql, values }
}

/** The condition on an action, or all that begin like it, and on what it was done to. */
const matches = (table: string, action: string | undefined, entity: string | undefined): string => {
  const ofAction = action?.endsWith('*')
    ? `starts_with(${table}.action, :action)`
    : `${table}.action = :action`
  return [...(action ? [ofAction] : []), ...(entity ? [`${table}.entity = :entity`] : []), 'true'].join(
    ' AND ',
  )
}

const bindings = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
