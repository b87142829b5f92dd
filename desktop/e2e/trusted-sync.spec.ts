import {
  addInteraction,
  addMany,
  ask,
  edit,
  expect,
  meeting,
  rowOf,
  save,
  search,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'
import { SmallDisk } from './support/small-disk.ts'
import { showCentre } from './support/sync-centre.ts'

test('the server is restored from a backup: the device notices, and sends again what the server had acknowledged and lost', async ({
  server,
  computer,
}) => {
  const before = await server.signIn('admin')
  await before.create('Sales', meeting('Orchard walk', { location: 'North gate' }))
  await before.create('Sales', meeting('Orchard picnic', { location: 'North gate' }))
  const page = await startAs(await computer(), 'agent')
  await addInteraction(page, 'Orchard survey, in the backup')
  await expect.poll(() => before.count('Sales', 'orchard survey'), { timeout: 60_000 }).toBe(1)
  const restore = await server.backUp()

  await search(page, 'orchard')
  await edit(page, 'Orchard walk', { Location: 'South gate' })
  await addInteraction(page, 'Orchard harvest, after the backup')
  const admin = await server.signIn('admin')
  await expect.poll(() => admin.count('Sales', 'orchard harvest'), { timeout: 60_000 }).toBe(1)
  // Somebody else's edit, which no device has in its own history, is lost with the restore, on the device too.
  const [picnic] = await admin.find('Sales', 'orchard picnic')
  await admin.update('Sales', picnic!, { title: 'Orchard picnic, moved' })
  await expect(rowOf(page, 'Orchard picnic, moved')).toBeVisible({ timeout: 60_000 })
  await upToDate(page)

  await restore()
  const witness = await server.signIn('leader')
  await expect.poll(() => witness.count('Sales', 'orchard harvest'), { timeout: 120_000 }).toBe(1)
  await upToDate(page)
  const found = await witness.find('Sales', 'orchard')
  expect(found.map(({ title, location }) => `${title}: ${location}`).toSorted()).toEqual([
    'Orchard harvest, after the backup: ',
    'Orchard picnic: North gate',
    'Orchard survey, in the backup: ',
    'Orchard walk: South gate',
  ])
  await expect(rowOf(page, 'Orchard')).toHaveCount(4)
  await expect(rowOf(page, 'Orchard picnic, moved')).toHaveCount(0)
  await showCentre(page, 'Sent')
  await takePicture(page, 'sync-restored-server')
})

test('kill -9 in the middle of sending 500 edits: started again, each of them arrives exactly once', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const device = await computer()
  let page = await startAs(device, 'agent')
  await cable.pull()
  // So long that they take several requests.
  const records = Array.from({ length: 500 }, (_, number) =>
    meeting(`Census ${number}`, { notes: `Household ${number} `.repeat(200) }),
  )
  await addMany(page, admin.site('Sales'), records)
  await expect(syncStatus(page)).toHaveText('Offline · 500 waiting')
  await cable.plugIn()
  const waiting = async () => (await ask(page, 'sync.status', {})).waiting
  await expect.poll(waiting, { timeout: 60_000, intervals: [20] }).toBeLessThan(500)
  await device.kill()
  await cable.pull()

  page = await device.start()
  await expect(syncStatus(page)).toHaveText(/^Offline · \d+ waiting$/, { timeout: 60_000 })
  const left = await waiting()
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(500)
  await takePicture(page, 'sync-killed')
  await cable.plugIn()
  await upToDate(page, 120_000)

  expect(await admin.count('Sales', 'census')).toBe(500)
  const [once] = await server.sql<{ titles: number; receipts: number; versions: number }>(`
    SELECT count(DISTINCT title)::int AS titles, max(version) AS versions, (
      SELECT count(*)::int FROM sync_receipts WHERE result -> 'record' ->> 'title' LIKE 'Census %'
    ) AS receipts
    FROM interactions WHERE title LIKE 'Census %'`)
  expect(once).toEqual({ titles: 500, receipts: 500, versions: 1 })
})

test('on a full disk a save fails loudly, and the form keeps what was written until it can be saved', async ({
  server,
  cable,
  computer,
}) => {
  const disk = await SmallDisk.create()
  const device = await computer(cable.url, { disk: disk.folder })
  try {
    let page = await startAs(device, 'outsider')
    await cable.pull()
    await page.getByRole('button', { name: 'New', exact: true }).click()
    const form = page.getByRole('form', { name: 'New interaction' })
    await form.getByRole('textbox', { name: 'Title' }).fill('Written on a full disk')
    await form.getByLabel('Type').selectOption('Meeting')
    const notes = 'A long story, '.repeat(100).concat('told.')
    await form.getByRole('textbox', { name: 'Notes' }).fill(notes)
    await disk.fill(device)

    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(form.getByRole('alert')).toContainText('This could not be saved: the disk is full', {
      timeout: 30_000,
    })
    await takePicture(page, 'sync-disk-full')
    await expect(form.getByRole('textbox', { name: 'Notes' })).toHaveValue(notes)
    await expect(syncStatus(page)).not.toContainText('waiting')
    await expect(rowOf(page, 'Written on a full disk')).toHaveCount(0)

    await disk.makeRoom(device)
    await save(page)
    await expect(syncStatus(page)).toHaveText('Offline · 1 waiting')
    await device.kill()
    page = await device.start()
    await expect(syncStatus(page)).toHaveText('Offline · 1 waiting', { timeout: 60_000 })
    await cable.plugIn()
    await upToDate(page)
    const outsider = await server.signIn('outsider')
    expect(await outsider.find('Head office', 'full disk')).toMatchObject([{ notes }])
  } finally {
    await device.dispose()
    await disk.dispose()
  }
})
