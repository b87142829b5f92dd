import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { createUpdateKey } from '#desktop/main/updates/version-list'
import {
  addInteraction,
  edit,
  expect,
  meeting,
  search,
  startAs,
  syncStatus,
  test as base,
  upToDate,
} from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { PackagedDevice } from './support/packaged.ts'
import { Makers, StaticServer } from './support/releases.ts'
import { tellWindow } from './support/sync-centre.ts'

const [before, after] = ['0.1.0', '0.1.1']

interface Fixtures {
  /** A folder on a static server, with version B in it. */
  source: { folder: string; server: StaticServer }
  device: PackagedDevice
}

const test = base.extend<Fixtures, { makers: Makers; releases: string }>({
  makers: [
    async ({}, use) => {
      const makers = await Makers.create()
      await use(makers)
      await makers.dispose()
    },
    { scope: 'worker' },
  ],
  /** Made once: the list is signed anew by each test, the packages are as they are. */
  releases: [
    async ({ makers }, use) => {
      const folder = join(makers.folder, 'releases')
      await makers.release(folder, before)
      await makers.release(folder, after)
      await use(folder)
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  source: async ({ makers, releases: folder }, use) => {
    await makers.list(folder, after)
    const server = await StaticServer.of(folder)
    await use({ folder, server })
    server.close()
  },
  device: async ({ makers, source, cable }, use) => {
    const device = await PackagedDevice.create(cable.url, { FIELDBOOK_UPDATES: source.server.url })
    await makers.install(before, device.installed)
    await use(device)
    await device.dispose()
  },
})

async function about(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'About Fieldbook' }).click()
  return page.getByRole('dialog', { name: 'About Fieldbook' })
}

/** Opens the dialog, checks, and answers with what it says in the end. */
async function check(page: Page): Promise<Locator> {
  const dialog = await about(page)
  await dialog.getByRole('button', { name: 'Check for updates' }).click()
  return dialog.getByRole('status', { name: 'Updates' })
}

const versionIn = (dialog: Locator) => dialog.getByRole('definition').first()

const list = 'stable-linux-x64.json'

test('from A to B and back, with edits waiting each time: all of them arrive, once', async ({
  server,
  makers,
  source,
  device,
}) => {
  test.setTimeout(300_000)
  const kept = await (await server.signIn('editor')).create('Marketing', meeting('Versioned tasting'))
  let page = await device.start()
  await device.signIn('editor', 'Marketing')
  await upToDate(page)

  await server.stop()
  await search(page, 'versioned')
  await edit(page, kept.title!, { Location: 'Cellar' })
  await addInteraction(page, 'Versioned one')
  await addInteraction(page, 'Versioned two')
  await expect(syncStatus(page)).toHaveText('Offline · 3 waiting')

  await expect(await check(page)).toHaveText(/Version 0\.1\.1 is ready/, { timeout: 60_000 })
  await page.keyboard.press('Escape')
  page = await device.comesBack(() => page.getByRole('button', { name: 'Restart', exact: true }).click())
  await expect(syncStatus(page)).toHaveText('Offline · 3 waiting', { timeout: 60_000 })
  await expect(versionIn(await about(page))).toHaveText(after)
  await page.keyboard.press('Escape')

  // B is taken back by its makers, with yet another edit waiting.
  await addInteraction(page, 'Versioned three')
  await makers.list(source.folder, before, { rollbackFrom: after })
  await expect(await check(page)).toHaveText(/Version 0\.1\.0 is ready/, { timeout: 60_000 })
  const dialog = page.getByRole('dialog', { name: 'About Fieldbook' })
  page = await device.comesBack(() => dialog.getByRole('button', { name: 'Restart to finish' }).click())
  await expect(syncStatus(page)).toHaveText('Offline · 4 waiting', { timeout: 60_000 })
  await expect(versionIn(await about(page))).toHaveText(before)
  await page.keyboard.press('Escape')

  await server.start()
  await upToDate(page)
  const found = await (await server.signIn('editor')).find('Marketing', 'versioned')
  expect(found.map(({ title, location }) => [title, location]).toSorted()).toEqual([
    ['Versioned one', ''],
    ['Versioned tasting', 'Cellar'],
    ['Versioned three', ''],
    ['Versioned two', ''],
  ])
})

test('nothing unsaved is lost: with a form half written the person decides', async ({ device }) => {
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await expect(await check(page)).toHaveText(/is ready/, { timeout: 60_000 })
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const title = page.getByRole('form', { name: 'New interaction' }).getByRole('textbox', { name: 'Title' })
  await title.fill('Half written')
  await page.getByRole('button', { name: 'Restart', exact: true }).click()
  const question = page.getByRole('alertdialog')
  await expect(question).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(title).toHaveValue('Half written')
})

test('what is not from its makers, or not for it, is refused in plain words', async ({
  makers,
  source: { folder, server },
  device,
}) => {
  const page = await device.start()
  await device.signIn('editor', 'Marketing')

  await makers.list(folder, after, { secret: createUpdateKey().secret })
  const words = await check(page)
  await expect(words).toHaveText(/not signed by the makers of Fieldbook. Nothing was installed/)
  const button = page.getByRole('button', { name: 'Check for updates' })
  /** Resolves when the source has been asked and nothing was taken: the button is back. */
  const again = async () => {
    const asked = server.asked.length
    await button.click()
    await expect.poll(() => server.asked.length).toBeGreaterThan(asked)
    await expect(button).toBeEnabled({ timeout: 60_000 })
  }

  // Signed, but changed on its way: another version in the same list.
  await makers.list(folder, after)
  const signed = await readFile(join(folder, list), 'utf8')
  await writeFile(join(folder, list), signed.replace(after, '9.9.9'))
  await again()
  await expect(words).toHaveText(/not signed by the makers/)
  await writeFile(join(folder, list), 'Not found')
  await again()
  await expect(words).toHaveText(/no list of versions/)

  // The list is right, the file is not the one it speaks of.
  await writeFile(join(folder, list), signed)
  const archive = join(folder, `Fieldbook-${after}-linux-x64.tar.gz`)
  const bytes = await readFile(archive)
  const tampered = Buffer.from(bytes)
  tampered[tampered.length >> 1]! ^= 1
  await writeFile(archive, tampered)
  await again()
  await expect(words).toHaveText(/not the one that was released/, { timeout: 60_000 })
  await writeFile(archive, bytes)

  // Takes none: no computer has been chosen yet.
  await makers.list(folder, after, { staged: 0 })
  await again()
  await expect(words).toHaveText(/latest version for this computer/)
  await expect(versionIn(page.getByRole('dialog'))).toHaveText(before)
})

test('a folder is a source too, taken from when the person quits; what is newer never goes back by itself', async ({
  makers,
  source: { folder, server },
  device,
}) => {
  let page = await device.start({ FIELDBOOK_UPDATES: folder })
  await device.signIn('editor', 'Marketing')
  await expect(await check(page)).toHaveText(/is ready/, { timeout: 60_000 })
  await device.quit()
  expect(server.asked).toEqual([])

  page = await device.start()
  await expect(versionIn(await about(page))).toHaveText(after)
  await page.keyboard.press('Escape')
  // Older, and nobody sent it back; then sent back from a version that is not this one.
  const asked: string[] = []
  for (const rollbackFrom of [null, '0.2.0']) {
    await makers.list(folder, before, { rollbackFrom })
    const words = await check(page)
    asked.push(`/fieldbook/${list}`)
    await expect.poll(() => server.asked).toEqual(asked)
    await expect(page.getByRole('button', { name: 'Check for updates' })).toBeEnabled()
    await expect(words).toHaveText(/latest version for this computer/)
    await page.keyboard.press('Escape')
  }
})

test('off means that nothing is asked for, and says who turned it off', async ({
  source: { server },
  device,
}) => {
  const page = await device.start({ FIELDBOOK_UPDATES: 'off' })
  await device.signIn('editor', 'Marketing')
  const dialog = await about(page)
  await expect(dialog.getByRole('status', { name: 'Updates' })).toHaveText(
    'Updates are turned off by whoever looks after this computer.',
  )
  await expect(dialog.getByRole('button', { name: 'Check for updates' })).toHaveCount(0)
  expect(server.asked).toEqual([])
})

test('the bar and the dialog, for everybody', async ({ computer }) => {
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  const state = { version: before, checkedAt: '2026-12-01T09:30:00.000Z', words: null }
  await tellWindow(device, 'updates.changed', { ...state, phase: 'ready', next: after })
  await expect(page.getByText('An update is ready: restart to finish.')).toBeVisible()
  const dialog = await about(page)
  await lookAt(device, 'about-ready')
  await tellWindow(device, 'updates.changed', {
    ...state,
    phase: 'failed',
    next: null,
    words: 'The update source cannot be reached. Fieldbook tries again later.',
  })
  await expect(dialog.getByRole('status', { name: 'Updates' })).toHaveText(/cannot be reached/)
  await lookAt(device, 'about-failed')
  await page.keyboard.press('Escape')
  await tellWindow(device, 'updates.changed', { ...state, phase: 'ready', next: after })
  await lookAt(device, 'update-bar')
  await page.getByRole('button', { name: 'Later' }).click()
  await expect(page.getByText('An update is ready')).toHaveCount(0)
})
