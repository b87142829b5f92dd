import { describe, expect, it } from 'vitest'
import { NetworkError, SignInNeeded } from '../api/failures.ts'
import { ManualClock, settled } from '../test/manual-clock.ts'
import { refusal } from '../test/server-model.ts'
import { alice, Device, offline, online, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'
import { backOff, Pacer } from './pacer.ts'

const unreachable = new NetworkError('unreachable', 'the server')

/** A pacer whose cycles fail with what the test puts into `failures`, and otherwise go well. */
function setUp() {
  const clock = new ManualClock()
  const failures: Error[] = []
  const outcomes: unknown[] = []
  let cycles = 0
  const pacer = new Pacer({
    cycle: () => {
      cycles++
      const failure = failures.shift()
      return failure ? Promise.reject(failure) : Promise.resolve()
    },
    clock,
    random: () => 1,
    onOutcome: (outcome) => outcomes.push(outcome?.kind ?? null),
  })
  return { clock, failures, outcomes, pacer, cycles: () => cycles }
}

describe('while all is well', () => {
  it('asks about every quarter of a minute', async () => {
    const { clock, pacer, cycles } = setUp()
    pacer.start()
    await settled()
    expect(cycles()).toBe(1)
    await clock.pass(60_000)
    expect(cycles()).toBe(5)
  })

  it('goes at once when woken, and once more when woken in the middle', async () => {
    const { clock, pacer, cycles } = setUp()
    pacer.start()
    pacer.wake()
    pacer.wake()
    await settled()
    await clock.pass(0)
    expect(cycles()).toBe(2)
    pacer.wake()
    await settled()
    expect(cycles()).toBe(3)
  })

  it('stops when told to', async () => {
    const { clock, pacer, cycles } = setUp()
    pacer.start()
    await pacer.stop()
    pacer.wake()
    await clock.pass(600_000)
    expect(cycles()).toBe(1)
  })
})

describe('while changes are announced', () => {
  const upToDate = async () => {
    const all = setUp()
    all.pacer.start()
    all.pacer.told(true)
    await settled()
    await all.clock.pass(2000)
    return { ...all, before: all.cycles() }
  }

  it('asks once, for what it may have missed, and then every minute', async () => {
    const { clock, pacer, cycles } = setUp()
    pacer.start()
    await settled()
    pacer.told(true)
    await settled()
    expect(cycles()).toBe(2)
    await clock.pass(180_000)
    expect(cycles()).toBe(5)
  })

  it('asks as often as ever when they no longer are', async () => {
    const { clock, pacer, cycles, before } = await upToDate()
    pacer.told(false)
    expect(clock.nextIn).toBe(15_000)
    await clock.pass(15_000)
    expect(cycles()).toBe(before + 1)
  })

  it('asks soon when there is news, however often it is told', async () => {
    const { clock, pacer, cycles, before } = await upToDate()
    pacer.news()
    expect(clock.nextIn).toBe(300)
    await clock.pass(250)
    pacer.news()
    expect(cycles()).toBe(before)
    await clock.pass(50)
    expect(cycles()).toBe(before + 1)
    await clock.pass(1500)
    expect(cycles()).toBe(before + 1)
  })

  it('asks for a stream of news every one and a quarter seconds, and for the last of it too', async () => {
    const { clock, pacer, cycles, before } = await upToDate()
    for (let n = 0; n < 120; n++) {
      pacer.news()
      await clock.pass(250)
    }
    expect(cycles() - before).toBe(24)
    await clock.pass(1500)
    expect(cycles() - before).toBe(25)
  })

  it('asks again for news that comes while it asks', async () => {
    const clock = new ManualClock()
    const { promise, resolve } = Promise.withResolvers<void>()
    let cycles = 0
    const pacer = new Pacer({
      cycle: () => (cycles++ === 0 ? promise : Promise.resolve()),
      clock,
      random: () => 0,
      onOutcome: () => {},
    })
    pacer.start()
    pacer.news()
    await clock.pass(1500)
    resolve()
    await clock.pass(0)
    expect(cycles).toBe(2)
  })

  it('leaves a server alone that asked for it, and a clock that jumps does not hold news back', async () => {
    const { clock, failures, pacer, cycles, before } = await upToDate()
    clock.jump(-365 * 24 * 3600_000)
    pacer.news()
    await clock.pass(1500)
    expect(cycles()).toBe(before + 1)
    failures.push(refusal(503, 'SERVICE_UNAVAILABLE', 'Later', 10_000))
    pacer.wake()
    await settled()
    pacer.news()
    await clock.pass(5000)
    expect(cycles()).toBe(before + 2)
  })

  it('stops when told to', async () => {
    const { clock, pacer, cycles, before } = await upToDate()
    pacer.news()
    await pacer.stop()
    pacer.told(false)
    pacer.news()
    await clock.pass(600_000)
    expect(cycles()).toBe(before)
    expect(clock.nextIn).toBeNull()
  })
})

describe('while the network is away', () => {
  it('waits longer and longer, up to a minute, for ever', async () => {
    const { clock, failures, pacer } = setUp()
    failures.push(...Array.from({ length: 40 }, () => unreachable))
    pacer.start()
    await settled()
    const waits: (number | null)[] = []
    for (let n = 0; n < 10; n++) {
      waits.push(clock.nextIn)
      await clock.pass(clock.nextIn!)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
  })

  it('jitters, so that devices do not come back together', () => {
    expect([0, 0.5, 1].map((random) => backOff(3, random))).toEqual([2000, 3000, 4000])
  })

  it('tries at once when there is reason to hope', async () => {
    const { clock, failures, pacer, cycles } = setUp()
    failures.push(...Array.from({ length: 6 }, () => unreachable))
    pacer.start()
    await clock.pass(20_000)
    const before = cycles()
    pacer.wake()
    await settled()
    expect(cycles()).toBe(before + 1)
  })

  it('begins again with short waits once it has got through', async () => {
    const { clock, failures, pacer } = setUp()
    failures.push(unreachable, unreachable, unreachable)
    pacer.start()
    await clock.pass(7000)
    await clock.pass(15_000)
    failures.push(unreachable)
    await clock.pass(15_000)
    expect(clock.nextIn).toBeLessThanOrEqual(1000)
  })
})

describe('a server that asks for a pause', () => {
  for (const [status, code] of [
    [429, 'RATE_LIMITED'],
    [503, 'SERVICE_UNAVAILABLE'],
  ] as const) {
    it(`with ${status} and Retry-After gets it, unless the person insists`, async () => {
      const { clock, failures, pacer, cycles } = setUp()
      failures.push(refusal(status, code, 'Later', 120_000))
      pacer.start()
      await settled()
      expect(clock.nextIn).toBe(120_000)
      pacer.wake()
      await clock.pass(119_000)
      expect(cycles()).toBe(1)
      pacer.wake({ insist: true })
      await settled()
      expect(cycles()).toBe(2)
    })
  }
})

it('a session that is over pauses everything until the person has signed in', async () => {
  const { clock, failures, outcomes, pacer, cycles } = setUp()
  failures.push(new SignInNeeded())
  pacer.start()
  await settled()
  pacer.wake({ insist: true })
  await clock.pass(3_600_000)
  expect(cycles()).toBe(1)
  expect(outcomes).toEqual(['sign-in'])
  pacer.resume()
  await settled()
  expect(outcomes).toEqual(['sign-in', null])
})

it('a fault of our own is told and tried again, not hidden and not fatal', async () => {
  const { clock, failures, outcomes, pacer } = setUp()
  failures.push(new Error('a bug'))
  pacer.start()
  await clock.pass(1000)
  expect(outcomes).toEqual(['fault', null])
})

it('a clock that jumps neither stops sync nor makes it run wild', async () => {
  const { clock, failures, pacer, cycles } = setUp()
  failures.push(refusal(503, 'SERVICE_UNAVAILABLE', 'Later', 10_000))
  pacer.start()
  await settled()
  clock.jump(-365 * 24 * 3600_000)
  pacer.wake({ insist: true })
  await settled()
  expect(cycles()).toBe(2)
  await clock.pass(60_000)
  expect(cycles()).toBe(6)
})

it('after the network heals the queue drains untouched, without another edit', async () => {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  const device = new Device(model, alice)
  const clock = new ManualClock()
  const pacer = new Pacer({ cycle: () => device.sync(), clock, random: () => 1, onOutcome: () => {} })
  device.network = offline
  const { id } = device.add()
  pacer.start()
  await clock.pass(600_000)
  expect(device.local.counts().waiting).toBe(1)
  device.network = online
  await clock.pass(60_000)
  expect(device.local.queueItems()).toEqual([])
  expect(model.live(siteA).map((record) => record.id)).toEqual([id])
})
