import { expect, it } from 'vitest'
import { Closing } from './closing.ts'
import { settled } from './test/manual-clock.ts'

function setUp({ alive = () => Promise.resolve<unknown>(0) } = {}) {
  const log: string[] = []
  const timers: (() => void)[] = []
  const state = { holds: true }
  const closing = new Closing({
    mayHoldWork: () => state.holds,
    ask: () => log.push('asked'),
    isAlive: alive,
    endPage: async () => void log.push('ended'),
    close: (quits) => log.push(quits ? 'quit' : 'closed'),
    after: (_, work) => {
      timers.push(work)
      return () => {}
    },
  })
  return { closing, log, timers, state }
}

it('a window stays until its page agrees, and then closes without another word', async () => {
  const { closing, log, timers } = setUp()
  expect(closing.holdsBack()).toBe(true)
  await settled()
  for (const late of timers) late()
  await settled()
  expect(log).toEqual(['asked'])
  closing.agree()
  expect(log).toEqual(['asked', 'closed'])
  expect([closing.agreed, closing.holdsBack()]).toEqual([true, false])
})

it('the app that was quitting quits, the one that was not stays', () => {
  const { closing, log } = setUp()
  closing.quitting()
  closing.holdsBack()
  // The person stays, and closes only the window later.
  closing.holdsBack()
  closing.agree()
  expect(log).toEqual(['asked', 'asked', 'closed'])

  const another = setUp()
  another.closing.quitting()
  another.closing.holdsBack()
  another.closing.agree()
  expect(another.log).toEqual(['asked', 'quit'])
})

it('nobody is asked where there is nothing to lose', () => {
  const { closing, log, state } = setUp()
  state.holds = false
  expect(closing.holdsBack()).toBe(false)
  expect(log).toEqual([])
})

it('a page that does not run is not waited for', async () => {
  const crashed = setUp({ alive: () => Promise.reject(new Error('gone')) })
  crashed.closing.holdsBack()
  await settled()
  expect(crashed.log).toEqual(['asked', 'ended', 'closed'])

  const hung = setUp({ alive: () => new Promise(() => {}) })
  hung.closing.holdsBack()
  await settled()
  expect(hung.log).toEqual(['asked'])
  for (const late of hung.timers) late()
  await settled()
  expect(hung.log).toEqual(['asked', 'ended', 'closed'])

  const slow = setUp({ alive: () => new Promise(() => {}) })
  slow.closing.holdsBack()
  slow.closing.agree()
  for (const late of slow.timers) late()
  await settled()
  expect(slow.log).toEqual(['asked', 'closed'])
})

it('an answer nobody asked for closes nothing', () => {
  const { closing, log } = setUp()
  closing.agree()
  expect([log, closing.agreed]).toEqual([[], false])
})

it('asks again when the window stayed for another reason', () => {
  const { closing } = setUp()
  closing.holdsBack()
  closing.agree()
  closing.stay()
  expect(closing.holdsBack()).toBe(true)
})
