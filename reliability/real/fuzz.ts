import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { numberOf, type Options, type Part } from '../part.ts'
import { table } from '../report.ts'
import { preloads } from './server-process.ts'

/**
 * Malformed requests, made from the contract, to every endpoint, by every kind of person and by nobody. Each must get
 * an answer of the contract; none may end in the server's own failure; the process that serves them must not grow.
 */

export interface FuzzReport {
  requests: number
  endpoints: number
  statuses: Record<string, number>
  /** Bytes of the heap after its garbage went, and open handles, from when a tenth was done, evenly to the end. */
  heaps: number[]
  handles: number[]
  faults: { what: string; times: number; examples: string[] }[]
}

/** MiB that caches may still take while they fill. */
const mayGrow = 24
const mayOpen = 5

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 100_000)
  const seed = numberOf(options, 'seed', 1)
  const report = await inItsOwnProcess({ ...options, count: String(count), seed: String(seed) })
  const { heaps, handles, statuses } = report
  const mebibytes = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10
  const [first, last] = [mebibytes(heaps[0]!), mebibytes(heaps.at(-1)!)]
  const what = report.faults.map(
    ({ what, times, examples }) => `${what} (${times} times), such as ${examples.join('\n      ')}`,
  )
  if (last - first > mayGrow) what.push(`the heap grew from ${first} to ${last} MiB`)
  if (handles.at(-1)! - handles[0]! > mayOpen)
    what.push(`open handles went from ${handles[0]} to ${handles.at(-1)}`)
  const replay = `npm run test:security -- fuzz --count=${count} --seed=${seed}`
  return {
    name: 'fuzz',
    figures: {
      requests: report.requests,
      endpoints: report.endpoints,
      'failures of the server (5xx)': Object.entries(statuses).reduce(
        (sum, [status, times]) => (Number(status) >= 500 ? sum + times : sum),
        0,
      ),
      'kinds of fault': report.faults.length,
      'heap after a tenth (MiB)': first,
      'heap at the end (MiB)': last,
      'open handles after a tenth': handles[0]!,
      'open handles at the end': handles.at(-1)!,
    },
    table: table(
      ['answered with', 'times'],
      Object.entries(statuses).map(([status, times]) => [status, times.toLocaleString('en')]),
    ),
    failures: what.map((each) => ({ what: each, replay })),
  }
}

async function inItsOwnProcess(options: Options): Promise<FuzzReport> {
  const script = resolve(import.meta.dirname, 'fuzz-process.ts')
  const child = spawn(process.execPath, [...preloads, '--expose-gc', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const [said, code] = await Promise.all([text(child.stdout), ended])
  if (code !== 0) throw new Error(`The process with the requests ended with ${String(code)}`)
  return JSON.parse(said.trim().split('\n').at(-1)!) as FuzzReport
}
