import Type, { type Static } from 'typebox'
import { endpoint, fileAnswer } from './endpoint.ts'
import { Closed, Instant, Nullable, Text, TimeZone, Uuid } from './primitives.ts'

/** Reading what happened: the entries of the audit, and what of it each person did. */

export const AuditEntry = Closed({
  id: Uuid,
  at: Instant,
  action: Type.String({ description: 'Such as `interaction.updated`' }),
  /** Nobody of the organisation where the server did it by itself, or a sign-in was refused. */
  actor: Nullable(Closed({ id: Uuid, displayName: Type.String() })),
  /** A super admin did it, who is of no organisation. */
  enteredBy: Type.Optional(Uuid),
  /** Where it happened; null for what is of the whole organisation. */
  site: Nullable(Closed({ id: Uuid, name: Type.String() })),
  entity: Nullable(Type.String({ description: 'What kind of thing it was done to' })),
  entityId: Nullable(Uuid),
  /** As they are stored. */
  oldValues: Type.Unknown(),
  newValues: Type.Unknown(),
  address: Nullable(Type.String()),
  device: Nullable(Type.String({ description: 'The computer or program it came from' })),
  requestId: Nullable(Type.String()),
})
export type AuditEntry = Static<typeof AuditEntry>

const filter = {
  from: Type.Optional(Instant),
  to: Type.Optional({ ...Instant, description: 'Before this moment' }),
  actor: Type.Optional(Uuid),
  action: Type.Optional(
    Type.String({
      pattern: '^[a-zA-Z][a-zA-Z_.-]*\\*?$',
      maxLength: 80,
      description: 'An action, or with a `*` at its end all that begin like it: `interaction.*`',
    }),
  ),
  entity: Type.Optional(Text(80)),
  entityId: Type.Optional(Uuid),
}

const page = {
  cursor: Type.Optional(
    Type.String({ format: 'text', maxLength: 500, description: 'The `nextCursor` of the page before' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: '50 unless said otherwise' })),
}

const AuditPage = Closed({
  entries: Type.Array(AuditEntry),
  nextCursor: Nullable(Type.String({ description: 'Null on the last page' })),
})

const auditTags = ['audit'] as const

export const listAudit = endpoint({
  method: 'GET',
  url: '/audit',
  config: { policy: 'audit.read', limit: 'read' },
  schema: {
    tags: auditTags,
    summary:
      'What happened in the organisation, in all its sites or one, the latest first; for super admins, on the platform',
    querystring: Closed({ ...filter, site: Type.Optional(Uuid), ...page }),
    response: { 200: AuditPage },
  },
})

export const listAuditOfSite = endpoint({
  method: 'GET',
  url: '/sites/:id/audit',
  config: { policy: 'audit.readOfSite', site: 'path', limit: 'read' },
  schema: {
    tags: auditTags,
    summary: 'For administrators of the site: what happened in it, the latest first',
    params: Closed({ id: Uuid }),
    querystring: Closed({ ...filter, ...page }),
    response: { 200: AuditPage },
  },
})

/** Entries in one file. */
export const mostAuditExported = 10_000

const exported = { 200: fileAnswer('text/csv') }

export const exportAudit = endpoint({
  method: 'GET',
  url: '/audit/export',
  config: { policy: 'audit.read', limit: 'write' },
  schema: {
    tags: auditTags,
    summary: `As a CSV file, which the audit tells of; ${mostAuditExported} entries at the most`,
    querystring: Closed({ ...filter, site: Type.Optional(Uuid) }),
    response: exported,
  },
})

export const exportAuditOfSite = endpoint({
  method: 'GET',
  url: '/sites/:id/audit/export',
  config: { policy: 'audit.readOfSite', site: 'path', limit: 'write' },
  schema: {
    tags: auditTags,
    summary: 'The same for administrators of the site',
    params: Closed({ id: Uuid }),
    querystring: Closed(filter),
    response: exported,
  },
})

/** In a period. */
const counts = {
  signIns: Type.Integer({ minimum: 0 }),
  writes: Type.Integer({ minimum: 0, description: 'Changes to records and to what is looked after' }),
  exports: Type.Integer({ minimum: 0 }),
}

export const PersonActivity = Closed({
  id: Uuid,
  displayName: Type.String(),
  username: Type.String(),
  active: Type.Boolean(),
  lastSignInAt: Nullable(Instant),
  ...counts,
})
export type PersonActivity = Static<typeof PersonActivity>

export const DayActivity = Closed({ day: Type.String({ description: 'As 2026-11-21' }), ...counts })
export type DayActivity = Static<typeof DayActivity>

/** Of a period that is asked for. */
export const maxActivityDays = 366

export const readActivity = endpoint({
  method: 'GET',
  url: '/admin/users/activity',
  config: { policy: 'activity.read', limit: 'read' },
  schema: {
    tags: auditTags,
    summary: 'How often people signed in, changed and exported something in a period, and on which days',
    querystring: Closed({
      from: Instant,
      to: {
        ...Instant,
        description: `Before this moment; ${maxActivityDays} days after \`from\` at the most`,
      },
      timezone: Type.Optional({ ...TimeZone, description: 'Of the days; UTC unless said otherwise' }),
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    }),
    response: {
      200: Closed({
        users: Type.Array(PersonActivity),
        total: Type.Integer({ minimum: 0 }),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
        days: Type.Array(DayActivity, { description: 'Of everybody; those on which something happened' }),
      }),
    },
  },
})
