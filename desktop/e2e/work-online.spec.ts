import { sortKey } from '#common/rules/folding'
import { edit, expect, meeting, open, rowOf, search, startAs, test } from './support/journey.ts'

test('a person signs in, finds a record and edits it; the server and another device have the edit', async ({
  server,
  computer,
}) => {
  const editor = await server.signIn('editor')
  await editor.create('Marketing', meeting('Sesame launch, Güntzelstraße'))

  const page = await startAs(await computer(), 'editor', 'Marketing')
  await search(page, 'guntzelstrasse sesame')
  await expect(page.getByText('1 found on this device')).toBeVisible()
  await edit(page, 'Sesame launch, Güntzelstraße', { Location: 'Back room' })
  await expect.poll(async () => (await editor.find('Marketing', 'sesame'))[0]?.location).toBe('Back room')

  const otherPage = await startAs(await computer(), 'editor', 'Marketing')
  await search(otherPage, 'sesame back room')
  await expect(rowOf(otherPage, 'Sesame launch, Güntzelstraße')).toBeVisible()
})

test('the finder sorts, filters, pages and counts', async ({ server, computer }) => {
  const all = (await (await server.signIn('editor')).count('Sales', '')).toLocaleString('en')
  const page = await startAs(await computer(), 'editor', 'Sales')
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
  await expect(counts).toHaveText(new RegExp(`^[\\d,]+ of ${all}$`))
  for (const type of await page.locator('[role=gridcell][col-id=type]').allTextContents())
    expect(type).toBe('Call')
})

test('the form says what is wrong, field by field, and saves nothing until it is right', async ({
  computer,
}) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await form.getByLabel('End date').fill('2020-01-01')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(form.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await expect(form.getByText('Is required').first()).toBeVisible()
  await expect(form.getByText(/Must be after the start/)).toBeVisible()
})

test('a viewer reads and is offered nothing else', async ({ server, computer }) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Gallery evening'))
  const page = await startAs(await computer(), 'viewer')
  await search(page, 'gallery evening')
  const form = await open(page, 'Gallery evening')
  await expect(form.getByText('You can read this record')).toBeVisible()
  await expect(page.getByRole('button', { name: 'New', exact: true })).toBeHidden()
  await expect(form.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  await expect(form.getByRole('button', { name: 'Delete' })).toBeHidden()
})
