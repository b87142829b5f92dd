import { expect, it } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, filled, siteA } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { password, WebModel } from '../test/web-model.ts'

async function setUp({ due }: { due: boolean }) {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'editor' })
  const setDue = (mustChangePassword: boolean) =>
    web.model.users.set(alice, { ...web.model.users.get(alice)!, mustChangePassword })
  setDue(due)
  const computer = await new Computer(web).start()
  return { web, computer, setDue }
}

const add = (computer: Computer, title: string) =>
  computer.do['interaction.save']({ siteId: siteA, opened: null, fields: { ...filled, title } })

const change = (computer: Computer, currentPassword = password) =>
  computer.do['account.changePassword']({ currentPassword, newPassword: 'Another!2026' })

it('who must choose another password sees nothing and syncs nothing before they have', async () => {
  const { web, computer } = await setUp({ due: true })
  expect(await computer.signIn('alice')).toMatchObject({ phase: 'changing-password', mustSignIn: false })
  await expect(add(computer, 'Too early')).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
  await expect(
    computer.do['session.chooseSite']({ siteId: siteA, makeDefault: false }),
  ).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
  await computer.pass()
  await computer.restart()
  computer.session.wake()
  await computer.pass()
  expect(computer.phase).toBe('changing-password')
  expect(web.log.filter((line) => !line.startsWith('/auth/'))).toEqual([])

  await expect(change(computer, 'wrong')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  expect(computer.phase).toBe('changing-password')
  await change(computer)
  await settled()
  expect(computer.phase).toBe('signed-in')
  expect(web.log).toContain(`/sync/pull ${alice}`)
  await computer.restart()
  expect(computer.phase).toBe('signed-in')
})

it('when it becomes due while somebody works, edits wait unharmed and go once it is changed', async () => {
  const { web, computer, setDue } = await setUp({ due: false })
  await computer.signIn('alice')
  setDue(true)
  await add(computer, 'Meanwhile')
  await computer.pass(1000)
  expect(computer.session.state()).toMatchObject({ phase: 'changing-password', mustSignIn: false })
  expect(computer.session.status()).toMatchObject({ waiting: 1, needsAttention: 0, online: true })
  const asked = web.log.length
  await computer.pass()
  expect(web.log.slice(asked)).toEqual([])
  await change(computer)
  await computer.pass(1000)
  expect(computer.phase).toBe('signed-in')
  expect(computer.session.status()).toMatchObject({ waiting: 0, needsAttention: 0 })
  expect(web.model.live(siteA).map(({ title }) => title)).toEqual(['Meanwhile'])
})

it('where the session ends meanwhile, signing in again leads back to it', async () => {
  const { web, computer } = await setUp({ due: true })
  await computer.signIn('alice')
  web.endSessions()
  await expect(change(computer)).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
  expect(computer.phase).toBe('locked')
  await computer.signIn('alice')
  expect(computer.phase).toBe('changing-password')
  await change(computer)
  await settled()
  expect(computer.session.state()).toMatchObject({ phase: 'signed-in', mustSignIn: false })
})
