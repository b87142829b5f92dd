import { addInteraction, expect, rowOf, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

const words =
  'The server only reads at the moment. You can go on working; what you save is kept here and sent later.'

test('while the server only reads one goes on working, and what was saved is sent when it writes again', async ({
  server,
  computer,
}) => {
  const setReadOnly = async (setting: 'on' | 'off') => {
    await server.sql(
      `BEGIN READ WRITE; ALTER DATABASE fieldbook SET default_transaction_read_only = ${setting}; COMMIT`,
    )
    // Whoever is connected keeps what they began with.
    await server.sql(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'fieldbook'`,
    )
  }
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  const banner = page.getByRole('status', { name: 'Server' })
  await expect(banner).toBeEmpty()

  await setReadOnly('on')
  await addInteraction(page, 'Kept for later')
  await expect(rowOf(page, 'Kept for later')).toBeVisible()
  await expect(syncStatus(page)).toHaveText('Only reading · 1 waiting')
  await expect(banner).toHaveText(words)
  await lookAt(device, 'read-only')
  await addInteraction(page, 'Kept too')
  await expect(syncStatus(page)).toHaveText('Only reading · 2 waiting')

  await setReadOnly('off')
  await upToDate(page, 90_000)
  await expect(banner).toBeEmpty()
  const editor = await server.signIn('editor')
  const found = await editor.find('Marketing', 'kept')
  expect(found.map(({ title }) => title).toSorted()).toEqual(
    expect.arrayContaining(['Kept for later', 'Kept too']),
  )
})
