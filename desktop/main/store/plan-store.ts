import { AppError } from '#common/contract/errors'
import type { Shop } from '#common/contract/shops'
import type { Plan } from '#common/contract/plan'
import { dateIn, dateOfDay, dayNumber } from '#common/rules/calendar'
import type { SlotWithStatus } from '#common/rules/call-cycle'
import { type CycleToday, type OwnVisit, planToday, windowAround } from '#common/rules/plan'
import { may } from '#common/rules/permissions'
import type { Answer, Request } from '#desktop/bridge/channels'
import type { Stop } from '#desktop/bridge/today'
import type { FieldView, Ground } from './field-view.ts'
import type { MissNote, MissNotes } from './miss-notes.ts'

/** Shown of what was missed, the latest. */
const mostMissed = 50

const keyOf = (
  cycleId: string,
  { locationId, period, slot }: Pick<MissNote, 'locationId' | 'period' | 'slot'>,
) => `${cycleId} ${locationId} ${period} ${slot}`

/**
 * What there is to do: the plan as the server last gave it, with one's own visits and what was said here on top. What is
 * said is on the disk when `explainMiss` returns.
 */
export class PlanStore {
  readonly #ground: Ground
  readonly #view: FieldView
  readonly #notes: MissNotes

  constructor(ground: Ground, view: FieldView, notes: MissNotes) {
    this.#ground = ground
    this.#view = view
    this.#notes = notes
  }

  readToday({ siteId }: Request<'today.read'>): Answer<'today.read'> {
    const { assertMember, fromCache, now } = this.#ground
    assertMember(siteId)
    const plan = fromCache((cache) => cache.plan())
    if (!plan) return { asOf: null, stops: [], next: [], cycles: [], goals: [] }
    const moment = now()
    const notes = new Map(this.#notes.list().map((note) => [keyOf(note.cycleId, note), note]))
    const dayIn = (timezone: string) => dateIn(moment, timezone)
    const withNotes = this.#withNotes(plan, [...notes.values()])
    const own = this.#ownVisits(plan, dayIn)
    const ownIds = new Set(own.map(({ id }) => id))
    const { cycles, goals } = planToday(withNotes, own, dayIn)
    const here = cycles.filter(({ cycle }) => cycle.siteId === siteId)
    const going = new Map(this.#view.going(siteId).map(({ shopId, id }) => [shopId, id]))
    const shops = new Map<string, Shop | null>()
    const shopOf = (shopId: string) => {
      if (!shops.has(shopId)) shops.set(shopId, this.#view.shopOf({ shopId }))
      return shops.get(shopId)!
    }
    const brandNames = new Map(fromCache((cache) => cache.brands()).map(({ id, name }) => [id, name]))
    return {
      asOf: plan.asOf,
      stops: here.flatMap((each) =>
        stopsOf(each).map(({ slot, group }): Stop => {
          const note = notes.get(keyOf(each.cycle.id, slot))
          return {
            ...slot,
            cycleId: each.cycle.id,
            cycleName: each.cycle.name,
            group,
            shop: shopOf(slot.shopId),
            isMine: slot.visit !== null && ownIds.has(slot.visit.id),
            goingVisitId: going.get(slot.shopId) ?? null,
            unsent: note !== undefined,
            problem: note?.problem ?? null,
          }
        }),
      ),
      next: here
        .flatMap(({ next }) => next)
        .sort((one, other) =>
          one.dueOn < other.dueOn ? -1 : one.dueOn > other.dueOn ? 1 : one.position - other.position,
        )
        .slice(0, 10)
        .map(({ locationId, shopId, dueOn }) => ({
          locationId,
          dueOn,
          shopName: shopOf(shopId)?.name ?? '',
        })),
      cycles: here.map(({ cycle, today, period, kept }) => ({
        id: cycle.id,
        name: cycle.name,
        isTeam: cycle.teamId !== null,
        today,
        period,
        kept,
      })),
      goals: goals.map(({ goal: { assignee, others: _, ...goal }, progress }) => ({
        ...goal,
        brandName: goal.brandId === null ? null : (brandNames.get(goal.brandId) ?? ''),
        isTeam: assignee.teamId !== null,
        progress,
      })),
    }
  }

  /** Answers with the site it is of. Throws RESOURCE_NOT_FOUND for a cycle that is not in the plan. */
  explainMiss({ reason, ...miss }: Request<'today.explain'>): string {
    const planned = this.#ground
      .fromCache((cache) => cache.plan())
      ?.cycles.find(({ cycle: { id } }) => id === miss.cycleId)
    if (!planned)
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no such call cycle in your plan any more.')
    this.#notes.put({ ...miss, reason: reason?.trim() ?? null, savedAt: this.#ground.now() })
    return planned.cycle.siteId
  }

  missNotes(): MissNote[] {
    return this.#notes.list()
  }

  /** The server took a note, which joins the plan, or says why not. Answers with the sites that look different now. */
  settleMiss(note: MissNote, problem: string | null): string[] {
    const plan = this.#ground.fromCache((cache) => cache.plan())
    if (problem !== null) this.#notes.refuse(note, problem)
    else {
      if (plan) this.#ground.fromCache((cache) => cache.putPlan(this.#withNotes(plan, [note])))
      this.#notes.drop(note)
    }
    return this.#sites()
  }

  /** Whether the plan is to be fetched: where `isLate`, for whoever makes visits, in any case. */
  isPlanOld(isLate: boolean): boolean {
    const isAgent = may(this.#ground.profile(), 'visit.start')
    return isAgent && (isLate || this.#ground.fromCache((cache) => cache.isPlanOld()))
  }

  keepPlan(plan: Plan): string[] {
    this.#ground.fromCache((cache) => cache.putPlan(plan))
    return this.#sites()
  }

  #sites(): string[] {
    return this.#ground.profile().sites.map(({ id }) => id)
  }

  /** The last word about a visit counts. */
  #withNotes(plan: Plan, notes: readonly MissNote[]): Plan {
    if (notes.length === 0) return plan
    const said = Map.groupBy(notes, ({ cycleId }) => cycleId)
    return {
      ...plan,
      cycles: plan.cycles.map((planned) => {
        const { id } = planned.cycle
        const here = said.get(id) ?? []
        const again = new Set(here.map((note) => keyOf(id, note)))
        return {
          ...planned,
          misses: [
            ...planned.misses.filter((miss) => !again.has(keyOf(id, miss))),
            ...here.flatMap(({ locationId, period, slot, reason }) =>
              reason === null ? [] : { locationId, period, slot, reason },
            ),
          ],
        }
      }),
    }
  }

  /** Those that cycles and goals may count, the earliest first. */
  #ownVisits({ cycles, goals }: Plan, dayIn: (timezone: string) => string): OwnVisit[] {
    const days = [
      ...cycles.map(({ cycle }) => windowAround(cycle, dayIn(cycle.timezone)).from),
      ...goals.map(({ startsOn }) => startsOn),
    ]
    if (days.length === 0) return []
    const measured = goals.filter(({ metric }) => metric === 'shelf_share')
    const first = days.sort()[0]!
    // A day earlier than any clock has it.
    const from = Date.parse(`${dateOfDay(dayNumber(first) - 1)}T00:00:00Z`)
    return this.#view.completedSince(from).map((visit) => {
      const date = dateIn(visit.startedAt, visit.timezone)
      const isMeasured = measured.some(({ startsOn, endsOn }) => date >= startsOn && date <= endsOn)
      const { id, siteId, shopId, surveyId } = visit
      return { id, siteId, shopId, surveyId, date, photos: isMeasured ? this.#markedPhotos(id) : [] }
    })
  }

  #markedPhotos(visitId: string) {
    return this.#view.photos(visitId).flatMap(({ quadrants }) => (quadrants.length > 0 ? [quadrants] : []))
  }
}

/** What of a cycle's visits is shown, each once. */
function stopsOf({ slots, route, today }: CycleToday): { slot: SlotWithStatus; group: Stop['group'] }[] {
  const done = route.filter(({ status }) => status === 'covered')
  const due = route.filter(({ status }) => status === 'due')
  const open = slots.filter(({ status, from }) => status === 'planned' && from <= today)
  const missed = slots.filter(({ status }) => status === 'missed').slice(-mostMissed)
  const as = (group: Stop['group'], of: readonly SlotWithStatus[]) => of.map((slot) => ({ slot, group }))
  return [...as('due', due), ...as('open', open), ...as('done', done), ...as('missed', missed.reverse())]
}
