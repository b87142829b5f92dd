import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import { AppError, type FieldProblem } from '#common/contract/errors'
import type { Shop } from '#common/contract/shops'
import type { Visit, VisitFields, VisitPatch, WholeVisit } from '#common/contract/visits'
import { may } from '#common/rules/permissions'
import { noPhotos } from '#common/rules/survey-flow'
import {
  distanceFrom,
  interactionOf,
  normaliseVisit,
  visitDifference,
  visitFieldsOf,
  visitProblems,
  withPatch,
} from '#common/rules/visit-rules'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import { enterSite, type Transact, type Transaction } from '../../shared/transaction.ts'
import type { DerivedInteractions } from '../interactions/derived.service.ts'
import type { Entry, Journal } from '../journal/journal.service.ts'
import type { ShopsService } from '../shops/shops.service.ts'
import type { SurveysService } from '../surveys/surveys.service.ts'
import { createPhotosRepository } from './photos.repository.ts'
import { pageOfVisits, type VisitListQuery, type VisitPage } from './visit-list.repository.ts'
import { type After, createVisitsRepository, type Distance } from './visits.repository.ts'

/** Throws where the visit has moved on from the version that was looked at. */
export function assertVersion(current: Visit, version: number): void {
  if (version === current.version) return
  const message = 'The visit was changed meanwhile; look at it again and repeat your change'
  throw new AppError('CONFLICT', message, { current })
}

export const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such visit')

/** What starts a visit over REST; the rest follows from the moment and the place. */
export interface VisitStart {
  id?: string
  shopId?: string | null
  surveyId?: string | null
  visitType: VisitFields['visitType']
  startedAt?: string
  timezone?: string
  geocode?: VisitFields['position']
  notes?: string
}

export interface VisitEdit {
  answers?: VisitFields['answers']
  notes?: string
  surveyNumber?: number
  shopId?: string | null
  position?: VisitFields['position']
  status?: 'cancelled'
  version: number
}

/**
 * As the audit keeps it: where a position is from, and not which. The audit stays, and a person's whereabouts are not to
 * stay with it (docs/decisions/0027-forgetting.md).
 */
const audited = ({ position, ...rest }: VisitPatch) =>
  position === undefined ? rest : { ...rest, position: position && { source: position.source } }

/** What became of an edit; `seq` is null where there was nothing to change. */
export interface Written {
  record: Visit
  seq: number | null
}

export type VisitsService = ReturnType<typeof createVisitsService>

/**
 * Visits, each its agent's own and written in the scope of its site. Every change keeps up the interaction that has the
 * visit's id, and is told to the site's feed, of which only the agent's devices hear.
 */
export function createVisitsService(
  transact: Transact,
  journal: Journal,
  interactions: DerivedInteractions,
  { inTransaction: shops }: Pick<ShopsService, 'inTransaction'>,
  { inTransaction: surveys }: Pick<SurveysService, 'inTransaction'>,
) {
  /** Throws what is wrong with a visit as it is to be; answers with its shop. `strictly`: and the shop is in use. */
  async function check(
    tx: Transaction,
    fields: VisitFields,
    before: Visit | null,
    { strictly = false } = {},
  ): Promise<Shop | null> {
    const { shopId, surveyId, surveyNumber } = fields
    const problems: FieldProblem[] = []
    const shop = shopId === null ? null : await shops.find(tx, shopId)
    if (shopId !== null && !shop)
      problems.push({ field: 'shopId', message: 'There is no such shop at this site' })
    else if (strictly && shop && !shop.active && shopId !== before?.shopId)
      problems.push({ field: 'shopId', message: 'The shop is out of use; choose another' })
    const isPinned = surveyId !== null && surveyNumber !== null
    const survey = isPinned ? await surveys.version(tx, surveyId, surveyNumber) : null
    if (isPinned && !survey)
      problems.push({ field: 'surveyNumber', message: 'The survey was never published under this number' })
    else if (strictly && surveyId !== null && surveyNumber === null)
      problems.push({ field: 'surveyId', message: 'There is no such survey on offer' })
    if (problems.length === 0) {
      const photos = before ? await createPhotosRepository(tx).countByQuestion(before.id) : noPhotos
      const from = before && visitFieldsOf(before)
      problems.push(...visitProblems(fields, from, survey?.questions ?? [], photos))
    }
    if (problems.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The visit is not valid', { details: problems })
    return shop
  }

  const entryOf = (
    deed: AuditDeed<'visit'>,
    { id, siteId, agentId }: Visit,
    values: { oldValues?: VisitPatch; newValues: VisitPatch },
  ): Entry => ({
    action: `visit.${deed}`,
    feedId: siteId,
    entity: 'visit',
    entityId: id,
    ...(values.oldValues && { oldValues: audited(values.oldValues) }),
    newValues: audited(values.newValues),
    changes: [{ entity: 'visit', entityId: id, removed: false, ownerId: agentId }],
  })

  const inTransaction = {
    /**
     * Starts a visit of the actor's at the scope's site. The same again under the same id is answered as it is now; an
     * id that something else has is a CONFLICT, and then nothing is written.
     */
    async start(
      tx: Transaction,
      actor: Actor,
      id: string,
      given: VisitFields,
      options: { strictly?: boolean; asBefore?: (current: Visit) => boolean } = {},
    ): Promise<Written> {
      const repository = createVisitsRepository(tx)
      const fields = normaliseVisit(withPatch({ ...given, answers: {} }, given))
      await repository.takeTurns(id)
      const current = await repository.find(id)
      if (current) {
        const { asBefore = (visit) => visitDifference(visitFieldsOf(visit), fields) === null } = options
        if (isOwn(tx, actor, current) && asBefore(current)) return { record: current, seq: null }
        throw new AppError('CONFLICT', 'There is another visit with this id', {
          ...(isOwn(tx, actor, current) && { current }),
        })
      }
      const shop = await check(tx, fields, null, options)
      await interactions.assertFree(tx, id)
      const at = new Date().toISOString()
      const siteId = tx.scope.siteId!
      const record: Visit = {
        id,
        siteId,
        agentId: actor.id,
        ...fields,
        version: 1,
        createdAt: at,
        updatedAt: at,
      }
      if (!(await repository.insert(record, distanceFrom(shop, fields.position))))
        throw new AppError('CONFLICT', 'There is another visit with this id')
      const agentName = await repository.nameOf(actor.id)
      await interactions.make(tx, actor, id, interactionOf(fields, { shop, agentName }))
      const entry = entryOf('started', record, { newValues: visitFieldsOf(record) })
      return { record, seq: await journal.record(tx, actor, entry) }
    },

    /**
     * Puts an edit onto a visit that is held. `along` is what else was done to it, and goes into the journal before it: only
     * here, since the head of the feed is to be taken late, and after the interaction as by whoever edits that.
     */
    async edit(
      tx: Transaction,
      actor: Actor,
      current: Visit,
      patch: VisitPatch,
      { along = [], ...options }: { strictly?: boolean; along?: readonly Entry[] } = {},
    ): Promise<Written> {
      const repository = createVisitsRepository(tx)
      const before = visitFieldsOf(current)
      const fields = normaliseVisit(withPatch(before, patch))
      const difference = visitDifference(before, fields)
      if (!difference) {
        const isMore = along.length > 0
        return {
          record: current,
          seq: isMore ? await journal.recordAll(tx, actor, current.siteId, along) : null,
        }
      }
      const shop = await check(tx, fields, current, options)
      const at = new Date().toISOString()
      const record: Visit = { ...current, ...fields, version: current.version + 1, updatedAt: at }
      const { answers = {}, ...changed } = difference.patch
      const moved: Distance | undefined =
        'shopId' in changed || 'position' in changed ? distanceFrom(shop, fields.position) : undefined
      await repository.update(record, answers, moved)
      if (record.status === 'cancelled') {
        await interactions.remove(tx, actor, record.id, await repository.interactionVersion(record.id))
      } else {
        const isElsewhere = before.shopId !== null && before.shopId !== fields.shopId
        const shopBefore = isElsewhere ? await shops.find(tx, before.shopId!) : null
        const agentName = await repository.nameOf(current.agentId)
        const kept = await interactions.keepUp(
          tx,
          actor,
          record.id,
          interactionOf(before, { shop: before.shopId === fields.shopId ? shop : shopBefore, agentName }),
          interactionOf(fields, { shop, agentName }),
        )
        if (kept) await repository.moveInteractionVersion(record.id, kept.was, kept.now)
      }
      const deed =
        record.status === current.status || record.status === 'in_progress' ? 'updated' : record.status
      const entry = entryOf(deed, record, { oldValues: difference.base, newValues: difference.patch })
      return { record, seq: await journal.recordAll(tx, actor, record.siteId, [...along, entry]) }
    },

    /** A visit of the actor's own at the scope's site, held; null where there is none. */
    async lock(tx: Transaction, actor: Actor, id: string): Promise<Visit | null> {
      const current = await createVisitsRepository(tx).lock(id)
      return current && isOwn(tx, actor, current) ? current : null
    },

    ofAgent: (tx: Transaction, agentId: string, ids: readonly string[]) =>
      createVisitsRepository(tx).ofAgent(agentId, ids),
    newestOf: (tx: Transaction, agentId: string, after: After | null, limit: number) =>
      createVisitsRepository(tx).newestOf(agentId, after, limit),
  }

  /** Does something to a visit of the actor's own, held, in the scope of its site; which one, may be found out first. */
  const work = <T>(
    actor: Actor,
    which: string | ((tx: Transaction) => Promise<string>),
    then: (tx: Transaction, current: Visit) => Promise<T>,
  ): Promise<T> =>
    transact(scopeOf(actor), async (tx) => {
      const id = typeof which === 'string' ? which : await which(tx)
      const place = await createVisitsRepository(tx).place(id)
      const target = place && { siteId: place.siteId, createdBy: place.agentId }
      if (!target || !may(actor, 'visit.work', target)) throw missing()
      const there = await enterSite(tx, target.siteId)
      const current = await inTransaction.lock(there, actor, id)
      if (!current) throw missing()
      return then(there, current)
    })

  return {
    inTransaction,
    work,

    start: (
      actor: Actor,
      siteId: string,
      { id = uuidv7(), surveyId = null, geocode, ...given }: VisitStart,
    ): Promise<Visit> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const [survey] = surveyId ? await surveys.heads(tx, [surveyId]) : []
        const said = { shopId: null, surveyId, ...given, ...(geocode !== undefined && { position: geocode }) }
        const fields: VisitFields = {
          shopId: said.shopId,
          surveyId,
          surveyNumber: survey?.active ? survey.publishedNumber : null,
          visitType: given.visitType,
          status: 'in_progress',
          startedAt: given.startedAt ?? new Date().toISOString(),
          completedAt: null,
          timezone: given.timezone ?? (await createVisitsRepository(tx).siteOf(siteId)).timezone ?? 'UTC',
          position: geocode ?? null,
          notes: given.notes ?? '',
          answers: {},
        }
        const asBefore = (visit: Visit) => {
          const before = visitFieldsOf(visit)
          return visitDifference(before, { ...before, ...normaliseVisit(said) }) === null
        }
        return (await inTransaction.start(tx, actor, id, fields, { strictly: true, asBefore })).record
      }),

    update: (actor: Actor, id: string, { version, ...patch }: VisitEdit): Promise<Visit> =>
      work(actor, id, async (tx, current) => {
        assertVersion(current, version)
        return (await inTransaction.edit(tx, actor, current, patch, { strictly: true })).record
      }),

    list: (actor: Actor, query: VisitListQuery): Promise<VisitPage & { page: number; pageSize: number }> =>
      transact(scopeOf(actor), async (tx) => {
        const { page = 1, pageSize = 25 } = query
        return { ...(await pageOfVisits(tx, query, page, pageSize)), page, pageSize }
      }),

    /** With all that belongs to it, as whoever may see it. */
    read: (actor: Actor, id: string): Promise<WholeVisit> =>
      transact(scopeOf(actor), async (tx) => {
        const visit = await createVisitsRepository(tx).find(id)
        if (!visit) throw missing()
        const there = await enterSite(tx, visit.siteId)
        const repository = createVisitsRepository(there)
        const { surveyId, surveyNumber: number, shopId } = visit
        return {
          visit,
          agentName: await repository.nameOf(visit.agentId),
          siteName: (await repository.siteOf(visit.siteId)).name,
          shop: shopId ? await shops.find(there, shopId) : null,
          survey: surveyId ? await surveys.version(there, surveyId, number!) : null,
          photos: await createPhotosRepository(there).ofVisits([id]),
        }
      }),
  }
}

/** Of the actor, at the site the transaction is in. */
const isOwn = ({ scope }: Transaction, actor: Actor, { siteId, agentId }: Visit) =>
  siteId === scope.siteId && may(actor, 'visit.work', { siteId, createdBy: agentId })
