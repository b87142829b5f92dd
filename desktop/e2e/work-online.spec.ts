import { sortKey } from '#common/rules/folding'
import { expect, meeting, open, rowOf, save, search, syncStatus, test } from './support/journey.ts'

test('a person signs in, finds a record and edits it; the server and another device have the edit', async ({
  server,
  computer,
}) => {
  const editor = await server.signIn('editor')
  await editor.create('Marketing', meeting('Sesame launch, Güntzelstraße'))

  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await expect(syncStatus(page)).toContainText('Up to date')

  await search(page, 'guntzelstrasse sesame')
  await expect(page.getByText('1 found on this device')).toBeVisible()
  const form = await open(page, 'Sesame launch, Güntzelstraße')
  await form.getByRole('textbox', { name: 'Location' }).fill('Back room')
  await save(page)
  await expect.poll(async () => (await editor.find('Marketing', 'sesame'))[0]?.location).toBe('Back room')

  const other = await computer()
  const otherPage = await other.start()
  await other.signIn('editor', 'Marketing')
  await search(otherPage, 'back room')
  await expect(rowOf(otherPage, 'Sesame launch, Güntzelstraße')).toBeVisible()
})

test('the finder sorts, filters, pages and counts', async ({ server, computer }) => {
  const all = (await (await server.signIn('editor')).count('Sales', '')).toLocaleString('en')
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Sales')
  await expect(syncStatus(page)).toContainText('Up to date')
  const counts = page.getByRole('status', { name: 'Interactions found' })
  await expect(counts).toHaveText(all)

  await page.getByRole('columnheader', { name: /^Lead/ }).getByText('Lead').click()
  const leads = () =>
    page.locator('[role=row][row-index]').evaluateAll((rows) => {
      const place = (row: Element) => Number(row.getAttribute('row-index'))
      const inOrder = rows.sort((a, b) => place(a) - place(b))
      return inOrder.map((row) => row.querySelector('[col-id=lead]')?.textContent ?? '')
    })
  await expect
    .poll(async () => {
      const found = (await leads()).map(sortKey)
      return found.length > 5 && found.every((lead, index) => index === 0 || found[index - 1]! <= lead)
    })
    .toBe(true)
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page.getByText(/^2 of \d+$/)).toBeVisible()

  await page.getByRole('button', { name: 'Filter by Type' }).click()
  await page.getByRole('checkbox', { name: 'Call' }).check()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('group', { name: 'Filters in force' })).toContainText('Call')
  await expect(counts).toHaveText(new RegExp(`^\\d+ of ${all}$`))
  for (const type of await page.locator('[role=gridcell][col-id=type]').allTextContents())
    expect(type).toBe('Call')
})

test('the form says what is wrong, field by field, and saves nothing until it is right', async ({
  computer,
}) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await form.getByLabel('End date').fill('2020-01-01')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(form.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await expect(form.getByText('Is required').first()).toBeVisible()
  await expect(form.getByText(/Must be after the start/)).toBeVisible()
})

test('a viewer reads and is offered nothing else', async ({ computer }) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('viewer')
  await expect(syncStatus(page)).toContainText('Up to date')
  const first = page.getByRole('row').nth(1)
  await expect(first).toContainText('2026')
  await first.click()
  const form = page.getByRole('form', { name: 'Edit interaction' })
  await expect(form.getByText('You can read this record')).toBeVisible()
  await expect(page.getByRole('button', { name: 'New', exact: true })).toBeHidden()
  await expect(form.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  await expect(form.getByRole('button', { name: 'Delete' })).toBeHidden()
})
