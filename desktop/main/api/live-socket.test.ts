import { describe, expect, it } from 'vitest'
import { liveClose } from '#common/contract/live'
import { ManualClock, settled } from '../test/manual-clock.ts'
import { NetworkError, SignInNeeded } from './failures.ts'
import { liveAddress, LiveSocket, type SocketEvents } from './live-socket.ts'

/** A live socket whose server end is the test; every socket it opens is noted. */
function setUp() {
  const clock = new ManualClock()
  const sockets: (SocketEvents & { token: string; address: string; closedHere: boolean })[] = []
  const log: string[] = []
  const state = { tokens: 1, tokenFailure: null as Error | null }
  const live = new LiveSocket({
    server: 'https://fieldbook.example',
    client: {
      token: async () => {
        if (state.tokenFailure) throw state.tokenFailure
        return `token-${state.tokens}`
      },
      refused: (token) => {
        if (token === `token-${state.tokens}`) state.tokens++
      },
    },
    openSocket: (address, token, events) => {
      const socket = { ...events, address, token, closedHere: false }
      sockets.push(socket)
      return { close: () => (socket.closedHere = true) }
    },
    clock,
    random: () => 1,
    events: {
      up: (up) => log.push(up ? 'up' : 'down'),
      changed: () => log.push('changed'),
      signInNeeded: () => log.push('sign in'),
    },
  })
  const last = () => sockets.at(-1)!
  return {
    clock,
    sockets,
    log,
    state,
    live,
    last,
    /** Started, and let in. */
    async open() {
      live.start()
      await settled()
      last().opened()
    },
  }
}

it('speaks ws where the API is http and wss where it is https, and nothing else', () => {
  expect(liveAddress('http://127.0.0.1:3000')).toBe('ws://127.0.0.1:3000/api/v1/sync/live')
  expect(liveAddress('https://fieldbook.example')).toBe('wss://fieldbook.example/api/v1/sync/live')
  expect(() => liveAddress('file:///etc')).toThrow('No live updates over file:')
})

it('opens with a token, and says when it is up and when something changed', async () => {
  const { open, last, log } = setUp()
  await open()
  last().told()
  expect(last()).toMatchObject({ token: 'token-1', address: 'wss://fieldbook.example/api/v1/sync/live' })
  expect(log).toEqual(['up', 'changed'])
})

it('stops: closes, opens no more, and says nothing more', async () => {
  const { clock, open, last, live, log, sockets } = setUp()
  await open()
  live.stop()
  expect(last().closedHere).toBe(true)
  last().told()
  last().closed(1006)
  live.wake({ doubt: true })
  live.resume()
  await clock.pass(3600_000)
  expect(log).toEqual(['up', 'down'])
  expect(sockets).toHaveLength(1)
  expect(clock.nextIn).toBeNull()
})

it('stopped while it waits for a token it opens nothing', async () => {
  const { live, sockets } = setUp()
  live.start()
  live.stop()
  await settled()
  expect(sockets).toEqual([])
})

describe('a socket that ends', () => {
  it('is opened again, ever more slowly while that fails', async () => {
    const { clock, last, live } = setUp()
    live.start()
    const waits: (number | null)[] = []
    for (let n = 0; n < 9; n++) {
      await settled()
      last().closed(1006)
      waits.push(clock.nextIn)
      await clock.pass(clock.nextIn!)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('is opened again soon when it had lasted, and slowly when it had not', async () => {
    const { clock, open, last } = setUp()
    await open()
    for (const wait of [1000, 2000, 4000]) {
      last().closed(1001)
      expect(clock.nextIn).toBe(wait)
      await clock.pass(wait)
      last().opened()
    }
    await clock.pass(30_000)
    last().closed(1001)
    expect(clock.nextIn).toBe(1000)
  })

  it('is opened at once when there is reason to hope', async () => {
    const { open, last, live, sockets } = setUp()
    await open()
    live.wake()
    await settled()
    expect(sockets).toHaveLength(1)
    last().closed(1006)
    live.wake()
    await settled()
    expect(sockets).toHaveLength(2)
    live.wake()
    await settled()
    expect(sockets).toHaveLength(2)
  })

  it.each([liveClose.tooMany, 429])('because there are too many (%i) is left for a minute', async (code) => {
    const { clock, open, last } = setUp()
    await open()
    last().closed(code)
    expect(clock.nextIn).toBe(60_000)
  })
})

describe('a socket that may be dead', () => {
  it('is replaced after 75 seconds of silence', async () => {
    const { clock, open, last, log, sockets } = setUp()
    await open()
    for (let n = 0; n < 4; n++) {
      await clock.pass(30_000)
      last().pinged()
    }
    await clock.pass(74_999)
    expect(log).toEqual(['up'])
    await clock.pass(1)
    expect(log).toEqual(['up', 'down'])
    expect(sockets[0]!.closedHere).toBe(true)
    await clock.pass(1000)
    last().opened()
    expect(log).toEqual(['up', 'down', 'up'])
    sockets[0]!.told()
    expect(log).toHaveLength(3)
  })

  it('is replaced when the machine wakes up', async () => {
    const { open, last, live, sockets, log } = setUp()
    await open()
    live.wake({ doubt: true })
    await settled()
    expect(sockets).toHaveLength(2)
    expect(sockets[0]!.closedHere).toBe(true)
    last().opened()
    expect(log).toEqual(['up', 'down', 'up'])
  })

  it('is given up when it does not open', async () => {
    const { clock, live, sockets } = setUp()
    live.start()
    await clock.pass(15_000)
    expect(sockets[0]!.closedHere).toBe(true)
    await clock.pass(1000)
    expect(sockets).toHaveLength(2)
  })
})

describe('a token', () => {
  it.each([401, liveClose.tokenEnded, liveClose.sessionOver])(
    'that the server does not take (%i) is renewed at once, and then only after a while',
    async (code) => {
      const { clock, live, last, sockets } = setUp()
      live.start()
      await settled()
      last().closed(code)
      await settled()
      expect(sockets.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
      last().closed(code)
      await settled()
      expect(sockets).toHaveLength(2)
      expect(clock.nextIn).toBe(2000)
    },
  )

  it('that ends after it had lasted is renewed each time without a pause', async () => {
    const { clock, open, last, sockets, log } = setUp()
    await open()
    for (let n = 0; n < 3; n++) {
      await clock.pass(60_000)
      last().closed(liveClose.tokenEnded)
      await settled()
      last().opened()
    }
    expect(sockets.map(({ token }) => token)).toEqual(['token-1', 'token-2', 'token-3', 'token-4'])
    expect(log).toEqual(['up', 'down', 'up', 'down', 'up', 'down', 'up'])
  })

  it('that cannot be had is asked for again after a while', async () => {
    const { clock, live, state, sockets } = setUp()
    state.tokenFailure = new NetworkError('unreachable', 'the server')
    live.start()
    await clock.pass(3000)
    expect(sockets).toEqual([])
    state.tokenFailure = null
    await clock.pass(4000)
    expect(sockets).toHaveLength(1)
  })

  it('that needs the person waits for them', async () => {
    const { clock, open, live, last, state, sockets, log } = setUp()
    await open()
    state.tokenFailure = new SignInNeeded()
    last().closed(liveClose.sessionOver)
    await clock.pass(3600_000)
    live.wake({ doubt: true })
    await clock.pass(3600_000)
    expect(log).toEqual(['up', 'down', 'sign in'])
    expect(sockets).toHaveLength(1)
    state.tokenFailure = null
    live.resume()
    await settled()
    expect(sockets).toHaveLength(2)
  })
})
