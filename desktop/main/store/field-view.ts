import type { SessionUser } from '#common/contract/auth'
import type { Shop } from '#common/contract/shops'
import type { Question, SurveyVersion } from '#common/contract/surveys'
import type { Visit, VisitFields } from '#common/contract/visits'
import { fold, searchTerms } from '#common/rules/folding'
import { distanceFrom, metresBetween, visitTypeWords } from '#common/rules/visit-rules'
import type { Answer, Request } from '#desktop/bridge/channels'
import type { LocalListedVisit, LocalPhoto, LocalVisit } from '#desktop/bridge/field'
import type { VisitContext } from '../outbox/compose-visit.ts'
import type { FieldEntry, FieldMutation, Plan } from '../outbox/entry.ts'
import { presentPhotos, presentVisit, type ShownVisit, visitEntries } from '../outbox/present-visit.ts'
import { type FieldCache, shopText, type VisitQuery } from './field-cache.ts'
import type { Seen } from './last-seen.ts'
import type { Pictures } from './pictures.ts'
import type { Queue } from './queue.ts'

/** What field work stands on: the two files, and who uses them. */
export interface Ground {
  queue: Queue
  pictures: Pictures
  fromCache<T>(work: (cache: FieldCache) => T): T
  newId(): string
  now(): string
  profile(): SessionUser
  isMember(siteId: string): boolean
  assertMember(siteId: string): void
  /** Durable when it returns; what follows from it is on screen. `also` is done in the same step. */
  carryOut(
    plan: Plan<FieldMutation>,
    titles: readonly string[],
    seen: readonly Seen[],
    also?: () => void,
  ): void
}

interface Known {
  /** The server's copy. */
  copy: Visit | null
  /** The edits of the visit and its photos. */
  family: FieldEntry[]
  shown: LocalVisit | null
}

/** Visits, their photos and what they are about, as the person sees them: copies with the queue on top. */
export class FieldView {
  readonly #ground: Ground

  constructor(ground: Ground) {
    this.#ground = ground
  }

  known(id: string, family = this.#ground.queue.family(id)): Known {
    const { queue, fromCache, profile } = this.#ground
    const copy = fromCache((cache) => cache.visit(id))
    const under = copy ?? (family.length > 0 ? queue.lastSeen.find('visit', id) : null)
    return { copy, family, shown: presentVisit(under, family, profile().id) }
  }

  /** A visit with edits, as the Finder has to know it; null where there are none that it could tell of. */
  underEdit(id: string, family: readonly FieldEntry[]): ShownVisit | null {
    const chain = visitEntries(family)
    if (chain.every(({ state }) => state === 'resending')) return null
    const isStarting = chain.some(({ op }) => op === 'create')
    const { copy, shown } = this.known(id, [...family])
    return (
      shown && { visit: shown, copy, isStarting, shop: this.shopOf(shown), agentName: this.agentName(shown) }
    )
  }

  photos(visitId: string, { family } = this.known(visitId)): LocalPhoto[] {
    const copies = this.#ground.fromCache((cache) => cache.photosOf(visitId))
    return presentPhotos(visitId, copies, family, this.#ground.pictures.ofVisit(visitId))
  }

  /** The visit a photo is of, where one of them is here. */
  visitOfPhoto(id: string): string | null {
    const { queue, pictures, fromCache } = this.#ground
    return (
      pictures.find(id)?.visitId ?? fromCache((cache) => cache.photo(id))?.visitId ?? queue.visitOfPhoto(id)
    )
  }

  context(visitId: string): VisitContext & { copy: Visit | null } {
    const { newId, now, profile, isMember } = this.#ground
    const known = this.known(visitId)
    const shown = known.shown && isMember(known.shown.siteId) ? known.shown : null
    const { copy, family } = known
    return {
      user: profile(),
      shown,
      record: copy,
      copy,
      family,
      photos: this.photos(visitId, known),
      newId,
      now,
    }
  }

  shopOf({ shopId }: Pick<VisitFields, 'shopId'>): Shop | null {
    return shopId === null ? null : this.#ground.fromCache((cache) => cache.shop(shopId))
  }

  surveyOf({ surveyId, surveyNumber }: Pick<VisitFields, 'surveyId' | 'surveyNumber'>): SurveyVersion | null {
    if (surveyId === null || surveyNumber === null) return null
    return this.#ground.fromCache((cache) => cache.surveyVersion(surveyId, surveyNumber))
  }

  /** Null where the survey is not here. */
  questionsOf(visit: Pick<VisitFields, 'surveyId' | 'surveyNumber'>): readonly Question[] | null {
    return visit.surveyId === null ? [] : (this.surveyOf(visit)?.questions ?? null)
  }

  agentName({ agentId }: Pick<Visit, 'agentId'>): string {
    const { profile, fromCache } = this.#ground
    const { id, displayName } = profile()
    return agentId === id ? displayName : (fromCache((cache) => cache.personName(agentId)) ?? '')
  }

  siteName(siteId: string): string {
    return this.#ground.profile().sites.find(({ id }) => id === siteId)?.name ?? ''
  }

  open(id: string): Answer<'visits.open'>['open'] {
    const known = this.known(id)
    const visit = known.shown
    if (!visit || !this.#ground.isMember(visit.siteId)) return null
    return {
      visit,
      agentName: this.agentName(visit),
      siteName: this.siteName(visit.siteId),
      shop: this.shopOf(visit),
      survey: this.surveyOf(visit),
      laterSurvey: this.#laterSurvey(visit),
      photos: this.photos(id, known),
    }
  }

  #laterSurvey({ surveyId, surveyNumber, status }: LocalVisit): SurveyVersion | null {
    if (surveyId === null || surveyNumber === null || status !== 'in_progress') return null
    return this.#ground.fromCache((cache) => {
      const head = cache.survey(surveyId)
      return head && head.publishedNumber > surveyNumber
        ? cache.surveyVersion(surveyId, head.publishedNumber)
        : null
    })
  }

  lookups(): Answer<'field.lookups'> {
    return this.#ground.fromCache((cache) => ({
      brands: cache.brands(),
      surveys: cache.surveys().filter(({ active }) => active),
    }))
  }

  findShops({ siteId, search, near, limit }: Request<'shops.find'>): Answer<'shops.find'> {
    this.#ground.assertMember(siteId)
    const edited = this.#underEdit(siteId)
    return this.#ground.fromCache((cache) => {
      const found = cache.findShops(siteId, search).map(({ row, latitude, longitude }) => ({
        row,
        metres:
          near && latitude !== null && longitude !== null
            ? metresBetween(near, { latitude, longitude })
            : null,
      }))
      // By name where they are as far, or nobody knows.
      if (near) found.sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity) || 0)
      const shops = found.slice(0, limit).map(({ row, metres }) => {
        const shop = cache.shopAt(row)
        const here = edited.filter(({ shopId, status }) => shopId === shop.id && status !== 'cancelled')
        const elsewhere = cache.lastVisitAt(
          shop.id,
          edited.map(({ id }) => id),
        )
        const last = Math.max(elsewhere ?? 0, ...here.map(({ startedAt }) => Date.parse(startedAt)))
        return {
          ...shop,
          metres: metres === null ? null : Math.round(metres),
          lastVisitAt: last === 0 ? null : new Date(last).toISOString(),
        }
      })
      return { shops, total: found.length }
    })
  }

  /** The visits of a site that have edits here, as they are shown. */
  #underEdit(siteId: string): LocalVisit[] {
    return this.#ground.queue.visitIds(siteId).flatMap((id) => this.known(id).shown ?? [])
  }

  mine(request: Request<'visits.mine'>): Answer<'visits.mine'> {
    const { siteId, search, status, from, to, offset, limit } = request
    this.#ground.assertMember(siteId)
    const query: VisitQuery = {
      siteId,
      search,
      status,
      from: from === null ? -Infinity : Date.parse(from),
      to: to === null ? Infinity : Date.parse(to),
    }
    const edited = this.#underEdit(siteId)
    const onTop = edited
      .filter((visit) => this.#meets(visit, query))
      .map(({ id, startedAt }) => ({ id, startedAt: Date.parse(startedAt) }))
    const copies = this.#ground.fromCache((cache) =>
      cache.findVisits(
        query,
        edited.map(({ id }) => id),
      ),
    )
    const found = [...onTop, ...copies].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
    const visits = found.slice(offset, offset + limit).map(({ id }) => this.#listed(id))
    return { visits, total: found.length }
  }

  /** Those of a site that go on, the latest first. */
  going(siteId: string): LocalListedVisit[] {
    const all = { search: '', from: null, to: null, offset: 0, limit: 200 }
    return this.mine({ siteId, status: 'in_progress', ...all }).visits
  }

  /** One's own visits that are completed, of all sites one belongs to, begun at this moment (milliseconds) or later. */
  completedSince(from: number): LocalVisit[] {
    const { profile, fromCache } = this.#ground
    return profile().sites.flatMap(({ id: siteId }) => {
      const edited = this.#underEdit(siteId)
      const ids = edited.map(({ id }) => id)
      const copies = fromCache((cache) => cache.completedVisits(siteId, from, ids))
      const onTop = edited.filter(
        ({ status, startedAt }) => status === 'completed' && Date.parse(startedAt) >= from,
      )
      return [...copies.map((visit) => ({ ...visit, unsent: false, needsAttention: false })), ...onTop]
    })
  }

  #meets(visit: LocalVisit, { search, status, from, to }: VisitQuery): boolean {
    const startedAt = Date.parse(visit.startedAt)
    if (startedAt < from || startedAt >= to || (status !== null && visit.status !== status)) return false
    const terms = searchTerms(search)
    const shop = terms.length > 0 ? this.shopOf(visit) : null
    return terms.every((term) => shop !== null && shopText(shop).includes(term))
  }

  #listed(id: string): LocalListedVisit {
    const known = this.known(id)
    const visit = known.shown!
    const shop = this.shopOf(visit)
    const distance = distanceFrom(shop, visit.position)
    const photos = this.photos(id, known)
    const { siteId, agentId, shopId, visitType, status, startedAt, completedAt, timezone } = visit
    return {
      id,
      siteId,
      siteName: this.siteName(siteId),
      agentId,
      agentName: this.agentName(visit),
      shopId,
      shopName: shop?.name ?? null,
      surveyName: this.surveyOf(visit)?.name ?? null,
      visitType,
      status,
      startedAt,
      completedAt,
      timezone,
      distance: distance?.metres ?? null,
      isFar: distance?.isFar ?? false,
      answers: Object.keys(visit.answers).length,
      photos: photos.length,
      photosMissing: photos.filter(({ storedAt }) => storedAt === null).length,
      unsent: known.family.some(({ state }) => state !== 'applied' && state !== 'resending'),
      needsAttention: visit.needsAttention || photos.some(({ state }) => state === 'stopped'),
      photosWaiting: this.#ground.pictures.waiting([id]).get(id) ?? 0,
    }
  }

  /** What a photo of a visit is called. */
  photoTitle(visit: Pick<VisitFields, 'shopId' | 'visitType'>): string {
    return `Photo of ${this.shopOf(visit)?.name ?? fold(visitTypeWords[visit.visitType])}`
  }

  /** The server's copies of a visit and of these photos, to be remembered with edits of them. */
  seen(visit: Visit | null, photoIds: readonly string[]): Seen[] {
    const photos = this.#ground.fromCache((cache) => photoIds.flatMap((id) => cache.photo(id) ?? []))
    return [
      ...(visit ? [{ entity: 'visit' as const, record: visit }] : []),
      ...photos.map((record) => ({ entity: 'photo' as const, record })),
    ]
  }
}
