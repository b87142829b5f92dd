import Type, { type Static } from 'typebox'
import { AuditEntry, readActivity } from '#common/contract/audit'
import { Closed, Instant, Nullable, Text, TimeZone, Uuid } from '#common/contract/primitives'

/** What is asked of the audit: of one site, or where none is named of the whole organisation; null is no condition. */
export const AuditQuery = Closed({
  siteId: Nullable(Uuid),
  from: Nullable(Instant),
  to: Nullable(Instant),
  actor: Nullable(Uuid),
  action: Nullable(Text(80)),
  entityId: Nullable(Uuid),
})
export type AuditQuery = Static<typeof AuditQuery>

/** What happened, and who did how much. All of it is asked of the server; SERVICE_UNAVAILABLE without it. */
export const auditRequests = {
  /** The latest first; `cursor` is the `nextCursor` of the page before. */
  'audit.list': {
    request: Closed({ query: AuditQuery, cursor: Nullable(Text(500)) }),
    answer: Closed({ entries: Type.Array(AuditEntry), nextCursor: Nullable(Type.String()) }),
  },
  /** All that fits, into a file the person chooses; false where they chose none. */
  'audit.export': { request: Closed({ query: AuditQuery }), answer: Closed({ saved: Type.Boolean() }) },
  'activity.read': {
    request: Closed({
      from: Instant,
      to: Instant,
      timezone: TimeZone,
      search: Text(200),
      page: Type.Integer({ minimum: 1 }),
    }),
    answer: readActivity.schema.response[200],
  },
} as const
