import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import type { SignedIn } from '#common/contract/auth'
import { liveClose, livePingEvery } from '#common/contract/live'
import { createAnnouncer } from '../../shared/announcer.ts'
import { enterSite } from '../../shared/transaction.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'
import { type PersonName, password } from '../../test/fixture.ts'
import { addressOf, FakeSocket, listenTo } from '../../test/listener.ts'
import { journal } from '../journal/journal.service.ts'
import { createLiveService } from './live.service.ts'
import { systemScope } from '../../shared/scope.ts'

let server: TestApp
let sites: TestApp['ids']['sites']
let tenant: string
let marketing: Client
let sales: Client
let outsider: Client
beforeAll(async () => {
  server = await createTestApp()
  sites = server.ids.sites
  tenant = server.ids.tenants['Harbour & Vale']
  marketing = server.as('editor', sites.Marketing)
  sales = server.as('editor', sites.Sales)
  outsider = server.as('outsider', sites['Head office'])
})
afterAll(() => server.close())

const open: WebSocket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate()
})
const tokenOf = (person: PersonName) => inject('sessions')[person].token
async function listen(person: PersonName, token = tokenOf(person)) {
  const listener = await listenTo(server.app, token)
  open.push(listener.socket)
  return listener
}
const signIn = async (username: PersonName) =>
  (await server.anonymous().post<SignedIn>('/auth/login', { username, password })).body

describe('a device hears', () => {
  test('that something changed, and nothing more', async () => {
    const viewer = await listen('viewer')
    const told = viewer.nextMessage()
    await marketing.create()
    await told
    expect(viewer.heard).toEqual(['{"changed":true}'])
  })

  test.each([
    ['a change', async () => void (await marketing.update(await marketing.create(), { title: 'Other' }))],
    [
      'a deletion',
      async () => void (await marketing.delete(`/interactions/${(await marketing.create()).id}`)),
    ],
    [
      'what another device sent',
      async () => {
        const device = createDevice(sites.Marketing)
        const results = await marketing.push(device.id, [device.create()])
        expect(results[0]?.status).toBe('applied')
      },
    ],
    [
      'what changed in the whole tenant',
      () =>
        server.app.transact(systemScope(tenant), async (tx) => {
          const entityId = server.ids.users.viewer
          const origin = { id: null, requestId: randomUUID(), address: '127.0.0.1', device: null }
          const changes = [{ entity: 'person', entityId, removed: false }]
          await journal.record(tx, origin, { action: 'user.updated', feedId: tenant, changes })
        }),
    ],
  ])('of %s', async (_, change) => {
    const viewer = await listen('viewer')
    const told = viewer.nextMessage()
    await change()
    await told
  })

  test('neither of other tenants nor of sites of others', async () => {
    const [viewer, stranger, editor] = [
      await listen('viewer'),
      await listen('outsider'),
      await listen('editor'),
    ]
    const told = [stranger.nextMessage(), editor.nextMessage()]
    await outsider.create()
    await sales.create()
    await Promise.all(told)
    await viewer.roundTrip()
    expect(viewer.heard).toEqual([])
    await stranger.roundTrip()
    expect(stranger.heard).toHaveLength(1)
  })

  test('nothing of what changes no record: sign-ins, refusals, edits that came to nothing', async () => {
    const viewer = await listen('viewer')
    await signIn('viewer')
    await server.anonymous().post('/auth/login', { username: 'viewer', password: 'wrong' })
    await marketing.get(`/interactions/${randomUUID()}`)
    const device = createDevice(sites.Marketing)
    const unreadable = device.create({ title: 'x'.repeat(5000) })
    expect((await marketing.push(device.id, [unreadable]))[0]?.status).toBe('rejected')
    await marketing.pull()
    await viewer.roundTrip()
    expect(viewer.heard).toEqual([])
  })

  test('nothing of what is rolled back', async () => {
    const viewer = await listen('viewer')
    const work = server.app.transact(systemScope(tenant), async (tx) => {
      const origin = { id: null, requestId: randomUUID(), address: '127.0.0.1', device: null }
      const changes = [{ entity: 'interaction', entityId: randomUUID(), removed: false }]
      const scoped = await enterSite(tx, sites.Marketing)
      await journal.record(scoped, origin, {
        action: 'interaction.created',
        feedId: sites.Marketing,
        changes,
      })
      throw new Error('Changed its mind')
    })
    await expect(work).rejects.toThrow('Changed its mind')
    await viewer.roundTrip()
    expect(viewer.heard).toEqual([])
  })

  test('once more after a burst, for what came last', async () => {
    const viewer = await listen('viewer')
    await Promise.all(Array.from({ length: 20 }, () => marketing.create()))
    await expect.poll(() => viewer.heard.length).toBeGreaterThan(1)
    expect(viewer.heard.length).toBeLessThan(20)
  })
})

describe('nobody gets in', () => {
  const refused = (token: string | undefined, more?: Parameters<typeof listenTo>[2]) =>
    expect(listenTo(server.app, token, more)).rejects

  test('without a token, or with one in the address', async () => {
    await refused(undefined).toMatchObject({ status: 401, error: { code: 'AUTHENTICATION_ERROR' } })
    await refused('garbage').toMatchObject({ status: 401 })
    const path = `/api/v1/sync/live?token=${tokenOf('viewer')}&access_token=${tokenOf('viewer')}`
    await refused(undefined, { path }).toMatchObject({ status: 401 })
    const headers = { cookie: `token=${tokenOf('viewer')}` }
    await refused(undefined, { headers }).toMatchObject({ status: 401 })
  })

  test('from a page in a browser', async () => {
    const headers = { origin: 'https://elsewhere.example' }
    await refused(tokenOf('viewer'), { headers }).toMatchObject({
      status: 403,
      error: { code: 'AUTHORIZATION_ERROR' },
    })
  })

  test('more often than the allowance for reading lets them', async () => {
    const strict = await createTestApp({ database: server.database, config: { rateLimitMax: 2 } })
    for (let n = 0; n < 2; n++) open.push((await listenTo(strict.app, tokenOf('viewer'))).socket)
    await expect(listenTo(strict.app, tokenOf('viewer'))).rejects.toMatchObject({
      status: 429,
      error: { code: 'RATE_LIMITED' },
    })
    await strict.close()
  })

  test('elsewhere: other addresses answer as if nobody had asked for a WebSocket', async () => {
    await refused(tokenOf('viewer'), { path: '/api/v1/nothing' }).toMatchObject({ status: 404 })
    await refused(tokenOf('viewer'), { path: '/health' }).toMatchObject({ status: 200 })
    const socket = connect(Number((await addressOf(server.app)).split(':')[1]), '127.0.0.1')
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /)
    socket.destroy()
  })

  test('by a plain GET, which is told what to do', async () => {
    expect(await server.as('viewer').get('/sync/live')).toMatchObject({
      status: 400,
      error: { code: 'VALIDATION_ERROR', message: 'Open this address as a WebSocket' },
    })
    expect((await server.anonymous().get('/sync/live')).status).toBe(401)
  })

  test('/api/sync/live is the same', async () => {
    open.push((await listenTo(server.app, tokenOf('viewer'), { path: '/api/sync/live' })).socket)
  })
})

describe('a socket is closed', () => {
  test('when it says anything', async () => {
    const viewer = await listen('viewer')
    viewer.socket.send('hello')
    expect(await viewer.closed).toBe(1008)
    const loud = await listen('viewer')
    loud.socket.send('x'.repeat(100_000))
    expect(await loud.closed).toBe(1009)
  })

  test('when its person has ten already, until one of them goes', async () => {
    const first = await listen('colleague')
    for (let n = 1; n < 10; n++) await listen('colleague')
    expect(await (await listen('colleague')).closed).toBe(liveClose.tooMany)
    const told = (await listen('viewer')).nextMessage()
    await marketing.create()
    await told
    first.socket.close()
    await first.closed
    const next = await listen('colleague')
    await next.roundTrip()
    expect(next.socket.readyState).toBe(next.socket.OPEN)
  })

  test('when its token ends', async () => {
    const brief = await createTestApp({ database: server.database, config: { accessTokenTtl: 1 } })
    const { body } = await brief.anonymous().post<SignedIn>('/auth/login', { username: 'viewer', password })
    expect(await (await listenTo(brief.app, body.token)).closed).toBe(liveClose.tokenEnded)
    await brief.close()
  })

  describe('or its feeds change, when the session is read again', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })
    const sql = (text: string, values: unknown[]) => server.database.owner.query(text, values)

    test('a session that was ended', async () => {
      const { token } = await signIn('viewer')
      const viewer = await listen('viewer', token)
      expect((await server.anonymous(token).post('/auth/logout', {})).status).toBe(200)
      vi.advanceTimersByTime(livePingEvery)
      expect(await viewer.closed).toBe(liveClose.sessionOver)
    })

    test('a site that is given and taken away', async () => {
      const viewer = await listen('viewer')
      const values = [tenant, server.ids.users.viewer, sites.Sales]
      await sql(
        `INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, 'viewer')`,
        values,
      )
      // It is told of the change itself, to learn from a pull what it is.
      let told = viewer.nextMessage()
      vi.advanceTimersByTime(livePingEvery)
      await told
      told = viewer.nextMessage()
      await sales.create()
      await told

      await viewer.roundTrip()
      told = viewer.nextMessage()
      await sql('DELETE FROM user_sites WHERE tenant_id = $1 AND user_id = $2 AND site_id = $3', values)
      vi.advanceTimersByTime(livePingEvery)
      await told
      const { length } = viewer.heard
      const editor = await listen('editor')
      const otherTold = editor.nextMessage()
      await sales.create()
      await otherTold
      await viewer.roundTrip()
      expect(viewer.heard).toHaveLength(length)
    })

    test('one that no longer answers', async () => {
      const viewer = await listen('viewer')
      viewer.socket.pause()
      const [near] = [...server.app.websocketServer.clients].filter(({ readyState }) => readyState === 1)
      const gone = once(near!, 'close')
      vi.advanceTimersByTime(livePingEvery)
      vi.advanceTimersByTime(livePingEvery)
      await gone
    })
  })
})

describe('the server closes', () => {
  test.each([false, true])('and with it every socket, even one that does not answer (%s)', async (dead) => {
    const closing = await createTestApp({ database: server.database })
    const viewer = await listenTo(closing.app, tokenOf('viewer'))
    if (dead) viewer.socket.pause()
    await closing.close()
    viewer.socket.resume()
    expect(await viewer.closed).toBe(1001)
  })
})

describe('one socket', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const soon = () => new Promise((done) => setImmediate(done))
  const row = { tenantId: 'tenant', userId: 'user', sites: [{ id: 'site' }] } as never
  function join(readSession: () => Promise<never> = async () => row) {
    const announcer = createAnnouncer((error) => {
      throw error
    })
    const socket = new FakeSocket()
    const { join } = createLiveService(announcer, readSession)
    join(socket as unknown as WebSocket, { id: 'session', row }, Date.now() + 900_000)
    const announce = async (...feeds: string[]) => {
      announcer.announce(feeds)
      await soon()
    }
    return { socket, announce, told: () => socket.log.filter((entry) => entry.startsWith('{')).length }
  }

  test('is told at once, then four times a second at most, and of the last change in any case', async () => {
    const { announce, told } = join()
    await announce('site')
    expect(told()).toBe(1)
    await announce('site')
    await announce('tenant', 'other')
    expect(told()).toBe(1)
    vi.advanceTimersByTime(250)
    expect(told()).toBe(2)
    vi.advanceTimersByTime(10_000)
    expect(told()).toBe(2)
    await announce('other')
    expect(told()).toBe(2)
    await announce('site')
    expect(told()).toBe(3)
    vi.advanceTimersByTime(10_000)
    await announce('user')
    expect(told()).toBe(4)
  })

  test('is cut off when it does not read', async () => {
    const { socket, announce } = join()
    socket.bufferedAmount = 2000
    await announce('site')
    expect(socket.log).toEqual(['terminated'])
  })

  test('lives as long as it answers, whether the database does or not, and to the end of its token', async () => {
    const { socket } = join(() => Promise.reject(new Error('The database is away')))
    for (let n = 0; n < 29; n++) {
      vi.advanceTimersByTime(livePingEvery)
      socket.emit('pong')
      await soon()
    }
    expect(socket.log).toEqual(Array.from({ length: 29 }, () => 'ping'))
    vi.advanceTimersByTime(livePingEvery)
    expect(socket.log.at(-1)).toBe(`closed ${liveClose.tokenEnded}`)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is heard of no more once it is closed', async () => {
    const { socket, announce } = join()
    await announce('site')
    await announce('site')
    socket.terminate()
    vi.advanceTimersByTime(60_000)
    await announce('site')
    expect(socket.log).toEqual(['{"changed":true}', 'terminated'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('a listener that fails does not stop the write, nor the others', async () => {
  const faults: unknown[] = []
  const announcer = createAnnouncer((error) => faults.push(error))
  const heard: unknown[] = []
  announcer.listen(() => {
    throw new Error('a bug')
  })
  announcer.listen((feeds, origin) => heard.push([feeds, origin]))
  announcer.announce(['site'])
  expect(heard).toEqual([])
  await new Promise((done) => setImmediate(done))
  expect(heard).toEqual([[['site'], 'here']])
  expect(faults).toHaveLength(1)
})
