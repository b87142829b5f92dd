import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import {
  type AuditEntry,
  type DayActivity,
  maxActivityDays,
  mostAuditExported,
  type PersonActivity,
} from '#common/contract/audit'
import { AppError } from '#common/contract/errors'
import { Closed, Instant, Uuid } from '#common/contract/primitives'
import Type from 'typebox'
import { deviceLabel } from '../../shared/device-label.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { auditCsv } from './audit-csv.ts'
import { type AuditQuery, createAuditRepository, type KeptEntry, type Place } from './audit.repository.ts'

const Cursor = Closed({ at: Instant, feedId: Uuid, position: Type.Integer({ minimum: 1 }) })

const cursorOf = ({ at, feedId, position }: Static<typeof Cursor>): string =>
  Buffer.from(JSON.stringify({ at, feedId, position })).toString('base64url')

function placeOf(cursor: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Value.Check(Cursor, value)) return value
  } catch {
    // Said below.
  }
  throw invalid('cursor', 'Is none of this list; leave it out to start again')
}

const invalid = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', 'The query is not valid', { details: [{ field, message }] })

const entryOf = (kept: KeptEntry): AuditEntry => ({
  id: kept.id,
  at: kept.at,
  action: kept.action,
  actor: kept.actorId === null ? null : { id: kept.actorId, displayName: kept.actorName ?? '' },
  ...(kept.enteredBy && { enteredBy: kept.enteredBy }),
  site: kept.siteName === null ? null : { id: kept.feedId, name: kept.siteName },
  entity: kept.entity,
  entityId: kept.entityId,
  oldValues: kept.oldValues,
  newValues: kept.newValues,
  address: kept.address,
  device: deviceLabel(kept.device),
  requestId: kept.requestId,
})

const day = 86_400_000
/** Of one statement: somebody waits, but not for one record. */
const statementSeconds = 10

const exportedAtOnce = 1000

const tooMany = () =>
  new AppError('VALIDATION_ERROR', 'Too much fits for one file; choose a shorter period', {
    details: [{ field: 'from', message: `Must leave ${mostAuditExported} entries at the most` }],
  })

export type AuditService = ReturnType<typeof createAuditService>

/** What the audit says, to those who may read it. */
export const createAuditService = (transact: Transact, journal: Journal) => ({
  /** The latest first; what is blanked says nothing any more and is left out. */
  list: (
    actor: Actor,
    { cursor, limit = 50, ...query }: AuditQuery & { cursor?: string; limit?: number },
  ): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> =>
    transact(
      scopeOf(actor),
      async (tx) => {
        const found = await createAuditRepository(tx).entries(
          query,
          cursor ? placeOf(cursor) : null,
          limit + 1,
        )
        const page = found.slice(0, limit)
        return {
          entries: page.map(entryOf),
          nextCursor: found.length > limit ? cursorOf(page.at(-1)!) : null,
        }
      },
      { statementSeconds },
    ),

  /** All that fits as CSV, the latest first; of one site for whoever sees no other. The audit tells of it. */
  exported: (actor: Actor, siteId: string | null, filter: AuditQuery): Promise<string> =>
    transact(
      scopeOf(actor, siteId),
      async (tx) => {
        const repository = createAuditRepository(tx)
        const query = siteId === null ? filter : { ...filter, site: siteId }
        const file = auditCsv()
        for (let after: Place | null = null, more = true; more;) {
          const found: KeptEntry[] = await repository.entries(query, after, exportedAtOnce)
          file.add(found)
          if (file.count > mostAuditExported) throw tooMany()
          after = found.at(-1) ?? null
          more = found.length === exportedAtOnce
        }
        await journal.record(tx, actor, {
          action: 'export.audit',
          feedId: siteId ?? actor.tenantId,
          entity: 'audit',
          newValues: { format: 'csv', filter, entries: file.count },
        })
        return file.text()
      },
      { statementSeconds },
    ),

  activity: async (
    actor: Actor,
    {
      from,
      to,
      timezone = 'UTC',
      search = '',
      page = 1,
      pageSize = 25,
    }: { from: string; to: string; timezone?: string; search?: string; page?: number; pageSize?: number },
  ): Promise<{
    users: PersonActivity[]
    total: number
    page: number
    pageSize: number
    days: DayActivity[]
  }> => {
    const length = Date.parse(to) - Date.parse(from)
    if (length <= 0) throw invalid('to', 'Must be after the beginning')
    if (length > maxActivityDays * day + day / 24)
      throw invalid('to', `Must be at most ${maxActivityDays} days after the beginning`)
    return transact(
      scopeOf(actor),
      async (tx) => {
        const repository = createAuditRepository(tx)
        const { people, total } = await repository.people(search, page, pageSize)
        const ids = people.map(({ id }) => id)
        const counts = await repository.countsOf(ids, from, to)
        const users = people.map(({ lastSignInAt, ...person }) => ({
          ...person,
          lastSignInAt: lastSignInAt?.toISOString() ?? null,
          ...(counts.get(person.id) ?? { signIns: 0, writes: 0, exports: 0 }),
        }))
        return { users, total, page, pageSize, days: await repository.countsByDay(from, to, timezone) }
      },
      { snapshot: true, statementSeconds },
    )
  },
})
