import {
  createHmac,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type JsonWebKey,
  verify,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { signingKey } from './signing-key.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const key = signingKey(inject('jwtPrivateKey'))
const issued = inject('sessions').editor.token

interface Decoded {
  header: Record<string, unknown>
  claims: Record<string, unknown>
}
const part = (text: string) =>
  JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
const decode = (token: string): Decoded => {
  const [header, claims] = token.split('.')
  return { header: part(header!), claims: part(claims!) }
}
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token like the issued one, but for some changes, signed as told. */
function forge(
  changes: object,
  {
    header = {},
    pem = key.privatePem,
    hash = 'SHA256',
  }: { header?: object; pem?: string; hash?: string } = {},
) {
  const original = decode(issued)
  const claims = Object.entries({ ...original.claims, ...changes }).filter(([, value]) => value !== undefined)
  const body = `${encode({ ...original.header, ...header })}.${encode(Object.fromEntries(claims))}`
  return `${body}.${createSign(`RSA-${hash}`).update(body).sign(pem, 'base64url')}`
}

const statusWith = async (token: string) => (await server.anonymous(token).get('/auth/me')).status

describe('an access token', () => {
  test('is signed with RS256 by a key it names, for this API, and lasts as long as it says', () => {
    const { header, claims } = decode(issued)
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    expect(claims).toMatchObject({ iss: 'fieldbook', aud: 'fieldbook-api' })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600)
  })

  test('says who, in which organisation and sites, with which roles, and nothing else about them', () => {
    const { ids } = server
    const { iat, exp, iss, aud, sid, ...claims } = decode(issued).claims
    expect([iat, exp, iss, aud].every(Boolean)).toBe(true)
    expect(sid).toMatch(/^[0-9a-f-]{36}$/)
    expect(claims).toEqual({
      sub: ids.users.editor,
      tenant: ids.tenants['Harbour & Vale'],
      roles: [],
      sites: [
        { id: ids.sites.Marketing, role: 'editor' },
        { id: ids.sites.Sales, role: 'editor' },
      ],
    })
  })

  test('is verified by the key at the JWKS endpoint', async () => {
    const { body } = await server
      .anonymous()
      .get<{ keys: (JsonWebKey & { kid: string; alg: string; use: string })[] }>('/.well-known/jwks.json')
    expect(body.keys).toHaveLength(1)
    const [jwk] = body.keys
    expect(jwk).toMatchObject({ kid: key.kid, alg: 'RS256', use: 'sig', kty: 'RSA' })
    expect(Object.keys(jwk!).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    const [header, claims, signature] = issued.split('.')
    const publicKey = createPublicKey({ key: jwk!, format: 'jwk' })
    const valid = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${claims}`),
      publicKey,
      Buffer.from(signature!, 'base64url'),
    )
    expect(valid).toBe(true)
  })

  test('opens the door, and so does one like it', async () => {
    expect(await statusWith(issued)).toBe(200)
    expect(await statusWith(forge({}))).toBe(200)
  })

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  })
  const now = Math.floor(Date.now() / 1000)
  const [header, claims, signature] = issued.split('.')
  const { kid } = key
  /** As a library would take it that uses whatever it has as a secret, where the token says so. */
  const hmac = (alg: 'HS256' | 'RS256', secret = key.publicPem) => {
    const body = `${encode({ alg, typ: 'JWT', kid })}.${claims}`
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
  }
  const otherJwk = signingKey(other.toString()).jwk
  test.each([
    ['that has expired', forge({ exp: now - 1 })],
    ['that is not valid yet', forge({ nbf: now + 60 })],
    ['that never expires', forge({ exp: undefined })],
    ['of another issuer', forge({ iss: 'somebody' })],
    ['of no issuer', forge({ iss: undefined })],
    ['for another audience', forge({ aud: 'other-api' })],
    ['for no audience', forge({ aud: undefined })],
    ['of no session', forge({ sid: undefined })],
    ['of a session that never was', forge({ sid: '01a1fc5e-0000-7000-8000-000000000000' })],
    ['signed with another key', forge({}, { pem: other.toString() })],
    [
      'with other claims under the same signature',
      `${header}.${encode({ ...decode(issued).claims, sub: 'somebody' })}.${signature}`,
    ],
    ['without a signature', `${header}.${claims}.`],
    ['that says it needs none', `${encode({ alg: 'none', typ: 'JWT', kid })}.${claims}.`],
    ['that says so in other letters', `${encode({ alg: 'nOnE', typ: 'JWT', kid })}.${claims}.${signature}`],
    ['signed with the public key as a secret', hmac('HS256')],
    ['signed so, and said to be signed with RSA', hmac('RS256')],
    ['signed with its name as a secret', hmac('HS256', kid)],
    ['signed by another algorithm of RSA', forge({}, { header: { alg: 'RS512' }, hash: 'SHA512' })],
    ['that says none', forge({}, { header: { alg: undefined } })],
    ['that names no key', forge({}, { header: { kid: undefined } })],
    ['that names a key that never was', forge({}, { header: { kid: 'unknown' } })],
    ['that names two keys', forge({}, { header: { kid: [kid] } })],
    ['that names what every object has', forge({}, { header: { kid: 'constructor' } })],
    ['that brings a key of its own', forge({}, { header: { jwk: otherJwk }, pem: other.toString() })],
    ['that is no token', 'garbage'],
    ['that is empty', ' '],
  ])('%s is refused', async (_, token) => {
    const answer = await server.anonymous(token).get('/auth/me')
    expect(answer).toMatchObject({ status: 401, error: { code: 'AUTHENTICATION_ERROR' } })
    expect(answer.error.details).toBeUndefined()
  })

  test('belongs into the Authorization header as a bearer token', async () => {
    const me = async (headers: Record<string, string>, url = '/auth/me') =>
      (await server.anonymous().get(url, headers)).status
    expect(await me({ authorization: `Bearer ${issued}` })).toBe(200)
    expect(await me({ authorization: `Basic ${issued}` })).toBe(401)
    expect(await me({ authorization: issued })).toBe(401)
    expect(await me({ cookie: `token=${issued}` })).toBe(401)
    expect(await me({}, `/auth/me?token=${issued}`)).toBe(401)
    expect(await me({})).toBe(401)
  })

  test('is asked for before anything else is looked at', async () => {
    const anyone = server.anonymous()
    expect((await anyone.post('/interactions', { nonsense: true })).status).toBe(401)
    expect((await anyone.get('/interactions?page=none')).status).toBe(401)
    expect(
      (
        await anyone.call('POST', '/sync/push', {
          payload: '{',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(401)
  })
})

describe('what a token says about roles', () => {
  test('is not believed: the database is asked at every request', async () => {
    const site = server.ids.sites.Marketing
    const boasting = forge({
      roles: ['admin'],
      sites: [{ id: site, role: 'administrator' }],
      sub: server.ids.users.admin,
    })
    const { body } = await server
      .anonymous(boasting)
      .get<{ user: { username: string; roles: string[] } }>('/auth/me')
    expect(body.user).toMatchObject({ username: 'editor', roles: [] })
  })

  test('stops counting with the next request after it was taken away', async () => {
    const { owner } = server.database
    const { users, sites } = server.ids
    const editor = server.as('editor', sites.Sales)
    const attempt = async () => (await editor.post('/interactions', { status: 'draft' })).status
    const role = (name: string) =>
      owner.query('UPDATE user_sites SET role = $1 WHERE user_id = $2 AND site_id = $3', [
        name,
        users.editor,
        sites.Sales,
      ])

    expect(await attempt()).toBe(201)
    await role('viewer')
    expect(await attempt()).toBe(403)
    expect((await editor.get('/interactions')).status).toBe(200)
    await role('administrator')
    expect(await attempt()).toBe(201)

    const tenant = server.ids.tenants['Harbour & Vale']
    await owner.query('DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2', [
      users.editor,
      sites.Sales,
    ])
    expect(await attempt()).toBe(404)
    await owner.query('INSERT INTO user_roles VALUES ($1, $2, $3)', [tenant, users.editor, 'admin'])
    expect(await attempt()).toBe(201)
    await owner.query('DELETE FROM user_roles WHERE user_id = $1', [users.editor])
    expect(await attempt()).toBe(404)

    await owner.query('UPDATE sites SET active = false WHERE id = $1', [sites.Marketing])
    expect((await server.as('viewer').get<{ sites: [] }>('/auth/sites')).body.sites).toEqual([])
    await owner.query('UPDATE sites SET active = true WHERE id = $1', [sites.Marketing])

    await owner.query('UPDATE users SET active = false WHERE id = $1', [users.editor])
    expect((await editor.get('/auth/me')).status).toBe(401)
  })
})

test('the signing key is refused when it is none', () => {
  expect(() => signingKey('-----BEGIN PRIVATE KEY-----\ngarbage\n-----END PRIVATE KEY-----')).toThrow(
    'cannot be read',
  )
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  })
  expect(() => signingKey(ec.toString())).toThrow('must be an RSA key of at least 2048 bits')
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  })
  expect(() => signingKey(short.toString())).toThrow('must be an RSA key of at least 2048 bits')
})
