import { describe, expect, it } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { alice, siteA } from '../test/device.ts'
import { ManualClock } from '../test/manual-clock.ts'
import { refusal, ServerModel } from '../test/server-model.ts'
import type { Call } from './client.ts'
import { NetworkError, SignInNeeded } from './failures.ts'
import { SignedInClient } from './signed-in-client.ts'

const user = new ServerModel().addUser(alice, { [siteA]: 'editor' })

/** A server that rotates refresh tokens, gives the same successor for a while, and takes one access token. */
class TokenServer {
  current = 'refresh-0'
  previous: string | null = null
  access = 'access-0'
  over = false
  loseAnswers = 0
  readonly log: string[] = []

  readonly call = (async (
    name: string,
    input: { body?: { refreshToken: string } },
    { token }: { token?: string } = {},
  ) => {
    this.log.push(token === undefined ? name : `${name} with ${token}`)
    await Promise.resolve()
    if (name !== 'refreshSession') {
      if (token !== this.access) throw refusal(401, 'AUTHENTICATION_ERROR')
      return { sites: [] }
    }
    const given = input.body!.refreshToken
    if (this.over || (given !== this.current && given !== this.previous))
      throw refusal(401, 'AUTHENTICATION_ERROR')
    if (given === this.current) {
      this.previous = this.current
      const next = Number(this.current.split('-')[1]) + 1
      this.current = `refresh-${next}`
      this.access = `access-${next}`
    }
    if (this.loseAnswers-- > 0) throw new NetworkError('unreachable', 'the server')
    return { token: this.access, expiresIn: 900, refreshToken: this.current, user } satisfies SignedIn
  }) as Call
}

function setUp() {
  const server = new TokenServer()
  const clock = new ManualClock()
  const kept: string[] = ['refresh-0']
  const order: string[] = []
  const client = new SignedInClient({
    call: (async (name: string, input: object, more?: { token?: string }) => {
      if (more?.token) order.push(`use ${more.token}`)
      return server.call(name as 'listMySites', input, more)
    }) as Call,
    tokens: {
      refreshToken: () => kept.at(-1)!,
      keep: (token) => {
        order.push(`keep ${token}`)
        kept.push(token)
      },
    },
    now: () => clock.now(),
    onSession: () => {},
  })
  return { server, clock, kept, order, client }
}

it('renews before the first call, and keeps the new refresh token before it uses the access token', async () => {
  const { client, order } = setUp()
  await client.call('listMySites', {})
  expect(order).toEqual(['keep refresh-1', 'use access-1'])
})

it('renews once for calls that come together', async () => {
  const { client, server } = setUp()
  await Promise.all([
    client.call('listMySites', {}),
    client.call('listMySites', {}),
    client.call('listMySites', {}),
  ])
  expect(server.log.filter((name) => name === 'refreshSession')).toHaveLength(1)
})

it('uses a token as long as it lasts, and renews it shortly before it ends', async () => {
  const { client, server, clock } = setUp()
  await client.call('listMySites', {})
  clock.jump(800_000)
  await client.call('listMySites', {})
  expect(server.current).toBe('refresh-1')
  clock.jump(80_000)
  await client.call('listMySites', {})
  expect(server.current).toBe('refresh-2')
})

it('survives a lost answer to a renewal: the same successor comes again', async () => {
  const { client, server, kept } = setUp()
  server.loseAnswers = 1
  await expect(client.call('listMySites', {})).rejects.toBeInstanceOf(NetworkError)
  expect(kept).toEqual(['refresh-0'])
  await client.call('listMySites', {})
  expect(kept).toEqual(['refresh-0', 'refresh-1'])
})

it('hands out a token for what is no call, and a new one once it was refused', async () => {
  const { client, server } = setUp()
  expect(await client.token()).toBe('access-1')
  expect(await client.token()).toBe('access-1')
  client.refused('access-0')
  expect(await client.token()).toBe('access-1')
  client.refused('access-1')
  expect(await client.token()).toBe('access-2')
  server.over = true
  client.refused('access-2')
  await expect(client.token()).rejects.toBeInstanceOf(SignInNeeded)
})

describe('a token the server does not take', () => {
  it('is renewed once, and the call made again', async () => {
    const { client, server } = setUp()
    await client.call('listMySites', {})
    server.access = 'revoked'
    await expect(client.call('listMySites', {})).resolves.toEqual({ sites: [] })
    expect(server.log.filter((name) => name === 'refreshSession')).toHaveLength(2)
  })

  it('is not asked for again and again', async () => {
    const { client, server } = setUp()
    await client.call('listMySites', {})
    server.over = true
    server.access = 'revoked'
    await expect(client.call('listMySites', {})).rejects.toBeInstanceOf(SignInNeeded)
    expect(server.log.filter((name) => name === 'refreshSession')).toHaveLength(2)
  })
})

it('a network that fails during a renewal is no reason to sign in again', async () => {
  const { client, server } = setUp()
  server.loseAnswers = 2
  await expect(client.call('listMySites', {})).rejects.toBeInstanceOf(NetworkError)
  await expect(client.call('listMySites', {})).rejects.toBeInstanceOf(NetworkError)
  await expect(client.call('listMySites', {})).resolves.toEqual({ sites: [] })
})

it('after the end a renewal under way brings no new token', async () => {
  const { client, kept } = setUp()
  const call = client.call('listMySites', {})
  client.end()
  await expect(call).rejects.toBeInstanceOf(SignInNeeded)
  expect(kept).toEqual(['refresh-0'])
})
