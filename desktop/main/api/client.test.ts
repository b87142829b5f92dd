import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { endpoints } from '#common/contract/index'
import { member } from '../test/records.ts'
import { siteA } from '../test/device.ts'
import { createClient } from './client.ts'
import { NetworkError, ServerError } from './failures.ts'

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

/** A real server on a free port of this machine, and a client for it. */
async function serve(handler: Handler, timeout = 5000) {
  const seen: (IncomingMessage & { text: string })[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const read = Object.assign(request, { text })
      seen.push(read)
      handler(read, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  return { url, seen, server, call: createClient({ server: url, fetch, timeout }) }
}

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const sites = { sites: [member(siteA)] }

it('calls an endpoint as the contract describes it', async () => {
  const { call, seen } = await serve((_, response) => json(response, 200, sites))
  expect(await call('listMySites', {}, { token: 'secret' })).toEqual(sites)
  expect(seen[0]).toMatchObject({ method: endpoints.listMySites.method, url: '/api/v1/auth/sites' })
  expect(seen[0]!.headers).toMatchObject({ authorization: 'Bearer secret', accept: 'application/json' })
  expect(seen[0]!.headers).not.toHaveProperty('cookie')
})

it('writes path, query and body where they belong', async () => {
  const { call, seen } = await serve((_, response) => json(response, 500, {}))
  await call('readSite', { params: { id: 'a/../b?c' } }).catch(() => {})
  await call('pullChanges', { query: { deviceId: siteA, cursor: 'a+b&c', limit: 5 } }).catch(() => {})
  await call('refreshSession', { body: { refreshToken: 'x' } }).catch(() => {})
  expect(seen[0]!.url).toBe('/api/v1/sites/a%2F..%2Fb%3Fc')
  expect(new URL(seen[1]!.url!, 'http://x').searchParams.get('cursor')).toBe('a+b&c')
  expect([seen[2]!.text, seen[2]!.headers['content-type']]).toEqual([
    '{"refreshToken":"x"}',
    'application/json',
  ])
})

it('takes off what a newer server has added', async () => {
  const { call } = await serve((_, response) =>
    json(response, 200, { sites: [{ ...member(siteA), colour: 'red' }], more: 1 }),
  )
  expect(await call('listMySites', {})).toEqual(sites)
})

it('passes the server’s refusal on, with its reference and the pause it asks for', async () => {
  const error = {
    code: 'RATE_LIMITED',
    message: 'Too many',
    requestId: 'r-1',
    details: [{ field: 'a', message: 'b' }],
  }
  const { call } = await serve((_, response) =>
    json(response, 429, { status: 'error', error }, { 'retry-after': '7' }),
  )
  const failure = await call('listMySites', {}).catch((caught: unknown) => caught)
  expect(failure).toBeInstanceOf(ServerError)
  expect(failure).toMatchObject({
    code: 'RATE_LIMITED',
    status: 429,
    reference: 'r-1',
    retryAfter: 7000,
    details: error.details,
  })
})

it('reads a pause given as a date by the sender’s own clock', async () => {
  const error = { code: 'SERVICE_UNAVAILABLE', message: 'Later', requestId: 'r' }
  const headers = { date: 'Tue, 01 Jan 2030 00:00:00 GMT', 'retry-after': 'Tue, 01 Jan 2030 00:01:00 GMT' }
  const { call } = await serve((_, response) => json(response, 503, { status: 'error', error }, headers))
  await expect(call('listMySites', {})).rejects.toMatchObject({ retryAfter: 60_000 })
})

const strangers: Record<string, Handler> = {
  'a portal’s page': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Room number?</h1>'),
  'JSON of another kind': (_, response) => json(response, 200, { hello: 'world' }),
  'a proxy’s refusal': (_, response) => response.writeHead(403).end('Forbidden'),
  'an empty answer': (_, response) => response.writeHead(502).end(),
}

for (const [what, handler] of Object.entries(strangers)) {
  it(`takes ${what} for no answer at all`, async () => {
    const { call, url } = await serve(handler)
    const failure = await call('listMySites', {}).catch((caught: unknown) => caught)
    expect(failure).toBeInstanceOf(NetworkError)
    expect(failure).toMatchObject({ trouble: 'unusable', message: expect.stringContaining(url) as string })
  })
}

it('follows no redirect, so that a token goes to no other host', async () => {
  const other = await serve((_, response) => json(response, 200, sites))
  const { call } = await serve((_, response) =>
    response.writeHead(302, { location: `${other.url}/api/v1/auth/sites` }).end(),
  )
  await expect(call('listMySites', {}, { token: 'secret' })).rejects.toBeInstanceOf(NetworkError)
  expect(other.seen).toEqual([])
})

it('says when nobody answers, and when the answer does not come', async () => {
  const { call, server } = await serve(() => {}, 50)
  await expect(call('listMySites', {})).rejects.toMatchObject({ trouble: 'timeout' })
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await expect(call('listMySites', {})).rejects.toMatchObject({ trouble: 'unreachable' })
})

it('gives up what is under way when told to', async () => {
  const ending = new AbortController()
  const { url } = await serve(() => ending.abort())
  const call = createClient({ server: url, fetch, timeout: 60_000, signal: ending.signal })
  await expect(call('listMySites', {})).rejects.toBeInstanceOf(NetworkError)
})

it('gives a file as its bytes, and a refusal instead of one as what it is', async () => {
  const content = Buffer.from('\ufeffRow,Reason\r\n2,é\r\n')
  let refused = false
  const { call } = await serve((_, response) => {
    if (refused)
      json(response, 404, {
        status: 'error',
        error: { code: 'RESOURCE_NOT_FOUND', message: 'No', requestId: 'r1' },
      })
    else response.writeHead(200, { 'content-type': 'text/csv' }).end(content)
  })
  const input = { params: { id: siteA }, headers: { 'x-site-id': siteA } }
  expect(await call('readImportFile', input)).toEqual(new Uint8Array(content))
  refused = true
  await expect(call('readImportFile', input)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
})
