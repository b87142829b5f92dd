import { addInteraction, expect, search, syncStatus, test } from './support/journey.ts'

test('people of another organisation on the same computer see none of it, nor do they send it', async ({
  server,
  cable,
  computer,
}) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await expect(syncStatus(page)).toContainText('Up to date')
  await cable.pull()
  await addInteraction(page, 'Secret of Harbour and Vale')

  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('1 edit has not reached the server')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click()
  await cable.plugIn()

  await device.signIn('outsider')
  await expect(syncStatus(page)).toContainText('Up to date')
  await expect(page.getByRole('status', { name: 'Interactions found' })).toHaveText('40')
  await search(page, 'secret')
  await expect(page.getByText('0 found on this device')).toBeVisible()
  expect(await (await server.signIn('editor')).find('Marketing', 'secret')).toHaveLength(0)

  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await device.signIn('editor', 'Marketing')
  await expect
    .poll(async () => (await (await server.signIn('editor')).find('Marketing', 'secret')).length, {
      timeout: 60_000,
    })
    .toBe(1)
})
