import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Policy } from '#desktop/bridge/policy'
import { authority, issue, serverFor } from '#desktop/main/test/certificates'
import { startProxy, startTls } from './support/between.ts'
import type { Device } from './support/device.ts'
import { ask, expect, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

let folder: string
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldbook-managed-'))
  chmodSync(folder, 0o755)
})
test.afterEach(() => rmSync(folder, { recursive: true }))

const prescribe = (policy: Policy | string) => {
  const path = join(folder, 'policy.json')
  writeFileSync(path, typeof policy === 'string' ? policy : JSON.stringify(policy), { mode: 0o644 })
  return { env: { FIELDBOOK_POLICY_FILE: path } }
}

const support = ({ page }: Device) => page.getByRole('dialog', { name: 'Support' })

/** From the application menu, as on every screen. */
async function openSupport(device: Device) {
  await device.app.evaluate(({ Menu }) => {
    const items = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? [])
    const item = items.find(({ label }) => label.includes('Support')) as { click(): void } | undefined
    item!.click()
  })
  await expect(support(device)).toBeVisible()
}

test('what IT has set holds, is shown as such, and cannot be got around', async ({ server, computer }) => {
  const policy = prescribe({ serverAddress: server.url, keepSignedIn: false, exportsToDisk: false })
  // The environment says something else.
  const device = await computer('http://127.0.0.1:9', policy)
  const page = await device.start()
  await expect(page.getByText(`Server: ${server.url}`)).toBeVisible()
  await expect(page.getByText('Set by your organisation')).toHaveCount(2)
  await expect(page.getByRole('button', { name: 'Change server' })).toBeHidden()
  await expect(page.getByRole('checkbox', { name: 'Keep me signed in on this device' })).toBeDisabled()
  await lookAt(device, 'managed-sign-in')
  const elsewhere = { server: 'http://127.0.0.1:9', username: 'editor', password: 'x', keepSignedIn: true }
  await expect(ask(page, 'session.signIn', elsewhere)).rejects.toThrow('Your organisation has set the server')

  await device.signIn('editor', 'Marketing')
  await upToDate(page)
  await expect(page.getByRole('button', { name: 'Filters' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Export' })).toBeHidden()
  const { siteId } = await ask(page, 'session.get', {})
  const wanted = { filter: {}, sort: [], columns: ['title' as const], format: 'csv' as const }
  await expect(ask(page, 'export.start', { siteId: siteId!, ids: null, ...wanted })).rejects.toThrow(
    'Your organisation does not allow exports',
  )
  const [session] = await server.sql<{ days: number }>(
    `SELECT extract(day FROM lifetime)::int AS days FROM sessions WHERE revoked_at IS NULL ORDER BY created_at DESC LIMIT 1`,
  )
  expect(session!.days).toBeLessThan(7)

  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Support…' }).click()
  await expect(support(device).getByText('The server can be reached.')).toBeVisible()
  await expect(support(device).getByText('Staying signed in')).toBeVisible()
  await expect(support(device).getByText(join(folder, 'policy.json')).first()).toBeVisible()
  await lookAt(device, 'support')
  await page.keyboard.press('Escape')
  await expect(support(device)).toBeHidden()
  await expect(page.getByRole('button', { name: /^User menu/ })).toBeFocused()
})

test('a bad value stops nothing, is said, and loosens nothing', async ({ server, computer }) => {
  const policy = prescribe(
    JSON.stringify({ serverAddress: 'fieldbook', signInWith: 'any', keepSignedIn: 'never', colour: 'red' }),
  )
  const device = await computer(server.url, policy)
  const page = await device.start()
  await expect(page.getByRole('checkbox', { name: 'Keep me signed in on this device' })).toBeDisabled()
  await page.getByRole('button', { name: 'Support…' }).click()
  const notes = support(device).getByRole('listitem')
  await expect(notes).toHaveCount(3)
  await expect(notes.first()).toContainText('serverAddress in')
  await expect(support(device).getByText('In place of a value that cannot be used')).toBeVisible()
  await lookAt(device, 'managed-problems')
  await page.keyboard.press('Escape')
  await device.signIn('editor', 'Marketing')
})

test('with the provider only, where IT has it so', async ({ computer, cable }) => {
  const device = await computer(cable.url, prescribe({ signInWith: 'provider' }))
  const page = await device.start()
  await expect(page.getByText('Your organisation has people sign in with its provider.')).toBeVisible()
  await expect(page.getByLabel('Password', { exact: true })).toBeHidden()
  const wanted = { username: 'editor', password: 'x', keepSignedIn: true }
  await expect(ask(page, 'session.signIn', wanted)).rejects.toThrow('sign in with its provider')
  await lookAt(device, 'managed-provider')
})

test('through a proxy that asks who is there, to a server whose authority IT names', async ({
  server,
  computer,
}) => {
  const root = issue(folder, 'Harbour authority', { extensions: authority })
  const tls = await startTls(
    server.url,
    issue(folder, 'localhost', { by: root, extensions: serverFor('DNS:localhost') }),
  )
  const proxy = await startProxy('edith', 'Canary-Proxy-1')
  const policy: Policy = {
    serverAddress: tls.url,
    proxyMode: 'server',
    proxyServer: proxy.address,
    // Chromium would go past any proxy to this machine.
    proxyBypass: '<-loopback>',
    caFile: join(folder, 'Harbour authority.pem'),
  }
  const device = await computer(server.url, prescribe(policy))
  const page = await device.start()
  const asking = page.getByRole('dialog', { name: 'Sign in to the proxy' })
  await expect(asking).toContainText(proxy.address)
  await asking.getByRole('textbox', { name: 'Proxy user name' }).fill('edith')
  await asking.getByLabel('Proxy password', { exact: true }).fill('wrong')
  await page.keyboard.press('Enter')
  await expect(asking.getByRole('alert')).toHaveText('The proxy did not take that name and password.')
  await lookAt(device, 'proxy-sign-in-refused')
  await asking.getByRole('textbox', { name: 'Proxy user name' }).fill('edith')
  await asking.getByLabel('Proxy password', { exact: true }).fill('Canary-Proxy-1')
  await page.keyboard.press('Enter')
  await expect(asking).toBeHidden()
  await device.signIn('editor', 'Marketing')
  await upToDate(page)
  await expect.poll(() => tls.webSockets()).toBeGreaterThan(0)
  expect(proxy.tunnels()).toBeGreaterThan(1)
  await openSupport(device)
  await expect(support(device)).toContainText(`PROXY ${proxy.address}`)
  await expect(support(device).getByText('Trusted')).toBeVisible()
  proxy.close()
  tls.close()
})

test('a certificate that nobody vouches for is refused whatever the app is started with', async ({
  server,
  computer,
}) => {
  const root = issue(folder, 'Harbour authority', { extensions: authority })
  const leaf = issue(folder, 'localhost', { by: root, extensions: serverFor('DNS:localhost') })
  const tls = await startTls(server.url, leaf)
  const device = await computer(server.url, {
    ...prescribe({ serverAddress: tls.url }),
    arguments: ['--ignore-certificate-errors'],
  })
  const page = await device.start()
  await device.giveCredentials('editor')
  await expect(page.getByRole('alert')).toContainText(
    '“Harbour authority”, who issued it, is not trusted here',
  )
  await lookAt(device, 'certificate-refused')
  await page.getByRole('button', { name: 'Support…' }).click()
  await expect(support(device).getByText('Not well: connection, certificate.')).toBeVisible()
  tls.close()
})
