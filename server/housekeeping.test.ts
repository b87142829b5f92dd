import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from './test/app.ts'
import { run } from './test/process.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const keepHouse = async (databaseUrl: string) => {
  const { ended, said } = run('server/housekeeping.ts', { DATABASE_URL: databaseUrl })
  return { code: await ended, ...said }
}

test('does what there is to do beside a server at work, and says how much', async () => {
  const editor = server.as('editor', server.ids.sites.Marketing)
  const [stale, gone] = [await editor.create(), await editor.create()]
  await editor.delete(`/interactions/${gone.id}`)
  await server.database.owner.query(
    `UPDATE interactions SET updated_at = updated_at - interval '3 years', deleted_at = deleted_at - interval '31 days'
     WHERE id = ANY ($1)`,
    [[stale.id, gone.id]],
  )
  const { url } = server.database
  expect(await keepHouse(url)).toEqual({ code: 0, out: 'Purged 1 and archived 1 interactions\n', err: '' })
  expect(await keepHouse(url)).toEqual({ code: 0, out: 'Purged 0 and archived 0 interactions\n', err: '' })
})

test('what stands in its way is said in one line', async () => {
  expect(await keepHouse('postgres://nobody@127.0.0.1:1/none')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^The database at DATABASE_URL does not answer.*\n$/) as string,
  })
})
