import { demoPassword } from '#db/seeds/demo'
import { decryptedFiles, filesWith } from './support/disk.ts'
import {
  addInteraction,
  ask,
  edit,
  expect,
  meeting,
  rowOf,
  search,
  signOut,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'
import { showCentre } from './support/sync-centre.ts'

test('a session that ends while offline: work goes on, the queue waits, and drains once the person has signed in', async ({
  server,
  cable,
  computer,
}) => {
  const page = await startAs(await computer(), 'agent')
  await cable.pull()
  await addInteraction(page, 'Lantern parade, written offline')
  await server.sql(
    `UPDATE sessions SET revoked_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'agent')`,
  )
  await cable.plugIn()

  await expect(page.getByText('You have been signed out of the server.')).toBeVisible({ timeout: 60_000 })
  await addInteraction(page, 'Lantern parade, written signed out')
  await search(page, 'lantern parade')
  await expect(rowOf(page, 'Lantern parade')).toHaveCount(2)
  await expect(syncStatus(page)).toHaveText(/2 waiting$/)
  const centre = await showCentre(page)
  await expect(centre.getByText(/Waiting for you to sign in again/).first()).toBeVisible()
  await takePicture(page, 'sync-signed-out')
  const admin = await server.signIn('admin')
  expect(await admin.count('Sales', 'lantern parade')).toBe(0)

  await page.getByRole('button', { name: 'Sign in again' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password', { exact: true }).fill(demoPassword)
  await takePicture(page, 'sync-sign-in-again')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await upToDate(page)
  await expect(page.getByText('You have been signed out of the server.')).toBeHidden()
  const agent = (await server.signIn('agent')).session.user.id
  expect(await admin.find('Sales', 'lantern parade')).toMatchObject([
    { createdBy: agent },
    { createdBy: agent },
  ])
})

test('a site taken away while offline: its records leave the disk, the unsent edits are offered, and go once it is given back', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const others = (await admin.count('Sales', '')).toLocaleString('en')
  const edited = await admin.create('Marketing', meeting('Zanzibar route', { notes: 'Quokka in the notes' }))
  await admin.create('Marketing', meeting('Wombat never touched'))
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  const theirs = ['Quokka in the notes', 'Wombat never touched']
  for (const text of theirs) expect(filesWith(await decryptedFiles(device), text), text).not.toEqual([])
  await cable.pull()
  await addInteraction(page, 'Zanzibar timetable')
  await search(page, 'zanzibar')
  await edit(page, 'Zanzibar route', { Location: 'Rooftop' })
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')

  const member = `tenant_id = (SELECT tenant_id FROM users WHERE username = 'editor')
    AND user_id = (SELECT id FROM users WHERE username = 'editor') AND site_id = $1`
  const [membership] = await server.sql<{ row: string }>(
    `DELETE FROM user_sites WHERE ${member} RETURNING to_json(user_sites) AS row`,
    [admin.site('Marketing')],
  )
  await cable.plugIn()
  await expect(syncStatus(page)).toHaveText('2 need attention', { timeout: 60_000 })
  await expect(page.getByText('You no longer belong to the site you were working in.')).toBeVisible()
  await expect(page.getByRole('status', { name: 'Interactions found' })).toHaveText(`0 of ${others}`)
  await expect(page.getByText('0 found on this device')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Notes' })).toBeHidden()
  await takePicture(page, 'sync-site-gone')
  expect(await ask(page, 'interaction.read', { id: edited.id })).toEqual({ interaction: null })
  const files = await decryptedFiles(device)
  for (const text of theirs) expect(filesWith(files, text), text).toEqual([])
  // Their own work is the one thing left of it.
  expect(filesWith(files, 'Rooftop')).not.toEqual([])

  const centre = await showCentre(page)
  await expect(centre.getByRole('heading', { name: 'You no longer belong to Marketing' })).toBeVisible()
  for (const name of ['Retry', 'Copy what I wrote', 'Discard my change'])
    await expect(centre.getByRole('button', { name, exact: true })).toBeVisible()
  await takePicture(page, 'sync-site-gone-centre')
  expect(await admin.find('Marketing', 'zanzibar')).toMatchObject([{ location: '' }])

  await server.sql(`INSERT INTO user_sites SELECT * FROM json_populate_record(null::user_sites, $1)`, [
    membership!.row,
  ])
  await centre.getByRole('button', { name: 'Retry all 2' }).click()
  await upToDate(page)
  const back = await admin.find('Marketing', 'zanzibar')
  expect(back.map(({ title, location }) => `${title}: ${location}`).toSorted()).toEqual([
    'Zanzibar route: Rooftop',
    'Zanzibar timetable: ',
  ])
})

test('signing out with unsent work asks, and keeps it for that person alone, whoever else signs in', async ({
  server,
  cable,
  computer,
}) => {
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  await cable.pull()
  await addInteraction(page, 'Secret of Harbour and Vale')

  await signOut(page)
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('1 edit has not reached the server')
  await takePicture(page, 'sync-sign-out')
  await question.getByRole('button', { name: 'Stay signed in' }).click()
  await expect(syncStatus(page)).toHaveText('Offline · 1 waiting')
  await signOut(page)
  await question.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await cable.plugIn()

  const admin = await server.signIn('admin')
  // At the same site, and in another organisation.
  for (const [name, site] of [
    ['viewer', 'Marketing'],
    ['outsider', 'Head office'],
  ] as const) {
    const records = await (await server.signIn(name)).count(site, '')
    await device.signIn(name)
    await upToDate(page)
    await expect(page.getByRole('status', { name: 'Interactions found' })).toHaveText(
      records.toLocaleString('en'),
    )
    await search(page, 'secret')
    await expect(page.getByText('0 found on this device')).toBeVisible()
    expect(await ask(page, 'sync.queue', {})).toEqual({ items: [] })
    expect(await ask(page, 'sync.past', { limit: 10 })).toEqual({ items: [], more: false })
    expect(await admin.count('Marketing', 'secret')).toBe(0)
    await signOut(page)
  }

  await device.signIn('editor', 'Marketing')
  await upToDate(page)
  await search(page, 'secret')
  await expect(rowOf(page, 'Secret of Harbour and Vale')).toHaveCount(1)
  const editor = (await server.signIn('editor')).session.user.id
  expect(await admin.find('Marketing', 'secret')).toMatchObject([{ createdBy: editor, updatedBy: editor }])
})
