import { randomBytes } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { createSealer } from './sealed.ts'

afterEach(() => vi.useRealTimers())

const secret = randomBytes(32)
const sealer = createSealer(() => [secret], 'a test')

test('what was sealed is read again, by whoever has the secret', () => {
  const text = sealer.seal({ user: 'Zoë' }, 60)
  expect(text).toMatch(/^[\w-]+$/)
  expect(text).not.toContain(Buffer.from('Zo').toString('base64url'))
  expect(createSealer(() => [secret], 'a test').open(text)).toEqual({ user: 'Zoë' })
})

test('but not for another purpose, with another secret, or when its time is over', () => {
  const text = sealer.seal({ user: 'u' }, 60)
  expect(createSealer(() => [secret], 'another').open(text)).toBeNull()
  expect(createSealer(() => [randomBytes(32)], 'a test').open(text)).toBeNull()
  vi.useFakeTimers({ now: Date.now() + 59_000 })
  expect(sealer.open(text)).not.toBeNull()
  vi.setSystemTime(Date.now() + 2000)
  expect(sealer.open(text)).toBeNull()
})

test('changed anywhere, or made up, it is nothing', () => {
  const text = sealer.seal({ user: 'u' }, 60)
  for (let at = 0; at < text.length - 1; at++) {
    const other = text[at] === 'A' ? 'B' : 'A'
    expect(sealer.open(text.slice(0, at) + other + text.slice(at + 1))).toBeNull()
  }
  for (const made of ['', 'x', 'not sealed at all', text.slice(0, -4)]) expect(sealer.open(made)).toBeNull()
})
