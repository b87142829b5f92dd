import { expect, type Locator, type Page, test as base } from '@playwright/test'
import { Cable } from './cable.ts'
import { Device, type DeviceOptions } from './device.ts'
import { TestServer } from './server.ts'

interface Fixtures {
  /** A cable to this worker's server; whatever a test does to it, the next one gets a new one. */
  cable: Cable
  /** Gives out computers; all are put away when the test ends. */
  computer: (url?: string, options?: DeviceOptions) => Promise<Device>
}

export const test = base.extend<Fixtures, { server: TestServer }>({
  server: [
    async ({}, use) => {
      const server = await TestServer.create()
      await use(server)
      await server.dispose()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  cable: async ({ server }, use) => {
    const cable = await Cable.to(server.url)
    await use(cable)
    await cable.pull()
  },
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

/** Fills in the form for a new record; start, end and zone are left as they are offered. */
export async function addInteraction(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await form.getByRole('textbox', { name: 'Title' }).fill(title)
  await form.getByLabel('Type').selectOption('Meeting')
  await save(page)
}
