import { describe, expect, it } from 'vitest'
import type { SyncStatus } from '#desktop/bridge/channels'
import { syncWords } from './sync-words.ts'

const calm: SyncStatus = {
  online: true,
  readOnly: false,
  waiting: 0,
  needsAttention: 0,
  reasons: 0,
  working: false,
  upToDateAt: '2026-08-22T08:42:00.000Z',
  firstSync: null,
}
const say = (status: Partial<SyncStatus>) =>
  syncWords({ ...calm, ...status }, 'Europe/Berlin', new Date('2026-08-22T12:00:00Z'))

describe('the sync state in words', () => {
  it('is up to date with the time on the reader’s clock', () => {
    expect(say({})).toEqual({ tone: 'good', words: 'Up to date · 10:42', spoken: 'Up to date' })
    expect(say({ upToDateAt: '2026-08-21T08:42:00.000Z' }).words).toBe('Up to date · 21 Aug')
  })

  it('counts what waits, online and offline', () => {
    expect(say({ waiting: 3 })).toMatchObject({ tone: 'warn', words: '3 waiting' })
    expect(say({ waiting: 3, online: false })).toMatchObject({ tone: 'warn', words: 'Offline · 3 waiting' })
    expect(say({ online: false }).words).toBe('Offline')
  })

  it('says that the server only reads, where it is there', () => {
    expect(say({ readOnly: true, waiting: 3 })).toMatchObject({
      tone: 'warn',
      words: 'Only reading · 3 waiting',
    })
    expect(say({ readOnly: true, waiting: 3, online: false }).words).toBe('Offline · 3 waiting')
    expect(say({ readOnly: true, needsAttention: 1 }).words).toBe('1 needs attention')
  })

  it('puts what needs the person before everything else', () => {
    expect(say({ needsAttention: 1, waiting: 3, online: false })).toMatchObject({
      tone: 'bad',
      words: '1 needs attention',
    })
    expect(say({ needsAttention: 2 }).words).toBe('2 need attention')
  })

  it('says how much of the first fetch is to come', () => {
    const fetching = { upToDateAt: null, firstSync: { stored: 12_400, remaining: 87_562 } }
    expect(say(fetching)).toMatchObject({
      words: 'Fetching 12,400 of about 100,000',
      spoken: 'Fetching records',
    })
    expect(say({ ...fetching, online: false })).toMatchObject({
      words: 'Offline · 12,400 of about 100,000',
      spoken: 'Offline',
    })
    expect(say({ ...fetching, online: false, waiting: 2 }).words).toBe('Offline · 2 waiting')
    expect(say({ upToDateAt: null, firstSync: { stored: 0, remaining: 0 } }).words).toBe('Fetching records')
    expect(say({ firstSync: { stored: 500, remaining: 42 } }).words).toBe('Fetching 500 of about 542')
  })

  it('never claims to be up to date before it was', () => {
    expect(say({ upToDateAt: null, working: true }).words).toBe('Checking for changes')
    expect(say({ upToDateAt: null }).words).toBe('Not fetched yet')
  })
})
