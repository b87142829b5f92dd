import { expect, it } from 'vitest'
import { liveClose } from '#common/contract/live'
import { Computer } from '../test/computer.ts'
import { alice, filled, siteA } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'

async function setUp() {
  const web = new WebModel()
  web.live = true
  web.addUser('alice', alice, { [siteA]: 'editor' })
  const computer = await new Computer(web).start()
  return { web, computer }
}

const save = (computer: Computer) =>
  computer.do['interaction.save']({ siteId: siteA, opened: null, fields: { ...filled } })
const pulls = (web: WebModel) => web.log.filter((line) => line.startsWith('/sync/pull')).length

it('listens from signing in to signing out', async () => {
  const { web, computer } = await setUp()
  expect(web.listening).toBe(0)
  await computer.signIn('alice')
  expect(web.listening).toBe(1)
  await computer.restart()
  expect(web.listening).toBe(1)
  await computer.session.signOut({ leaveUnsent: true })
  await computer.pass()
  expect(web.listening).toBe(0)
})

it('fetches what was announced, soon', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  await computer.pass(5000)
  const before = pulls(web)
  await computer.pass(10_000)
  expect(pulls(web)).toBe(before)
  web.announce()
  await computer.pass(300)
  expect(pulls(web)).toBe(before + 1)
})

it('asks every minute while it listens, and every quarter of a minute while it does not', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  await computer.pass(1000)
  let before = pulls(web)
  await computer.pass(60_000)
  expect(pulls(web)).toBe(before + 1)
  web.live = false
  web.closeSockets()
  before = pulls(web)
  await computer.pass(60_000)
  expect(pulls(web)).toBe(before + 4)
})

it('asks once when the line is back, for what was announced in between', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  await computer.pass(5000)
  web.closeSockets()
  const before = pulls(web)
  await computer.pass(1000)
  expect(web.listening).toBe(1)
  expect(pulls(web)).toBe(before + 1)
})

it('opens the line at once when the server is in reach again', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  web.reachable = false
  web.closeSockets(1006)
  await computer.pass(600_000)
  expect(computer.session.status().online).toBe(false)
  web.reachable = true
  await save(computer)
  await settled()
  expect(computer.session.status().online).toBe(true)
  expect(web.listening).toBe(1)
})

it('replaces the line when the machine wakes up', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  await computer.pass(5000)
  const before = pulls(web)
  computer.session.wake()
  await computer.pass(0)
  expect(web.openings).toBe(2)
  expect(web.listening).toBe(1)
  expect(pulls(web)).toBeGreaterThan(before)
})

it('a session that is over is told at once, and listening goes on once the person has signed in', async () => {
  const { web, computer } = await setUp()
  await computer.signIn('alice')
  await computer.pass(5000)
  web.endSessions()
  web.closeSockets(liveClose.sessionOver)
  await computer.pass(0)
  expect(computer.session.state().mustSignIn).toBe(true)
  await save(computer)
  await computer.pass(600_000)
  expect(web.listening).toBe(0)
  await computer.signIn('alice')
  expect(web.listening).toBe(1)
  await settled()
  expect(computer.session.status().waiting).toBe(0)
})
