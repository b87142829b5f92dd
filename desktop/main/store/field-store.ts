import { AppError } from '#common/contract/errors'
import { PhotoPatch } from '#common/contract/photos'
import { problemsOf } from '#common/contract/sentences'
import type { Question } from '#common/contract/surveys'
import { type VisitFields, VisitPatch } from '#common/contract/visits'
import { upgradeOf } from '#common/rules/survey-flow'
import { interactionOf, visitFieldsOf } from '#common/rules/visit-rules'
import type { Answer, Request } from '#desktop/bridge/channels'
import { retry } from '../outbox/amend.ts'
import { discardOfVisit, resolveOfVisit, type VisitAmendContext } from '../outbox/amend-visit.ts'
import { composeMark, composeRemoval } from '../outbox/compose-photo.ts'
import { composeStart, composeVisitEdit, workedOn } from '../outbox/compose-visit.ts'
import type { Entry, FieldMutation, Plan } from '../outbox/entry.ts'
import { photosByQuestion, visitEntries } from '../outbox/present-visit.ts'
import type { FieldView, Ground } from './field-view.ts'

const invalid = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details: [{ field, message }] })

/**
 * Visits and the marks on their photos: what is read needs no network, and what is saved is on the disk when a method
 * returns. Each throws the AppError the person has to see. Answers with the site it was in.
 */
export class FieldStore {
  readonly #ground: Ground
  readonly #view: FieldView

  constructor(ground: Ground, view: FieldView) {
    this.#ground = ground
    this.#view = view
  }

  findShops(request: Request<'shops.find'>): Answer<'shops.find'> {
    return this.#view.findShops(request)
  }

  fieldLookups(): Answer<'field.lookups'> {
    return this.#view.lookups()
  }

  myVisits(request: Request<'visits.mine'>): Answer<'visits.mine'> {
    return this.#view.mine(request)
  }

  openVisit(id: string): Answer<'visits.open'>['open'] {
    return this.#view.open(id)
  }

  startVisit({ siteId, shopId, surveyId, visitType, position, timezone }: Request<'visits.start'>): string {
    const { newId, now, profile, assertMember, carryOut } = this.#ground
    assertMember(siteId)
    this.#assertShop(siteId, shopId)
    const id = newId()
    const fields: VisitFields = {
      shopId,
      surveyId,
      surveyNumber: this.#numberOf(surveyId),
      visitType,
      status: 'in_progress',
      startedAt: now(),
      completedAt: null,
      timezone,
      position,
      notes: '',
      answers: {},
    }
    const plan = composeStart(id, siteId, fields, { user: profile(), newId, now })
    carryOut(plan, [this.#titleOf(fields)], [])
    return id
  }

  editVisit({ id, opened, ...changes }: Request<'visits.edit'>): string {
    const context = this.#view.context(id)
    const { siteId, shopId } = workedOn(context)
    if (changes.shopId !== undefined && changes.shopId !== shopId) this.#assertShop(siteId, changes.shopId)
    return this.#edit(context, changes, opened)
  }

  upgradeVisit({ id, surveyNumber }: Request<'visits.upgrade'>): string {
    const context = this.#view.context(id)
    const visit = workedOn(context)
    const later = this.#view.questionsOf({ ...visit, surveyNumber })
    if (
      visit.surveyId === null ||
      visit.surveyNumber === null ||
      surveyNumber <= visit.surveyNumber ||
      !later
    )
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no such later version of the survey on this device.')
    const photos = photosByQuestion(context.photos)
    const { lost } = upgradeOf(this.#questions(visit), later, { answers: visit.answers, photos })
    const answers = Object.fromEntries(lost.map(({ question }) => [question.id, null]))
    return this.#edit(context, { surveyNumber, answers })
  }

  /** Where the server had refused to end it, it is asked once more. */
  completeVisit(id: string): string {
    const { now } = this.#ground
    const context = this.#view.context(id)
    const visit = workedOn(context)
    const refused = visitEntries(context.family).find(
      ({ state, mutation }) => state === 'rejected' && mutation?.patch.status === 'completed',
    )
    if (refused) {
      this.amendVisit('retry', refused.mutationId)
      return visit.siteId
    }
    const at = Math.max(Date.parse(now()), Date.parse(visit.startedAt))
    return this.#edit(context, { status: 'completed', completedAt: new Date(at).toISOString() })
  }

  cancelVisit(id: string): string {
    const context = this.#view.context(id)
    if (workedOn(context).status !== 'in_progress') throw new AppError('CONFLICT', 'The visit is over.')
    return this.#edit(context, { status: 'cancelled' })
  }

  markPhoto({ id, shelf, quadrants, opened }: Request<'photos.mark'>): string {
    const context = this.#contextOfPhoto(id)
    const visit = workedOn(context)
    const known = new Set(this.#ground.fromCache((cache) => cache.brands()).map((brand) => brand.id))
    const unknown = quadrants.findIndex(({ brandId }) => !known.has(brandId))
    if (unknown >= 0) throw invalid(`quadrants.${unknown}.brandId`, 'There is no such brand')
    const record = this.#ground.fromCache((cache) => cache.photo(id))
    const plan = composeMark(id, { shelf, quadrants }, opened, record, context)
    if (plan) this.#carryOut(plan, visit)
    return visit.siteId
  }

  /** Its bytes go with it, or, where the server has to be told, once it has been. */
  removePhoto(id: string): string {
    const { pictures, fromCache } = this.#ground
    const context = this.#contextOfPhoto(id)
    const visit = workedOn(context)
    const record = fromCache((cache) => cache.photo(id))
    const plan = composeRemoval(id, record, context)
    this.#carryOut(plan, visit, () => {
      if (plan.add.length === 0) pictures.drop(id)
    })
    return visit.siteId
  }

  /** Settles what is stopped of a visit or a photo; photos that are given up lose their bytes. */
  amendVisit(how: 'retry' | 'discard', mutationId: string): void {
    const context = this.#amending(mutationId)
    const entry = this.#ground.queue.find(mutationId)!
    // Sent once more as it is, it would be in conflict for ever: now the person has been told what is there.
    if (how === 'retry' && entry.op === 'delete' && entry.conflict) return this.resolveVisit(mutationId, {})
    const chain = { chain: context.family as readonly Entry<FieldMutation>[], newId: context.newId }
    const plan =
      how === 'retry'
        ? {
            ...retry(mutationId, chain, context.versionOf),
            visitId: entry.visitId!,
          }
        : discardOfVisit(mutationId, context)
    const dropped = plan.outcome === 'discarded' ? plan.remove : []
    this.#carryOut(plan, context.shown, () => {
      for (const { entity, op, entityId } of dropped)
        if (entity === 'photo' && op === 'create') this.#ground.pictures.drop(entityId)
    })
  }

  resolveVisit(mutationId: string, fields: object): void {
    const context = this.#amending(mutationId)
    const { entity } = this.#ground.queue.find(mutationId)!
    const details = problemsOf(entity === 'visit' ? VisitPatch : PhotoPatch, fields)
    if (details.length > 0)
      throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
    this.#carryOut(resolveOfVisit(mutationId, fields, context), context.shown)
  }

  #amending(mutationId: string): VisitAmendContext {
    const { queue, fromCache } = this.#ground
    const entry = queue.find(mutationId)
    if (!entry || entry.visitId === null)
      throw new AppError('RESOURCE_NOT_FOUND', 'This change is not waiting any more.')
    const { shown, ...context } = this.#view.context(entry.visitId)
    return {
      ...context,
      // Also of a site that was taken away: it is their own work.
      shown: shown ?? this.#view.known(entry.visitId).shown,
      versionOf: ({ entity, entityId }) =>
        fromCache((cache) => (entity === 'visit' ? cache.visit(entityId) : cache.photo(entityId)))?.version ??
        null,
      questionsOf: (visit) => this.#questions(visit),
    }
  }

  #contextOfPhoto(id: string) {
    const visitId = this.#view.visitOfPhoto(id)
    if (visitId === null)
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no such photo on this device (any more).')
    return this.#view.context(visitId)
  }

  #edit(context: ReturnType<FieldView['context']>, changes: VisitPatch, opened?: VisitPatch): string {
    const visit = workedOn(context)
    const questions = this.#questions({ ...visit, surveyNumber: changes.surveyNumber ?? visit.surveyNumber })
    const plan = composeVisitEdit(changes, opened, questions, context)
    if (plan) this.#carryOut(plan, { ...visitFieldsOf(visit), ...changes }, undefined)
    return visit.siteId
  }

  #questions(visit: Pick<VisitFields, 'surveyId' | 'surveyNumber'>): readonly Question[] {
    const questions = this.#view.questionsOf(visit)
    if (questions) return questions
    throw new AppError(
      'SERVICE_UNAVAILABLE',
      'The survey of this visit is not on this device yet. It comes with the next sync.',
    )
  }

  #numberOf(surveyId: string | null): number | null {
    if (surveyId === null) return null
    const head = this.#ground.fromCache((cache) => cache.survey(surveyId))
    if (!head?.active) throw invalid('surveyId', 'There is no such survey to start with')
    this.#questions({ surveyId, surveyNumber: head.publishedNumber })
    return head.publishedNumber
  }

  #assertShop(siteId: string, shopId: string | null) {
    const shop = this.#view.shopOf({ shopId })
    if (shopId !== null && (shop?.siteId !== siteId || !shop.active))
      throw invalid('shopId', 'There is no such shop at this site')
  }

  #titleOf(visit: VisitFields): string {
    return interactionOf(visit, { shop: this.#view.shopOf(visit), agentName: '' }).title!
  }

  #carryOut(plan: Plan<FieldMutation>, visit: VisitFields | null, also?: () => void) {
    const touched = [...plan.remove, ...plan.add]
    const ids = (entity: FieldMutation['entity']) => [
      ...new Set(touched.filter((each) => each.entity === entity).map(({ entityId }) => entityId)),
    ]
    const copy = ids('visit').length > 0 ? this.#view.known(ids('visit')[0]!).copy : null
    const titles = plan.add.map(({ entity }) => {
      if (!visit) return plan.remove[0]?.title ?? ''
      return entity === 'visit' ? this.#titleOf(visit) : this.#view.photoTitle(visit)
    })
    this.#ground.carryOut(plan, titles, this.#view.seen(copy, ids('photo')), also)
  }
}
