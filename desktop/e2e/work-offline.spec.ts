import {
  addInteraction,
  edit,
  expect,
  meeting,
  open,
  rowOf,
  search,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'

test('the server stops; edits and additions outlive quitting and kill -9, and arrive exactly once', async ({
  server,
  computer,
}) => {
  const before = await server.signIn('editor')
  const kept = await before.create('Marketing', meeting('Quarterly degustation'))
  const doomed = await before.create('Marketing', meeting('Cancelled degustation'))

  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')

  await server.stop()
  await search(page, 'degustation')
  await expect(rowOf(page, kept.title!)).toBeVisible()
  await edit(page, kept.title!, { Location: 'Cellar' })
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
  await edit(page, 'Basement degustation', { Notes: 'Seen by torchlight' })
  await device.kill()

  page = await device.start()
  await expect(syncStatus(page)).toHaveText('Offline · 4 waiting')
  await server.start()
  await upToDate(page)

  const after = await server.signIn('editor')
  const found = await after.find('Marketing', 'degustation')
  expect(found.map(({ title, location, notes }) => [title, location, notes]).toSorted()).toEqual([
    ['Basement degustation', '', 'Seen by torchlight'],
    ['Quarterly degustation', 'Cellar', ''],
  ])

  const secondPage = await startAs(await computer(), 'editor', 'Marketing')
  await search(secondPage, 'degustation')
  await expect(rowOf(secondPage, 'Basement degustation')).toHaveCount(1)
  await expect(rowOf(secondPage, 'Quarterly degustation')).toHaveCount(1)
  await expect(rowOf(secondPage, 'Cancelled degustation')).toHaveCount(0)
})

test('a second device sees what the first one sent, and hears of a change', async ({ server, computer }) => {
  const firstPage = await startAs(await computer(), 'editor', 'Sales')
  await addInteraction(firstPage, 'Handover of the north round')

  const page = await startAs(await computer(), 'agent')
  await search(page, 'handover north')
  await expect(rowOf(page, 'Handover of the north round')).toHaveCount(1)

  const agent = await server.signIn('agent')
  const [record] = await agent.find('Sales', 'handover north')
  await agent.update('Sales', record!, { title: 'Handover of the south round' })
  await search(page, 'handover')
  await expect(rowOf(page, 'Handover of the south round')).toBeVisible({ timeout: 40_000 })
})

test('a lost answer makes no second record', async ({ server, cable, computer }) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const lost = cable.swallowAnswerTo('/sync/push')
  await addInteraction(page, 'Sent twice, kept once')
  await lost
  await upToDate(page)
  const editor = await server.signIn('editor')
  expect(await editor.find('Marketing', 'sent twice')).toHaveLength(1)
})
