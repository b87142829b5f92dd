import { expect, it } from 'vitest'
import type { UpdateState } from '#desktop/bridge/updates'
import { readUpdatePolicy } from './policy.ts'
import { type Installer, Updates } from './updates.ts'
import { UpdateRefused } from './version-list.ts'

function computer(installer: Partial<Installer> = {}, updates = 'https://it.example') {
  const phases: UpdateState['phase'][] = []
  const installed: boolean[] = []
  const timers: { wait: number; work: () => void }[] = []
  let created = 0
  let quits = 0
  const settings = { updatesCheckedAt: null as string | null }
  const it = new Updates({
    version: '1.0.0',
    policy: readUpdatePolicy({ updates }),
    createInstaller: async () => {
      created++
      return {
        check: async () => '1.1.0',
        download: async () => {},
        install: (restart) => {
          installed.push(restart)
          return true
        },
        ...installer,
      }
    },
    settings,
    now: () => Date.parse('2026-12-01T12:00:00Z'),
    after: (wait, work) => {
      timers.push({ wait, work })
      return () => {}
    },
    tell: ({ phase }) => phases.push(phase),
    quit: () => quits++,
    log: () => {},
  })
  return { it, phases, installed, timers, settings, created: () => created, quits: () => quits }
}

it('fetches what there is and puts it in place at the end, coming back only where that was asked for', async () => {
  const quiet = computer()
  await quiet.it.check()
  expect(quiet.phases).toEqual(['checking', 'checking', 'fetching', 'ready'])
  expect(quiet.it.state()).toMatchObject({
    next: '1.1.0',
    checkedAt: '2026-12-01T12:00:00.000Z',
    words: null,
  })
  expect(quiet.settings.updatesCheckedAt).toBe('2026-12-01T12:00:00.000Z')
  expect(quiet.it.installAtEnd()).toBe(true)
  expect(quiet.installed).toEqual([false])

  const asked = computer()
  await asked.it.check()
  asked.it.restart()
  expect(asked.quits()).toBe(1)
  asked.it.installAtEnd()
  expect(asked.installed).toEqual([true])
})

it('looks a while after the start, and again, but never twice at once', async () => {
  const { it, timers, created } = computer()
  it.begin()
  expect(timers.map(({ wait }) => wait)).toEqual([60_000])
  expect(created()).toBe(0)
  timers[0]!.work()
  await Promise.all([it.check(), it.check()])
  await expect.poll(() => timers.length).toBe(2)
  expect(timers[1]!.wait).toBe(4 * 3_600_000)
  expect(created()).toBe(1)
})

it('installs nothing where there is nothing, it failed, or it was withdrawn', async () => {
  const none = computer({ check: async () => null })
  await none.it.check()
  expect(none.it.state()).toMatchObject({ phase: 'idle', next: null })
  none.it.restart()
  expect(none.quits()).toBe(0)

  const broken = computer({ download: () => Promise.reject(new UpdateRefused('It is not theirs.')) })
  await broken.it.check()
  expect(broken.it.state()).toMatchObject({ phase: 'failed', words: 'It is not theirs.' })

  let offered: string | null = '1.1.0'
  const withdrawn = computer({ check: async () => offered })
  await withdrawn.it.check()
  offered = null
  await withdrawn.it.check()
  for (const { it, installed } of [none, broken, withdrawn]) {
    expect(it.installAtEnd()).toBe(true)
    expect(installed).toEqual([])
  }
})

it('keeps what is ready when the source is out of reach later', async () => {
  let isReached = true
  const { it, installed } = computer({
    check: () =>
      isReached ? Promise.resolve('1.1.0') : Promise.reject(new Error('net::ERR_INTERNET_DISCONNECTED')),
  })
  await it.check()
  isReached = false
  await it.check()
  expect(it.state().phase).toBe('ready')
  it.installAtEnd()
  expect(installed).toEqual([false])
})

it.each([
  [Object.assign(new Error(), { code: 'ENOSPC' }), /not enough room/],
  [Object.assign(new Error(), { code: 'EACCES' }), /may not write/],
  [Object.assign(new Error(), { code: 'ERR_CHECKSUM_MISMATCH' }), /not the one that was released/],
  [Object.assign(new Error(), { statusCode: 404 }), /no updates for this kind/],
  [new Error('net::ERR_CERT_AUTHORITY_INVALID'), /certificate is not trusted/],
  [new Error('net::ERR_CONNECTION_REFUSED'), /cannot be reached/],
  [new TypeError('anything'), /could not be fetched/],
])('says %s in plain words', async (error, words) => {
  const { it: updates } = computer({ check: () => Promise.reject(error) })
  await updates.check()
  expect(updates.state()).toMatchObject({ phase: 'failed' })
  expect(updates.state().words).toMatch(words)
})

it('asks for nothing where IT turned it off', async () => {
  const { it, timers, created } = computer({}, 'off')
  it.begin()
  await it.check()
  it.restart()
  expect([timers.length, created(), it.state().phase]).toEqual([0, 0, 'off'])
})
