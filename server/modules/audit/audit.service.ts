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
import { may } from '#common/rules/permissions'
import { deviceLabel } from '../../shared/device-label.ts'
import { type Actor, noTenant, type Scope, scopeOf } from '../../shared/scope.ts'
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

/** They hold whole records, before and after, and as many are in memory. */
const exportedAtOnce = 100

const tooMany = () =>
  new AppError('VALIDATION_ERROR', 'Too much fits for one file; choose a shorter period', {
    details: [{ field: 'from', message: `Must leave ${mostAuditExported} entries at the most` }],
  })

/** At home, on the platform. */
const isPlatform = ({ roles, enteredBy }: Actor) => roles.includes('super_admin') && !enteredBy

/** Whose audit an actor reads: on the platform also what belongs to no organisation. */
const scopesOf = (actor: Actor): Scope[] => {
  const own = scopeOf(actor)
  return isPlatform(actor) ? [own, { ...own, tenantId: noTenant }] : [own]
}

/**
 * Whoever reads the audit of a site only is told that something was done to visits, and by whom; what is in a visit is
 * its agent's, and for those who lead them.
 */
const asToldTo = (actor: Actor, entry: KeptEntry): KeptEntry =>
  (entry.entity === 'visit' || entry.entity === 'photo') && !may(actor, 'audit.read')
    ? { ...entry, oldValues: null, newValues: null }
    : entry

const descending = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0)
const latestFirst = (a: Place, b: Place) =>
  descending(a.at, b.at) || descending(a.feedId, b.feedId) || b.position - a.position

export type AuditService = ReturnType<typeof createAuditService>

/** What the audit says, to those who may read it. */
export const createAuditService = (transact: Transact, journal: Journal) => {
  const eachOf = async <T>(
    actor: Actor,
    work: (repository: ReturnType<typeof createAuditRepository>) => Promise<T>,
  ): Promise<T[]> => {
    const found: T[] = []
    for (const scope of scopesOf(actor))
      found.push(await transact(scope, (tx) => work(createAuditRepository(tx)), { statementSeconds }))
    return found
  }
  const entriesOf = async (
    actor: Actor,
    query: AuditQuery,
    after: Place | null,
    limit: number,
  ): Promise<KeptEntry[]> => {
    const found = await eachOf(actor, (repository) => repository.entries(query, after, limit))
    const latest = found.flat().sort(latestFirst).slice(0, limit)
    return latest.map((entry) => asToldTo(actor, entry))
  }

  async function* pagesOf(actor: Actor, query: AuditQuery, first: KeptEntry[]) {
    for (let page = first; ; page = await entriesOf(actor, query, page.at(-1)!, exportedAtOnce)) {
      yield page
      if (page.length < exportedAtOnce) return
    }
  }

  return {
    /** The latest first; what is blanked says nothing any more and is left out. */
    list: async (
      actor: Actor,
      { cursor, limit = 50, ...query }: AuditQuery & { cursor?: string; limit?: number },
    ): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> => {
      const found = await entriesOf(actor, query, cursor ? placeOf(cursor) : null, limit + 1)
      const page = found.slice(0, limit)
      return {
        entries: page.map(entryOf),
        nextCursor: found.length > limit ? cursorOf(page.at(-1)!) : null,
      }
    },

    /**
     * As CSV that is read and sent page by page, the latest first; of one site for whoever sees no other. The audit tells
     * of it, and it is refused before it begins where it would be too much.
     */
    exported: async (
      actor: Actor,
      siteId: string | null,
      filter: AuditQuery,
    ): Promise<AsyncIterable<string>> => {
      const query = siteId === null ? filter : { ...filter, site: siteId }
      const counts = await eachOf(actor, (repository) => repository.count(query, mostAuditExported + 1))
      const entries = counts.reduce((sum, count) => sum + count, 0)
      if (entries > mostAuditExported) throw tooMany()
      // Before the entry that tells of it, which is not in the file.
      const first = await entriesOf(actor, query, null, exportedAtOnce)
      await transact(scopeOf(actor, siteId), (tx) =>
        journal.record(tx, actor, {
          action: 'export.audit',
          feedId: siteId ?? actor.tenantId,
          entity: 'audit',
          newValues: { format: 'csv', filter, entries },
        }),
      )
      return auditCsv(pagesOf(actor, query, first), isPlatform(actor) ? 'The platform' : 'The organisation')
    },

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
  }
}
