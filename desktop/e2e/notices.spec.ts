import type { Locator, Page } from '@playwright/test'
import { ask, expect, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test.use({ serverOf: 'notices' })

/** Milliseconds from the moment a notice is published until open apps show it. */
const promptly = { timeout: 2_500 }

const button = (page: Page | Locator, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const bar = (page: Page) => page.getByRole('region', { name: 'System notices' })
const grave = (page: Page) => bar(page).getByRole('alert')
const infos = (page: Page) => bar(page).getByRole('status')
const screenOf = (page: Page) => page.getByRole('region', { name: 'Notices', exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const listed = (page: Page, group: string, words: string) =>
  screenOf(page).getByRole('table', { name: group }).getByRole('row').filter({ hasText: words })

async function publish(page: Page, words: string, kind: string, site?: string): Promise<void> {
  await button(screenOf(page), 'Write notice').click()
  await dialog(page).getByLabel('Text').fill(words)
  await dialog(page).getByLabel('Kind').selectOption({ label: kind })
  if (site) await dialog(page).getByLabel('For', { exact: true }).selectOption({ label: site })
  await button(dialog(page), 'Publish').click()
  await expect(dialog(page)).toBeHidden()
}

test('a notice is in every open app at once, offline too, is put away or stays, and goes when it is withdrawn', async ({
  cable,
  otherCable,
  computer,
}) => {
  test.setTimeout(240_000)
  const device = await computer(cable.url)
  let theirs = await startAs(device, 'editor', 'Marketing')
  const office = await computer(otherCable.url)
  const page = await startAs(office, 'admin', 'Marketing')
  await expect(button(theirs, 'Notices')).toBeHidden()
  await button(page.getByRole('navigation', { name: 'Screens' }), 'Notices').click()
  await expect(screenOf(page)).toContainText('There are no notices yet')

  await button(screenOf(page), 'Write notice').click()
  await button(dialog(page), 'Publish').click()
  await expect(dialog(page).getByRole('alert')).toHaveText('Is required')
  await expect(dialog(page).getByLabel('Text')).toBeFocused()
  await lookAt(office, 'notices-write')
  await button(dialog(page), 'Cancel').click()

  await publish(page, 'The server rests tonight from ten to eleven.', 'Maintenance')
  await expect(grave(theirs)).toContainText('Maintenance: The server rests tonight', promptly)
  await expect(grave(theirs)).toContainText(/Until \d+ \w+ \d{4}, \d\d:\d\d/)
  await expect(bar(theirs).getByRole('button')).toBeHidden()
  await publish(page, 'New shelf prices are in the folder.', 'Information', 'Marketing')
  await expect(infos(theirs)).toContainText('New shelf prices', promptly)
  await publish(page, 'Sales alone: the van is late.', 'Warning', 'Sales')
  await expect(grave(page)).toContainText('the van is late', promptly)
  await lookAt(office, 'notices-shown')

  await button(bar(theirs), /^Dismiss notice: New shelf prices/).click()
  await expect(infos(theirs)).toBeEmpty()
  // What is preferred is written down once it has stayed the same for a moment; the next start shows that it was.
  await expect
    .poll(async () => JSON.stringify(await ask(theirs, 'preferences.read', {})))
    .toContain('noticesPutAway')

  await cable.pull()
  await expect(syncStatus(theirs)).toContainText('Offline', { timeout: 60_000 })
  await device.quit()
  theirs = await device.start()
  await expect(grave(theirs)).toContainText('The server rests tonight')
  await expect(infos(theirs)).toBeEmpty()
  await cable.plugIn()
  await expect(syncStatus(theirs)).toContainText('Up to date', { timeout: 90_000 })

  await button(listed(page, 'Now', 'New shelf prices'), /^Edit notice/).click()
  await dialog(page).getByLabel('Text').fill('New shelf prices are in the folder, from Monday on.')
  await button(dialog(page), 'Save').click()
  await expect(infos(theirs)).toContainText('from Monday on', promptly)

  await button(listed(page, 'Now', 'The server rests'), /^Withdraw notice/).click()
  await button(page.getByRole('alertdialog'), 'Withdraw').click()
  await expect(grave(theirs)).not.toContainText('The server rests', promptly)
  await expect(listed(page, 'Past', 'The server rests')).toContainText('Withdrawn')
  await lookAt(office, 'notices-list')
})
