import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import {
  type CallCycle,
  type CallCycleFields,
  type CycleVisit,
  type ListedCycle,
  type LocationInput,
  type Miss,
  mostSlots,
  type WholeCycle,
} from '#common/contract/call-cycles'
import { AppError, type FieldProblem } from '#common/contract/errors'
import type { Plan } from '#common/contract/plan'
import { dateIn, dayNumber } from '#common/rules/calendar'
import {
  adherence,
  cycleProblems,
  longestRange,
  next,
  periodsOf,
  slotsBetween,
  visitsOfPeriod,
} from '#common/rules/call-cycle'
import { changeLocations, changeProblems, hasBegun } from '#common/rules/cycle-change'
import { cycleBetween, keptIn, nextStops, windowAround } from '#common/rules/plan'
import { may } from '#common/rules/permissions'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { assertAssignable, leads } from '../../shared/led.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import { enterSite, type Transact, type Transaction, turnTo } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createCallCyclesRepository, type CycleListQuery, type KeptCycle } from './call-cycles.repository.ts'

type CycleInput = CallCycleFields & { id?: string; locations?: LocationInput[] }
type CycleChanges = Partial<CallCycleFields> & { locations?: LocationInput[]; version: number }

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such call cycle among yours')

const invalid = (details: FieldProblem[]) =>
  new AppError('VALIDATION_ERROR', 'The call cycle is not valid', { details })

const fieldsOf = ({
  name,
  userId,
  teamId,
  recurrence,
  startsOn,
  endsOn,
  timezone,
}: CallCycleFields): CallCycleFields => ({ name, userId, teamId, recurrence, startsOn, endsOn, timezone })

const told = ({ ownerId: _, ...cycle }: KeptCycle): CallCycle => cycle

export type CallCyclesService = ReturnType<typeof createCallCyclesService>

/**
 * Call cycles, for those who see them. Who made the visits that cover one is told to nobody by it: they are read by the
 * server itself.
 */
export function createCallCyclesService(transact: Transact, journal: Journal) {
  const mayAll = (actor: Actor) => may(actor, 'callCycle.manage', { inTeam: false })
  const mayManage = async (tx: Transaction, actor: Actor, { ownerId }: KeptCycle): Promise<boolean> =>
    mayAll(actor) || (may(actor, 'callCycle.manage') && (await leads(tx, ownerId)))

  async function find(tx: Transaction, id: string): Promise<KeptCycle> {
    const cycle = await createCallCyclesRepository(tx).find(id)
    if (!cycle) throw missing()
    return cycle
  }

  /** Does something to a cycle at its site, where one may change it; it is held. */
  const change = <T>(
    actor: Actor,
    id: string,
    work: (tx: Transaction, cycle: KeptCycle, today: string) => Promise<T>,
  ): Promise<T> =>
    transact(scopeOf(actor), async (anywhere) => {
      const tx = await enterSite(anywhere, (await find(anywhere, id)).siteId)
      const cycle = await createCallCyclesRepository(tx).lock(id)
      if (!cycle) throw missing()
      if (!(await mayManage(tx, actor, cycle)))
        throw new AppError(
          'AUTHORIZATION_ERROR',
          'Only who made this call cycle, and those above them, may change it',
        )
      return work(tx, cycle, dateIn(new Date().toISOString(), cycle.timezone))
    })

  function assertVersion(cycle: KeptCycle, version: number): void {
    if (cycle.version === version) return
    const message = 'The call cycle was changed meanwhile; look at it again and repeat your change'
    throw new AppError('CONFLICT', message, { current: told(cycle) })
  }

  /** Throws what is wrong with the shops that are added: they are of its site, and in use. */
  async function assertShops(
    tx: Transaction,
    wanted: readonly LocationInput[],
    cycle: CallCycle,
  ): Promise<void> {
    const shops = await createCallCyclesRepository(tx).shops(wanted.map(({ shopId }) => shopId))
    const known = new Map(shops.map((shop) => [shop.id, shop]))
    const there = new Set(cycle.locations.map(({ shopId }) => shopId))
    const details = wanted.flatMap(({ shopId }, index) => {
      const field = `locations.${index}.shopId`
      const shop = known.get(shopId)
      if (!shop) return { field, message: 'There is no such shop at this site' }
      if (!shop.active && !there.has(shopId)) return { field, message: 'The shop is out of use' }
      return []
    })
    if (details.length > 0) throw invalid(details)
  }

  /** Has the cycle have these locations from today on. */
  async function setLocations(
    tx: Transaction,
    cycle: CallCycle,
    wanted: readonly LocationInput[],
    today: string,
  ): Promise<boolean> {
    const repository = createCallCyclesRepository(tx)
    const { add, change: changed, remove } = changeLocations(cycle, wanted, today, uuidv7)
    await repository.removeLocations(remove)
    for (const location of changed) await repository.changeLocation(location)
    if (!(await repository.addLocations(cycle, add)))
      throw refused('locations', 'An id of these is in use already. Send others, or none.')
    return add.length + changed.length + remove.length > 0
  }

  async function close(
    tx: Transaction,
    actor: Actor,
    deed: AuditDeed<'callCycle'>,
    cycle: Pick<CallCycle, 'id' | 'siteId'>,
    values: { oldValues?: unknown; newValues?: unknown },
  ): Promise<void> {
    await journal.record(tx, actor, {
      action: `callCycle.${deed}`,
      feedId: cycle.siteId,
      entity: 'callCycle',
      entityId: cycle.id,
      ...values,
    })
    if (deed !== 'missExplained') tx.announce(actor.tenantId)
  }

  const audited = ({ locations, ...cycle }: CallCycle) => ({
    ...fieldsOf(cycle),
    locations: locations
      .filter(({ until }) => until === null)
      .map(({ shopId, day, position, visitsPerCycle }) => ({ shopId, day, position, visitsPerCycle })),
  })

  /** In whatever order they are told. */
  function isSame(one: CallCycle, other: CallCycle): boolean {
    const [first, second] = [one, other].map((cycle) => {
      const { locations, ...fields } = audited(cycle)
      return canonicalJson({ ...fields, locations: locations.map(canonicalJson).sort() })
    })
    return first === second
  }

  /** What became of its visits; read by the server itself. */
  async function coveringVisits(
    tx: Transaction,
    cycle: CallCycle,
    days: { from: string; to: string },
    without: string | null = null,
  ): Promise<CycleVisit[]> {
    const all = await turnTo(tx, systemScope(tx.scope.tenantId))
    const visits = await createCallCyclesRepository(all).visits(cycle, days, without)
    await turnTo(all, tx.scope)
    return visits
  }

  /** As `windowAround` today, or the days asked for, in whole periods: so that each visit finds the slot that is its own. */
  function daysOf(cycle: CallCycle, today: string, query: { from?: string; to?: string }) {
    const window = windowAround(cycle, today)
    const from = query.from ?? window.from
    const to = query.to ?? (window.to < from ? from : window.to)
    if (to < from) throw refused('to', 'Must not be before the first day')
    if (dayNumber(to) - dayNumber(from) >= longestRange)
      throw refused('to', `Ask for ${longestRange} days at the most`)
    const periods = periodsOf(cycle, from, to)
    const asked = query.to === undefined ? query.from && 'from' : 'to'
    if (asked && periods.length * visitsOfPeriod(cycle.locations) > mostSlots)
      throw refused(asked, `Ask for fewer days: these may have more than ${mostSlots} visits`)
    const whole = { from: periods[0]?.start ?? from, to: periods.at(-1)?.end ?? to }
    return { from, to, periods, whole }
  }

  return {
    list: (
      actor: Actor,
      { page = 1, pageSize = 25, ...query }: CycleListQuery,
    ): Promise<{ cycles: ListedCycle[]; total: number; page: number; pageSize: number }> =>
      transact(scopeOf(actor), async (tx) => ({
        ...(await createCallCyclesRepository(tx).page(query, page, pageSize)),
        page,
        pageSize,
      })),

    read: (actor: Actor, id: string): Promise<WholeCycle> =>
      transact(scopeOf(actor), async (tx) => {
        const cycle = await find(tx, id)
        const at = await enterSite(tx, cycle.siteId)
        const repository = createCallCyclesRepository(at)
        return {
          cycle: told(cycle),
          ...(await repository.names(cycle)),
          shops: await repository.shops(cycle.locations.map(({ shopId }) => shopId)),
          mayManage: await mayManage(at, actor, cycle),
        }
      }),

    /** The same again, under the same id, is answered as it is. */
    create: (
      actor: Actor,
      siteId: string,
      { id = uuidv7(), locations = [], ...fields }: CycleInput,
    ): Promise<CallCycle> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createCallCyclesRepository(tx)
        const cycle: KeptCycle = {
          id,
          siteId,
          ...fields,
          name: fields.name.trim(),
          locations: [],
          ownerId: actor.enteredBy ? null : actor.id,
          version: 1,
          updatedAt: new Date().toISOString(),
        }
        const shape = locations.map((input) => ({ id: uuidv7(), ...input, since: null, until: null }))
        const details = cycleProblems({ ...cycle, locations: shape })
        if (details.length > 0) throw invalid(details)
        await assertAssignable(tx, cycle, mayAll(actor))
        await assertShops(tx, locations, cycle)
        if (!(await repository.insert(cycle))) {
          const same = await repository.find(id)
          if (same && isSame(same, { ...cycle, locations: shape })) return told(same)
          if (same)
            throw new AppError('CONFLICT', 'There is another call cycle with this id', {
              current: told(same),
            })
          throw refused('id', 'This id cannot be used. Send another one.')
        }
        // A cycle that begins in the past asks for its visits from its beginning on.
        if (!(await repository.addLocations(cycle, shape)))
          throw refused('locations', 'An id of these is in use already. Send others, or none.')
        await close(tx, actor, 'created', cycle, { newValues: audited({ ...cycle, locations: shape }) })
        return told(await find(tx, id))
      }),

    update: (
      actor: Actor,
      id: string,
      { version, locations, ...changes }: CycleChanges,
    ): Promise<CallCycle> =>
      change(actor, id, async (tx, before, today) => {
        assertVersion(before, version)
        const fields = { ...fieldsOf(before), ...changes }
        fields.name = fields.name.trim()
        const open = before.locations.filter(({ until }) => until === null)
        const wanted = locations ?? open
        const shape = wanted.map((input) => ({ id: uuidv7(), ...input, since: null, until: null }))
        const details = [
          ...cycleProblems({ ...fields, locations: shape }),
          ...changeProblems(before, fields, today),
        ]
        if (details.length > 0) throw invalid(details)
        const isForOthers = fields.userId !== before.userId || fields.teamId !== before.teamId
        if (isForOthers) await assertAssignable(tx, fields, mayAll(actor))
        if (locations) await assertShops(tx, locations, before)
        const isOther = canonicalJson(fieldsOf(before)) !== canonicalJson(fields)
        const isMoved = locations ? await setLocations(tx, before, locations, today) : false
        if (!isOther && !isMoved) return told(before)
        const after = { ...before, ...fields, version: version + 1, updatedAt: new Date().toISOString() }
        await createCallCyclesRepository(tx).update(after)
        const saved = await find(tx, id)
        await close(tx, actor, 'updated', before, { oldValues: audited(before), newValues: audited(saved) })
        return told(saved)
      }),

    addLocations: (
      actor: Actor,
      id: string,
      more: readonly LocationInput[],
      version: number,
    ): Promise<CallCycle> =>
      change(actor, id, async (tx, before, today) => {
        assertVersion(before, version)
        const open = before.locations.filter(({ until }) => until === null)
        const there = new Set(open.map((location) => location.id))
        const again = more.findIndex((location) => location.id !== undefined && there.has(location.id))
        if (again >= 0) throw refused(`locations.${again}.id`, 'The cycle has this location already')
        const wanted = [...open, ...more]
        const shape = wanted.map((input) => ({ id: uuidv7(), ...input, since: null, until: null }))
        const details = cycleProblems({ ...before, locations: shape })
        if (details.length > 0) throw invalid(details)
        await assertShops(tx, more, before)
        await setLocations(tx, before, wanted, today)
        await createCallCyclesRepository(tx).update({
          ...before,
          version: version + 1,
          updatedAt: new Date().toISOString(),
        })
        const saved = await find(tx, id)
        await close(tx, actor, 'updated', before, { oldValues: audited(before), newValues: audited(saved) })
        return told(saved)
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      change(actor, id, async (tx, cycle, today) => {
        if (hasBegun(cycle, today))
          throw new AppError('CONFLICT', 'The call cycle has begun; end it instead', { current: told(cycle) })
        await createCallCyclesRepository(tx).remove(id)
        await close(tx, actor, 'deleted', cycle, { oldValues: audited(cycle) })
      }),

    status: (actor: Actor, id: string, query: { from?: string; to?: string }) =>
      transact(
        scopeOf(actor),
        async (tx) => {
          const asOf = new Date().toISOString()
          const cycle = await find(tx, id)
          const today = dateIn(asOf, cycle.timezone)
          const { from, to, periods, whole } = daysOf(cycle, today, query)
          const visits = await coveringVisits(tx, cycle, whole)
          const misses = await createCallCyclesRepository(tx).misses([id])
          const all = cycleBetween(cycle, { ...whole, today }, visits, misses)
          const slots = all.filter((slot) => slot.dueOn >= from && slot.dueOn <= to)
          return {
            from,
            to,
            today,
            asOf,
            slots,
            periods: periods.map((period) => ({ ...period, ...keptIn(period, all) })),
            total: adherence(slots),
            next: next(all, nextStops),
          }
        },
        { snapshot: true },
      ),

    /** The last word counts; the same again changes nothing. */
    explain: (
      actor: Actor,
      id: string,
      { reason, ...miss }: Omit<Miss, 'reason'> & { reason: string | null },
    ): Promise<void> =>
      transact(scopeOf(actor), async (anywhere) => {
        const cycle = await find(anywhere, id)
        const tx = await enterSite(anywhere, cycle.siteId)
        const { to } = windowAround(cycle, dateIn(new Date().toISOString(), cycle.timezone))
        if (miss.period > to)
          throw refused('period', 'Too far ahead: say why for visits of this period, the next, or before')
        const [period] = periodsOf(cycle, miss.period, miss.period)
        const slots = period?.start === miss.period ? slotsBetween(cycle, period.start, period.end) : []
        if (!slots.some(({ locationId, slot }) => locationId === miss.locationId && slot === miss.slot))
          throw refused('slot', 'The call cycle has no such visit')
        const repository = createCallCyclesRepository(tx)
        const before = (await repository.misses([id])).find(
          (each) =>
            each.locationId === miss.locationId && each.period === miss.period && each.slot === miss.slot,
        )
        const after = reason?.trim() ?? null
        if ((before?.reason ?? null) === after) return
        if (after === null) await repository.takeBack(id, miss)
        else await repository.explain(id, { ...miss, reason: after }, actor.enteredBy ? null : actor.id)
        await close(tx, actor, 'missExplained', cycle, {
          oldValues: before ? { ...miss, reason: before.reason } : null,
          newValues: { ...miss, reason: after },
        })
      }),

    inTransaction: {
      /** One's own and those of one's teams in these days, with what others did for those of teams. */
      async planned(tx: Transaction, actor: Actor, from: string, to: string): Promise<Plan['cycles']> {
        const cycles = await createCallCyclesRepository(tx).ofScope(from, to)
        const misses = await createCallCyclesRepository(tx).misses(cycles.map(({ id }) => id))
        const byCycle = Map.groupBy(misses, ({ cycleId }) => cycleId)
        const now = new Date().toISOString()
        const planned: Plan['cycles'] = []
        for (const cycle of cycles) {
          const window = windowAround(cycle, dateIn(now, cycle.timezone))
          const others = cycle.teamId === null ? [] : await coveringVisits(tx, cycle, window, actor.id)
          planned.push({
            cycle: told(cycle),
            misses: (byCycle.get(cycle.id) ?? []).flatMap(({ cycleId: _, ...miss }) =>
              miss.period >= window.from ? [miss] : [],
            ),
            others,
          })
        }
        return planned
      },
    },
  }
}
