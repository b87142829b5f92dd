import { _electron, type ElectronApplication } from '@playwright/test'
import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { sandboxArguments } from '#build/desktop-process'
import { electronBinary } from '#build/electron-binary'

/** The same Electron with nothing in it, put together in `parent`; answers what starts it. */
export async function makeEmptyWindow(parent: string): Promise<string> {
  const { dist, executable } = await electronBinary()
  const folder = join(parent, 'empty-window')
  await cp(dist, folder, { recursive: true, verbatimSymlinks: true })
  await cp(join(import.meta.dirname, 'empty-window'), join(folder, 'resources', 'app'), { recursive: true })
  return join(folder, basename(executable))
}

/** Opens it and closes it again: how long it took to show, in ms, and its memory, in MiB. */
export async function openEmpty(executablePath: string): Promise<{ start: number; memory: number }> {
  const start = performance.now()
  const app = await _electron.launch({ executablePath, args: sandboxArguments() })
  try {
    await (await app.firstWindow()).getByText('Ready').waitFor()
    return { start: performance.now() - start, memory: await memoryOf(app) }
  } finally {
    await app.close()
  }
}

/** Of all its processes together, in MiB. */
export async function memoryOf(app: ElectronApplication): Promise<number> {
  const kibibytes = await app.evaluate(({ app }) =>
    app.getAppMetrics().reduce((sum, { memory }) => sum + memory.workingSetSize, 0),
  )
  return kibibytes / 1024
}
