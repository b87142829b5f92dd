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

/** Milliseconds from the moment a change is saved until it shows elsewhere. */
const promptly = { timeout: 2_000 }

test('what one device saves shows on another within two seconds', async ({ computer }) => {
  const [first, second] = [await computer(), await computer()]
  const [here, there] = [await first.start(), await second.start()]
  await first.signIn('editor', 'Marketing')
  await second.signIn('editor', 'Marketing')
  for (const page of [here, there]) {
    await expect(syncStatus(page)).toContainText('Up to date')
    await search(page, 'lighthouse')
  }

  await addInteraction(here, 'Lighthouse visit')
  await expect(rowOf(there, 'Lighthouse visit')).toBeVisible(promptly)

  const form = await open(there, 'Lighthouse visit')
  await form.getByRole('textbox', { name: 'Title' }).fill('Lighthouse inspection')
  await save(there)
  await expect(rowOf(here, 'Lighthouse inspection')).toBeVisible(promptly)
})

test('changes in a row show each within two seconds, also after the server was away', async ({
  server,
  computer,
}) => {
  const device = await computer()
  const page = await device.start()
  await device.signIn('editor', 'Sales')
  await expect(syncStatus(page)).toContainText('Up to date')
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
  await expect(syncStatus(page)).toContainText('Up to date', { timeout: 90_000 })
  for (const hour of ['four', 'five']) {
    record = await others.update('Sales', record, { title: `Harbour tour at ${hour}` })
    await expect(rowOf(page, `Harbour tour at ${hour}`)).toBeVisible(promptly)
  }
})
