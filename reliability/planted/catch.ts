import { simulate } from '../simulation/simulate.ts'
import { everyOnDisk } from '../simulation/history.ts'
import { type Bug, bugs } from './bugs.ts'

/** What came of a planted bug, told to whoever started this process with it. */
export interface Caught {
  /** Histories, or runs of another part, until it was caught; null when it was not. */
  after: number | null
  message: string
}

/** Runs the part that has to catch the planted bug: the simulation with one seed after the other, up to a bound. */
const bug = bugs.find(({ name }) => name === process.env.PLANTED_BUG)
const bound = Number(process.argv[2])
process.send!(bug && bug.caughtBy !== 'simulation' ? await byPart(bug) : await bySimulation())
process.disconnect()

async function bySimulation(): Promise<Caught> {
  const seeds = Array.from({ length: bound }, (_, index) => (index + 1) * (bug?.onDisk ? everyOnDisk : 1))
  const { histories, failed } = await simulate(seeds, { mayFail: 0 })
  return {
    after: failed[0] ? histories : null,
    message: failed[0] ? `${failed[0].message} (seed ${failed[0].seed})` : '',
  }
}

async function byPart({ caughtBy, options }: Bug): Promise<Caught> {
  const { realParts } = await import('../parts.ts')
  const { run } = await realParts[caughtBy]!()
  const { failures } = await run({ ...options })
  return { after: failures[0] ? 1 : null, message: failures[0]?.what ?? '' }
}
