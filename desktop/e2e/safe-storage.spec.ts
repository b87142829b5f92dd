import { filesBelow, filesWith } from './support/disk.ts'
import { addInteraction, expect, search, startAs, test, upToDate } from './support/journey.ts'

test('with a keyring the session outlives a restart, and nothing readable is on the disk', async ({
  server,
  cable,
  computer,
}) => {
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await addInteraction(page, 'Canary in the coalmine')
  await search(page, 'canary coalmine')
  await upToDate(page)
  await cable.pull()
  await addInteraction(page, 'Canary in the queue')
  await device.kill()

  const secrets = ['Canary in the', 'coalmine', 'canary coalmine', 'Fieldbook!2026', 'Edith Vale', 'editor@']
  const files = await filesBelow(device.folder)
  for (const secret of secrets) expect(filesWith(files, secret), secret).toEqual([])
  const wrapped = files.filter(({ bytes }) =>
    [...bytes.toString('latin1').matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].some(([text]) =>
      Buffer.from(text, 'base64').subarray(0, 3).equals(Buffer.from('v11')),
    ),
  )
  expect(wrapped.length, 'a secret wrapped by the keyring').toBeGreaterThan(0)

  await cable.plugIn()
  page = await device.start()
  await upToDate(page)
  expect(await (await server.signIn('editor')).find('Marketing', 'canary queue')).toHaveLength(1)
})

test('without a keyring the app says so, works, and keeps nothing', async ({ computer, cable }) => {
  const device = await computer(cable.url, { keyring: false })
  let page = await device.start()
  await expect(page.getByText(/keychain|keyring/i).first()).toBeVisible()
  await device.signIn('editor', 'Marketing')
  await addInteraction(page, 'Written on water')
  await upToDate(page)
  await device.quit()

  const files = await filesBelow(device.folder)
  expect(filesWith(files, 'Written on water')).toEqual([])
  expect(files.filter(({ path }) => path.endsWith('.db'))).toEqual([])
  page = await device.start()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})
