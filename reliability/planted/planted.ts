import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { numberOf, type Options, type Part } from '../part.ts'
import { table } from '../report.ts'
import { type Bug, bugs } from './bugs.ts'
import type { Caught } from './catch.ts'

const here = import.meta.dirname

/** Breaks the product in every way on the list: the harness has to notice each. `--bug=…` tries one, `--part=…` those one part catches. */
export async function run(options: Options): Promise<Part> {
  const chosen = bugs.filter(
    ({ name, caughtBy }) => (options.bug ?? name) === name && (options.part ?? caughtBy) === caughtBy,
  )
  const bound = numberOf(options, 'bound', 2000)
  const results = await tryAll(chosen, bound)
  const missed = results.filter(({ caught }) => caught.after === null)
  const simulated = results.filter(({ bug }) => bug.caughtBy === 'simulation')
  const most = Math.max(0, ...simulated.map(({ caught }) => caught.after ?? bound))
  // What the whole product fails at would prove nothing about the broken one.
  const whole = most > 0 ? await tryOne(null, most) : null
  return {
    name: 'planted',
    figures: { planted: chosen.length, caught: chosen.length - missed.length },
    table: table(
      ['bug', 'what it does', 'caught by', 'after', 'as'],
      results.map(({ bug, caught }) => [
        bug.name,
        bug.what,
        bug.caughtBy,
        caught.after === null ? 'NOT CAUGHT' : String(caught.after),
        caught.message
          .split('\n')[0]!
          .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
          .slice(0, 110),
      ]),
    ),
    failures: [
      ...missed.map(({ bug, caught }) => ({
        what: `planted bug not caught: ${bug.name} ${caught.message}`,
        replay: `npm run test:sync -- planted --bug='${bug.name}' --bound=${bound}`,
      })),
      ...(whole?.message
        ? [
            {
              what: `with nothing planted: ${whole.message}`,
              replay: `npm run test:sync -- simulation --seed=1 --histories=${most}`,
            },
          ]
        : []),
    ],
  }
}

/** Each in a process of its own, as many at a time as there are processors; those that take servers one by one. */
async function tryAll(chosen: readonly Bug[], bound: number) {
  const results = new Map<Bug, Caught>()
  const left = [...chosen]
  const lane = async () => {
    for (let bug = left.shift(); bug; bug = left.shift()) results.set(bug, await tryOne(bug, bound))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return chosen.map((bug) => ({ bug, caught: results.get(bug)! }))
}

async function tryOne(bug: Bug | null, bound: number): Promise<Caught> {
  const child = fork(join(here, 'catch.ts'), [String(bound)], {
    // What a broken server leaves hanging is no answer to the question whether it was noticed.
    execArgv: [...(bug ? ['--import', join(here, 'plant.ts')] : []), '--unhandled-rejections=warn'],
    env: { ...process.env, PLANTED_BUG: bug?.name },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let caught: Caught | null = null
  let complaint = ''
  child.on('message', (message) => {
    caught = message as Caught
  })
  child.stderr!.on('data', (text) => {
    complaint += String(text)
  })
  await once(child, 'close')
  return (
    caught ?? {
      after: null,
      message:
        complaint
          .trim()
          .split('\n')
          .find((line) => line.includes('Error')) ?? complaint,
    }
  )
}
