import { join } from 'node:path'
import { numberOf, type Options, type Part } from '../../reliability/part.ts'
import { runJourney } from '../../reliability/real/on-desktop.ts'

/** The app with so many records on the device, in a real Electron, beside an empty window of the same Electron. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 100_000)
  const rounds = numberOf(options, 'rounds', 5)
  const journey = join(import.meta.dirname, 'device-journey.ts')
  const figures = await runJourney<Part['figures']>(journey, [count, rounds])
  return { name: 'device', figures, failures: [] }
}
