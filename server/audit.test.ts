import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSealingService } from './modules/journal/sealing.service.ts'
import { createTestApp, type TestApp } from './test/app.ts'
import { createFolder } from './test/folder.ts'
import { run } from './test/process.ts'

let server: TestApp
let folder: Awaited<ReturnType<typeof createFolder>>
beforeAll(async () => {
  server = await createTestApp()
  folder = await createFolder()
})
afterAll(async () => {
  await server.close()
  await folder.remove()
})

const verify = async (env: Record<string, string> = {}) => {
  const { ended, said } = run('server/audit.ts', {
    DATABASE_URL: server.database.url,
    AUDIT_ANCHORS: join(folder.path, 'anchors'),
    ...env,
  })
  return { code: await ended, ...said }
}

test('the audit is verified beside a server at work, in words and by its code', async () => {
  const site = server.ids.sites.Marketing
  for (let n = 0; n < 3; n++) await server.as('editor', site).create()
  expect(await verify()).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^The audit is whole: \d+ entries of \d feeds in 4 tenants; 0 feeds are held/,
    ) as string,
    err: '',
  })
  await createSealingService(server.app.transact, join(folder.path, 'anchors')).seal()
  expect((await verify()).out).toMatch(/; [1-9] feeds are held against anchors in /)

  const { owner } = server.database
  await owner.query(`UPDATE audit_logs SET action = 'interaction.read' WHERE feed_id = $1 AND position = 2`, [
    site,
  ])
  const { code, out } = await verify()
  expect(code).toBe(1)
  expect(out).toMatch(
    new RegExp(`^Feed ${site}: entry 2 is not the entry that was written there\nThe audit is not whole: `),
  )
})

test('what stands in its way is said in one line', async () => {
  expect(await verify({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^The database at DATABASE_URL does not answer.*\n$/) as string,
  })
})
