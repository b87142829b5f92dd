import { join } from 'node:path'
import { numberOf, type Options, type Part } from '../part.ts'
import { runJourney } from './on-desktop.ts'

/** `kill -9` of the real app in the middle of its work: of its main process, and of the process its storage is in. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 24)
  const seed = numberOf(options, 'seed', 1)
  const journey = join(import.meta.dirname, 'kill-app-journey.ts')
  const { figures, wrong } = await runJourney<{ figures: Part['figures']; wrong: string[] }>(journey, [
    count,
    seed,
  ])
  const replay = `npm run test:sync -- kill-app --count=${count} --seed=${seed}`
  return { name: 'kill-app', figures, failures: wrong.map((what) => ({ what, replay })) }
}
