import { join } from 'node:path'
import { numberOf, type Options, type Part } from '../../reliability/part.ts'
import { runJourney } from '../../reliability/real/on-desktop.ts'

/** The packaged app as it ships: how large it is, and how soon it can be worked with, beside an empty window. */
export async function run(options: Options): Promise<Part> {
  const rounds = numberOf(options, 'rounds', 5)
  const figures = await runJourney<Part['figures']>(join(import.meta.dirname, 'package-journey.ts'), [rounds])
  return { name: 'package', figures, failures: [] }
}
