import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { Computer } from '../test/computer.ts'
import { alice, bob, filled, siteA, siteB } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'

const day = 24 * 3600_000

async function setUp({ sites = [siteA] } = {}) {
  const web = new WebModel()
  web.addUser('alice', alice, Object.fromEntries(sites.map((id) => [id, 'editor'])))
  web.addUser('bob', bob, { [siteA]: 'editor' })
  const computer = await new Computer(web).start()
  return { web, computer }
}

const add = (computer: Computer, title: string) =>
  computer.do['interaction.save']({ siteId: siteA, opened: null, fields: { ...filled, title } }).then(
    ({ interaction }) => interaction,
  )

const titles = async (computer: Computer) => {
  const { rows } = await computer.do['finder.query']({
    siteId: siteA,
    filter: {},
    sort: [],
    offset: 0,
    limit: 100,
  })
  return rows.map((row: LocalInteraction) => row.title).sort()
}

describe('signing in', () => {
  it('opens the only site by itself, and the records come', async () => {
    const { web, computer } = await setUp()
    web.model.write(siteA, alice, filled, bob)
    expect(computer.phase).toBe('signed-out')
    expect(await computer.signIn('alice')).toMatchObject({
      phase: 'signed-in',
      siteId: siteA,
      keepsData: true,
      user: { id: alice },
    })
    expect(await titles(computer)).toEqual(['Kick-off'])
    expect(computer.told.at(-1)).toEqual(computer.session.state())
  })

  it('with several sites asks which, once', async () => {
    const { computer } = await setUp({ sites: [siteA, siteB] })
    expect(await computer.signIn('alice')).toMatchObject({ phase: 'choosing-site', siteId: null })
    await expect(
      computer.do['session.chooseSite']({ siteId: alice, makeDefault: false }),
    ).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    expect(await computer.do['session.chooseSite']({ siteId: siteB, makeDefault: false })).toMatchObject({
      phase: 'signed-in',
      siteId: siteB,
    })
    await computer.restart()
    expect(computer.session.state()).toMatchObject({ phase: 'signed-in', siteId: siteB })
  })

  it('says plainly when the server is out of reach or the password is wrong', async () => {
    const { web, computer } = await setUp()
    await expect(computer.signIn('alice', { password: 'wrong' })).rejects.toThrow(
      'User name or password is not right',
    )
    web.reachable = false
    await expect(computer.signIn('alice')).rejects.toThrow(/127\.0\.0\.1:3000 cannot be reached/)
    expect(computer.phase).toBe('signed-out')
  })

  it('shows nothing before', async () => {
    const { computer } = await setUp()
    await expect(titles(computer)).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
  })
})

describe('with a kept session', () => {
  it('the data opens at once, without the server, and goes on working', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    await add(computer, 'Online')
    await settled()
    web.reachable = false
    await computer.restart()
    expect(computer.phase).toBe('signed-in')
    await add(computer, 'Offline')
    await computer.restart({ crash: true })
    expect(await titles(computer)).toEqual(['Offline', 'Online'])
    expect(computer.session.status()).toMatchObject({ online: false, waiting: 1 })
    web.reachable = true
    await computer.pass()
    expect(computer.session.status()).toMatchObject({ online: true, waiting: 0 })
    expect(
      web.model
        .live(siteA)
        .map(({ title }) => title)
        .sort(),
    ).toEqual(['Offline', 'Online'])
  })

  it('is locked after 30 days without the server, and opened by it', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    web.reachable = false
    await add(computer, 'Kept')
    computer.clock.jump(29 * day)
    await computer.restart()
    expect(computer.phase).toBe('signed-in')
    computer.clock.jump(2 * day)
    await computer.restart()
    expect(computer.phase).toBe('locked')
    await expect(titles(computer)).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
    web.reachable = true
    await computer.pass()
    expect(computer.phase).toBe('signed-in')
    expect(web.model.live(siteA)).toHaveLength(1)
  })

  it('is locked after the days its organisation decided, once it has heard of them', async () => {
    const { web, computer } = await setUp()
    web.model.setOfflineDays(alice, 3)
    await computer.signIn('alice')
    web.reachable = false
    computer.clock.jump(2 * day)
    await computer.restart()
    expect(computer.phase).toBe('signed-in')
    computer.clock.jump(2 * day)
    await computer.restart()
    expect(computer.phase).toBe('locked')
  })

  it('a clock set far back does not keep the door open', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    web.reachable = false
    computer.clock.jump(-31 * day)
    await computer.restart()
    expect(computer.phase).toBe('locked')
  })

  it('which the server has ended, work goes on, and signing in again sends it', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    web.endSessions()
    await add(computer, 'Meanwhile')
    await computer.pass(1000)
    expect(computer.session.state()).toMatchObject({ phase: 'signed-in', mustSignIn: true })
    expect(computer.session.status()).toMatchObject({ waiting: 1 })
    expect(await titles(computer)).toEqual(['Meanwhile'])
    await computer.restart()
    expect(computer.session.state()).toMatchObject({ phase: 'signed-in', mustSignIn: true })
    await computer.signIn('alice')
    await computer.pass(1000)
    expect(computer.session.state()).toMatchObject({ mustSignIn: false })
    expect(web.model.live(siteA)).toHaveLength(1)
  })

  it('a site taken away closes, with a word', async () => {
    const { web, computer } = await setUp({ sites: [siteA, siteB] })
    await computer.signIn('alice')
    await computer.do['session.chooseSite']({ siteId: siteA, makeDefault: false })
    web.model.setSites(alice, { [siteB]: 'viewer' })
    await computer.pass(30_000)
    expect(computer.session.state()).toMatchObject({
      phase: 'signed-in',
      siteId: siteB,
      notice: expect.stringContaining('no longer') as string,
    })
    await expect(titles(computer)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })
})

describe('signing out', () => {
  it('with nothing unsent ends the session here and on the server', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    expect(await computer.do['session.signOut']({ leaveUnsent: false })).toEqual({ unsent: 0, done: true })
    expect(web.log).toContain(`/auth/logout ${alice}`)
    await computer.restart()
    expect(computer.phase).toBe('signed-out')
    const [account] = readdirSync(computer.accountsFolder)
    expect(readdirSync(`${computer.accountsFolder}/${account}`).sort()).toEqual([
      'cache.db',
      'database.key',
      'queue.db',
    ])
  })

  it('with unsent work asks first, then keeps it for this person', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    web.reachable = false
    await add(computer, 'Unsent')
    expect(await computer.do['session.signOut']({ leaveUnsent: false })).toEqual({ unsent: 1, done: false })
    expect(computer.phase).toBe('signed-in')
    const leaving = computer.do['session.signOut']({ leaveUnsent: true })
    await computer.pass(5000)
    expect(await leaving).toEqual({ unsent: 1, done: true })
    expect(computer.phase).toBe('signed-out')
    web.reachable = true
    await computer.pass()
    expect(web.model.live(siteA)).toEqual([])
    await computer.signIn('alice')
    await computer.pass(1000)
    expect(web.model.live(siteA).map(({ title }) => title)).toEqual(['Unsent'])
  })
})

describe('two people on one computer', () => {
  it('have a folder, a key and a queue each, and neither’s work travels under the other’s name', async () => {
    const { web, computer } = await setUp()
    await computer.signIn('alice')
    web.reachable = false
    await add(computer, 'By Alice')
    web.reachable = true
    web.endSessions()
    await computer.pass(1000)
    await computer.signIn('bob')
    await add(computer, 'By Bob')
    await computer.pass()
    expect(web.model.live(siteA).map(({ title, createdBy }) => [title, createdBy])).toEqual([['By Bob', bob]])
    expect(await titles(computer)).toEqual(['By Bob'])
    await computer.signIn('alice')
    await computer.pass()
    expect(new Map(web.model.live(siteA).map(({ title, createdBy }) => [title, createdBy]))).toEqual(
      new Map([
        ['By Bob', bob],
        ['By Alice', alice],
      ]),
    )
    const folders = readdirSync(computer.accountsFolder)
    expect(folders).toHaveLength(2)
    expect(folders.every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true)
  })

  it('and so has one person at two servers', async () => {
    const { computer } = await setUp()
    await computer.signIn('alice')
    await computer.session.signIn({
      server: 'http://localhost:4000',
      username: 'alice',
      password: 'Right!2026',
      keepSignedIn: true,
    })
    await settled()
    expect(computer.session.state().server).toBe('http://localhost:4000')
    expect(readdirSync(computer.accountsFolder)).toHaveLength(2)
  })

  it('the kept session of another server than the one prescribed stays closed', async () => {
    const { computer } = await setUp()
    await computer.signIn('alice')
    computer.settings.server = 'https://elsewhere.example.com'
    await computer.restart()
    expect(computer.phase).toBe('signed-out')
  })
})

describe('without a keychain', () => {
  it('says so, works, and keeps nothing on the disk', async () => {
    const { web, computer } = await setUp()
    computer.keychain.available = false
    await computer.restart()
    expect(computer.session.state()).toMatchObject({
      keepsData: false,
      notice: expect.stringContaining('nothing is kept') as string,
    })
    await computer.signIn('alice')
    await add(computer, 'On water')
    await settled()
    expect(web.model.live(siteA)).toHaveLength(1)
    expect(existsSync(computer.accountsFolder)).toBe(false)
    await computer.restart()
    expect(computer.phase).toBe('signed-out')
  })

  it('counts what quitting would lose, also of those who signed out, who find it again', async () => {
    const { web, computer } = await setUp()
    computer.keychain.available = false
    await computer.restart()
    await computer.signIn('alice')
    expect(computer.session.losesWorkOnQuit()).toBe(true)
    web.reachable = false
    await add(computer, 'Only here')
    const leaving = computer.do['session.signOut']({ leaveUnsent: true })
    await computer.pass(5000)
    await leaving
    expect(computer.session.losesWorkOnQuit()).toBe(true)
    expect(await computer.session.unsentInMemory()).toBe(1)
    web.reachable = true
    await computer.signIn('alice')
    await computer.pass(1000)
    expect(web.model.live(siteA)).toHaveLength(1)
    expect(await computer.session.unsentInMemory()).toBe(0)
  })

  it('a storage process that ends takes the session with it, and says so', async () => {
    const { computer } = await setUp()
    computer.keychain.available = false
    await computer.restart()
    await computer.signIn('alice')
    computer.stopStore()
    await settled()
    expect(computer.session.state()).toMatchObject({
      phase: 'signed-out',
      notice: expect.stringContaining('lost') as string,
    })
  })
})
