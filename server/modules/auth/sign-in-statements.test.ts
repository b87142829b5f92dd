import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password } from '../../test/fixture.ts'

/** On a server of its own: what an earlier sign-in is still writing down would be among the statements. */
let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const signIn = (username: string, secret: string) =>
  server.anonymous().post('/auth/login', { username, password: secret })

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]

/** The statements of a sign-in until it is answered, without what they are asked with. */
async function statementsOf(name: string, secret: string): Promise<string[]> {
  const statements: string[] = []
  const note = ({ sql: text }: { sql: string }) => statements.push(text)
  const answered = () => server.app.knex.off('query', note)
  subscribe('tracing:fastify.request.handler:asyncStart', answered)
  server.app.knex.on('query', note)
  await refused(name, secret)
  unsubscribe('tracing:fastify.request.handler:asyncStart', answered)
  return statements
}

/** Until it is written down, too. */
async function refused(name: string, secret: string): Promise<void> {
  const written = async () =>
    (
      await sql<{ count: number }>(
        `SELECT count(*)::int AS count FROM audit_logs WHERE action = 'session.refused'`,
      )
    )[0]!.count
  const before = await written()
  expect((await signIn(name, secret)).status).toBeGreaterThan(400)
  await expect.poll(written).toBe(before + 1)
}

test('asks the database the same, whoever is not let in and why', { timeout: 30_000 }, async () => {
  await sql('UPDATE users SET active = false WHERE username = $1', ['colleague'])
  for (let i = 0; i < 5; i++) await refused('manager', 'wrong')
  const wrong = await statementsOf('editor', 'wrong')
  expect(wrong.length).toBeGreaterThan(5)
  expect(wrong.join()).not.toContain('audit')
  for (const [name, secret] of [
    ['nobody', 'wrong'],
    ['editor', ''],
    ['colleague', password],
    ['manager', 'wrong'],
    ['manager', password],
  ] as const) {
    expect(await statementsOf(name, secret), name).toEqual(wrong)
  }
})
