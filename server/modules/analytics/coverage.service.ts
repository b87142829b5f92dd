import { setImmediate } from 'node:timers/promises'
import { type coverageRows, longestCoverage } from '#common/contract/analytics'
import type { SlotStatus } from '#common/contract/call-cycles'
import { dateIn, dateOfDay } from '#common/rules/calendar'
import {
  adherenceOf,
  countSlot,
  coverage,
  longestRange,
  noSlots,
  type Period,
  periodsOf,
  slotsBetween,
  type SlotWithStatus,
} from '#common/rules/call-cycle'
import { type Days, daysIn, partsOf, timeBefore } from '#common/rules/series'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { type CoveredCycle, createCoverageRepository } from './coverage.repository.ts'
import type { OfWhat } from './figures.repository.ts'
import { assertKnown, assertTime } from './figures.service.ts'
import { asServer, nameShops } from './shop-names.ts'

type RowsBy = (typeof coverageRows)[number]

interface DueSlot extends SlotWithStatus {
  cycle: CoveredCycle
}

/** In milliseconds: then others get their turn. */
const longestTurn = 20

export type CoverageService = ReturnType<typeof createCoverageService>

/**
 * How call cycles were kept, of those whoever asks may see. What covers them is read by the server itself, so that a
 * figure is the same for all who see it.
 */
export function createCoverageService(transact: Transact) {
  /** Tells of each visit that was due in these days, of all cycles that are seen, shop by shop. */
  async function eachDue(
    tx: Transaction,
    days: Days,
    ofWhat: OfWhat,
    asOf: string,
    tell: (slot: DueSlot) => void,
  ): Promise<void> {
    const repository = createCoverageRepository(tx)
    const cycles = (await repository.cycles(days, ofWhat)).map((cycle) => ({
      cycle,
      // Whole, since visits of a period may cover one slot of it or another.
      times: wholeTimes(periodsOf(cycle, days.from, days.to)),
    }))
    const ends = cycles.flatMap(({ times }) => times.flatMap(({ from, to }) => [from, to])).sort()
    if (ends.length === 0) return
    const all = { from: ends[0]!, to: ends.at(-1)! }
    const ids = cycles.map(({ cycle }) => cycle.id)
    const misses = Map.groupBy(await repository.misses(ids, all), ({ cycleId }) => cycleId)
    const { peopleOf, visited } = await asServer(tx, async (server) => {
      const everything = createCoverageRepository(server)
      const peopleOf = await everything.peopleOf(cycles.map(({ cycle }) => cycle))
      const people = [...new Set([...peopleOf.values()].flat())]
      return { peopleOf, visited: await everything.visited(people, all) }
    })
    let turn = performance.now()
    for (const { cycle, times } of cycles) {
      const today = dateIn(asOf, cycle.timezone)
      const people = peopleOf.get(cycle.id)!
      const ofCycle = misses.get(cycle.id) ?? []
      for (const [shopId, locations] of Map.groupBy(cycle.locations, (location) => location.shopId)) {
        const slots = times.flatMap(({ from, to }) => slotsBetween({ ...cycle, locations }, from, to))
        const visits = people.flatMap((agentId) =>
          (visited.get(`${agentId} ${shopId}`) ?? []).map((day) => ({
            id: '',
            shopId,
            date: dateOfDay(day),
          })),
        )
        for (const slot of coverage(slots, visits, ofCycle, today))
          if (slot.dueOn >= days.from && slot.dueOn <= days.to) tell({ ...slot, cycle })
        if (performance.now() - turn < longestTurn) continue
        await setImmediate()
        turn = performance.now()
      }
    }
  }

  /** Whose figure a visit that was due belongs to. */
  const rowOf = (by: RowsBy, { cycle, shopId }: DueSlot): string =>
    by === 'cycle' ? cycle.id : by === 'shop' ? shopId : (cycle.userId ?? cycle.teamId!)

  const ask = <T>(
    actor: Actor,
    query: Days & OfWhat,
    work: (tx: Transaction, days: Days, asOf: string) => Promise<T>,
  ): Promise<T & Days & { asOf: string }> => {
    const days = { from: query.from, to: query.to }
    assertTime(days, longestCoverage)
    return transact(
      scopeOf(actor),
      async (tx) => {
        const asOf = new Date().toISOString()
        await assertKnown(tx, actor, query)
        return { ...days, asOf, ...(await work(tx, days, asOf)) }
      },
      { snapshot: true },
    )
  }

  return {
    heatMap: (
      actor: Actor,
      {
        rows: by = 'owner',
        unit = 'week',
        page = 1,
        pageSize = 25,
        ...query
      }: Days & OfWhat & { rows?: RowsBy; unit?: 'week' | 'month'; page?: number; pageSize?: number },
    ) =>
      ask(actor, query, async (tx, days, asOf) => {
        const before = timeBefore(days)
        const columns = partsOf(days, unit)
        const columnOf = new Map(
          columns.flatMap((column, index) =>
            partsOf(column, 'day').map(({ from }) => [from, index] as const),
          ),
        )
        const counted = (name: string) => ({ name, total: noSlots(), cells: columns.map(noSlots) })
        const [all, then] = [counted(''), noSlots()]
        const rows = new Map<string, ReturnType<typeof counted>>()
        await eachDue(tx, { from: before.from, to: days.to }, query, asOf, (slot) => {
          const column = columnOf.get(slot.dueOn)
          if (column === undefined) return countSlot(then, slot)
          const id = rowOf(by, slot)
          if (!rows.has(id)) rows.set(id, counted(by === 'cycle' ? slot.cycle.name : slot.cycle.ownerName))
          for (const { total, cells } of [all, rows.get(id)!]) {
            countSlot(total, slot)
            countSlot(cells[column]!, slot)
          }
        })
        if (by === 'shop') {
          const names = await nameShops(tx, [...rows.keys()])
          for (const [id, row] of rows) row.name = names.get(id)!.name
        }
        const worstFirst = [...rows]
          .map(([id, { name, total, cells }]) => ({ id, name, total: adherenceOf(total), cells }))
          .sort(
            (one, other) =>
              (one.total.adherence ?? 2) - (other.total.adherence ?? 2) ||
              one.name.localeCompare(other.name) ||
              (one.id < other.id ? -1 : 1),
          )
        return {
          columns,
          rows: worstFirst
            .slice((page - 1) * pageSize, page * pageSize)
            .map((row) => ({ ...row, cells: row.cells.map(adherenceOf) })),
          totals: all.cells.map(adherenceOf),
          all: adherenceOf(all.total),
          before: { ...before, all: adherenceOf(then) },
          total: rows.size,
          page,
          pageSize,
        }
      }),

    slots: (
      actor: Actor,
      {
        rows: by = 'owner',
        rowId,
        status,
        page = 1,
        pageSize = 25,
        ...query
      }: Days &
        OfWhat & { rows?: RowsBy; rowId?: string; status?: SlotStatus; page?: number; pageSize?: number },
    ) =>
      ask(actor, query, async (tx, days, asOf) => {
        const byDay = new Map(partsOf(days, 'day').map(({ from }) => [from, [] as DueSlot[]]))
        await eachDue(tx, days, query, asOf, (slot) => {
          if (rowId !== undefined && rowOf(by, slot) !== rowId) return
          if (status !== undefined && slot.status !== status) return
          byDay.get(slot.dueOn)!.push(slot)
        })
        const total = [...byDay.values()].reduce((sum, slots) => sum + slots.length, 0)
        const shown = pageOf([...byDay.values()], (page - 1) * pageSize, pageSize)
        const names = await nameShops(
          tx,
          shown.map(({ shopId }) => shopId),
        )
        const visits = await asServer(tx, async (server) => {
          const everything = createCoverageRepository(server)
          return everything.visitIds(shown, await everything.peopleOf(shown.map(({ cycle }) => cycle)))
        })
        return {
          slots: shown.map(({ cycle, visit, ...slot }, index) => ({
            ...slot,
            visit: visit && { ...visit, id: visits.get(index)! },
            cycleId: cycle.id,
            cycleName: cycle.name,
            ownerName: cycle.ownerName,
            shopName: names.get(slot.shopId)!.name,
          })),
          total,
          page,
          pageSize,
        }
      }),
  }
}

/** Periods that follow each other as few times, each no longer than can be asked for at once. */
function wholeTimes(periods: readonly Period[]): Days[] {
  const times: Days[] = []
  for (const { start, end } of periods) {
    const last = times.at(-1)
    if (last && daysIn({ from: last.from, to: end }) <= longestRange) last.to = end
    else times.push({ from: start, to: end })
  }
  return times
}

/** Of the days in order; on one by position. Only the days of the page are sorted. */
function pageOf(days: readonly DueSlot[][], offset: number, count: number): DueSlot[] {
  const shown: DueSlot[] = []
  let skipped = 0
  for (const slots of days) {
    if (shown.length === count) break
    if (skipped + slots.length > offset) {
      const sorted = slots.toSorted(
        (one, other) =>
          one.position - other.position ||
          (one.cycle.id < other.cycle.id ? -1 : one.cycle.id > other.cycle.id ? 1 : 0) ||
          (one.locationId < other.locationId ? -1 : 1),
      )
      const from = Math.max(0, offset - skipped)
      shown.push(...sorted.slice(from, from + count - shown.length))
    }
    skipped += slots.length
  }
  return shown
}
