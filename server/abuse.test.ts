import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorBody } from '#common/contract/errors'
import { createTestApp, type TestApp } from './test/app.ts'
import { createDatabase, type TestDatabase } from './test/database.ts'
import { addressOf } from './test/listener.ts'

/** Those who are slow on purpose, send too much, or come when there is too much to do. */

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())

const open: TestApp[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})
async function start(more: Omit<Parameters<typeof createTestApp>[0] & object, 'database'> = {}) {
  const server = await createTestApp({ database, ...more })
  open.push(server)
  return server
}

/** Each shorter than in production by as much, but for the one a test is about. */
const patient = { headers: 20_000, request: 20_000, idle: 20_000, silence: 20_000, checkEvery: 50 }

/** A plain socket: what it is sent, and when the server has ended it. */
async function plainSocket(server: TestApp) {
  const [host, port] = (await addressOf(server.app)).split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  const heard = { text: '' }
  socket.setEncoding('utf8').on('data', (part: string) => (heard.text += part))
  socket.on('error', () => {})
  const ended = once(socket, 'close').then(() => heard.text)
  /** A byte now and then, for as long as anybody takes them. */
  const drip = (text: string) => {
    let at = 0
    const timer = setInterval(() => socket.writable && socket.write(text[at++ % text.length]!), 20)
    void ended.finally(() => clearInterval(timer))
  }
  return { socket, heard, ended, drip }
}

const statusAndError = (answer: string) => {
  const [head, body] = answer.split('\r\n\r\n')
  return { status: Number(head!.split(' ')[1]), error: (JSON.parse(body!) as ErrorBody).error }
}

describe('a connection that takes its time', () => {
  test('over its headers is answered and ended, however busily they drip', async () => {
    const server = await start({ patience: { ...patient, headers: 300 } })
    const { socket, drip, ended } = await plainSocket(server)
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n')
    drip('x-more: and more\r\n')
    expect(statusAndError(await ended)).toMatchObject({
      status: 503,
      error: { code: 'SERVICE_UNAVAILABLE', message: 'The request took too long to arrive; try again' },
    })
  })

  test('over its body too', async () => {
    const server = await start({ patience: { ...patient, headers: 300, request: 300 } })
    const { socket, drip, ended } = await plainSocket(server)
    socket.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"username":"',
    )
    drip('a')
    expect(await ended).toMatch(/^HTTP\/1\.1 503 /)
  })

  test('and those that say nothing at all are ended, many as they are, while others are served', async () => {
    const server = await start({ patience: { ...patient, headers: 300 } })
    const idle = await Promise.all(Array.from({ length: 100 }, () => plainSocket(server)))
    const served = await fetch(`http://${await addressOf(server.app)}/health`)
    expect(served.status).toBe(200)
    await Promise.all(idle.map(({ ended }) => ended))
  })

  test('between two requests is ended', async () => {
    const server = await start({ patience: { ...patient, idle: 200 } })
    const { socket, ended } = await plainSocket(server)
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await ended).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('beyond as many as the server takes at once is not let in', async () => {
    const server = await start({ patience: patient })
    server.app.server.maxConnections = 2
    const [one] = [await plainSocket(server), await plainSocket(server)]
    expect(await (await plainSocket(server)).ended).toBe('')
    one.socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await one.ended).toMatch(/^HTTP\/1\.1 200 /)
  })
})

test('in production nobody has longer than half a minute for a request', async () => {
  const { app } = await start()
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = app.server
  expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout }).toEqual({
    headersTimeout: 15_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    timeout: 120_000,
  })
  expect(maxConnections).toBe(20_000)
})

describe('too much at once', () => {
  test.each([
    ['an address', `GET /api/v1/interactions?search=${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['headers, one by one', `GET /health HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
  ])('%s longer than 32 KiB', async (_, text) => {
    const { socket, ended } = await plainSocket(await start())
    socket.write(text)
    expect(statusAndError(await ended)).toMatchObject({
      status: 400,
      error: { message: 'The address and headers of the request are too long' },
    })
  })

  test('a body that says it is small and is not, or never says where it ends', async () => {
    const { socket, ended } = await plainSocket(await start())
    socket.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    for (let n = 0; n < 40; n++) socket.write(chunk)
    socket.end('0\r\n\r\n')
    expect((await ended).split('\r\n\r\n')[0]).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('a server that cannot keep up', () => {
  /** More than it has from the start. */
  const full = { maxHeapUsedBytes: 1, sampleInterval: 20 }

  test('says so, and when to come back', async () => {
    const server = await start({ pressure: full })
    await expect.poll(() => server.app.isUnderPressure()).toBe(true)
    const answer = await server.as('viewer').get('/auth/me')
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5', 'x-request-id': answer.error.requestId, 'cache-control': 'no-store' },
      error: { code: 'SERVICE_UNAVAILABLE', message: 'The server is busy; try again in a moment' },
    })
  })

  test('still answers whoever watches it', async () => {
    const server = await start({ pressure: full })
    await expect.poll(() => server.app.isUnderPressure()).toBe(true)
    for (const url of ['/health', '/health/db', '/.well-known/jwks.json']) {
      expect((await server.anonymous().get(url)).status).toBe(200)
    }
  })

  test('notices that nothing else was served for a while', async () => {
    const server = await start({ pressure: { maxEventLoopDelay: 20, sampleInterval: 50 } })
    const ask = async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      return (await server.anonymous().get('/auth/me')).status
    }
    await expect.poll(ask, { interval: 0 }).toBe(503)
  })
})

describe('whatever the answer, a browser is kept careful', () => {
  const evil = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  test.each([
    ['a page of records', 'GET', '/api/v1/interactions', 200],
    ['a refusal', 'GET', '/api/v1/interactions/nothing', 400],
    ['nobody', 'POST', '/api/v1/auth/logout', 401],
    ['nothing there', 'GET', '/nothing', 404],
    ['an address that is none', 'GET', '/api/v1/%zz', 400],
    ['the documentation', 'GET', '/api/docs', 200],
    ['its script', 'GET', '/api/docs/static/swagger-ui-bundle.js', 200],
    ['health', 'GET', '/health', 200],
    ['a question before a request', 'OPTIONS', '/api/v1/interactions', 404],
  ] as const)('%s', async (_, method, url, status) => {
    const server = await start()
    const who = status === 401 ? server.anonymous() : server.as('editor', server.ids.sites.Marketing)
    const { status: answered, headers } = await who.call(method, url, { headers: evil })
    expect(answered).toBe(status)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['cache-control']).toBeTruthy()
    for (const name of Object.keys(headers)) expect(name).not.toMatch(/^access-control-allow/)
    expect(headers['x-powered-by']).toBeUndefined()
  })
})
