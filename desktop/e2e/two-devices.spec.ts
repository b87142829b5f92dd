import {
  edit,
  expect,
  meeting,
  search,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'
import { editOf, fieldRow, showCentre } from './support/sync-centre.ts'

test('two devices edit different fields of one record offline: both edits are kept, on both screens and on the server', async ({
  server,
  cable,
  otherCable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Sales', meeting('Night market', { location: 'Hall 2' }))
  const here = await startAs(await computer(), 'agent')
  const there = await startAs(await computer(otherCable.url), 'leader')
  for (const page of [here, there]) await search(page, 'Night market')
  await cable.pull()
  await otherCable.pull()

  await edit(here, 'Night market', { Location: 'Hall 7' })
  await edit(there, 'Night market', { Notes: 'Bring the ladder', Description: 'Every Friday' })
  await cable.plugIn()
  await otherCable.plugIn()

  for (const page of [here, there]) {
    await upToDate(page)
    const form = page.getByRole('form', { name: 'Edit interaction' })
    await expect(form.getByRole('textbox', { name: 'Location' })).toHaveValue('Hall 7', { timeout: 60_000 })
    await expect(form.getByRole('textbox', { name: 'Notes' })).toHaveValue('Bring the ladder')
    await expect(form.getByRole('textbox', { name: 'Description' })).toHaveValue('Every Friday')
  }
  await takePicture(there, 'sync-merged')
  expect(await admin.find('Sales', 'night market')).toMatchObject([
    { location: 'Hall 7', notes: 'Bring the ladder', description: 'Every Friday' },
  ])
})

test('two devices edit the same fields offline: the second decides field by field, and what loses stays in the history', async ({
  server,
  cable,
  otherCable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const base = { location: 'Hall 2', description: 'Every Friday' }
  const { id } = await admin.create('Sales', meeting('Harvest fair', base))
  const here = await startAs(await computer(), 'agent')
  const there = await startAs(await computer(otherCable.url), 'leader')
  for (const page of [here, there]) await search(page, 'Harvest fair')
  await cable.pull()
  await otherCable.pull()

  await edit(here, 'Harvest fair', { Location: 'Hall 7', Description: 'Every Saturday' })
  await edit(there, 'Harvest fair', { Location: 'Hall 9', Description: 'Every Sunday', Notes: 'Buy string' })
  await cable.plugIn()
  await upToDate(here)
  await otherCable.plugIn()
  await expect(syncStatus(there)).toHaveText('1 needs attention', { timeout: 60_000 })
  const untouched = { location: 'Hall 7', description: 'Every Saturday', notes: '' }
  expect(await admin.find('Sales', 'harvest fair')).toMatchObject([untouched])

  const centre = await showCentre(there)
  await expect(centre.getByRole('heading', { name: 'Two people changed “Harvest fair”' })).toBeVisible()
  const disputed = centre.getByRole('table', { name: 'Conflicting fields' })
  await expect(fieldRow(disputed, 'Location')).toContainText(/Hall 2.*Hall 9.*Hall 7/)
  await expect(fieldRow(disputed, 'Description')).toContainText(/Friday.*Sunday.*Saturday/)
  await takePicture(there, 'sync-conflict')
  await centre.getByRole('button', { name: 'Save this version' }).click()
  await expect(centre.getByText('Choose what Location should say')).toBeVisible()
  await centre.getByRole('radio', { name: 'Location, yours: Hall 9' }).check()
  await centre.getByRole('radio', { name: /^Description, .*: Every Saturday$/ }).check()
  await takePicture(there, 'sync-conflict-decided')
  await centre.getByRole('button', { name: 'Save this version' }).click()

  const settled = { location: 'Hall 9', description: 'Every Saturday', notes: 'Buy string' }
  await upToDate(there)
  await expect.poll(() => admin.find('Sales', 'harvest fair')).toMatchObject([settled])
  await centre.getByRole('tab', { name: 'Sent' }).click()
  await editOf(centre, 'Conflict settled').click()
  const history = centre.getByRole('table', { name: 'The conflict it settled' })
  await expect(fieldRow(history, 'Location')).toContainText(/Hall 9.*Not kept.*Hall 7.*Hall 9/)
  await expect(fieldRow(history, 'Description')).toContainText(/Not kept.*Sunday.*Saturday/)
  await takePicture(there, 'sync-conflict-history')

  const form = here.getByRole('form', { name: 'Edit interaction' })
  await expect(form.getByRole('textbox', { name: 'Location' })).toHaveValue('Hall 9', { timeout: 60_000 })
  await expect(form.getByRole('textbox', { name: 'Notes' })).toHaveValue('Buy string')
  const audit = await server.sql<{ old_values: object; new_values: object }>(
    `SELECT old_values, new_values FROM audit_logs
     WHERE action = 'interaction.conflict-settled' AND entity_id = $1`,
    [id],
  )
  expect(audit).toHaveLength(1)
  expect(audit[0]).toMatchObject({
    old_values: {
      mine: { location: 'Hall 9', description: 'Every Sunday' },
      theirs: { location: 'Hall 7', description: 'Every Saturday' },
    },
    new_values: { location: 'Hall 9' },
  })
})
