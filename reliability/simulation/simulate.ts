import type { FaultKind } from './faults.ts'
import { History } from './history.ts'
import { Instruments } from './instruments.ts'

export interface Failed {
  seed: number
  step: number
  message: string
  stack: string
}

export interface Simulated {
  histories: number
  faults: Map<FaultKind, number>
  failed: Failed[]
}

interface Watching {
  /** How many histories may fail before the rest is left. */
  mayFail?: number
  note?: (line: string) => void
}

/** Lives through histories, one seed after the other. */
export async function simulate(
  seeds: Iterable<number>,
  { mayFail = Infinity, note }: Watching = {},
): Promise<Simulated> {
  using instruments = new Instruments()
  const done: Simulated = { histories: 0, faults: new Map(), failed: [] }
  for (const seed of seeds) {
    const history = new History(seed, instruments, note)
    done.histories++
    try {
      await history.run()
    } catch (error) {
      const { message, stack = '' } = error as Error
      done.failed.push({ seed, step: history.step, message, stack })
      if (done.failed.length > mayFail) break
    }
    for (const [kind, count] of history.faults.counts)
      done.faults.set(kind, (done.faults.get(kind) ?? 0) + count)
  }
  return done
}
