import { getRounds } from 'bcryptjs'
import { afterAll, describe, expect, test } from 'vitest'
import { AppError } from '#common/contract/errors'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords()
afterAll(() => passwords.close())

describe('passwords', () => {
  test('are hashed with bcrypt at a cost of at least 12, and known again', async () => {
    const hash = await passwords.hash('Größer & 安全!')
    expect(getRounds(hash)).toBeGreaterThanOrEqual(12)
    expect(await passwords.verify('Größer & 安全!', hash)).toBe(true)
    expect(await passwords.verify('Grosser & 安全!', hash)).toBe(false)
  })

  test('leave the other requests alone while they are compared', async () => {
    let turns = 0
    let comparing = true
    const compared = passwords.verify('a', null).finally(() => (comparing = false))
    while (comparing) {
      await new Promise(setImmediate)
      turns++
    }
    expect(await compared).toBe(false)
    expect(turns).toBeGreaterThan(50)
  })

  test('that come in too great a crowd are sent away, the others are answered', async () => {
    // What is no hash is answered at once, so that the crowd costs nothing.
    const crowd = await Promise.allSettled(
      Array.from({ length: 200 }, () => passwords.verify('a', 'no hash')),
    )
    const refused = crowd.filter((each) => each.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThanOrEqual(200 - 64)
    for (const { reason } of refused) {
      expect(reason).toBeInstanceOf(AppError)
      expect((reason as AppError).code).toBe('SERVICE_UNAVAILABLE')
    }
    expect(await passwords.verify('a', 'no hash')).toBe(false)
  })
})
