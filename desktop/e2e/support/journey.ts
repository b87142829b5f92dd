import { expect, type Locator, type Page, test as base } from '@playwright/test'
import { join, resolve } from 'node:path'
import type { InteractionFields } from '#common/contract/interactions'
import type { Answer, Bridge, Request, RequestName } from '#desktop/bridge/channels'
import { Cable } from './cable.ts'
import { Device, type DeviceOptions } from './device.ts'
import { TestServer } from './server.ts'

interface Fixtures {
  /** A cable to this worker's server; whatever a test does to it, the next one gets a new one. */
  cable: Cable
  /** Another one, for a second computer. */
  otherCable: Cable
  /** Gives out computers; all are put away when the test ends. */
  computer: (url?: string, options?: DeviceOptions) => Promise<Device>
}

async function newCable({ server }: { server: TestServer }, use: (cable: Cable) => Promise<void>) {
  const cable = await Cable.to(server.url)
  await use(cable)
  await cable.pull()
}

interface WorkerFixtures {
  /** Journeys that change people or the server itself name a server of their own, which no others meet. */
  serverOf: string
  server: TestServer
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  serverOf: ['all', { option: true, scope: 'worker' }],
  server: [
    async ({}, use) => {
      const server = await TestServer.create()
      await use(server)
      await server.dispose()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  cable: newCable,
  otherCable: newCable,
  computer: async ({ cable }, use) => {
    const devices: Device[] = []
    await use(async (url = cable.url, options = {}) => {
      const device = await Device.create(url, options)
      devices.push(device)
      return device
    })
    for (const device of devices) await device.dispose()
  },
})

export { expect } from '@playwright/test'

/** The pill in the title bar. */
export const syncStatus = (page: Page): Locator => page.getByRole('status', { name: 'Sync status' })

/** Waits until the device has everything from the server, and the server everything from the device. */
export async function upToDate(page: Page, timeout = 60_000): Promise<void> {
  // The form hears that something is saved before the pill does: until then the queue alone knows of it. There is none
  // while the app starts or somebody signs in.
  const queued = () =>
    ask(page, 'sync.queue', {}).then(
      ({ items }) => items.length,
      () => null,
    )
  await expect.poll(queued, { timeout }).toBe(0)
  await expect(syncStatus(page)).toContainText('Up to date', { timeout })
}

/** Starts the app, signs in and waits until everything is there. */
export async function startAs(device: Device, username: string, site?: string): Promise<Page> {
  const page = await device.start()
  await device.signIn(username, site)
  await upToDate(page)
  return page
}

export const rowOf = (page: Page, title: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('gridcell', { name: title }) })

export async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search every field' }).fill(text)
}

/** Saves the form and waits until the queue has it: from then on nothing may lose it. */
export async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Form status' })).toContainText('Saved')
}

/** Opens a record from the list. */
export async function open(page: Page, title: string): Promise<Locator> {
  await rowOf(page, title).first().click()
  const form = page.getByRole('form', { name: 'Edit interaction' })
  await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue(title)
  return form
}

/** Opens a record from the list, writes into some of its text fields and saves; the form stays open. */
export async function edit(page: Page, title: string, fields: Record<string, string>): Promise<void> {
  const form = await open(page, title)
  for (const [name, text] of Object.entries(fields)) await form.getByRole('textbox', { name }).fill(text)
  await save(page)
}

/** Fills in the form for a new record; start, end and zone are left as they are offered. */
export async function addInteraction(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await form.getByRole('textbox', { name: 'Title' }).fill(title)
  await form.getByLabel('Type').selectOption('Meeting')
  await save(page)
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
}

/** Everything a record needs; `changes` makes it one's own. */
export const meeting = (title: string, changes: Partial<InteractionFields> = {}): InteractionFields => ({
  title,
  type: 'Meeting',
  lead: 'Edith Vale',
  startDateTime: '2026-08-22T12:00:00.000Z',
  endDateTime: '2026-08-22T14:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: '',
  description: '',
  notes: '',
  status: 'complete',
  ...changes,
})

/** Asks as the window does. Throws what it would have to show. */
export async function ask<N extends RequestName>(
  page: Page,
  name: N,
  request: Request<N>,
): Promise<Answer<N>> {
  const outcome = await page.evaluate(
    ({ name, request }) => (window as unknown as { fieldbook: Bridge }).fieldbook.ask(name, request as never),
    { name, request },
  )
  if (!outcome.ok) throw new Error(outcome.problem.message)
  return outcome.value
}

/** Adds records one after the other, faster than a person can type. */
export async function addMany(page: Page, siteId: string, records: InteractionFields[]): Promise<void> {
  for (const fields of records) await ask(page, 'interaction.save', { siteId, opened: null, fields })
}

const pictures = resolve(import.meta.dirname, '../../../out/screens')

export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
}
