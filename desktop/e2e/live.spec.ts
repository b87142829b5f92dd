import {
  addInteraction,
  edit,
  expect,
  meeting,
  rowOf,
  search,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'

/** Milliseconds from the moment a change is saved until it shows elsewhere. */
const promptly = { timeout: 2_000 }

test('what one device saves shows on another within two seconds', async ({ computer }) => {
  const here = await startAs(await computer(), 'editor', 'Marketing')
  const there = await startAs(await computer(), 'editor', 'Marketing')
  for (const page of [here, there]) await search(page, 'lighthouse')

  await addInteraction(here, 'Lighthouse visit')
  await expect(rowOf(there, 'Lighthouse visit')).toBeVisible(promptly)

  await edit(there, 'Lighthouse visit', { Title: 'Lighthouse inspection' })
  await expect(rowOf(here, 'Lighthouse inspection')).toBeVisible(promptly)
})

test('changes in a row show each within two seconds, also after the server was away', async ({
  server,
  computer,
}) => {
  const page = await startAs(await computer(), 'editor', 'Sales')
  await search(page, 'harbour tour')

  const others = await server.signIn('agent')
  let record = await others.create('Sales', meeting('Harbour tour'))
  await expect(rowOf(page, 'Harbour tour')).toBeVisible(promptly)
  for (const hour of ['one', 'two', 'three']) {
    record = await others.update('Sales', record, { title: `Harbour tour at ${hour}` })
    await expect(rowOf(page, `Harbour tour at ${hour}`)).toBeVisible(promptly)
  }

  await server.stop()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await server.start()
  await upToDate(page, 90_000)
  for (const hour of ['four', 'five']) {
    record = await others.update('Sales', record, { title: `Harbour tour at ${hour}` })
    await expect(rowOf(page, `Harbour tour at ${hour}`)).toBeVisible(promptly)
  }
})
