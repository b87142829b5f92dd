import {
  addInteraction,
  expect,
  meeting,
  open,
  rowOf,
  save,
  search,
  syncStatus,
  test,
} from './support/journey.ts'

test('the server stops; edits and additions outlive quitting and kill -9, and arrive exactly once', async ({
  server,
  computer,
}) => {
  const before = await server.signIn('editor')
  const kept = await before.create('Marketing', meeting('Quarterly degustation'))
  const doomed = await before.create('Marketing', meeting('Cancelled degustation'))

  const device = await computer()
  let page = await device.start()
  await device.signIn('editor', 'Marketing')
  await expect(syncStatus(page)).toContainText('Up to date')

  await server.stop()
  await search(page, 'degustation')
  await expect(rowOf(page, kept.title!)).toBeVisible()
  const form = await open(page, kept.title!)
  await form.getByRole('textbox', { name: 'Location' }).fill('Cellar')
  await save(page)
  await addInteraction(page, 'Basement degustation')
  await expect(rowOf(page, 'Basement degustation')).toBeVisible()
  await open(page, doomed.title!)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(rowOf(page, doomed.title!)).toBeHidden()
  await expect(syncStatus(page)).toHaveText('Offline · 3 waiting')

  await device.quit()
  page = await device.start()
  await expect(syncStatus(page)).toHaveText('Offline · 3 waiting')
  await search(page, 'basement degustation')
  await open(page, 'Basement degustation')
  await page.getByRole('textbox', { name: 'Notes' }).fill('Seen by torchlight')
  await save(page)
  await device.kill()

  page = await device.start()
  await expect(syncStatus(page)).toHaveText('Offline · 4 waiting')
  await server.start()
  await expect(syncStatus(page)).toContainText('Up to date', { timeout: 60_000 })

  const after = await server.signIn('editor')
  const found = await after.find('Marketing', 'degustation')
  expect(found.map(({ title, location, notes }) => ({ title, location, notes }))).toEqual([
    { title: 'Basement degustation', location: '', notes: 'Seen by torchlight' },
    { title: 'Quarterly degustation', location: 'Cellar', notes: '' },
  ])

  const second = await computer()
  const secondPage = await second.start()
  await second.signIn('editor', 'Marketing')
  await search(secondPage, 'degustation')
  await expect(rowOf(secondPage, 'Basement degustation')).toHaveCount(1)
  await expect(rowOf(secondPage, 'Quarterly degustation')).toHaveCount(1)
  await expect(rowOf(secondPage, 'Cancelled degustation')).toHaveCount(0)
})

test('a second device sees what the first one sent, and hears of a change', async ({ server, computer }) => {
  const first = await computer()
  const firstPage = await first.start()
  await first.signIn('editor', 'Sales')
  await addInteraction(firstPage, 'Handover of the north round')

  const second = await computer()
  const page = await second.start()
  await second.signIn('agent')
  await search(page, 'handover north')
  await expect(rowOf(page, 'Handover of the north round')).toHaveCount(1)

  const agent = await server.signIn('agent')
  const [record] = await agent.find('Sales', 'handover north')
  await agent.update('Sales', record!, { title: 'Handover of the south round' })
  await search(page, 'handover')
  await expect(rowOf(page, 'Handover of the south round')).toBeVisible({ timeout: 40_000 })
})

test('a lost answer makes no second record', async ({ server, cable, computer }) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Marketing')
  await expect(syncStatus(page)).toContainText('Up to date')
  const lost = cable.swallowAnswerTo('/sync/push')
  await addInteraction(page, 'Sent twice, kept once')
  await lost
  await expect(syncStatus(page)).toContainText('Up to date', { timeout: 60_000 })
  const editor = await server.signIn('editor')
  expect(await editor.find('Marketing', 'sent twice')).toHaveLength(1)
})
