import type { Knex } from 'knex'
import { setTimeout as delay } from 'node:timers/promises'

/** A copy of the database that may be asked for one request. */
export interface Reader {
  db: Knex
  /** Whether what went wrong was the copy's fault, so that the database itself is asked. */
  isToBlame(error: unknown): boolean
}

/** A position in the write-ahead log: how far the database, or a copy of it, has come. */
export type Position = bigint

export function positionOf(text: string): Position {
  const [high, low] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

/** Milliseconds between two looks at how far the copies are. */
const lookEvery = 1000
/** For a copy to answer whether it is there, and a request. */
const lookPatience = 2000
export const readPatience = 5000

/**
 * Copies of the database (streaming replicas), each at an address of its own, and how far each is. What a copy has
 * replayed it goes on having, so what was seen at the last look holds for every read after it. One that is further
 * behind than `maxLag` milliseconds counts as away.
 */
export function createFollowing(primary: Knex, copies: readonly Knex[], maxLag: number) {
  const seen: (Position | null)[] = copies.map(() => null)
  /** How far the database was, the first of them about `maxLag` ago: who has not come there is too far behind. */
  let marks: { at: number; position: Position }[] = []

  async function look(): Promise<void> {
    const now = performance.now()
    const ask = async (db: Knex, sql: string): Promise<Position | null> => {
      const { rows } = await within(lookPatience, db.raw<{ rows: [{ position: string | null }] }>(sql))
      return rows[0].position === null ? null : positionOf(rows[0].position)
    }
    const nothing = () => null
    const [position, ...replayed] = await Promise.all([
      ask(primary, 'SELECT pg_current_wal_lsn() AS position').catch(nothing),
      ...copies.map((copy) =>
        // One that was promoted follows nobody.
        ask(copy, 'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END AS position').catch(
          nothing,
        ),
      ),
    ])
    for (const [index, each] of replayed.entries()) seen[index] = each
    if (position !== null) marks.push({ at: now, position })
    while (marks.length > 1 && marks[1]!.at <= now - maxLag) marks = marks.slice(1)
  }
  const isNear = (position: Position | null): position is Position =>
    position !== null && marks[0] !== undefined && position >= marks[0].position

  let turn = 0
  let ends = false
  const ending = new AbortController()
  const looking = (async () => {
    while (!ends) {
      await look()
      await delay(lookEvery, null, { signal: ending.signal }).catch(() => {})
    }
  })()

  return {
    /** One that has come as far as this, each in turn; `away` where none is there, `behind` where none has. */
    choose(position: Position): { db: Knex } | 'away' | 'behind' {
      const near = copies.filter((_, index) => isNear(seen[index]!))
      if (near.length === 0) return 'away'
      const ready = copies.filter((_, index) => isNear(seen[index]!) && seen[index] >= position)
      return ready.length === 0 ? 'behind' : { db: ready[turn++ % ready.length]! }
    },
    /** It did not answer: not to be asked until it is looked at again. */
    lose(db: Knex): void {
      seen[copies.indexOf(db)] = null
    },
    state: () => seen.map((position) => isNear(position)),
    look,
    async close(): Promise<void> {
      ends = true
      ending.abort()
      await looking
    },
  }
}

const silence = 'A copy of the database did not answer'
export const isSilence = (error: unknown) => error instanceof Error && error.message === silence

/** What comes later is dropped. */
export async function within<T>(milliseconds: number, work: PromiseLike<T>): Promise<T> {
  const patient = new AbortController()
  const late = delay(milliseconds, null, { signal: patient.signal }).then(() => {
    throw new Error(silence)
  })
  late.catch(() => {})
  const wanted = Promise.resolve(work)
  wanted.catch(() => {})
  return Promise.race([wanted, late]).finally(() => patient.abort())
}
