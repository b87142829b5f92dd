import { create } from 'zustand'
import { maxShopRows, type ShopProblem, type ShopRow } from '#common/contract/shops'
import { planShops } from '#common/rules/shop-rows'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useSession } from '../../../app/session.ts'
import {
  type Columns,
  guessColumns,
  rowsOf,
  type Table,
  withTarget,
  type ShopTarget,
} from './shop-columns.ts'

interface ShopCounts {
  created: number
  updated: number
  unchanged: number
}

const none: ShopCounts = { created: 0, updated: 0, unchanged: 0 }

/** The import a person is at; it goes on, and stays as it is, while they are on another screen. */
interface ShopImport {
  step: 'columns' | 'checking' | 'checked' | 'importing' | 'done' | null
  table: Table | null
  columns: Columns
  /** Rows that can be taken in, as far as the table itself tells. */
  rows: readonly ShopRow[]
  /** How many of them the server has answered for. */
  answered: number
  counts: ShopCounts
  problems: readonly ShopProblem[]
  busy: boolean
  /** It ends with the request that is under way. */
  stops: boolean
  /** The server has had enough requests for the moment. */
  waits: boolean
  problem: Problem | null
}

export const useShopImport = create<ShopImport>(() => ({
  step: null,
  table: null,
  columns: [],
  rows: [],
  answered: 0,
  counts: none,
  problems: [],
  busy: false,
  stops: false,
  waits: false,
  problem: null,
}))

const set = useShopImport.setState
const get = useShopImport.getState

/** What is under way; what ends the import, or another run, takes its place. */
let run: object | null = null

/** Lets the person choose a file; false when there is nothing to go on with. */
export async function chooseTable(): Promise<boolean> {
  set({ problem: null, busy: true })
  try {
    const { table } = await ask('shops.readTable', {})
    if (!table) return false
    set({ ...useShopImport.getInitialState(), step: 'columns', table, columns: guessColumns(table.headers) })
    return true
  } catch (error) {
    set({ problem: problemOf(error) })
    return false
  } finally {
    set({ busy: false })
  }
}

export const putColumn = (column: number, target: ShopTarget | null) =>
  set(({ columns }) => ({ columns: withTarget(columns, column, target) }))

/** Asks what would become of each row; nothing is done. */
export async function check() {
  const { table, columns } = get()
  if (!table) return
  const all = rowsOf(table, columns)
  const { problems } = planShops(all, [])
  const bad = new Set(problems.map(({ row }) => row))
  set({ step: 'checking', rows: all.filter(({ row }) => !bad.has(row)), answered: 0, counts: none, problems })
  if (await goOn()) set({ step: 'checked' })
}

/** Does what the check has found. */
export async function importRows() {
  const { problems, rows } = get()
  const bad = new Set(problems.map(({ row }) => row))
  set({ step: 'importing', rows: rows.filter(({ row }) => !bad.has(row)), answered: 0, counts: none })
  if (await goOn()) set({ step: 'done' })
}

/** Milliseconds until a server that has had enough is asked again. */
const pause = 5_000

/** Sends the rows that are left, one request after the other; false where it was cancelled or could not go on. */
async function goOn(): Promise<boolean> {
  const mine = {}
  run = mine
  const siteId = useSession.getState().siteId!
  const dryRun = get().step === 'checking'
  set({ problem: null, busy: true, stops: false })
  try {
    while (!get().stops && get().answered < get().rows.length) {
      const { rows, answered } = get()
      const part = rows.slice(answered, answered + maxShopRows)
      const answer = await ask('shops.import', { siteId, rows: part, dryRun }).catch(
        async (error: unknown) => {
          if (problemOf(error).code !== 'RATE_LIMITED') throw error
          set({ waits: true })
          await new Promise((resolve) => setTimeout(resolve, pause))
          return null
        },
      )
      if (run !== mine) return false
      set({ waits: false })
      if (!answer) continue
      set(({ counts, problems }) => ({
        answered: answered + part.length,
        counts: {
          created: counts.created + answer.created,
          updated: counts.updated + answer.updated,
          unchanged: counts.unchanged + answer.unchanged,
        },
        problems: [...problems, ...answer.problems].toSorted((a, b) => a.row - b.row),
      }))
    }
    return !get().stops
  } catch (error) {
    if (run === mine) set({ problem: problemOf(error) })
    return false
  } finally {
    if (run === mine) {
      set({ busy: false, waits: false })
      if (get().stops) giveUp()
    }
  }
}

/** Goes on where it was broken off. */
export async function resume() {
  const { step } = get()
  if (await goOn()) set({ step: step === 'checking' ? 'checked' : 'done' })
}

/** Ends checking, or importing, once the server has answered for what is on its way; what is imported by then stays. */
export function cancel() {
  set({ stops: true })
  if (!get().busy) giveUp()
}

const giveUp = () => set(({ step }) => ({ step: step === 'checking' ? 'columns' : 'done', problem: null }))

export const backToColumns = () => set({ step: 'columns', problem: null })

/** Ends it, whatever stage it is at. */
export function endImport() {
  run = null
  set(useShopImport.getInitialState(), true)
}

/** Rows that are left out, each once, with all the reasons. */
export function badRows({ problems, table, columns }: Pick<ShopImport, 'problems' | 'table' | 'columns'>) {
  const column = columns.indexOf('name')
  return [...Map.groupBy(problems, ({ row }) => row)].map(([row, its]) => ({
    row,
    name: table?.rows[row - 2]?.[column]?.trim() ?? '',
    problems: its,
  }))
}

// In another site, or for another person, there are other shops.
useSession.subscribe(({ user, siteId }, before) => {
  if (user?.id !== before.user?.id || siteId !== before.siteId) endImport()
})
