import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import type { Endpoint } from '#common/contract/endpoint'
import { type Endpoints, endpoints } from '#common/contract/index'
import { type Client, client, createTestApp, type TestApp } from './test/app.ts'
import { type FixtureIds, password } from './test/fixture.ts'
import { readIds } from './test/global-setup.ts'
import { startRedis, type TestRedis } from './test/redis.ts'
import { samples, send, type Things } from './test/samples.ts'
import { startReplicated } from './test/standby.ts'

/** Two servers and Redis on a database that another one follows, which can be held up and killed (docs/decisions/0038). */

let replicated: Awaited<ReturnType<typeof startReplicated>>
let redis: TestRedis
let server: TestApp
let other: TestApp
let ids: FixtureIds
beforeAll(async () => {
  replicated = await startReplicated()
  redis = await startRedis()
  ids = await readIds(replicated.database.url)
  server = await start()
  other = await start()
}, 180_000)
afterAll(async () => {
  await server.close()
  await other.close()
  await redis.kill()
  await replicated.close()
})

const start = (more: { maxLag?: number; redisUrl?: string | null } = {}) => {
  const { redisUrl = redis.url, ...options } = more
  const config = { databaseReadUrls: [replicated.url], redisUrl }
  return createTestApp({ database: replicated.database, config, ...options })
}

const tokens = new Map<string, string>()
async function as(username: string, site: string, on = server): Promise<Client> {
  if (!tokens.has(username)) {
    const { body } = await on.anonymous().post<SignedIn>('/auth/login', { username, password })
    tokens.set(username, body.token)
  }
  return client(on.app, tokens.get(username), site)
}

/** Reads that a copy may answer, by where they were answered from and why, since the last time this was asked. */
async function readsOf({ app }: TestApp) {
  const { values } = await app.metrics.getSingleMetric('fieldbook_db_reads_total')!.get()
  const counts = values.map(({ labels, value }) => [`${labels.from} ${labels.reason}`.trim(), value] as const)
  app.metrics.getSingleMetric('fieldbook_db_reads_total')!.reset()
  return Object.fromEntries(counts)
}
/** Once the copy, as this server sees it, is there or is not. */
const sees = ({ app }: TestApp, isUp: boolean) =>
  expect
    .poll(
      async () => (await app.metrics.getSingleMetric('fieldbook_db_replica_up')!.get()).values[0]!.value,
      {
        timeout: 20_000,
      },
    )
    .toBe(Number(isUp))
/** Once a read is answered from the copy. */
const follows = (person: Client, on: TestApp) =>
  expect
    .poll(
      async () => {
        await readsOf(on)
        await person.list()
        return readsOf(on)
      },
      { timeout: 20_000 },
    )
    .toEqual({ replica: 1 })
const titles = async (person: Client) =>
  (await person.list({ pageSize: 100 })).body.interactions.map(({ title }) => title)

test('whoever writes sees it at once, on every server; who has not is answered from the copy', async () => {
  const editor = await as('editor', ids.sites.Marketing)
  const elsewhere = await as('editor', ids.sites.Marketing, other)
  const colleague = await as('colleague', ids.sites.Marketing)
  await editor.create({ title: 'Before' })
  await follows(editor, server)
  await follows(colleague, server)

  await replicated.pause()
  await editor.create({ title: 'Held up' })
  await readsOf(server)
  await readsOf(other)
  expect(await titles(editor)).toEqual(['Held up', 'Before'])
  expect(await readsOf(server)).toEqual({ 'primary behind': 1 })
  expect(await titles(elsewhere)).toEqual(['Held up', 'Before'])
  expect(await readsOf(other)).toEqual({ 'primary behind': 1 })
  expect(await titles(colleague)).toEqual(['Before'])
  expect(await readsOf(server)).toEqual({ replica: 1 })

  await replicated.resume()
  await follows(editor, server)
  expect(await titles(editor)).toEqual(['Held up', 'Before'])
  await follows(elsewhere, other)
  expect(await titles(colleague)).toEqual(['Held up', 'Before'])
})

test('a copy shows nobody what the database would not', async () => {
  const outsider = await as('outsider', ids.sites['Head office'])
  await follows(outsider, server)
  expect(await titles(outsider)).toEqual([])
  await readsOf(server)
  expect((await outsider.list({})).body.total).toBe(0)
  const stranger = await as('outsider', ids.sites.Marketing)
  expect((await stranger.list()).status).toBe(404)
})

const fromReplica = (Object.entries(endpoints) as [keyof Endpoints, Endpoint][]).filter(
  ([, { config }]) => config.fromReplica,
)

test.each(fromReplica)('%s is answered from it', async (name, endpoint) => {
  expect(endpoint.method).toBe('GET')
  expect(endpoint.url).not.toContain(':')
  const admin = await as('admin', ids.sites.Marketing)
  const brand = async () => {
    const { body } = await admin.post<{ brand: { id: string } }>('/brands', {
      name: `Brand of ${name}`,
      description: '',
      colour: '#0d6e6e',
    })
    return body.brand
  }
  const call = await samples[name]({ brand } as unknown as Things, admin)
  await follows(admin, server)
  expect(await send(admin, endpoint, call)).toMatchObject({ status: 200 })
  expect(await readsOf(server)).toEqual({ replica: 1 })
})

test('a copy that is too far behind is not asked', async () => {
  const strict = await start({ maxLag: 0, redisUrl: null })
  const colleague = await as('colleague', ids.sites.Marketing, strict)
  await sees(strict, true)
  await replicated.pause()
  await (await as('editor', ids.sites.Marketing)).create({ title: 'Far ahead' })
  await sees(strict, false)
  await readsOf(strict)
  expect(await titles(colleague)).toContain('Far ahead')
  expect(await readsOf(strict)).toEqual({ 'primary away': 1 })
  await replicated.resume()
  await sees(strict, true)
  await strict.close()
})

describe('without word from the other servers', () => {
  test('the database itself is asked', async () => {
    const colleague = await as('colleague', ids.sites.Marketing)
    await follows(colleague, server)
    redis.pause()
    expect((await colleague.list()).status).toBe(200)
    expect(await readsOf(server)).toEqual({ 'primary unknown': 1 })
    redis.resume()
    await follows(colleague, server)
  })
})

test('a copy that is killed while many read fails nobody', async () => {
  const people = await Promise.all(
    ['editor', 'colleague', 'viewer'].map((name) => as(name, ids.sites.Marketing)),
  )
  for (const person of people) await follows(person, server)
  const answers: number[] = []
  let ends = false
  const reading = people.flatMap((person) =>
    Array.from({ length: 4 }, async () => {
      while (!ends) answers.push((await person.list({ search: 'held' })).status)
    }),
  )
  const many = () => expect.poll(() => answers.length, { timeout: 30_000 }).toBeGreaterThan(100)
  await many()
  await replicated.kill()
  answers.length = 0
  await many()
  await sees(server, false)
  answers.length = 0
  await many()
  ends = true
  await Promise.all(reading)
  expect(new Set(answers)).toEqual(new Set([200]))
  const reads = await readsOf(server)
  expect(reads.replica).toBeGreaterThan(0)
  expect(reads['primary away']).toBeGreaterThan(0)
}, 120_000)
