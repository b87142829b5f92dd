import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { InteractionFields } from '#common/contract/interactions'
import type { Cable } from './support/cable.ts'
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
import type { ApiClient } from './support/server.ts'
import { stoppedEdits } from './support/stopped-edits.ts'
import { chooseFile, editOf, fieldRow, showCentre, showQueue } from './support/sync-centre.ts'

interface World {
  admin: ApiClient
  cable: Cable
  page: Page
}

/** A record that is edited here, offline, and on the server meanwhile; the edit made here then waits for a decision. */
async function editBoth(
  { admin, cable, page }: World,
  title: string,
  mine: Record<string, string>,
  theirs: Partial<InteractionFields>,
): Promise<void> {
  const before = { location: 'Conference Room A', description: 'Once a year', notes: 'Bring the list' }
  const record = await admin.create('Marketing', meeting(title, before))
  await search(page, title)
  await expect(rowOf(page, title)).toBeVisible({ timeout: 60_000 })
  await cable.pull()
  await edit(page, title, mine)
  await admin.update('Marketing', record, theirs)
  await cable.plugIn()
  await expect(syncStatus(page)).toHaveText('1 needs attention', { timeout: 60_000 })
}

test('a conflict is settled field by field, and what lost stays to be read', async ({
  server,
  cable,
  computer,
}) => {
  const title = 'Settled stock count'
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await editBoth(
    { admin, cable, page },
    title,
    { Location: 'Conference Room B', Description: 'Every month', Notes: 'Bring the ladder' },
    { location: 'Virtual', description: 'Twice a year', notes: 'Bring the figures' },
  )

  const centre = await showCentre(page)
  await expect(centre.getByRole('heading', { name: `Two people changed “${title}”` })).toBeVisible()
  const preview = centre.getByRole('table', { name: 'What will be saved' })
  await expect(fieldRow(preview, 'Location')).toContainText('Not chosen yet')
  await centre.getByRole('radio', { name: /^Location, yours/ }).check()
  await centre.getByRole('radio', { name: /^Description, .*Twice a year$/ }).check()

  // Whatever is looked at in between, half a decision is kept.
  await page.getByRole('button', { name: 'Finder', exact: true }).click()
  await showCentre(page)
  await expect(centre.getByRole('radio', { name: /^Location, yours/ })).toBeChecked()

  await centre.getByRole('button', { name: 'Save this version' }).click()
  await expect(centre.getByRole('alert')).toHaveText('Choose what Notes should say')
  await centre.getByRole('button', { name: 'Edit Notes' }).click()
  await centre.getByRole('textbox', { name: 'Notes' }).fill('Bring ladder and figures')
  await expect(fieldRow(preview, 'Location')).toContainText('Conference Room B')
  await expect(fieldRow(preview, 'Description')).toContainText('Twice a year')
  await expect(fieldRow(preview, 'Notes')).toContainText('Bring ladder and figures')
  await centre.getByRole('button', { name: 'Save this version' }).click()

  await upToDate(page)
  const [settled] = await admin.find('Marketing', title)
  expect(settled).toMatchObject({
    location: 'Conference Room B',
    description: 'Twice a year',
    notes: 'Bring ladder and figures',
  })

  await showCentre(page, 'Sent')
  await centre.getByRole('listitem').filter({ hasText: 'Conflict settled' }).getByRole('button').click()
  const history = centre.getByRole('table', { name: 'The conflict it settled' })
  await expect(fieldRow(history, 'Location').getByRole('cell')).toHaveText([
    'Conference Room B',
    'Not keptVirtual',
    'Conference Room B',
  ])
  await expect(fieldRow(history, 'Description').getByRole('cell')).toHaveText([
    'Not keptEvery month',
    'Twice a year',
    'Twice a year',
  ])
  await expect(fieldRow(history, 'Notes').getByRole('cell')).toHaveText([
    'Not keptBring the ladder',
    'Not keptBring the figures',
    'Bring ladder and figures',
  ])
})

test('what was sent can be looked up, the latest first, by keyboard', async ({ cable, computer }) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const centre = await showCentre(page, 'Sent')
  await expect(centre.getByRole('heading', { name: 'Nothing has been sent yet' })).toBeVisible()

  await page.getByRole('button', { name: 'Finder', exact: true }).click()
  await addInteraction(page, 'Written first')
  await upToDate(page)
  await cable.pull()
  await addInteraction(page, 'Written later')
  await expect(syncStatus(page)).toHaveText('Offline · 1 waiting')
  await showCentre(page, 'Waiting')
  await editOf(centre, 'Written later').click()
  await expect(centre.getByRole('heading', { name: 'Written later' })).toBeVisible()
  await expect(centre.getByText(/^Offline since/).first()).toBeVisible()
  await cable.plugIn()
  await centre.getByRole('button', { name: 'Try now' }).click()
  await expect(centre.getByRole('heading', { name: 'Nothing is waiting' })).toBeVisible({ timeout: 60_000 })

  await centre.getByRole('tab', { name: 'Sent' }).click()
  await expect(centre.getByRole('listitem')).toHaveText([
    'Today',
    /Written later.*Sent · New record/,
    /Written first.*Sent · New record/,
  ])
  await editOf(centre, 'Written later').press('ArrowDown')
  await expect(editOf(centre, 'Written first')).toBeFocused()
  await expect(centre.getByRole('heading', { name: 'Written first' })).toBeVisible()
  await page.keyboard.press('Home')
  await expect(editOf(centre, 'Written later')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(centre.getByRole('region', { name: 'Chosen edit' })).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const form = page.getByRole('form', { name: 'Edit interaction' })
  await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue('Written later')
})

test('a discarded edit is named as such, and what it said can still be read', async ({
  server,
  cable,
  computer,
}) => {
  const title = 'Discarded stock count'
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await editBoth({ admin, cable, page }, title, { Location: 'Not after all' }, { location: 'Virtual' })

  const centre = await showCentre(page)
  await centre.getByRole('button', { name: 'Discard my change' }).click()
  const question = page.getByRole('alertdialog')
  await question.getByRole('button', { name: 'Discard', exact: true }).click()
  await upToDate(page)
  await showCentre(page, 'Sent')
  await expect(editOf(centre, title)).toContainText('You discarded it · Location')
  await editOf(centre, title).click()
  const table = centre.getByRole('table', { name: 'What this edit changes' })
  await expect(fieldRow(table, 'Location').getByRole('cell')).toHaveText([
    'Conference Room A',
    'Not after all',
  ])
  const [kept] = await admin.find('Marketing', title)
  expect(kept).toMatchObject({ location: 'Virtual' })
})

test('unsent work travels to another computer in a file and takes effect once', async ({
  server,
  cable,
  computer,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-export-'))
  const file = join(folder, 'unsent.fieldbook')
  const passphrase = 'correct horse battery'
  const old = await computer()
  const page = await startAs(old, 'editor', 'Marketing')
  await showCentre(page)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: 'Export unsent work…' })).toBeDisabled()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Finder', exact: true }).click()

  await cable.pull()
  await addInteraction(page, 'Carried over one')
  await addInteraction(page, 'Carried over two')
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')
  await chooseFile(old, file)
  await showCentre(page)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Export unsent work…' }).click()
  const exporting = page.getByRole('dialog', { name: 'Export unsent work' })
  await exporting.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await exporting.getByLabel('Passphrase again').fill('correct horse')
  await exporting.getByRole('button', { name: 'Choose where…' }).click()
  await expect(exporting.getByRole('alert')).toHaveText('The two are not the same')
  await exporting.getByLabel('Passphrase again').fill(passphrase)
  await exporting.getByRole('button', { name: 'Choose where…' }).click()
  await expect(exporting).toContainText('2 edits written to the file.')
  await exporting.getByRole('button', { name: 'Close' }).click()
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')

  const other = await computer(server.url)
  const otherPage = await startAs(other, 'editor', 'Marketing')
  await chooseFile(other, file)
  await showCentre(otherPage)
  await otherPage.getByRole('button', { name: 'More', exact: true }).click()
  await otherPage.getByRole('menuitem', { name: 'Import…' }).click()
  const importing = otherPage.getByRole('dialog', { name: 'Import unsent work' })
  await importing.getByLabel('Passphrase', { exact: true }).fill('another passphrase')
  await importing.getByRole('button', { name: 'Choose the file…' }).click()
  await expect(importing.getByRole('alert')).toContainText('Is not the one the file was written with')
  await importing.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await importing.getByRole('button', { name: 'Choose the file…' }).click()
  await expect(importing).toContainText('2 edits taken in.')
  await importing.getByRole('button', { name: 'Close' }).click()
  await upToDate(otherPage)
  const editor = await server.signIn('editor')
  expect(await editor.find('Marketing', 'carried over')).toHaveLength(2)

  await cable.plugIn()
  await upToDate(page)
  await expect(page.getByRole('listitem')).toHaveCount(0)
  expect(await editor.find('Marketing', 'carried over')).toHaveLength(2)
  await page.getByRole('button', { name: 'Finder', exact: true }).click()
  await search(page, 'carried over')
  await expect(rowOf(page, 'Carried over one')).toHaveCount(1)
  await rm(folder, { recursive: true })
})

test('what can no longer be saved can be copied, and a list of hundreds is gone through quickly', async ({
  server,
  computer,
}) => {
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  const centre = await showCentre(page, 'Needs attention')
  const stopped = stoppedEdits((await server.signIn('editor')).site('Marketing'))
  await showQueue(device, stopped)
  await editOf(centre, 'Fair in Cologne').click()
  await centre.getByRole('button', { name: 'Copy what I wrote' }).click()
  await expect(centre.getByText('Copied.')).toBeVisible()
  expect(await device.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(
    'Fair in Cologne\nLocation: Conference Room B',
  )

  const many = Array.from({ length: 2000 }, (_, n) => ({
    ...stopped[0]!,
    mutationId: `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    entityId: `0192f000-0000-7000-8001-${String(n).padStart(12, '0')}`,
    title: `Edit ${n}.`,
    state: 'waiting' as const,
  }))
  await showQueue(device, many)
  await centre.getByRole('tab', { name: 'Waiting 2,000' }).click()
  await expect(editOf(centre, 'Edit 0.')).toBeVisible()
  expect(await centre.getByRole('listitem').count()).toBeLessThan(60)
  await editOf(centre, 'Edit 0.').press('End')
  await expect(editOf(centre, 'Edit 1999.')).toBeFocused()
  await expect(editOf(centre, 'Edit 1999.')).toBeInViewport()
  await expect(centre.getByRole('heading', { name: 'Edit 1999.' })).toBeVisible()
  await page.keyboard.press('PageUp')
  await page.keyboard.press('ArrowDown')
  await expect(centre.getByRole('listitem').filter({ has: page.locator(':focus') })).toBeInViewport()
  await page.keyboard.press('Home')
  await expect(editOf(centre, 'Edit 0.')).toBeFocused()
})
