import { writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { packArchive } from '#build/packaging'
import { upToDate } from '#desktop/e2e/support/journey'
import { filesBelow } from '#desktop/e2e/support/disk'
import { PackagedDevice } from '#desktop/e2e/support/packaged'
import { Makers } from '#desktop/e2e/support/releases'
import { TestServer } from '#desktop/e2e/support/server'
import { makeEmptyWindow, openEmpty } from '../device/empty-window.ts'
import { median } from '../statistics.ts'

/**
 * What `package` measures where there is a screen.
 *
 *     node package-journey.ts <starts> <file for the figures>
 */

const [rounds, result] = process.argv.slice(2) as [string, string]
const version = '0.1.0'
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20)
const server = await TestServer.create()
const makers = await Makers.create()
const device = await PackagedDevice.create(server.url)

try {
  const folder = await makers.packaged(version)
  await makers.install(version, device.installed)
  const emptyWindow = await makeEmptyWindow(makers.folder)
  const files = await filesBelow(folder)
  const sizeOf = (wanted: (path: string) => boolean) =>
    mebibytes(files.reduce((sum, { path, bytes }) => sum + (wanted(path) ? bytes.length : 0), 0))
  const archive = await packArchive(folder, makers.folder, version)

  await device.start()
  await device.signIn('editor', 'Marketing')
  await upToDate(device.page)
  const starts = { app: [] as number[], empty: [] as number[] }
  for (let round = 0; round < Number(rounds); round++) {
    starts.empty.push((await openEmpty(emptyWindow)).start)
    await device.quit()
    const start = performance.now()
    const page = await device.start()
    await page.locator('.ag-row [col-id=title]:not(:empty)').first().waitFor()
    starts.app.push(performance.now() - start)
  }

  writeFileSync(
    result,
    JSON.stringify({
      'installed, MiB': sizeOf(() => true),
      'of it the app itself, MiB': sizeOf((path) => path.includes(join('resources', 'app.asar'))),
      'as one file to download (tar.gz), MiB': mebibytes((await stat(archive)).size),
      'start to the rows, ms': Math.round(median(starts.app)),
      'start of an empty window, ms': Math.round(median(starts.empty)),
      'start: ratio': (median(starts.app) / median(starts.empty)).toFixed(2),
    }),
  )
} finally {
  await device.dispose()
  await makers.dispose()
  await server.dispose()
}
process.exit()
