import type { Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { generateInteractions } from '#db/seeds/generated'
import { Device } from '#desktop/e2e/support/device'
import { upToDate } from '#desktop/e2e/support/journey'
import { fixture } from '#server/test/fixture'
import { ask, generous, signIn, startServer } from '../../reliability/real/server-process.ts'
import { createWorld } from '../../reliability/real/world.ts'
import { median, quantile } from '../statistics.ts'
import { makeEmptyWindow, memoryOf, openEmpty } from './empty-window.ts'
import {
  clickToForm,
  keyToRows,
  longestFrameScrolling,
  longestFrameUntil,
  saveToSaved,
} from './window-measures.ts'

/**
 * What `device` measures where there is a screen.
 *
 *     node device-journey.ts <records> <starts> <file for the figures>
 */

const [count, rounds, result] = process.argv.slice(2) as [string, string, string]
const [first, ...others] = fixture
const records = generateInteractions(Number(count), 1)
const world = await createWorld({}, [
  { ...first, sites: { Marketing: records, Sales: [], Support: [] } },
  ...others,
])
const server = (await startServer({
  ...generous,
  DATABASE_URL: world.url,
  DATA_DIR: world.folder,
  JWT_PRIVATE_KEY: world.key,
}))!
const device = await Device.create(server.url)
const emptyWindow = await makeEmptyWindow(world.folder)

try {
  const firstSync = await syncFirst()
  const starts = { app: [] as number[], empty: [] as number[] }
  const memory = { app: [] as number[], empty: [] as number[] }
  for (let round = 0; round < Number(rounds); round++) {
    const empty = await openEmpty(emptyWindow)
    starts.empty.push(empty.start)
    memory.empty.push(empty.memory)
    await device.quit()
    starts.app.push(await openApp())
    await upToDate(device.page)
    memory.app.push(await memoryOf(device.app))
  }

  const { page } = device
  // Compiles and reads from the disk what the others find in memory.
  const [firstSearch] = await page.evaluate(keyToRows, { words: ['vale', ''] })
  const words = wordsToFind()
  const keys = await page.evaluate(keyToRows, { words })
  await page.evaluate(keyToRows, { words: [''] })
  const opens = await page.evaluate(clickToForm, { clicks: 60, rows: 20 })
  const saves = await page.evaluate(saveToSaved, { saves: 60 })
  await page.keyboard.press('Escape')
  const scrolls: number[] = []
  for (let round = 0; round < Number(rounds); round++) {
    scrolls.push(await page.evaluate(longestFrameScrolling, { duration: 5000 }))
  }
  const syncing = await duringSync(page)

  const p95 = (times: number[]) => `${quantile(times, 0.95).toFixed(0)} (median ${median(times).toFixed(0)})`
  writeFileSync(
    result,
    JSON.stringify({
      records: Number(count),
      'first sync: usable after, s': seconds(firstSync.usable),
      'first sync: everything after, s': seconds(firstSync.complete),
      'Enter to the rows of the first search, ms': Math.round(firstSearch!),
      'Enter to the rows of another search, p95, ms': p95(keys),
      'click to the open record, p95, ms': p95(opens),
      'Save to saved on the disk, p95, ms': p95(saves),
      'longest frame while scrolling, ms': Math.round(median(scrolls)),
      'longest frame while 500 records come in, ms': Math.round(syncing),
      'start to the rows, ms': Math.round(median(starts.app)),
      'start of an empty window, ms': Math.round(median(starts.empty)),
      'start: ratio': (median(starts.app) / median(starts.empty)).toFixed(2),
      'memory, MiB': Math.round(median(memory.app)),
      'memory of an empty window, MiB': Math.round(median(memory.empty)),
      'memory above it, MiB': Math.round(median(memory.app) - median(memory.empty)),
    }),
  )
} finally {
  await device.dispose()
  await server.kill()
  await world.close()
}
process.exit()

function seconds(milliseconds: number) {
  return (milliseconds / 1000).toFixed(1)
}

async function syncFirst() {
  await device.start()
  const start = performance.now()
  await device.signIn('editor', 'Marketing')
  await rowsShown(device.page)
  const usable = performance.now() - start
  await upToDate(device.page, 900_000)
  return { usable, complete: performance.now() - start }
}

function rowsShown(page: Page) {
  return page.locator('.ag-row [col-id=title]:not(:empty)').first().waitFor()
}

async function openApp(): Promise<number> {
  const start = performance.now()
  const page = await device.start()
  await rowsShown(page)
  return performance.now() - start
}

/** Rare and common, short and long, alone and together; between two of them everything, so that the rows change. */
function wordsToFind(): string[] {
  const titles = records.map(({ title }) => title!)
  const rare = titles.filter((_, n) => n % Math.ceil(titles.length / 18) === 0)
  const common = ['zo', 'er', 'review', 'shelf', 'ervice', 'harrow', 'contract renewal', 'zz', 'berlin']
  return rare.flatMap((title, n) => [common[n % common.length]!, '', title, ''])
}

async function duringSync(page: Page): Promise<number> {
  const { token, user } = await signIn(server.url, 'admin')
  const site = user.sites.find(({ name }) => name === 'Marketing')!.id
  const watched = page.evaluate(longestFrameUntil, { text: (Number(count) + 500).toLocaleString('en') })
  const fresh = generateInteractions(500, 2)
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let n = lane; n < fresh.length; n += 4)
      await ask(server.url, 'POST', '/interactions', { token, site, body: fresh[n]! })
  })
  await Promise.all(lanes)
  return watched
}
