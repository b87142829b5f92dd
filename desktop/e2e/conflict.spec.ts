import { addInteraction, expect, open, save, search, syncStatus, test } from './support/journey.ts'

test('a stale edit of the same field is held for the person, who decides', async ({
  server,
  cable,
  computer,
}) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await addInteraction(page, 'Stock count')
  await expect(syncStatus(page)).toContainText('Up to date')

  const admin = await server.signIn('admin')
  const [record] = await admin.find('Marketing', 'stock count')
  await cable.pull()
  await search(page, 'stock count')
  const form = await open(page, 'Stock count')
  await form.getByRole('textbox', { name: 'Location' }).fill('Conference Room B')
  await form.getByRole('textbox', { name: 'Notes' }).fill('Bring the ladder')
  await save(page)
  await admin.update('Marketing', record!, { location: 'Virtual', description: 'Twice a year' })
  await cable.plugIn()

  await expect(syncStatus(page)).toHaveText('1 needs attention', { timeout: 60_000 })
  const [untouched] = await admin.find('Marketing', 'stock count')
  expect(untouched).toMatchObject({ location: 'Virtual', notes: '' })

  await syncStatus(page).getByRole('button').click()
  const centre = page.getByRole('region', { name: 'Sync centre' })
  await expect(centre.getByRole('heading', { name: 'Two people changed “Stock count”' })).toBeVisible()
  await centre
    .getByRole('button', { name: 'Location, yours: Conference Room B' })
    .or(centre.getByRole('radio', { name: /Location, yours/ }))
    .click()
  await centre.getByRole('button', { name: 'Save this version' }).click()
  await expect(syncStatus(page)).toContainText('Up to date', { timeout: 60_000 })
  const [settled] = await admin.find('Marketing', 'stock count')
  expect(settled).toMatchObject({
    location: 'Conference Room B',
    notes: 'Bring the ladder',
    description: 'Twice a year',
  })
})
