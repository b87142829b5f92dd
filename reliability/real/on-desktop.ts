import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildDesktop } from '#build/desktop-process'
import { electronBinary } from '#build/electron-binary'
import { prepareTestEnvironment, runOnDesktop } from '#build/test-environment'
import { createFolder } from './world.ts'

/**
 * Runs a script that drives the real app where there is a screen, and answers with what it writes, as JSON, into the
 * file that is its last argument.
 */
export async function runJourney<T>(script: string, args: readonly (string | number)[]): Promise<T> {
  prepareTestEnvironment()
  await buildDesktop()
  await electronBinary()
  const folder = await createFolder()
  const result = join(folder, 'result.json')
  try {
    const status = await runOnDesktop(process.execPath, [script, ...args.map(String), result], {})
    if (status !== 0) throw new Error(`The journey ended with code ${status}; its output is above`)
    return JSON.parse(readFileSync(result, 'utf8')) as T
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
