import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildDesktop } from '#build/desktop-process'
import { electronBinary } from '#build/electron-binary'
import { prepareTestEnvironment, runOnDesktop } from '#build/test-environment'
import { numberOf, type Options, type Part } from '../part.ts'
import { createFolder } from './world.ts'

/** `kill -9` of the real app in the middle of its work: of its main process, and of the process its storage is in. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 24)
  const seed = numberOf(options, 'seed', 1)
  prepareTestEnvironment()
  await buildDesktop()
  await electronBinary()
  const folder = await createFolder()
  const result = join(folder, 'result.json')
  try {
    const journey = join(import.meta.dirname, 'kill-app-journey.ts')
    const status = runOnDesktop(process.execPath, [journey, String(count), String(seed), result], {})
    if (status !== 0) throw new Error(`The journey ended with code ${status}; its output is above`)
    const { figures, wrong } = JSON.parse(readFileSync(result, 'utf8')) as {
      figures: Part['figures']
      wrong: string[]
    }
    const replay = `npm run test:sync -- kill-app --count=${count} --seed=${seed}`
    return { name: 'kill-app', figures, failures: wrong.map((what) => ({ what, replay })) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
