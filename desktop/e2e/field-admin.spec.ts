import type { Locator, Page } from '@playwright/test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerWith, failure } from './support/answers.ts'
import { ask, expect, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { chooseFile } from './support/sync-centre.ts'

test.use({ serverOf: 'field-admin' })

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')
const told = (page: Page, words: string) => expect(page.getByText(words)).toBeVisible()

async function show(page: Page, name: string): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name, exact: true }).click()
  return page.getByRole('region', { name, exact: true })
}

/** The card of a question in the builder. */
const card = (page: Page, number: number) =>
  page.getByRole('listitem', { name: `Question ${number}`, exact: true })

/** The way there by keyboard alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let steps = 0; steps < 80; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}

test('a survey is written, tried and published by keyboard; what cannot be asked is refused', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Sales')
  const surveys = await show(page, 'Surveys')
  await expect(surveys).toBeVisible()
  const preview = page.getByRole('complementary', { name: 'Preview' })
  const status = page.getByRole('status', { name: 'Form status' })

  await button(surveys, 'Add survey').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.type('Freezer check')
  const add = (type: string) => button(page.getByRole('region', { name: 'Add a question' }), type)
  await tabTo(page, add('Yes or no'))
  await page.keyboard.press('Enter')
  await page.keyboard.type('Is there a freezer of ours?')
  await tabTo(page, page.getByRole('checkbox', { name: 'An answer is required' }))
  await page.keyboard.press('Space')
  await tabTo(page, add('Several choices'))
  await page.keyboard.press('Enter')
  await page.keyboard.type('What is in it?')
  await tabTo(page, page.getByRole('textbox', { name: 'Choice 1' }))
  for (const choice of ['Ice cream', 'Peas', 'peas']) {
    await page.keyboard.type(choice)
    if (choice !== 'peas') await page.keyboard.press('Enter')
  }
  // Only what is under way is said to be wrong: the choice that is there twice.
  await expect(card(page, 2)).toContainText('Has the choice “peas” twice')
  await page.keyboard.press('Control+s')
  await expect(status).toBeEmpty()
  await page.getByRole('textbox', { name: 'Choice 3' }).fill('Fish')
  await page.keyboard.press('Alt+ArrowUp')
  await expect(page.getByRole('textbox', { name: 'Choice 2' })).toHaveValue('Fish')
  await expect(page.getByRole('textbox', { name: 'Choice 2' })).toBeFocused()
  const shown = page.getByRole('combobox', { name: 'Shown' })
  await shown.focus()
  await page.keyboard.press('O')
  await expect(page.getByRole('combobox', { name: 'Condition' })).toBeVisible()
  await expect(card(page, 2)).toContainText('only if question 1 is “Yes”')

  await tabTo(page, add('Photo'))
  await page.keyboard.press('Enter')
  await page.keyboard.type('The freezer, open')
  await page.getByRole('checkbox', { name: 'A photo is required' }).check()
  await shown.selectOption({ label: 'Only if 1. Is there a freezer of ours?' })
  await add('Rating').click()
  await page.keyboard.type('How tidy is it?')
  await page.getByRole('textbox', { name: 'Highest rating' }).fill('ten')
  await expect(card(page, 4).getByRole('alert')).toHaveText('Must be a number')
  await page.getByRole('textbox', { name: 'Highest rating' }).fill('12')
  await expect(card(page, 4).getByRole('alert')).toContainText('from 2 to 10')
  await page.getByRole('textbox', { name: 'Highest rating' }).fill('4')

  // As the field sees it: what is shown follows from the answers, and so does what is missing.
  await expect(preview.getByText('What is in it?')).toBeHidden()
  await expect(preview).toContainText('2 questions not shown')
  await preview.getByRole('radio', { name: 'No' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(preview.getByRole('radio', { name: 'Yes' })).toBeChecked()
  await expect(preview.getByRole('checkbox', { name: 'Ice cream' })).toBeVisible()
  const missing = preview.getByRole('region', { name: 'Missing before completing' })
  await expect(missing).toContainText('The freezer, open: Needs a photo')
  await lookAt(device, 'survey-builder')
  await button(preview, 'One photo more for The freezer, open').click()
  await expect(missing).toContainText('Nothing')
  await preview.getByRole('radio', { name: 'No' }).check()
  await expect(preview.getByText('What is in it?')).toBeHidden()

  // Moved by keyboard, the question keeps it; a circle is refused where it closes.
  await card(page, 2)
    .getByRole('button', { name: /What is in it/ })
    .focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect(card(page, 1).getByRole('button', { name: /What is in it/ })).toBeFocused()
  await expect(card(page, 1)).toContainText('Must be shown by an earlier question')
  await card(page, 2)
    .getByRole('button', { name: /Is there a freezer/ })
    .click()
  await shown.selectOption({ label: 'Only if 1. What is in it?' })
  await expect(card(page, 1)).toContainText('Is shown by question 2, which is shown by this one')
  await page.keyboard.press('Control+s')
  await expect(card(page, 1).getByRole('combobox', { name: 'Shown' })).toBeFocused()
  await expect(status).toBeEmpty()
  await lookAt(device, 'survey-circle')
  await button(card(page, 1), 'Move question 1 down').click()
  await card(page, 1)
    .getByRole('button', { name: /Is there a freezer/ })
    .click()
  await shown.selectOption('')

  // By the pointer too: the half of a card it is let go over says on which side.
  const head = (number: number) => card(page, number).locator('[draggable]')
  await head(4).dragTo(card(page, 3), { targetPosition: { x: 60, y: 6 } })
  await expect(card(page, 3)).toContainText('How tidy is it?')
  await head(3).dragTo(card(page, 4), { targetPosition: { x: 60, y: 40 } })
  await expect(card(page, 4)).toContainText('How tidy is it?')

  // What others are shown by is not deleted unasked, and comes back.
  await button(card(page, 1), 'Delete question 1').click()
  await expect(question(page)).toContainText('Questions 2 and 3 are shown by its answer.')
  await button(question(page), 'Delete').click()
  await expect(card(page, 4)).toBeHidden()
  await button(page, 'Undo').click()
  await expect(card(page, 2)).toContainText('only if question 1 is “Yes”')
  await page.keyboard.press('Control+s')
  await expect(status).toHaveText('Saved')

  await button(page, 'Publish…').click()
  await expect(question(page)).toContainText('New visits can begin with it')
  await button(question(page), 'Publish').click()
  await told(page, 'Version 1 of Freezer check is published.')
  await button(page, 'Publish…').click()
  await expect(status).toHaveText('Nothing has changed since version 1')

  // A change is the next version; somebody else’s is read, under what is typed.
  const name = page.getByRole('textbox', { name: 'Name' })
  await name.fill('Freezer and fridge check')
  await server.sql(
    `UPDATE surveys SET version = version + 1, description = 'Weekly' WHERE name = 'Freezer check'`,
  )
  await page.keyboard.press('Control+s')
  await told(page, 'Somebody else has just changed this survey.')
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Weekly')
  await expect(name).toHaveValue('Freezer and fridge check')
  await button(page, 'Publish…').click()
  await expect(question(page)).toContainText(
    'Visits in progress stay with version 1 until their agent goes on to the new one.',
  )
  await button(question(page), 'Save and publish').click()
  await told(page, 'Version 2 of Freezer and fridge check is published.')

  await name.fill('Something else')
  await button(page, 'Back to all surveys').click()
  await expect(question(page)).toContainText('Save your changes?')
  await button(question(page), 'Discard').click()
  const row = surveys.getByRole('row').filter({ hasText: 'Freezer and fridge check' })
  await expect(row).toContainText('Version 2')
  await lookAt(device, 'surveys')

  // What was never published can go; what was is taken out of use.
  await button(surveys, 'Add survey').click()
  await page.keyboard.type('Mistake')
  await page.keyboard.press('Control+s')
  await expect(status).toHaveText('Saved')
  await button(page, 'More for this survey').click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await button(question(page), 'Delete').click()
  await expect(surveys.getByRole('row').filter({ hasText: 'Mistake' })).toHaveCount(0)
  await button(row, 'Freezer and fridge check').click()
  await button(page, 'More for this survey').click()
  await expect(page.getByRole('menuitem', { name: /^Delete…/ })).toBeDisabled()
  await page.getByRole('menuitem', { name: 'Take out of use' }).click()
  await told(page, 'Freezer and fridge check is out of use: no new visit begins with it.')
})

const table = `\ufeffFilial-Nr.;Laden;Straße;Hausnr.;PLZ;Ort;Breite;Länge;Notiz
F1;Müllers Laden;Königstraße;5;10115;Berlin;52,53;13,38;gut
F2;Öz-Gida;Hauptstraße;16;10827;Berlin;52.4861;13.3528;
;Spätkauf;;;;Berlin;52,51;13,44;
;Spätkauf;;;;Berlin;52,49;13,42;
F5;;Allee;1;12345;Berlin;;;
F6;Nordmarkt;Allee;2;12345;Berlin;north;13,3;
F1;Müllers Laden;;;;;;;`

test('shops are imported with their bad rows told, changed, taken out of use and deleted', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-shops-'))
  const file = join(folder, 'Filialen.csv')
  await writeFile(file, table)
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Support')
  const shops = await show(page, 'Shops')
  await expect(heading(page, 'There are no shops in use')).toBeVisible()
  await lookAt(device, 'shops-none')

  await chooseFile(device, file)
  await button(shops, 'Import a file…').click()
  await expect(heading(page, 'What do the columns hold?')).toBeFocused()
  await rm(folder, { recursive: true })
  for (const [column, what] of [
    ['Filial-Nr.', 'Reference'],
    ['Laden', 'Name'],
    ['Hausnr.', 'Address'],
    ['Länge', 'Longitude'],
    ['Notiz', 'Left out'],
  ] as const)
    await expect(page.getByLabel(`What ${column} holds`).getByRole('option', { selected: true })).toHaveText(
      what,
    )
  const preview = page.getByRole('region', { name: 'The first shops would be' })
  await expect(preview).toContainText('Königstraße 5, 10115 Berlin')
  await expect(preview).toContainText('“north” is not in degrees')
  await lookAt(device, 'shops-import-columns')
  await page.getByLabel('What Laden holds').selectOption('')
  await button(page, 'Check 7 rows').click()
  await expect(page.getByText('Say which column holds the name')).toBeVisible()
  await page.getByLabel('What Laden holds').selectOption({ label: 'Name' })
  await button(page, 'Check 7 rows').click()
  await expect(heading(page, 'This would happen')).toBeFocused()
  const bad = page.getByRole('region', { name: 'Rows that cannot be taken in' })
  await expect(bad.getByRole('row')).toHaveText([
    /Row/,
    /6No nameName: Is required/,
    /7NordmarktLatitude: “north” is not in degrees/,
    /8Müllers LadenIs the same shop as row 2/,
  ])
  await lookAt(device, 'shops-import-checked')
  await button(page, 'Import 4 shops').click()
  await expect(heading(page, 'Imported')).toBeFocused()
  await told(page, 'The shops are in Support')
  await button(page, 'To the shops').click()
  await expect(shops.getByRole('row')).toHaveCount(5)
  await expect(page.getByText('4 shops')).toBeVisible()

  // Found however it is written; changed, with what is wrong beside its field.
  await page.getByRole('searchbox', { name: 'Search shops' }).fill('konig')
  await expect(shops.getByRole('row')).toHaveCount(2)
  await button(shops, 'Müllers Laden').focus()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Shop' })
  await expect(panel.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await panel.getByRole('textbox', { name: 'Longitude' }).fill('')
  await panel.getByRole('textbox', { name: 'Reference' }).fill('F2')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('alert')).toHaveText('Is required beside the other one')
  await expect(panel.getByRole('textbox', { name: 'Longitude' })).toBeFocused()
  await panel.getByRole('textbox', { name: 'Longitude' }).fill('13,39')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('textbox', { name: 'Reference' })).toHaveAttribute('aria-invalid', 'true')
  await expect(panel.getByRole('textbox', { name: 'Reference' })).toBeFocused()
  await lookAt(device, 'shops-panel')
  await server.sql(`UPDATE shops SET version = version + 1, address = 'Königsallee 5' WHERE reference = 'F1'`)
  await panel.getByRole('textbox', { name: 'Reference' }).fill('F1')
  await page.keyboard.press('Control+s')
  await told(page, 'Somebody else has just changed this shop.')
  await expect(panel.getByRole('textbox', { name: 'Address' })).toHaveValue('Königsallee 5')
  await expect(panel.getByRole('textbox', { name: 'Longitude' })).toHaveValue('13,39')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('status', { name: 'Form status' })).toHaveText('Saved')

  await button(panel, 'Take out of use').click()
  await told(page, 'Müllers Laden is out of use: no new visit goes there.')
  await expect(heading(page, 'No shop found')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByLabel('State').selectOption({ label: 'In use or not' })
  await button(shops, 'Müllers Laden').click()
  await button(panel, 'Delete…').click()
  await button(question(page), 'Delete').click()
  await told(page, 'Müllers Laden is deleted.')
  await page.getByRole('searchbox', { name: 'Search shops' }).fill('')

  // One that was visited stays.
  const [visited] = (await ask(page, 'shops.list', { siteId: await siteOf(page), search: 'Gida' })).shops
  await server.sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, visit_type, status, started_at, timezone)
     SELECT shops.tenant_id, shops.site_id, gen_random_uuid(), users.id, shops.id, 'routine', 'in_progress', now(),
       'Europe/Berlin'
     FROM shops JOIN users USING (tenant_id) WHERE shops.id = $1 AND username = 'agent'`,
    [visited!.id],
  )
  await button(shops, 'Öz-Gida').click()
  await button(panel, 'Delete…').click()
  await button(question(page), 'Delete').click()
  await expect(panel.getByRole('alert')).toContainText('take it out of use instead')

  await button(shops, 'Add shop').click()
  await page.keyboard.type('Corner shop')
  await page.keyboard.press('Control+s')
  await told(page, 'Corner shop is added.')
  await expect(button(shops, 'Corner shop')).toBeVisible()
})

test('a brand has a colour and pictures; what is no picture is refused', async ({ cable, computer }) => {
  test.setTimeout(600_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Sales')
  const brands = await show(page, 'Brands')
  await button(brands, 'Add brand').click()
  const panel = page.getByRole('complementary', { name: 'Brand' })
  const colour = panel.getByRole('textbox', { name: 'Colour as a number' })
  await page.keyboard.type('Nordmilk')
  await colour.fill('teal')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('alert')).toHaveText('Must be a colour such as #0d6e6e')
  await expect(colour).toBeFocused()
  await colour.fill('#FE0')
  await expect(panel).toContainText('White words on this colour are hard to read')
  await panel.getByRole('radio', { name: 'Violet' }).check()
  await expect(colour).toHaveValue('#7132a8')
  await page.keyboard.press('Control+s')
  await told(page, 'Nordmilk is added.')
  await expect(panel.getByRole('heading', { name: 'Nordmilk' })).toBeVisible()

  const file = panel.getByLabel('Picture of the brand')
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  await file.setInputFiles({ name: 'logo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(svg) })
  await expect(panel.getByRole('alert')).toBeVisible()
  await expect(page.getByRole('dialog')).toBeHidden()
  await file.setInputFiles({ name: 'Packs 2026.png', mimeType: 'image/png', buffer: await picture(page) })
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('textbox', { name: 'Title' })).toHaveValue('Packs 2026')
  await lookAt(device, 'brand-picture')
  await button(dialog, 'Add').click()
  await told(page, '“Packs 2026” is added to Nordmilk.')
  const shown = button(panel, 'Show Packs 2026').locator('img')
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320)
  await expect(brands.getByRole('row').filter({ hasText: 'Nordmilk' })).toContainText('1')
  await lookAt(device, 'brand')
  await button(panel, 'Show Packs 2026').click()
  await expect(dialog.getByRole('heading', { name: 'Packs 2026' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(button(panel, 'Show Packs 2026')).toBeFocused()

  await button(panel, 'Remove Packs 2026').click()
  await button(question(page), 'Remove').click()
  await told(page, '“Packs 2026” is removed.')
  await expect(shown).toBeHidden()
  await button(panel, 'Take out of use').click()
  await told(page, 'Nordmilk is out of use')
  await button(panel, 'Delete…').click()
  await button(question(page), 'Delete').click()
  await told(page, 'Nordmilk is deleted.')
  await expect(brands.getByRole('row').filter({ hasText: 'Nordmilk' })).toHaveCount(0)
})

test('what field work is about waits, fails and is offline in words, and is only for those who look after it', async ({
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Sales')
  const lists = { Shops: 'shops.list', Surveys: 'surveys.list', Brands: 'brands.list' } as const
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  for (const name of Object.keys(lists)) {
    const screen = await show(page, name)
    await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
    await expect(button(screen, /^Add (shop|survey|brand)$/)).toBeDisabled()
  }
  await lookAt(device, 'brands-offline')
  await cable.plugIn()
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeHidden({
    timeout: 60_000,
  })
  for (const [name, request] of Object.entries(lists)) {
    await answerWith(device, request, failure)
    const screen = await show(page, name)
    await expect(screen.getByText(`Reference ${failure.reference}`)).toBeVisible()
    await show(page, 'Finder')
    await answerWith(device, request, null)
    await expect((await show(page, name)).getByRole('status', { name: /^Reading the / })).toBeVisible()
    await show(page, 'Finder')
  }
  const agent = await startAs(await computer(), 'agent')
  const rail = agent.getByRole('navigation', { name: 'Screens' })
  await expect(button(rail, 'Finder')).toBeVisible()
  for (const name of Object.keys(lists)) await expect(button(rail, name)).toBeHidden()
})

/** The site one works in. */
const siteOf = async (page: Page): Promise<string> => (await ask(page, 'session.get', {})).siteId!

/** A picture as a program would draw it. */
const picture = async (page: Page): Promise<Buffer> => {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(320, 200)
    const context = canvas.getContext('2d')!
    context.fillStyle = '#7132a8'
    context.fillRect(20, 20, 120, 160)
    context.fillStyle = '#9ad'
    context.fillRect(160, 60, 120, 120)
    const blob = await canvas.convertToBlob({ type: 'image/png' })
    return [...new Uint8Array(await blob.arrayBuffer())]
  })
  return Buffer.from(bytes)
}
