import type { Locator, Page } from '@playwright/test'
import { demoPassword } from '#db/seeds/demo'
import {
  addInteraction,
  addMany,
  ask,
  expect,
  meeting,
  signOut,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { mailedCode } from './support/mailed-code.ts'

test.use({ serverOf: 'account' })

const newPassword = 'Lantern.Quay 47'

async function showAccount(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Your account' }).click()
  const screen = page.getByRole('region', { name: 'Your account' })
  await expect(screen.getByRole('list', { name: 'Devices' })).toBeVisible()
  return screen
}

/** Goes there with the Tab key alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  const isThere = () => target.evaluate((element) => element === document.activeElement)
  for (let steps = 0; !(await isThere()); steps++) {
    expect(steps, 'it can be reached with the Tab key').toBeLessThan(80)
    await page.keyboard.press('Tab')
  }
}

async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(text)
}

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })

async function signInWith(page: Page, username: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'User name or e-mail' }).fill(username)
  await field(page, 'Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('devices are listed; one that is signed out from another is asked to sign in, and loses nothing', async ({
  server,
  cable,
  otherCable,
  computer,
}) => {
  const beside = await server.signIn('editor')
  const laptop = await computer(cable.url)
  const page = await startAs(laptop, 'editor', 'Marketing')
  await cable.pull()
  await addInteraction(page, 'Umbrella market, written on the lost laptop')

  const desk = await startAs(await computer(otherCable.url), 'editor', 'Marketing')
  const screen = await showAccount(desk)
  for (const words of ['Edith Vale', 'Marketing', 'Editor: read, add and change', beside.session.user.email])
    await expect(screen.getByText(words, { exact: true }).first()).toBeVisible()
  await screen.getByRole('button', { name: 'Edit profile…' }).click()
  const profile = desk.getByRole('dialog', { name: 'Edit your profile' })
  await profile.getByLabel('E-mail').fill('not an address')
  await desk.keyboard.press('Enter')
  await expect(profile.getByLabel('E-mail')).toBeFocused()
  await expect(profile.getByRole('alert')).toHaveText('Enter an e-mail address')
  await desk.keyboard.press('ControlOrMeta+A')
  await desk.keyboard.type('edith@harbour-vale.example')
  await profile.getByLabel('Name').fill('Edith Vale-Quay')
  await desk.keyboard.press('Enter')
  await expect(desk.getByText('Your profile is saved.')).toBeVisible()
  await expect(screen.getByText('edith@harbour-vale.example', { exact: true })).toBeVisible()
  await expect(desk.getByRole('button', { name: 'User menu: Edith Vale-Quay' })).toBeVisible()

  const devices = screen.getByRole('list', { name: 'Devices' }).getByRole('listitem')
  await expect(devices).toHaveCount(3)
  await expect(devices.first()).toContainText('This device')
  await expect(devices.first().getByRole('button')).toBeHidden()
  const question = desk.getByRole('alertdialog')
  const lost = devices.filter({ hasNotText: /This device|without a name/ })
  await lost.getByRole('button', { name: /^Sign out of/ }).click()
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(devices).toHaveCount(3)
  await lost.getByRole('button', { name: /^Sign out of/ }).click()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await expect(devices).toHaveCount(2)
  await expect(screen.getByRole('status', { name: 'Devices' })).toContainText('Signed out of')

  await cable.plugIn()
  await expect(page.getByText('You have been signed out of the server.')).toBeVisible({ timeout: 60_000 })
  await expect(syncStatus(page)).toHaveText(/1 waiting$/)
  const admin = await server.signIn('admin')
  expect(await admin.count('Marketing', 'umbrella market')).toBe(0)
  await page.getByRole('button', { name: 'Sign in again' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password', { exact: true }).fill(demoPassword)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await upToDate(page)
  expect(await admin.count('Marketing', 'umbrella market')).toBe(1)

  await screen.getByRole('button', { name: 'Sign out of A device without a name' }).click()
  await question.getByRole('button', { name: 'Cancel' }).click()
  await desk.keyboard.press('ControlOrMeta+K')
  await desk.keyboard.type('go to finder')
  await desk.keyboard.press('Enter')
  await showAccount(desk)
  await expect(devices).toHaveCount(3)
  await screen.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await expect(screen.getByText('Signed out everywhere else.')).toBeVisible()
  await expect(devices).toHaveCount(1)
  await expect(beside.count('Marketing', '')).rejects.toThrow('401')
  await otherCable.pull()
  await expect(syncStatus(desk)).toContainText('Offline', { timeout: 60_000 })
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await expect(screen.getByRole('button', { name: 'Change password' })).toBeDisabled()
})

test('a password is changed by keyboard alone, and ends the other sessions', async ({ server, computer }) => {
  const beside = await server.signIn('viewer')
  const page = await startAs(await computer(), 'viewer')
  await page.keyboard.press('ControlOrMeta+K')
  await page.keyboard.type('your account')
  await page.keyboard.press('Enter')
  const form = page.getByRole('form', { name: 'Change password' })
  const current = field(page, 'Current password')
  const next = field(page, 'New password')
  const needs = form.getByRole('list', { name: 'What it needs' })

  await tabTo(page, current)
  await page.keyboard.press('Enter')
  await expect(current).toBeFocused()
  await expect(form.getByText('Enter the password you have now')).toBeVisible()
  await page.keyboard.type('not my password')
  await typeInto(page, next, 'lantern')
  await expect(needs.getByText('A digit, still needed')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(next).toBeFocused()
  await expect(form.getByRole('alert')).toHaveText('It does not meet every point below yet')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(newPassword)
  await expect(needs.getByText('A digit, done')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(form.getByText('This is not your current password')).toBeVisible()
  await expect(current).toBeFocused()
  await expect(next).toHaveValue(newPassword)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(demoPassword)
  await page.keyboard.press('Enter')
  await expect(form.getByText('Your password is changed.')).toBeVisible()
  await expect(beside.count('Marketing', '')).rejects.toThrow('401')
  await upToDate(page)

  await signOut(page)
  await signInWith(page, 'viewer', demoPassword)
  await expect(page.getByText('User name or password is not right')).toBeVisible()
  await signInWith(page, 'viewer', newPassword)
  await upToDate(page)
})

test('a forgotten password is set anew with the code of a mail, by keyboard alone, and nothing typed is lost', async ({
  server,
  cable,
  computer,
}) => {
  const page = await (await computer(cable.url)).start()
  const name = page.getByRole('textbox', { name: 'User name or e-mail' })
  const press = async (words: string) => {
    await tabTo(page, page.getByRole('button', { name: words, exact: true }))
    await page.keyboard.press('Enter')
  }
  await typeInto(page, name, 'nobody at all')
  await press('Forgot your password?')
  await expect(name).toHaveValue('nobody at all')
  await expect(name).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText('If there is an account for “nobody at all”')).toBeVisible()
  await press('Send another code')
  await typeInto(page, name, 'agent')
  await page.keyboard.press('Enter')
  await expect(page.getByText('If there is an account for “agent”')).toBeVisible()

  const code = field(page, 'Code from the mail')
  const next = field(page, 'New password')
  await expect(code).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText('Enter the code from the mail')).toBeVisible()
  await page.keyboard.type('not-a-code')
  await typeInto(page, next, newPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByText('This code is not right')).toBeVisible()
  await expect(code).toBeFocused()
  await expect(next).toHaveValue(newPassword)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(` ${await mailedCode(server, 'agent')} `)
  await typeInto(page, next, demoPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Not one that many people use, still needed')).toBeVisible()
  await expect(next).toBeFocused()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(newPassword)
  await cable.pull()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('cannot be reached')
  await expect(next).toHaveValue(newPassword)
  await takePicture(page, 'reset-password-offline')
  await cable.plugIn()
  await page.keyboard.press('Enter')

  await expect(page.getByText('Your password is changed. Sign in with the new one.')).toBeVisible()
  await expect(name).toHaveValue('agent')
  await expect(field(page, 'Password')).toBeFocused()
  await page.keyboard.type(newPassword)
  await page.keyboard.press('Enter')
  await upToDate(page)
})

test('five wrong passwords lock the account, which says nothing about whose it is; an admin unlocks it, or mails a code', async ({
  server,
  computer,
}) => {
  const device = await computer()
  const page = await device.start()
  /** What is said to the right password after five wrong ones, without the minutes and the reference. */
  const lock = async (username: string) => {
    for (let times = 1; times <= 5; times++) {
      await signInWith(page, username, `Not-the-password ${times}`)
      await expect(field(page, 'Password')).toHaveValue('')
      await expect(page.getByRole('alert')).toContainText('User name or password is not right')
    }
    await signInWith(page, username, demoPassword)
    await expect(page.getByRole('alert')).toContainText(/Try again in 1\d minutes/)
    return (await page.getByRole('alert').innerText()).replace(/\d+/, 'n').replace(/Reference.*/s, '')
  }
  const known = await lock('leader')
  await lookAt(device, 'sign-in-locked')
  expect(await lock('nobody-of-this-name')).toBe(known)

  const admin = await startAs(await computer(), 'admin', 'Marketing')
  await admin.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'People' }).click()
  const people = admin.getByRole('region', { name: 'People' })
  await people.getByRole('searchbox', { name: 'Search people' }).fill('Leo Quay')
  await expect(people.getByRole('row', { name: /Leo Quay/ })).toContainText('Locked')
  await people.getByRole('button', { name: 'Leo Quay' }).click()
  const panel = admin.getByRole('complementary', { name: 'Person' })
  const question = admin.getByRole('alertdialog')
  await panel.getByRole('button', { name: 'Unlock…' }).click()
  await question.getByRole('button', { name: 'Unlock' }).click()
  await expect(admin.getByText('Leo Quay can sign in again.')).toBeVisible()
  await expect(people.getByRole('row', { name: /Leo Quay/ })).toContainText('Active')
  await expect(panel.getByRole('button', { name: 'Unlock…' })).toBeHidden()
  await signInWith(page, 'leader', demoPassword)
  await upToDate(page)

  await panel.getByRole('button', { name: 'Send password reset…' }).click()
  await question.getByRole('button', { name: 'Send' }).click()
  await expect(admin.getByText(/^A password reset is on its way to leader@/)).toBeVisible()
  await signOut(page)
  await page.getByRole('button', { name: 'I have a code' }).click()
  await field(page, 'Code from the mail').fill(await mailedCode(server, 'leader'))
  await field(page, 'New password').fill(newPassword)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByText('Your password is changed. Sign in with the new one.')).toBeVisible()
  await signInWith(page, 'leader', newPassword)
  await upToDate(page)
})

test('who wants to be kept signed in is, for longer than a day, and nobody else', async ({
  server,
  computer,
}) => {
  const start = async (keep: boolean) => {
    const device = await computer()
    const page = await device.start()
    const box = page.getByRole('checkbox', { name: 'Keep me signed in on this device' })
    await expect(box).toBeChecked()
    await box.setChecked(keep)
    await device.signIn('editor', 'Marketing')
    await upToDate(page)
    await device.quit()
    return device
  }
  const [kept, forADay] = [await start(true), await start(false)]
  const again = await forADay.start()
  await upToDate(again)
  await forADay.quit()

  await server.sql(`UPDATE sessions SET expires_at = expires_at - interval '25 hours'`)
  await upToDate(await kept.start())
  const later = await forADay.start()
  await expect(later.getByText('You have been signed out of the server.')).toBeVisible({ timeout: 60_000 })
  await later.getByRole('button', { name: 'Sign in again' }).click()
  const dialog = later.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password', { exact: true }).fill(demoPassword)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await upToDate(later)
})

test('nobody gets past a password that has to be changed; the queue waits unharmed', async ({
  server,
  computer,
}) => {
  const due = () => server.sql(`UPDATE users SET must_change_password = true WHERE username = 'outsider'`)
  const whose = `user_id = (SELECT id FROM users WHERE username = 'outsider')`
  await due()
  const device = await computer()
  const page = await device.start()
  await device.giveCredentials('outsider')
  const card = page.getByRole('region', { name: 'Choose a new password' })
  await expect(card).toBeVisible()
  await page.reload()
  await device.quit()
  const again = await device.start()
  const change = async (from: string, to: string) => {
    const form = again.getByRole('form', { name: 'Change password' })
    await expect(form).toBeVisible({ timeout: 60_000 })
    await expect(again.getByRole('navigation', { name: 'Screens' })).toBeHidden()
    await again.keyboard.type(from)
    await typeInto(again, field(again, 'New password'), to)
    await again.keyboard.press('Enter')
  }
  await change(demoPassword, newPassword)
  await upToDate(again)

  const records = async () => {
    const [found] = await server.sql<{ count: string }>(
      `SELECT count(*) FROM interactions WHERE title LIKE 'Windmill visit%'`,
    )
    return Number(found!.count)
  }
  // As when an administrator sets another password.
  await due()
  await server.sql(`UPDATE sessions SET revoked_at = now() WHERE ${whose}`)
  await addInteraction(again, 'Windmill visit, saved when signed out')
  await again.getByRole('button', { name: 'Sign in again' }).click()
  const dialog = again.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password', { exact: true }).fill(newPassword)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await change(newPassword, `${newPassword}8`)
  await upToDate(again)
  expect(await records()).toBe(1)

  // And as the server may decide at any moment.
  await server.sql(`UPDATE sessions SET must_change_password = true WHERE ${whose}`)
  const { siteId } = await ask(again, 'session.get', {})
  await addMany(again, siteId!, [meeting('Windmill visit, saved when the password was due')])
  await change(`${newPassword}8`, `${newPassword}9`)
  await upToDate(again)
  expect(await records()).toBe(2)
})

test('every screen of the account is accessible, and its picture taken', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const device = await computer(cable.url)
  const page = await device.start()
  const forms = page.getByRole('form')
  await page.getByRole('button', { name: 'Forgot your password?' }).click()
  await lookAt(device, 'forgot-password')
  await forms.getByRole('textbox').fill('someone@example.org')
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await expect(page.getByText('If there is an account')).toBeVisible()
  await lookAt(device, 'reset-password')
  await field(page, 'Code from the mail').fill('not-a-code')
  await field(page, 'New password').fill('Password1!')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await lookAt(device, 'reset-password-weak')
  await field(page, 'New password').fill(newPassword)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByText('This code is not right')).toBeVisible()
  await lookAt(device, 'reset-password-code')
  await page.getByRole('button', { name: 'Back to sign in' }).click()

  for (let times = 0; times < 2; times++) await server.signIn('admin')
  await device.signIn('admin', 'Marketing')
  await upToDate(page)
  const screen = await showAccount(page)
  await lookAt(device, 'account')
  await screen.getByRole('button', { name: 'Change password' }).scrollIntoViewIfNeeded()
  await field(page, 'New password').fill('lantern')
  await screen.getByRole('button', { name: 'Change password' }).click()
  await expect(screen.getByRole('alert').first()).toBeVisible()
  await lookAt(device, 'account-password')
  await screen.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await lookAt(device, 'account-sign-out')
  await page.keyboard.press('Escape')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await lookAt(device, 'account-offline')
  await cable.plugIn()

  await upToDate(page)
  await server.sql(
    `UPDATE sessions SET must_change_password = true
     WHERE user_id = (SELECT id FROM users WHERE username = 'admin')`,
  )
  await ask(page, 'sync.now', {})
  await expect(page.getByRole('region', { name: 'Choose a new password' })).toBeVisible({ timeout: 60_000 })
  await lookAt(device, 'must-change-password')
})
