import type { InteractionFields } from '#common/contract/interactions'
import {
  addMany,
  expect,
  meeting,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'
import { showCentre } from './support/sync-centre.ts'

/** One edit among 500 that cannot be saved holds up none of the others, under the limits a server has by itself. */

const defaultLimits = {}

/** What a day may bring, with `poisoned` in the middle of it. */
const day = (name: string, poisoned: Partial<InteractionFields>): InteractionFields[] =>
  Array.from({ length: 500 }, (_, number) =>
    meeting(`${name} ${number}`, number === 250 ? poisoned : { notes: `Shelf ${number}` }),
  )

test.beforeAll(async ({ server }) => {
  await server.stop()
  await server.start(defaultLimits)
})

test.afterAll(async ({ server }) => {
  await server.stop()
  await server.start()
})

test('500 offline edits, one of which the server refuses: 499 are sent, one waits with its reason by field', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'agent')
  await cable.pull()
  await addMany(page, admin.site('Sales'), day('Refused day', { title: 'Refused one', type: 'Training' }))
  await expect(syncStatus(page)).toHaveText('Offline · 500 waiting')
  await server.sql(`UPDATE interaction_types SET active = false WHERE name = 'Training'`)
  await cable.plugIn()

  await expect(syncStatus(page)).toHaveText('1 needs attention', { timeout: 120_000 })
  await expect.poll(() => admin.count('Sales', 'refused day')).toBe(499)
  expect(await admin.count('Sales', 'refused one')).toBe(0)
  const centre = await showCentre(page)
  await expect(centre.getByRole('tab', { name: 'Waiting 0' })).toBeVisible()
  await expect(centre.getByRole('heading', { name: 'The server did not accept “Refused one”' })).toBeVisible()
  await expect(centre.getByRole('alert')).toContainText('Type: Is not one of the types of your organisation')
  await takePicture(page, 'sync-refused')

  await centre.getByRole('button', { name: 'Edit', exact: true }).click()
  const form = page.getByRole('form', { name: 'Edit interaction' })
  await form.getByLabel('Type').selectOption('Review')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await upToDate(page)
  expect(await admin.find('Sales', 'refused one')).toMatchObject([{ type: 'Review' }])
  await server.sql(`UPDATE interaction_types SET active = true WHERE name = 'Training'`)
})

test('500 offline edits, one of which the server fails at: 499 are sent, one waits with its reason and goes by itself', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'agent')
  await cable.pull()
  await addMany(page, admin.site('Sales'), day('Failing day', { title: 'Failing one' }))
  await expect(syncStatus(page)).toHaveText('Offline · 500 waiting')
  await server.sql(`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'A fault in the database'; END $$;
    CREATE TRIGGER fails BEFORE INSERT ON interactions FOR EACH ROW
      WHEN (NEW.title = 'Failing one') EXECUTE FUNCTION fail()`)
  await cable.plugIn()

  await expect.poll(() => admin.count('Sales', 'failing day'), { timeout: 120_000 }).toBe(499)
  await expect(syncStatus(page)).toHaveText('1 waiting', { timeout: 60_000 })
  expect(await admin.count('Sales', 'failing one')).toBe(0)
  const centre = await showCentre(page)
  await expect(centre.getByRole('tab', { name: 'Needs attention 0' })).toBeVisible()
  await expect(centre.getByRole('heading', { name: 'Failing one' })).toBeVisible()
  await expect(centre.getByRole('region', { name: 'Chosen edit' })).toContainText(
    /The server could not save this/,
  )
  await takePicture(page, 'sync-failing')

  await server.sql('DROP TRIGGER fails ON interactions; DROP FUNCTION fail()')
  // The next minute would do; a device told of somebody's change asks, and tries again, at once.
  await admin.create('Sales', meeting('News from somebody else'))
  await upToDate(page, 120_000)
  expect(await admin.count('Sales', 'failing one')).toBe(1)
  expect(await admin.count('Sales', 'failing day')).toBe(499)
})
