import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Failure, numberOf, type Options, type Part } from '../part.ts'
import { type FaultKind, faultKinds } from './faults.ts'
import { type Failed, simulate, type Simulated } from './simulate.ts'

/** Histories a process is sent at a time, and how many it lives through before another takes its place. */
const batch = 20
const lifetime = 1000

const replay = (seed: number) => `npm run test:sync -- simulation --seed=${seed} --histories=1`

/** Whole histories of devices, people, sites and a server, all made of one number each. */
export async function run(options: Options): Promise<Part> {
  const histories = numberOf(options, 'histories', 20_000)
  const seed = numberOf(options, 'seed', 1)
  const done =
    histories === 1
      ? await inDetail(seed)
      : await spread(seed, histories, numberOf(options, 'workers', availableParallelism()))
  const faults = [...done.faults.values()].reduce((sum, count) => sum + count, 0)
  return {
    name: 'simulation',
    figures: {
      histories: done.histories,
      faults,
      ...Object.fromEntries(faultKinds.map((kind) => [kind, done.faults.get(kind) ?? 0])),
      violations: done.failed.length,
    },
    failures: done.failed.map(({ seed, step, message, stack }): Failure => ({
      what: `seed ${seed}, step ${step}: ${histories === 1 ? stack : message}`,
      replay: replay(seed),
    })),
  }
}

/** One history, and should it fail, all that led to it. */
async function inDetail(seed: number): Promise<Simulated> {
  const lines: string[] = []
  const done = await simulate([seed], { note: (line) => lines.push(line) })
  for (const failed of done.failed) failed.stack = `${lines.join('\n')}\n${failed.stack}`
  return done
}

async function spread(seed: number, histories: number, workers: number): Promise<Simulated> {
  const total: Simulated = { histories: 0, faults: new Map(), failed: [] }
  let next = seed
  const end = seed + histories
  const take = () => Array.from({ length: Math.min(batch, end - next) }, () => next++)
  const lane = async () => {
    while (next < end) {
      const worker = fork(join(import.meta.dirname, 'worker.ts'))
      for (let lived = 0; lived < lifetime && next < end; lived += batch)
        add(total, await ask(worker, take()))
      worker.disconnect()
    }
  }
  await Promise.all(Array.from({ length: workers }, lane))
  total.failed.sort((a, b) => a.seed - b.seed)
  return total
}

async function ask(worker: ChildProcess, seeds: number[]): Promise<Simulated> {
  worker.send(seeds)
  const ended = new AbortController()
  try {
    const message = (await Promise.race([
      once(worker, 'message', { signal: ended.signal }).then(([answer]) => answer as unknown),
      once(worker, 'exit', { signal: ended.signal }).then(() => {
        throw new Error(`A process ended in the middle of the seeds ${seeds[0]} to ${seeds.at(-1)}`)
      }),
    ])) as { histories: number; failed: Failed[]; faults: [FaultKind, number][] }
    return { ...message, faults: new Map(message.faults) }
  } finally {
    ended.abort()
  }
}

function add(total: Simulated, { histories, faults, failed }: Simulated) {
  total.histories += histories
  total.failed.push(...failed)
  for (const [kind, count] of faults) total.faults.set(kind, (total.faults.get(kind) ?? 0) + count)
}
