import { signInAtProvider, startProvider, type TestProvider } from '#server/test/oidc-provider'
import type { Device } from './support/device.ts'
import { expect, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test.use({ serverOf: 'provider' })

let provider: TestProvider

test.beforeAll(async ({ server }) => {
  provider = await startProvider(
    {
      agnes: { email: 'agent@harbour-vale.example', email_verified: true },
      stranger: { email: 'stranger@elsewhere.example', email_verified: true },
    },
    `${server.url}/api/v1/auth/oidc/callback`,
  )
  await server.stop()
  await server.start({
    PUBLIC_URL: server.url,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.client.id,
    OIDC_CLIENT_SECRET: provider.client.secret,
    OIDC_NAME: 'Harbour ID',
    RATE_LIMIT_AUTH_MAX: '1000',
  })
})

test.afterAll(async ({ server }) => {
  await provider.close()
  await server.stop()
  await server.start()
})

/** In place of the system's browser: takes down where the app wants it to go. */
async function watchBrowser({ app }: Device) {
  await app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = async (url) => void opened.push(url)
  })
  const opened = () => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
  return async () => {
    await expect.poll(async () => (await opened()).length).toBeGreaterThan(0)
    return app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened.shift()!)
  }
}

/** What the person does there; answers the page that the browser ends on. */
async function inBrowser(url: string, subject: string): Promise<string> {
  const back = await signInAtProvider(url, subject, provider.issuer)
  const page = await (await fetch(back)).text()
  const on = /url=([^"]+)"/.exec(page)?.[1]?.replaceAll('&#38;', '&')
  return on ? (await fetch(on)).text() : page
}

test('with the provider of the organisation, in the system’s browser', async ({ computer }) => {
  const device = await computer()
  const page = await device.start()
  const nextPage = await watchBrowser(device)
  const button = page.getByRole('button', { name: 'Sign in with Harbour ID' })
  await expect(button).toBeVisible()
  await lookAt(device, 'sign-in-provider')

  await button.click()
  await expect(page.getByText('Go on in your browser.')).toBeVisible()
  await lookAt(device, 'sign-in-provider-away')
  expect(await inBrowser(await nextPage(), 'stranger')).toContain('Nobody here has the address')
  await page.getByRole('button', { name: 'Cancel' }).click()

  await button.click()
  await expect(page.getByText('Go on in your browser.')).toBeVisible()
  expect(await inBrowser(await nextPage(), 'agnes')).toContain('Go back to Fieldbook')
  await expect(page.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible()
  await upToDate(page)
  await page.getByRole('button', { name: /Agnes Pier/ }).click()
  await expect(page.getByText('agent@harbour-vale.example')).toBeVisible()

  await device.quit()
  const again = await device.start()
  await expect(again.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible()
})
