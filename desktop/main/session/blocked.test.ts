import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, filled, siteA } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'
import { Queue } from '../store/queue.ts'

/** A computer on which alice has worked, with one edit not sent. */
async function used() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'editor' })
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  web.reachable = false
  await computer.do['interaction.save']({ siteId: siteA, opened: null, fields: filled })
  const folder = join(computer.accountsFolder, readdirSync(computer.accountsFolder)[0]!)
  const close = async () => {
    await computer.session.close()
  }
  return { web, computer, folder, close }
}

const names = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !name.endsWith('-shm') && !name.endsWith('-wal'))
    .sort()

it('a queue that cannot be read is explained and left as it is, until the person decides', async () => {
  const { web, computer, folder, close } = await used()
  await close()
  truncateSync(join(folder, 'queue.db'), 5000)
  mkdirSync(join(folder, 'photos'))
  writeFileSync(join(folder, 'photos', 'ab'.repeat(32)), 'of a photo the queue knew')
  const damaged = readFileSync(join(folder, 'queue.db'))
  await computer.restart()
  expect(computer.session.state()).toMatchObject({
    phase: 'blocked',
    blockedBy: { message: expect.stringContaining('left as it is') as string, canSetAside: true },
  })
  await computer.do['session.retryStorage']({ setAside: false })
  expect(computer.phase).toBe('blocked')
  expect(readFileSync(join(folder, 'queue.db')).equals(damaged)).toBe(true)

  expect(await computer.do['session.retryStorage']({ setAside: true })).toMatchObject({
    phase: 'signed-out',
    notice: expect.any(String) as string,
  })
  const aside = readdirSync(folder).find((name) => /^queue\.damaged-.+\.db$/.test(name))!
  expect(readFileSync(join(folder, aside)).equals(damaged)).toBe(true)
  web.reachable = true
  await computer.signIn('alice')
  expect(computer.phase).toBe('signed-in')
  const photos = readdirSync(folder).find((name) => /^photos\.damaged-.+$/.test(name))!
  expect(readdirSync(join(folder, photos))).toEqual(['ab'.repeat(32)])
})

it('photos are moved before the queue that knows of them, and never stay beside another', async () => {
  const { web, computer, folder, close } = await used()
  await close()
  truncateSync(join(folder, 'queue.db'), 5000)
  const photo = 'ab'.repeat(32)
  mkdirSync(join(folder, 'photos'))
  writeFileSync(join(folder, 'photos', photo), 'of a photo the queue knew')
  await computer.restart()
  // They cannot be moved: that name is taken.
  const mark = new Date(computer.clock.now()).toISOString().replaceAll(/[:.]/g, '-')
  mkdirSync(join(folder, `photos.damaged-${mark}`, 'something'), { recursive: true })
  await expect(computer.do['session.retryStorage']({ setAside: true })).rejects.toThrow()
  expect(names(folder)).toEqual(expect.arrayContaining(['photos', 'queue.db']))

  // The queue is gone all the same, as by hand: a new one does not know of them, and lets them be.
  rmSync(join(folder, 'queue.db'))
  await computer.restart()
  web.reachable = true
  await computer.signIn('alice')
  expect(computer.phase).toBe('signed-in')
  const left = readdirSync(folder).find((name) => name.startsWith('photos.left-'))!
  expect(readdirSync(join(folder, left))).toEqual([photo])
})

it('a queue that turns out to be damaged at work closes the data instead of losing more', async () => {
  const { computer } = await used()
  const broken = vi.spyOn(Queue.prototype, 'entries').mockImplementation(() => {
    throw Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT' })
  })
  const failure = await computer.do['sync.queue']({}).catch((error: unknown) => error)
  computer.session.storageFailed(failure as never)
  await settled()
  expect(computer.phase).toBe('blocked')
  broken.mockRestore()
  expect(await computer.do['session.retryStorage']({ setAside: false })).toMatchObject({
    phase: 'signed-in',
    blockedBy: null,
  })
  expect((await computer.do['sync.queue']({})).items).toHaveLength(1)
})

it('a locked keychain is waited for', async () => {
  const { computer } = await used()
  computer.keychain.locked = true
  await computer.restart()
  expect(computer.session.state()).toMatchObject({
    phase: 'blocked',
    blockedBy: { message: expect.stringContaining('keychain') as string },
  })
  computer.keychain.locked = false
  expect(await computer.do['session.retryStorage']({ setAside: false })).toMatchObject({ phase: 'signed-in' })
  expect((await computer.do['sync.queue']({})).items).toHaveLength(1)
})

it('a keychain that is another one never costs the data: all of it is put aside, none deleted', async () => {
  const { web, computer, folder, close } = await used()
  await close()
  const queue = readFileSync(join(folder, 'queue.db'))
  const key = readFileSync(join(folder, 'database.key'))
  computer.keychain.replace()
  await computer.restart()
  expect(computer.phase).toBe('blocked')
  await computer.do['session.retryStorage']({ setAside: true })
  const contents = names(folder).map((name) => readFileSync(join(folder, name)))
  for (const kept of [queue, key]) expect(contents.some((content) => content.equals(kept))).toBe(true)
  web.reachable = true
  await computer.signIn('alice')
  expect(computer.phase).toBe('signed-in')
})

it('a keychain that is gone leaves the files alone; setting aside means working without them', async () => {
  const { web, computer, folder, close } = await used()
  await close()
  const before = names(folder)
  computer.keychain.available = false
  await computer.restart()
  expect(computer.phase).toBe('blocked')
  expect(await computer.do['session.retryStorage']({ setAside: false })).toMatchObject({ phase: 'blocked' })
  expect(await computer.do['session.retryStorage']({ setAside: true })).toMatchObject({
    phase: 'signed-out',
    keepsData: false,
  })
  web.reachable = true
  await computer.signIn('alice')
  expect(computer.session.state()).toMatchObject({ phase: 'signed-in', keepsData: false })
  expect(names(folder)).toEqual(before)
  computer.keychain.available = true
  await computer.restart()
  await computer.pass(1000)
  expect(web.model.live(siteA)).toHaveLength(1)
})

it('a damaged copy is fetched again, with a word, and the unsent edit is untouched', async () => {
  const { web, computer, folder, close } = await used()
  await close()
  writeFileSync(join(folder, 'cache.db'), 'this is not a database')
  await computer.restart()
  expect(computer.session.state()).toMatchObject({
    phase: 'signed-in',
    notice: expect.stringContaining('fetched again') as string,
  })
  web.reachable = true
  await computer.pass()
  expect(web.model.live(siteA)).toHaveLength(1)
  expect(computer.session.status()).toMatchObject({ waiting: 0, firstSync: null })
})

it('a sign-in that meets damaged files is finished once they are set aside', async () => {
  const { web, computer, folder } = await used()
  const leaving = computer.do['session.signOut']({ leaveUnsent: true })
  await computer.pass(5000)
  await leaving
  truncateSync(join(folder, 'queue.db'), 5000)
  web.reachable = true
  expect(await computer.signIn('alice')).toMatchObject({ phase: 'blocked' })
  expect(await computer.do['session.retryStorage']({ setAside: true })).toMatchObject({
    phase: 'signed-in',
    user: { id: alice },
  })
  await computer.restart()
  expect(computer.phase).toBe('signed-in')
})
