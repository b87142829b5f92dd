import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { demoPassword } from '#db/seeds/demo'
import { startWiretap } from './support/between.ts'
import { filesBelow, filesWith } from './support/disk.ts'
import { expect, open, search, startAs, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { generous } from './support/server.ts'
import { shelfPicture } from './support/shelf-picture.ts'
import { chooseFile } from './support/sync-centre.ts'
import { addFieldWork, asked, button, show, tab } from './support/visits.ts'

test.use({ serverOf: 'support' })

/** What may be nowhere but in the encrypted files and the database. */
const canaries = {
  title: 'Zanzibar ledger canary',
  notes: 'Quokka whispered canary',
  search: 'xylophonecanary',
  shop: 'Marzipan corner canary',
  photo: 'pelican-canary-4711.jpg',
}

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldbook-support-'))
})
test.afterEach(() => rm(folder, { recursive: true }))

test('a crash is said, and the bundle for whoever helps holds nothing of anybody', async ({
  server,
  computer,
}) => {
  test.setTimeout(300_000)
  const serverLog = join(folder, 'server.log')
  await server.stop()
  await server.start({ ...generous, LOG_LEVEL: 'debug' }, serverLog)
  const admin = await server.signIn('admin')
  const shop = { name: canaries.shop, address: 'Kai 1', latitude: 52.5, longitude: 13.4 }
  await addFieldWork(admin, [shop], 'Counter check', [asked('text', 'Remarks')])
  const wire = await startWiretap(server.url)
  const device = await computer(wire.url, { env: { FIELDBOOK_LOG_LEVEL: 'debug' } })

  // Work of every kind.
  const page = await startAs(device, 'agent')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await form.getByRole('textbox', { name: 'Title' }).fill(canaries.title)
  await form.getByRole('textbox', { name: 'Notes' }).fill(canaries.notes)
  await form.getByLabel('Type').selectOption('Meeting')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Form status' })).toContainText('Saved')
  await search(page, canaries.search)
  await expect(page.getByRole('status', { name: 'Interactions found' })).toContainText('0 of')
  await search(page, canaries.title)
  await open(page, canaries.title)
  await show(page, 'Today')
  await page.getByRole('searchbox', { name: 'Find a shop' }).fill(canaries.shop)
  await button(page, new RegExp(canaries.shop)).click({ timeout: 60_000 })
  await button(page.getByRole('dialog'), 'Start visit').click()
  await tab(page, 'Photos').click()
  const buffer = await shelfPicture(page, 2, {})
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: canaries.photo, mimeType: 'image/jpeg', buffer })
  await expect(page.getByRole('list', { name: 'Photos' }).getByRole('listitem')).toHaveCount(1)

  // Failures with words of theirs in them, a window that stops, and an app that ends.
  await device.app.evaluate((_, words) => {
    void Promise.reject(new Error(words.title))
    setTimeout(() => {
      throw new Error(words.notes)
    })
  }, canaries)
  await expect(page.getByText('Something in Fieldbook failed. What you saved is safe.')).toBeVisible()
  await device.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
  )
  await expect.poll(() => readFile(join(device.folder, 'crashes.json'), 'utf8')).toContain('"window"')
  // It is opened anew. Playwright, to whom the page it knew is gone, holds it up before it is drawn.
  const isCrashed = () =>
    device.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.isCrashed())
  await expect.poll(isCrashed).toBe(false)
  await device.kill()

  const again = await device.start()
  await expect(again.getByText('Fieldbook ended without being closed last time.')).toBeVisible()
  await expect(again.getByRole('button', { name: /^User menu/ })).toBeVisible()
  await lookAt(device, 'support-crash')
  await again.getByRole('button', { name: 'Support…' }).click()
  const support = again.getByRole('dialog', { name: 'Support' })
  await support.getByRole('button', { name: 'Gather support bundle' }).click()
  const listed = support.getByRole('table', { name: 'What is in the support bundle' }).getByRole('rowheader')
  await expect(listed.first()).toBeVisible()
  await listed.last().scrollIntoViewIfNeeded()
  await lookAt(device, 'support-bundle')
  const path = join(folder, 'bundle.zip')
  await chooseFile(device, path)
  await support.getByRole('button', { name: 'Save support bundle…' }).click()
  await expect(support.getByText('The support bundle is saved.')).toBeVisible()

  const bundle = Object.entries(unzipSync(await readFile(path))).map(([name, bytes]) => ({
    path: name,
    bytes: Buffer.from(bytes),
  }))
  expect(bundle.map(({ path: name }) => name)).toEqual(['README.txt', ...(await listed.allTextContents())])
  const json = (name: string) =>
    JSON.parse(bundle.find((file) => file.path === name)!.bytes.toString()) as unknown
  expect(json('storage.json')).toMatchObject({
    queue: { integrity: 'ok' },
    cache: { integrity: 'ok' },
    past: [{ outcome: 'sent' }],
  })
  expect(json('crashes.json')).toMatchObject({
    crashes: [{ what: 'app' }, { what: 'window', reason: 'crashed' }, { what: 'fault' }, { what: 'fault' }],
  })
  expect(json('network.json')).toContainEqual(expect.objectContaining({ name: 'Connection', state: 'ok' }))

  const logs = (await filesBelow(device.folder)).filter((file) => file.path.includes('/logs/'))
  const read = [...bundle, ...logs, { path: serverLog, bytes: await readFile(serverLog) }]
  expect(logs.length).toBeGreaterThan(0)
  expect(filesWith(read, 'something failed that nothing was waiting for').length).toBeGreaterThan(1)
  // Its own requests are in the log of the server, so that there is something to look through.
  expect(filesWith(read, '/api/v1/sync/push')).toEqual([serverLog])
  expect(wire.tokens.size).toBeGreaterThan(1)
  const people = ['Agnes Pier', 'agent@harbour-vale.example', 'Edith Vale']
  for (const canary of [...Object.values(canaries), demoPassword, ...people, ...wire.tokens])
    expect(filesWith(read, canary), canary).toEqual([])
  wire.close()
})
