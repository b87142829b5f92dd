import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, type TestDatabase } from './test/database.ts'
import { password } from './test/fixture.ts'
import { createFolder } from './test/folder.ts'
import { run, runServer } from './test/process.ts'

/** `npm run keys:rotate` beside servers at work, as processes. */

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())

let folder: string
beforeEach(async () => {
  const made = await createFolder()
  onTestFinished(made.remove)
  folder = made.path
})

/** With as many tries to sign in as waiting for a key takes. */
const settings = () => ({ DATABASE_URL: database.url, DATA_DIR: folder, RATE_LIMIT_AUTH_MAX: '10000' })
const rotate = async (env: Record<string, string> = settings()) => {
  const { ended, said } = run('server/keys.ts', env)
  return { code: await ended, ...said }
}
/** Of a key that signs from now on. */
const nameOfNow = () => `jwt-key.${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}.pem`
const newKey = async () => (await readdir(folder)).find((name) => /^jwt-key\.\d/.test(name))!

async function started() {
  const server = runServer({ ...settings(), LOG_LEVEL: 'info' })
  const url = await server.url
  const ask = async <T>(path: string, init: RequestInit = {}) => (await fetch(url + path, init)).json() as T
  return {
    ...server,
    published: async () =>
      (await ask<{ keys: { kid: string }[] }>('/.well-known/jwks.json')).keys.map(({ kid }) => kid),
    signIn: async () =>
      (
        await ask<{ token: string }>('/api/v1/auth/login', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: 'editor', password }),
        })
      ).token,
    status: async (token: string) =>
      (await fetch(`${url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status,
  }
}
const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid

test('servers at work publish the new key, then sign with it, and nobody has to sign in again', async () => {
  const servers = [await started(), await started()]
  const [one, other] = servers as [(typeof servers)[0], (typeof servers)[0]]
  const before = await one.signIn()
  expect(await other.status(before)).toBe(200)

  const { code, out, err } = await rotate()
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^A new key is in .+: published at once, it signs from \d{4}-\d\d-\d\dT[\d:.]+Z\n$/)
  expect((await rotate()).out).toMatch(/^A new key waits already: jwt-key\.\d{8}T\d{6}Z\.pem signs from /)
  for (const { published } of servers) await expect.poll(published, { timeout: 15_000 }).toHaveLength(2)
  const [, next] = await one.published()
  expect(kidOf(await other.signIn())).toBe(kidOf(before))

  // Its minutes are over.
  await rename(join(folder, await newKey()), join(folder, nameOfNow()))
  for (const { signIn } of servers)
    await expect.poll(async () => kidOf(await signIn()), { timeout: 15_000 }).toBe(next)
  expect(await Promise.all(servers.map(({ status }) => status(before)))).toEqual([200, 200])

  one.child.kill('SIGKILL')
  await one.ended
  const again = await started()
  expect(kidOf(await again.signIn())).toBe(next)
  expect(await again.status(before)).toBe(200)

  // What cannot be read is said by those at work, who go on, and keeps others from starting.
  const path = join(folder, 'jwt-key.20991231T000000Z.pem')
  await writeFile(path, 'half a key')
  await other.says(/the keys of access tokens were not read again/)
  expect(await other.status(before)).toBe(200)
  const refused = runServer(settings())
  expect(await refused.ended).toBe(1)
  expect(refused.said.err).toBe(
    `Fieldbook cannot start: The file ${path} cannot be used: The key in it cannot be read: it must be an RSA private key in PEM form. Put back ${path} from a backup. Without one remove it: nobody is signed out, but codes mailed before count no longer\n`,
  )
  await rm(path)
  const pem = await readFile(join(folder, 'jwt-key.pem'), 'utf8')
  for (const { said } of [other, again]) expect(said.out + said.err).not.toContain(pem.slice(40, 80))
}, 90_000)

test('keys of the environment are not the command’s to change, nor any where there is none', async () => {
  const key = inject('jwtPrivateKey')
  expect(await rotate({ ...settings(), JWT_PRIVATE_KEY: key })).toEqual({
    code: 1,
    out: 'JWT_PRIVATE_KEY holds the keys: put the new one there, in the steps of docs/security.md\n',
    err: '',
  })
  expect(await rotate()).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^There is no key in /) as string,
  })
  expect(await readdir(folder)).toEqual([])
})
