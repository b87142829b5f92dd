import { Validator } from '@seriousme/openapi-schema-validator'
import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { endpoints } from '#common/contract/index'
import type { ErrorBody } from '#common/contract/errors'
import type { Endpoint } from '#common/contract/endpoint'
import { keyringOf } from './modules/auth/keyring.ts'
import { auth } from './plugins/auth.ts'
import { type Client, createTestApp, type TestApp } from './test/app.ts'

let server: TestApp
let editor: Client
beforeAll(async () => {
  server = await createTestApp()
  editor = server.as('editor', server.ids.sites.Marketing)
})
afterAll(() => server.close())

const all = Object.entries(endpoints) as [string, Endpoint][]
const documented = (url: string) => `/api/v1${url.replace(/:(\w+)/g, '{$1}')}`

describe('the contract', () => {
  test.each(all)('%s says who may call it, what from, and what it answers', (_, endpoint) => {
    expect(endpoint.config.policy).toBeTruthy()
    expect(['read', 'write', 'auth', 'upload']).toContain(endpoint.config.limit)
    expect(endpoint.schema.tags.length).toBeGreaterThan(0)
    expect(endpoint.schema.summary).toBeTruthy()
    expect(Object.keys(endpoint.schema.response).some((status) => status.startsWith('2'))).toBe(true)
    if (endpoint.method === 'GET' || endpoint.config.takesBytes) expect(endpoint.schema.body).toBeUndefined()
  })

  test.each(all)('%s is there', (_, { method, url }) => {
    expect(server.app.hasRoute({ method, url: `/api/v1${url}` })).toBe(true)
  })

  test('a route without a policy stops the server', async () => {
    const bare = Fastify()
    await bare.register(auth, {
      keys: keyringOf(inject('jwtPrivateKey')),
      accessTokenTtl: 60,
      readSession: async () => null,
      enterTenant: async () => null,
    })
    expect(() => bare.get('/open', () => 'secret')).toThrow('GET /open declares no policy')
    await bare.close()
  })
})

interface Operation {
  tags?: string[]
  security?: unknown[]
  responses: Record<string, unknown>
}

describe('the document at /api/docs/json', () => {
  let document: {
    openapi: string
    paths: Record<string, Record<string, Operation>>
    info: { version: string }
  }
  beforeAll(async () => {
    document = (await server.anonymous().get<typeof document>('/api/docs/json')).body
  })

  test('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })

  test.each(all)('lists %s, with what it takes and answers', (_, { method, url, config, schema }) => {
    const operation = document.paths[documented(url)]?.[method.toLowerCase()]
    expect(operation).toMatchObject({ tags: schema.tags, summary: schema.summary })
    expect(Object.keys(operation!.responses).sort()).toEqual(
      [...Object.keys(schema.response), '4XX', '5XX'].sort(),
    )
    expect('requestBody' in operation!).toBe(schema.body !== undefined || config.takesBytes !== undefined)
    // Whoever needs no token is told so.
    expect(operation!.security).toEqual(config.policy === 'public' ? [] : undefined)
  })

  test('shows files as what they are, and their errors as errors', () => {
    const { responses } = document.paths['/api/v1/exports/{id}/file']!.get!
    expect(responses).toMatchObject({
      200: {
        content: {
          'text/csv': { schema: { type: 'string', format: 'binary' } },
          'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {},
        },
      },
      '4XX': { content: { 'application/json': {} } },
    })
    expect(Object.keys((responses[200] as { content: object }).content)).toHaveLength(2)
  })

  test('lists nothing that is not in the contract, but for what watches the server', () => {
    const listed = Object.keys(document.paths).filter((path) => path.startsWith('/api/'))
    expect(new Set(listed)).toEqual(new Set(all.map(([, { url }]) => documented(url))))
  })
})

describe('the pages at /api/docs', () => {
  test.each(['/api/docs', '/api/docs/', '/api/docs?open'])('%s serves them', async (url) => {
    const answer = await server.anonymous().get(url)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/html/)
    expect(answer.text).toContain('swagger-ui')
  })

  test('work under their content security policy: every script and style is a file of this server', async () => {
    const { text, headers } = await server.anonymous().get('/api/docs')
    const policy = headers['content-security-policy'] as string
    expect(policy).toMatch(/script-src 'self'/)
    expect(policy).not.toMatch(/unsafe/)
    expect(text).not.toMatch(/<script(?![^>]*src=)[^>]*>|<style|\son\w+=/)
    const files = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, url]) => url!)
    expect(files.length).toBeGreaterThanOrEqual(3)
    for (const url of files) {
      expect(url).toMatch(/^\/api\/docs\/static\//)
      expect((await server.anonymous().get(url)).status).toBe(200)
    }
  })
})

describe('/api/…', () => {
  test('answers as /api/v1/… does', async () => {
    const { id } = await editor.create()
    const same = (text: string) => text.replace(/"requestId":"[^"]+"/, '')
    for (const path of [
      `/interactions/${id}`,
      '/interactions?search=quarterly&sort=lead',
      '/auth/me',
      '/nothing',
      '/interactions?page=0',
    ]) {
      const [short, long] = [await editor.get(`/api${path}`), await editor.get(`/api/v1${path}`)]
      expect([short.status, same(short.text)]).toEqual([long.status, same(long.text)])
    }
    const created = await editor.post('/api/interactions', { status: 'draft' })
    expect(created.status).toBe(201)
  })

  test('is not the current version where it names another', async () => {
    expect((await editor.get('/api/v2/interactions')).status).toBe(404)
  })
})

describe('every answer', () => {
  test('names its request, each by another id, whatever the caller says', async () => {
    const answers = await Promise.all([
      editor.get('/interactions'),
      editor.get('/nothing', { 'x-request-id': 'mine' }),
      server.anonymous().get('/auth/me', { 'request-id': 'mine' }),
    ])
    const ids = answers.map(({ headers }) => headers['x-request-id'])
    expect(new Set(ids).size).toBe(3)
    for (const [index, { error }] of answers.entries()) {
      expect(ids[index]).toMatch(/^[0-9a-f-]{36}$/)
      if (error) expect(error.requestId).toBe(ids[index])
    }
  })

  test('has the headers that keep a browser careful', async () => {
    const { headers } = await editor.get('/interactions')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['strict-transport-security']).toBeTruthy()
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test('is for this origin alone', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const method of ['OPTIONS', 'GET'] as const) {
      const answer = await editor.call(method, '/interactions', { headers })
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('about people and records is kept by no cache', async () => {
    expect((await editor.get('/interactions')).headers['cache-control']).toBe('no-store')
  })
})

/** What went over the wire to a server that listens, for what never becomes a request. */
async function raw(text: string): Promise<{ status: number; body: ErrorBody }> {
  if (!server.app.server.listening) await server.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
  socket.write(text)
  await once(socket, 'close')
  const [head, body] = answer.split('\r\n\r\n')
  return { status: Number(head!.split(' ')[1]), body: JSON.parse(body!) as ErrorBody }
}

describe('what no server could serve gets the same kind of error', () => {
  const close = 'Host: x\r\nConnection: close\r\n'
  test.each([
    ['a bad percent-encoding', `GET /api/v1/%zz HTTP/1.1\r\n${close}\r\n`, 400, 'VALIDATION_ERROR'],
    [
      'an id as long as a page',
      `GET /api/v1/interactions/${'a'.repeat(500)} HTTP/1.1\r\n${close}\r\n`,
      400,
      'VALIDATION_ERROR',
    ],
    [
      'headers that are too large',
      `GET /health HTTP/1.1\r\n${close}x: ${'a'.repeat(70_000)}\r\n\r\n`,
      400,
      'VALIDATION_ERROR',
    ],
    ['no HTTP at all', 'HELO there\r\n\r\n', 400, 'VALIDATION_ERROR'],
    [
      'a length that is no number',
      `POST /api/v1/auth/login HTTP/1.1\r\n${close}Content-Length: abc\r\n\r\n`,
      400,
      'VALIDATION_ERROR',
    ],
    ['a method nobody knows', `BREW / HTTP/1.1\r\n${close}\r\n`, 400, 'VALIDATION_ERROR'],
    ['a method for files', `PROPFIND /health HTTP/1.1\r\n${close}\r\n`, 404, 'RESOURCE_NOT_FOUND'],
    ['TRACE', `TRACE /health HTTP/1.1\r\n${close}\r\n`, 404, 'RESOURCE_NOT_FOUND'],
    ['a path that is not there', `GET /api/v1/nothing HTTP/1.1\r\n${close}\r\n`, 404, 'RESOURCE_NOT_FOUND'],
    ['the root', `GET / HTTP/1.1\r\n${close}\r\n`, 404, 'RESOURCE_NOT_FOUND'],
    [
      'a version that is not there',
      `GET /api/v9/auth/me HTTP/1.1\r\n${close}\r\n`,
      404,
      'RESOURCE_NOT_FOUND',
    ],
  ])('%s', async (_, text, status, code) => {
    const answer = await raw(text)
    expect(answer).toMatchObject({ status, body: { status: 'error', error: { code } } })
    expect(answer.body.error.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|FST_|at \w+ \(/)
  })

  test('a method the path does not have', async () => {
    expect(await editor.call('PATCH', '/interactions')).toMatchObject({ status: 404 })
    expect(await editor.call('OPTIONS', '/interactions')).toMatchObject({ status: 404 })
  })

  test('HEAD is GET without the body', async () => {
    const [head, get] = [await editor.call('HEAD', '/interactions'), await editor.get('/interactions')]
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
    expect((await server.anonymous().call('HEAD', '/interactions')).status).toBe(401)
  })
})

describe('a body', () => {
  const json = { 'content-type': 'application/json' }
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  test.each([
    ['that is garbage', json, '{"username":', 'The request body is not valid JSON', 'body'],
    ['that is empty', json, '', 'The request body is empty; send a JSON object', 'body'],
    ['that is missing', {}, undefined, 'The request body is not valid', 'body'],
    ['that is null', json, 'null', 'The request body is not valid', 'body'],
    ['that is a list', json, '[]', 'The request body is not valid', 'body'],
    ['that is as deep as a well', json, deep, 'The request body is not valid', 'body'],
    [
      'of two megabytes',
      json,
      JSON.stringify({ username: 'a'.repeat(2 * 1024 * 1024), password: 'b' }),
      'The request body is larger than 1 MiB; send less at once',
      'body',
    ],
    [
      'of plain text',
      { 'content-type': 'text/plain' },
      '{}',
      'Send the body as JSON, with Content-Type: application/json',
      'body',
    ],
    [
      'of XML',
      { 'content-type': 'application/xml' },
      '<a/>',
      'Send the body as JSON, with Content-Type: application/json',
      'body',
    ],
    [
      'of a form',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'username=a',
      'Send the body as JSON, with Content-Type: application/json',
      'body',
    ],
    [
      'that reaches for the prototype',
      json,
      '{"username":"a","password":"b","__proto__":{"x":1}}',
      'The request body is not valid JSON',
      'body',
    ],
    [
      'that reaches for the constructor',
      json,
      '{"username":"a","password":"b","constructor":{"prototype":{}}}',
      'The request body is not valid JSON',
      'body',
    ],
    [
      'with a field nobody knows',
      json,
      '{"username":"a","password":"b","extra":1}',
      'The request body is not valid',
      'extra',
    ],
    [
      'with a number for text',
      json,
      '{"username":7,"password":"b"}',
      'The request body is not valid',
      'username',
    ],
    [
      'with null for text',
      json,
      '{"username":null,"password":"b"}',
      'The request body is not valid',
      'username',
    ],
  ])('%s', async (_, headers, payload, message, field) => {
    const answer = await server
      .anonymous()
      .call('POST', '/auth/login', { headers, ...(payload !== undefined && { payload }) })
    expect(answer.status).toBe(400)
    expect(answer.error).toMatchObject({ code: 'VALIDATION_ERROR', message, details: [{ field }] })
    expect(answer.text).not.toMatch(/stack|node_modules|at Object/)
  })
})

describe('an answer that breaks the contract', () => {
  test('is not sent, and the client hears no more than that', async () => {
    const { id } = await editor.create()
    await server.database.owner.query('UPDATE interactions SET location = $1 WHERE id = $2', [
      'secret'.repeat(50),
      id,
    ])
    const answer = await editor.get(`/interactions/${id}`)
    expect(answer.status).toBe(500)
    expect(answer.error).toMatchObject({ code: 'INTERNAL_ERROR' })
    expect(answer.text).not.toMatch(/secret|location|contract/)
  })
})
