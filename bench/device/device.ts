import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildDesktop } from '#build/desktop-process'
import { electronBinary } from '#build/electron-binary'
import { prepareTestEnvironment, runOnDesktop } from '#build/test-environment'
import { numberOf, type Options, type Part } from '../../reliability/part.ts'
import { createFolder } from '../../reliability/real/world.ts'

/** The app with so many records on the device, in a real Electron, beside an empty window of the same Electron. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 100_000)
  const rounds = numberOf(options, 'rounds', 5)
  prepareTestEnvironment()
  await buildDesktop()
  await electronBinary()
  const folder = await createFolder()
  const result = join(folder, 'result.json')
  try {
    const script = join(import.meta.dirname, 'device-journey.ts')
    const status = runOnDesktop(process.execPath, [script, String(count), String(rounds), result], {})
    if (status !== 0) throw new Error(`The journey ended with code ${status}; its output is above`)
    const figures = JSON.parse(readFileSync(result, 'utf8')) as Part['figures']
    return { name: 'device', figures, failures: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
