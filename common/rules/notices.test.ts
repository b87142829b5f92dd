import { describe, expect, test } from 'vitest'
import type { ShownNotice } from '../contract/notices.ts'
import { isOver, putAwayName, seenAt } from './notices.ts'

const at = (hour: number) => Date.UTC(2026, 11, 1, hour)
const notice = (id: string, from: number, until: number): ShownNotice => ({
  id,
  kind: 'info',
  words: id,
  startsAt: new Date(at(from)).toISOString(),
  endsAt: new Date(at(until)).toISOString(),
  version: 1,
})
const all = [notice('morning', 8, 12), notice('day', 9, 18), notice('evening', 18, 20)]
const seen = (hour: number) => seenAt(all, at(hour)).seen.map(({ id }) => id)

describe('what is seen of notices', () => {
  test.each([
    [7, []],
    [8, ['morning']],
    [9, ['morning', 'day']],
    [12, ['day']],
    [18, ['evening']],
    [20, []],
  ])('at %i: those that have begun and not ended', (hour, ids) => expect(seen(hour)).toEqual(ids))

  test('changes at the next beginning or end, and never once all are over', () => {
    expect(seenAt(all, at(8)).changesAt).toBe(at(9))
    expect(seenAt(all, at(9)).changesAt).toBe(at(12))
    expect(seenAt(all, at(20)).changesAt).toBeNull()
  })

  test('is over when it has ended or was withdrawn', () => {
    const { startsAt, endsAt } = all[1]!
    expect(isOver({ startsAt, endsAt, withdrawnAt: null }, at(17))).toBe(false)
    expect(isOver({ startsAt, endsAt, withdrawnAt: null }, at(18))).toBe(true)
    expect(isOver({ startsAt, endsAt, withdrawnAt: startsAt }, at(10))).toBe(true)
  })

  test('put away is one version of a notice', () => {
    expect(putAwayName({ id: 'a', version: 2 })).not.toBe(putAwayName({ id: 'a', version: 1 }))
  })
})
