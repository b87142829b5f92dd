import type { Locator, Page } from '@playwright/test'
import { expect, signOut, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { generous, type TestServer } from './support/server.ts'

test.use({ serverOf: 'registration' })

const chosenPassword = 'Harbour-7-Lights'

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const rail = (page: Page) => page.getByRole('navigation', { name: 'Screens' })

const registerWith = async (server: TestServer, registration: 'open' | 'closed') => {
  await server.stop()
  await server.start({ ...generous, REGISTRATION: registration })
}

test('an organisation is registered from the sign-in screen, where that is open', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await device.start()
  const way = button(page, 'Register your organisation')
  await expect(button(page, 'Sign in')).toBeVisible()
  await expect(way).toBeHidden()
  await device.quit()
  await registerWith(server, 'open')

  const open = await device.start()
  await expect(button(open, 'Register your organisation')).toBeVisible()
  await lookAt(device, 'sign-in-registration')
  // The server that is typed is asked, not the one that is set.
  await button(open, 'Change server').click()
  const address = open.getByRole('textbox', { name: 'Server address' })
  await address.fill('http://127.0.0.1:1')
  await address.blur()
  await expect(button(open, 'Register your organisation')).toBeHidden()
  await address.fill(cable.url)
  await address.blur()
  await button(open, 'Register your organisation').click()
  const form = open.getByRole('form', { name: 'Register your organisation' })
  const field = (name: string) => form.getByRole('textbox', { name, exact: true })
  await expect(field('Organisation')).toBeFocused()
  await lookAt(device, 'register')
  await open.keyboard.press('Enter')
  await expect(form.getByRole('alert')).toHaveCount(5)
  await field('Organisation').fill('Südwind Bäckerei')
  await field('Your name').fill('Selma Süd')
  await field('User name').fill('admin')
  await field('E-mail').fill('not an address')
  await form.getByLabel('Password', { exact: true }).fill('weak')
  await open.keyboard.press('Enter')
  await expect(form.getByRole('alert')).toHaveCount(2)
  await lookAt(device, 'register-wrong')
  await field('E-mail').fill('editor@harbour-vale.example')
  await form.getByLabel('Password', { exact: true }).fill(chosenPassword)
  await expect(form.getByText(', still needed')).toHaveCount(0)
  await open.keyboard.press('Enter')
  // What another organisation's people have is refused beside its field, one after the other.
  await expect(field('User name')).toHaveAttribute('aria-invalid', 'true')
  await expect(field('User name')).toBeFocused()
  await field('User name').fill('selma')
  // To the sign-in form and back: all of it is there.
  await button(open, 'Back to sign in').click()
  await button(open, 'Register your organisation').click()
  for (const [name, value] of [
    ['Organisation', 'Südwind Bäckerei'],
    ['Your name', 'Selma Süd'],
    ['User name', 'selma'],
    ['E-mail', 'editor@harbour-vale.example'],
  ] as const)
    await expect(field(name)).toHaveValue(value)
  await expect(form.getByLabel('Password', { exact: true })).toHaveValue(chosenPassword)
  await expect(field('Organisation')).toBeFocused()
  await open.keyboard.press('Enter')
  await expect(field('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await expect(field('Organisation')).toHaveValue('Südwind Bäckerei')
  await field('E-mail').fill('selma@suedwind.example')
  await open.keyboard.press('Enter')
  await expect(open.getByText('Südwind Bäckerei is registered.')).toBeVisible()
  await expect(open.getByRole('textbox', { name: 'User name or e-mail' })).toHaveValue('selma')
  await expect(open.getByLabel('Password', { exact: true })).toBeFocused()
  await lookAt(device, 'registered')
  await open.getByLabel('Password', { exact: true }).fill(chosenPassword)
  await open.keyboard.press('Enter')
  await expect(open.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible({
    timeout: 60_000,
  })
  await expect(button(rail(open), 'People')).toBeVisible()

  // Its answer is lost, and it is sent again with other names: there is what was sent first.
  await signOut(open)
  await button(open, 'Register your organisation').click()
  await field('Organisation').fill('Early')
  await field('Your name').fill('Early Bird')
  await field('User name').fill('early')
  await field('E-mail').fill('early@early.example')
  await form.getByLabel('Password', { exact: true }).fill(chosenPassword)
  const swallowed = cable.swallowAnswerTo('POST /api/v1/auth/register')
  await open.keyboard.press('Enter')
  await swallowed
  await cable.pull()
  await expect(form.getByRole('alert')).toContainText('cannot be reached')
  await cable.plugIn()
  await button(open, 'Back to sign in').click()
  await button(open, 'Register your organisation').click()
  await field('User name').fill('bird')
  await form.getByLabel('Password', { exact: true }).fill(`${chosenPassword}!`)
  await open.keyboard.press('Enter')
  await expect(open.getByText('Early is registered with what you had sent first.')).toBeVisible()
  await expect(open.getByRole('textbox', { name: 'User name or e-mail' })).toHaveValue('early')
  await lookAt(device, 'registered-first')
  await open.getByLabel('Password', { exact: true }).fill(chosenPassword)
  await open.keyboard.press('Enter')
  await expect(open.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible({
    timeout: 60_000,
  })

  // Closed meanwhile: said, and nothing that was typed is lost.
  await signOut(open)
  await button(open, 'Register your organisation').click()
  await expect(field('Organisation')).toHaveValue('')
  await registerWith(server, 'closed')
  await field('Organisation').fill('Late')
  await field('Your name').fill('Late Comer')
  await field('User name').fill('late')
  await field('E-mail').fill('late@late.example')
  await form.getByLabel('Password', { exact: true }).fill(chosenPassword)
  await open.keyboard.press('Enter')
  await expect(form.getByText('ask who runs this server')).toBeVisible()
  await expect(field('Organisation')).toHaveValue('Late')
  await button(open, 'Back to sign in').click()
  await expect(button(open, 'Sign in')).toBeVisible()
})
