import { expect, it } from 'vitest'
import { NetworkError, PasswordChangeNeeded, SignInNeeded } from '../api/failures.ts'
import { StorageError } from '../store/failures.ts'
import { Computer } from '../test/computer.ts'
import { alice, filled, siteA } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'
import { errorCode } from './device-reports.ts'

const minute = 60_000

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'editor' })
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  await settled()
  const { model } = web
  const push = model.push.bind(model)
  return {
    web,
    computer,
    save: async () => {
      await computer.do['interaction.save']({ siteId: siteA, opened: null, fields: filled })
      await settled()
    },
    /** The server takes no edits, and says so. */
    failWith: (code: 'INTERNAL_ERROR' | 'RATE_LIMITED') => {
      model.push = () => {
        throw refusal(code === 'INTERNAL_ERROR' ? 500 : 429, code)
      }
    },
    heal: () => {
      model.push = push
    },
  }
}

it('says once what the device is, and nothing more while it is well', async () => {
  const { web, computer, save } = await setUp()
  const first = {
    appVersion: '1.2.3',
    platform: 'Test 1',
    waiting: 0,
    oldestWaitingFor: null,
    lastError: null,
  }
  expect(web.reports).toMatchObject([first])
  await computer.pass(60 * minute)
  await save()
  await computer.pass(60 * minute)
  expect(web.reports).toHaveLength(1)
})

it('says at once that edits do not get away, and why; then now and then; and at once that all is well', async () => {
  const { web, computer, save, failWith, heal } = await setUp()
  failWith('INTERNAL_ERROR')
  await save()
  expect(web.reports.slice(1)).toMatchObject([
    { waiting: 1, oldestWaitingFor: 0, lastError: { code: 'INTERNAL_ERROR', ago: 0 } },
  ])
  await save()
  await computer.pass(2 * minute)
  expect(web.reports).toHaveLength(2)
  await computer.pass(30 * minute)
  const later = web.reports.slice(2)
  // No more than one in five minutes, however often it is tried.
  expect(later.length).toBeGreaterThanOrEqual(3)
  expect(later.length).toBeLessThanOrEqual(6)
  expect(later.at(-1)!).toMatchObject({ waiting: 2, lastError: { code: 'INTERNAL_ERROR' } })
  expect(later.at(-1)!.oldestWaitingFor).toBeGreaterThan(25 * 60)
  const before = web.reports.length
  failWith('RATE_LIMITED')
  await computer.pass(2 * minute)
  expect(web.reports.slice(before)).toMatchObject([{ lastError: { code: 'RATE_LIMITED' } }])
  heal()
  await computer.pass(2 * minute)
  expect(web.reports.slice(before + 1)).toMatchObject([
    { waiting: 0, oldestWaitingFor: null, lastError: { code: 'RATE_LIMITED' } },
  ])
})

it('says nothing while nobody answers, and does not take that for an error', async () => {
  const { web, computer, save } = await setUp()
  web.reachable = false
  await save()
  await computer.pass(24 * 60 * minute)
  web.reachable = true
  await computer.pass(2 * minute)
  expect(web.reports.map(({ lastError }) => lastError)).toEqual(web.reports.map(() => null))
  expect(web.reports.at(-1)).toMatchObject({ waiting: 0 })
})

it('tells a session that has just begun, after a restart too', async () => {
  const { web, computer } = await setUp()
  web.endSessions()
  await computer.pass(2 * minute)
  expect(web.reports).toHaveLength(1)
  await computer.signIn('alice')
  await settled()
  expect(web.reports).toHaveLength(2)
  expect(web.reports[1]!.sessionId).not.toBe(web.reports[0]!.sessionId)
  await computer.restart()
  await computer.pass(2 * minute)
  expect(web.reports.slice(2)).toMatchObject([{ sessionId: web.reports[1]!.sessionId }])
})

it('keeps quiet for a while where the report itself is refused, and does not stop the sync', async () => {
  const { web, computer, save, failWith, heal } = await setUp()
  const { fetch } = web
  let tries = 0
  Object.assign(web, {
    fetch: (...[address, init]: Parameters<typeof fetch>) => {
      if (!(address as string).endsWith('/auth/device')) return fetch(address, init)
      tries++
      return Promise.resolve(Response.json({ status: 'error' }, { status: 404 }))
    },
  })
  await computer.restart()
  await computer.pass(minute)
  expect(tries).toBe(1)
  failWith('INTERNAL_ERROR')
  await save()
  await computer.pass(2 * minute)
  expect(tries).toBe(1)
  heal()
  await computer.pass(10 * minute)
  expect(tries).toBeGreaterThan(1)
  expect(tries).toBeLessThan(5)
  expect(computer.session.status()).toMatchObject({ waiting: 0, online: true })
})

it.each([
  [new NetworkError('unreachable', 'x'), null],
  [new NetworkError('unusable', 'x', { status: 502 }), null],
  [new NetworkError('unusable', 'x', { status: 200 }), 'UNUSABLE_ANSWER'],
  [new NetworkError('timeout', 'x'), 'TIMEOUT'],
  [refusal(503, 'SERVICE_UNAVAILABLE'), null],
  [refusal(401, 'AUTHENTICATION_ERROR'), null],
  [refusal(400, 'VALIDATION_ERROR'), 'VALIDATION_ERROR'],
  [new SignInNeeded(), null],
  [new PasswordChangeNeeded(), null],
  [new StorageError('unwritable'), 'STORAGE_UNWRITABLE'],
  [new Error('Could not read the record of Mrs Miller'), 'FAULT'],
])('calls %s %s', (error, code) => expect(errorCode(error)).toBe(code))
