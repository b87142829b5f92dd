import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { join, resolve } from 'node:path'
import { addInteraction, expect, open, save, search, syncStatus, test } from './support/journey.ts'

const pictures = resolve(import.meta.dirname, '../../out/screens')

const looks = [
  { width: 1280, height: 800, dark: false },
  { width: 1280, height: 800, dark: true },
  { width: 1920, height: 1080, dark: false },
  { width: 1920, height: 1080, dark: true },
]

for (const { width, height, dark } of looks) {
  const look = `${width}-${dark ? 'dark' : 'light'}`

  test(`every screen is accessible, and its picture taken: ${look}`, async ({ server, cable, computer }) => {
    const device = await computer(cable.url, { size: { width, height }, dark })
    const page = await device.start()
    const screen = (name: string) => lookAt(page, `${name}-${look}`)

    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await screen('sign-in')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await screen('sign-in-errors')
    await device.giveCredentials('editor')
    await expect(page.getByRole('heading', { name: 'Where are you working?' })).toBeVisible()
    await screen('site-choice')
    await page.getByRole('button', { name: 'Marketing' }).click()
    await expect(syncStatus(page)).toContainText('Up to date')
    await expect(page.getByRole('row').nth(5)).toBeVisible()
    await screen('finder')
    await search(page, 'harrow')
    await expect(page.getByText(/found on this device/)).toBeVisible()
    await expect(page.getByRole('row').nth(1)).toContainText('Harrow')
    await page.getByRole('row').nth(1).click()
    await expect(page.getByRole('form', { name: 'Edit interaction' })).toBeVisible()
    await screen('finder-form')
    await page.getByRole('button', { name: 'Close' }).click()
    await search(page, 'nothing has this name')
    await expect(page.getByText('0 found on this device')).toBeVisible()
    await screen('finder-nothing-found')

    const title = `Shelf plan, ${look}`
    await addInteraction(page, title)
    await expect(syncStatus(page)).toContainText('Up to date')
    const admin = await server.signIn('admin')
    const [record] = await admin.find('Marketing', title)
    await cable.pull()
    await search(page, title)
    const form = await open(page, title)
    await form.getByRole('textbox', { name: 'Location' }).fill('Conference Room B')
    await save(page)
    await addInteraction(page, `Offline note, ${look}`)
    await search(page, '')
    await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')
    await screen('offline')
    await syncStatus(page).getByRole('button').click()
    await screen('sync-centre-waiting')
    await admin.update('Marketing', record!, { location: 'Virtual' })
    await cable.plugIn()
    await expect(syncStatus(page)).toHaveText('1 needs attention', { timeout: 60_000 })
    await expect(page.getByRole('heading', { name: /Two people changed/ })).toBeVisible()
    await screen('conflict')
  })
}

async function lookAt(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    name,
  ).toEqual([])
}
