import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { createTestApp, type TestApp } from './test/app.ts'
import { createDatabase } from './test/database.ts'
import { run } from './test/process.ts'
import { migrate } from '#db/migrate'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const secret = 'Harbour-7-Lights'
const create = async (env: Record<string, string>, url = server.database.url) => {
  const { ended, said } = run('server/create-superadmin.ts', { DATABASE_URL: url, ...env })
  return { code: await ended, ...said }
}
const given = {
  SUPERADMIN_USERNAME: 'keeper',
  SUPERADMIN_EMAIL: 'keeper@platform.example',
  SUPERADMIN_PASSWORD: secret,
}

test('adds a super admin beside a server at work, who signs in and sees the organisations', async () => {
  expect(await create(given)).toEqual({ code: 0, out: 'keeper is a super admin\n', err: '' })
  const { body } = await server
    .anonymous()
    .post<SignedIn>('/auth/login', { username: 'keeper', password: secret })
  expect(body.user).toMatchObject({ tenant: null, roles: ['super_admin'] })
  expect((await server.anonymous(body.token).get<{ total: number }>('/tenants')).body.total).toBe(2)
  expect(await create(given)).toMatchObject({
    code: 1,
    out: 'This user name cannot be used. Choose another one.\n',
  })
})

test('makes the platform where there is none, and one only', async () => {
  const empty = await createDatabase({ template: null })
  try {
    await migrate(empty.url)
    expect(await create(given, empty.url)).toMatchObject({ code: 0 })
    const other = { ...given, SUPERADMIN_USERNAME: 'other', SUPERADMIN_EMAIL: 'other@platform.example' }
    expect(await create(other, empty.url)).toMatchObject({ code: 0 })
    await empty.owner.query('CREATE POLICY test ON tenants TO CURRENT_USER USING (true)')
    expect((await empty.owner.query(`SELECT kind FROM tenants WHERE kind <> 'system'`)).rows).toEqual([
      { kind: 'platform' },
    ])
  } finally {
    await empty.drop()
  }
})

test('says what is not right in one line, and a password nowhere', async () => {
  const weak = await create({ ...given, SUPERADMIN_PASSWORD: 'weak-secret' })
  expect(weak).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^The password is not good enough: .*\n$/) as string,
  })
  expect(JSON.stringify(weak)).not.toContain('weak-secret')
  expect(await create({ ...given, SUPERADMIN_USERNAME: 'a b' })).toMatchObject({ code: 1 })
  expect(await create({ ...given, SUPERADMIN_EMAIL: 'nowhere' })).toMatchObject({
    code: 1,
    out: '“nowhere” is no e-mail address\n',
  })
})
