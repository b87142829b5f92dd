import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoPassword } from '#db/seeds/demo'
import { addInteraction, expect, rowOf, search, startAs, test, upToDate } from './support/journey.ts'

async function fileNamed(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.find((entry) => entry.name === name)
  if (!found) throw new Error(`There is no ${name} below ${folder}`)
  return join(found.parentPath, found.name)
}

test('a wrong password and a server out of reach are said plainly', async ({ cable, computer }) => {
  const device = await computer()
  const page = await device.start()
  await page.getByRole('textbox', { name: 'User name or e-mail' }).fill('editor')
  await page.getByLabel('Password', { exact: true }).fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('User name or password is not right')
  await cable.pull()
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText(/server/i)
  await cable.plugIn()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Where are you working?' })).toBeVisible()
})

test('a damaged copy is fetched again, with the queue untouched', async ({ cable, computer, server }) => {
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await cable.pull()
  await addInteraction(page, 'Outlives the damage')
  await device.quit()
  await writeFile(await fileNamed(device.folder, 'cache.db'), 'this is not a database')

  page = await device.start()
  await search(page, 'outlives')
  await expect(rowOf(page, 'Outlives the damage')).toBeVisible()
  await cable.plugIn()
  await upToDate(page)
  await search(page, '')
  const editor = await server.signIn('editor')
  await expect(page.getByRole('status', { name: 'Interactions found' })).toHaveText(
    (await editor.count('Marketing', '')).toLocaleString('en'),
  )
  expect(await editor.find('Marketing', 'outlives')).toHaveLength(1)
})

test('a damaged queue is never deleted: the app explains and waits for a decision', async ({
  cable,
  computer,
}) => {
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await cable.pull()
  await addInteraction(page, 'In a damaged file')
  await device.quit()
  await truncate(await fileNamed(device.folder, 'queue.db'), 5000)

  page = await device.start()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await page.getByRole('button', { name: /Set .*aside/ }).click()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /Set .*aside/ })
    .click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  const names = await readdir(device.folder, { recursive: true })
  expect(names.some((name) => name.includes('queue.damaged-'))).toBe(true)
})
