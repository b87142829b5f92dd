import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createFolder } from '../../test/folder.ts'
import { folderKeyring, keptSeconds, keyringOf, leadSeconds, rotateKeys, verifiesSeconds } from './keyring.ts'
import { newKeyPem } from './signing-key.ts'

// Whoever may do everything cannot be kept from removing a file otherwise.
vi.mock('node:fs/promises', { spy: true })

let folder: string
let time: number
beforeEach(async () => {
  const made = await createFolder()
  onTestFinished(made.remove)
  folder = join(made.path, 'data')
  time = Date.UTC(2026, 10, 22, 2, 15)
})
const now = () => time
const pass = (seconds: number) => void (time += seconds * 1000)
const open = () => folderKeyring(folder, now)
const rotate = async () => {
  const rotated = await rotateKeys(folder, time)
  if ('not' in rotated) throw new Error(rotated.not)
  return rotated.from
}
const kids = (keys: { kid: string }[]) => keys.map(({ kid }) => kid)
const files = async () => (await readdir(folder)).toSorted()

describe('keys in a folder', () => {
  test('the first is made, readable by its owner alone, and found again', async () => {
    const first = await open()
    expect(await files()).toEqual(['jwt-key.pem'])
    expect((await stat(join(folder, 'jwt-key.pem'))).mode & 0o777).toBe(0o600)
    expect(kids(first.trusted())).toEqual([first.signing().kid])
    expect((await open()).signing().kid).toBe(first.signing().kid)
  })

  test('servers that start at once have one and the same', async () => {
    const keyrings = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        // Each a little later than the one before it.
        for (let step = 0; step < at; step++) await setImmediate()
        return open()
      }),
    )
    expect(new Set(keyrings.map((keys) => keys.signing().kid)).size).toBe(1)
    expect(await files()).toEqual(['jwt-key.pem'])
  })

  test('another one is published first, signs at its time, and the one before it goes when nothing of it can be met', async () => {
    const keys = await open()
    const before = keys.signing()
    expect(await rotate()).toEqual(new Date('2026-11-22T02:25:00Z'))
    expect(await files()).toEqual(['jwt-key.20261122T022500Z.pem', 'jwt-key.pem'])
    await keys.read()
    const [, after] = keys.trusted()
    expect(kids(keys.trusted())).toEqual([before.kid, after!.kid])
    expect(keys.secrets()).toEqual([before.secret, after!.secret])

    pass(leadSeconds - 1)
    expect(keys.signing().kid).toBe(before.kid)
    pass(1)
    expect(keys.signing().kid).toBe(after!.kid)
    expect(keys.secrets()).toEqual([after!.secret, before.secret])

    pass(verifiesSeconds - 1)
    expect(kids(keys.trusted())).toEqual([before.kid, after!.kid])
    pass(1)
    expect(kids(keys.trusted())).toEqual([after!.kid])
    // What was mailed is good for days.
    expect(keys.secrets()).toEqual([after!.secret, before.secret])

    pass(keptSeconds - verifiesSeconds - 1)
    await keys.read()
    expect(keys.secrets()).toHaveLength(2)
    pass(1)
    expect(keys.secrets()).toEqual([after!.secret])
    await keys.read()
    expect(await files()).toEqual(['jwt-key.20261122T022500Z.pem'])
    expect((await open()).signing().kid).toBe(after!.kid)
    expect(kids(keys.trusted())).toEqual([after!.kid])
  })

  test('one that is over and cannot be removed keeps no server from starting, and is told once', async () => {
    await open()
    await rotate()
    pass(leadSeconds + keptSeconds)
    vi.mocked(rm).mockRejectedValue(new Error('EACCES: permission denied'))
    onTestFinished(() => void vi.mocked(rm).mockReset())
    const keys = await open()
    expect(keys.trusted()).toEqual([keys.signing()])
    const failed = vi.fn()
    await keys.read(failed)
    await keys.read(failed)
    expect(failed.mock.calls).toEqual([
      [new Error('EACCES: permission denied'), 'a key of access tokens that is over cannot be removed'],
    ])
    expect(await files()).toHaveLength(2)
  })

  test('the next one is added when the last one signs, and not before', async () => {
    const keys = await open()
    await rotate()
    await expect(rotate()).rejects.toThrow(
      'A new key waits already: jwt-key.20261122T022500Z.pem signs from 2026-11-22T02:25:00.000Z',
    )
    pass(leadSeconds)
    await rotate()
    await keys.read()
    expect(keys.trusted()).toHaveLength(3)
    pass(leadSeconds)
    expect(keys.signing().kid).toBe(keys.trusted()[2]!.kid)
    expect(keys.secrets()).toHaveLength(3)
  })

  test('two who rotate at once add one', async () => {
    await open()
    const moments = await Promise.all([rotate(), rotate()])
    expect(moments[0]).toEqual(moments[1])
    expect(await files()).toHaveLength(2)
  })

  test('one that got into other hands is taken away, and the one that waits signs at once', async () => {
    const keys = await open()
    await rotate()
    await rm(join(folder, 'jwt-key.pem'))
    await keys.read()
    expect(keys.trusted()).toEqual([keys.signing()])
    expect(keys.secrets()).toEqual([keys.signing().secret])
  })

  test('there is none to replace where there is none', async () => {
    await expect(rotate()).rejects.toThrow(
      `There is no key in ${folder} to replace: a server makes the first one as it starts`,
    )
  })

  test.each([
    ['is damaged', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'cannot be read'],
    ['is empty', '', 'cannot be read'],
    ['holds a key of another kind', ecPem(), 'must be an RSA key of at least 2048 bits'],
  ])('a file that %s is named, with what to do', async (_, text, why) => {
    const keys = await open()
    const [before] = keys.trusted()
    const path = join(folder, 'jwt-key.20261122T022000Z.pem')
    await writeFile(path, text)
    const words = `The file ${path} cannot be used: The key in it ${why}`
    const remedy = `Put back ${path} from a backup. Without one remove it`
    await expect(open()).rejects.toThrow(words)
    await expect(open()).rejects.toThrow(remedy)
    await expect(rotate()).rejects.toThrow(words)
    // Whoever is at work goes on with what there was.
    await expect(keys.read()).rejects.toThrow(words)
    expect(keys.trusted()).toEqual([before])
    await writeFile(path, newKeyPem())
    await keys.read()
    expect(keys.trusted()).toHaveLength(2)
  })

  test('one that cannot be got at is named too, and a folder that is empty of a sudden', async () => {
    const keys = await open()
    const path = join(folder, 'jwt-key.pem')
    await rename(path, join(folder, 'elsewhere'))
    await expect(keys.read()).rejects.toThrow(`No key that signs access tokens is left in ${folder}`)
    expect(keys.trusted()).toHaveLength(1)
    await mkdir(path)
    await expect(open()).rejects.toThrow(`The file ${path} cannot be used: EISDIR`)
  })

  test('other files are nobody’s business, half of a key neither', async () => {
    const keys = await open()
    for (const name of ['jwt-key.pem.bak', 'jwt-key.tomorrow.pem', '.0190.part', 'server.pid'])
      await writeFile(join(folder, name), 'x')
    await keys.read()
    expect(keys.trusted()).toHaveLength(1)
  })
})

describe('keys that are given', () => {
  const [newer, older] = [newKeyPem(), newKeyPem()]

  test('the first signs, all verify, with whatever is between them', () => {
    const [first] = keyringOf(newer).trusted()
    const [second] = keyringOf(older).trusted()
    for (const text of [newer + older, `${newer}\n\n${older}`, `  ${newer.trim()} ${older.trim()}  `]) {
      const keys = keyringOf(text)
      expect(keys.signing()).toEqual(first)
      expect(keys.trusted()).toEqual([first, second])
      expect(keys.secrets()).toEqual([first!.secret, second!.secret])
    }
  })

  test('a piece of one is not passed over', () => {
    expect(() => keyringOf(`${newer}${older.slice(0, -40)}`)).toThrow(
      'Key 2 of those that sign access tokens cannot be read: it must be an RSA private key in PEM form',
    )
    expect(() => keyringOf(`${newer} and more`)).toThrow('Key 2 of those that sign access tokens')
  })
})

test('a file that was made before there were several is the first of them', async () => {
  const made = await createFolder()
  onTestFinished(made.remove)
  const pem = newKeyPem()
  await writeFile(join(made.path, 'jwt-key.pem'), pem)
  const keys = await folderKeyring(made.path)
  expect(keys.signing()).toEqual(keyringOf(pem).signing())
  expect(await readFile(join(made.path, 'jwt-key.pem'), 'utf8')).toBe(pem)
})

function ecPem() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
