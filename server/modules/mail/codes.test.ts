import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCodes } from './codes.ts'

const [secret, older, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)]
const codes = createCodes(() => [secret, older])
const names = { tenantId: randomUUID(), id: randomUUID() }

test('a code names what it was made for, with spaces around it too', () => {
  const code = codes.of(names)
  expect(code).toMatch(/^[\w-]{64}$/)
  expect(codes.read(code)).toEqual(names)
  expect(codes.read(`\n  ${code} `)).toEqual(names)
})

test('one made with a secret that is still known counts, one with another does not', () => {
  expect(codes.read(createCodes(() => [older]).of(names))).toEqual(names)
  expect(codes.read(createCodes(() => [foreign]).of(names))).toBeNull()
})

test('one in which anything was changed is none', () => {
  const code = codes.of(names)
  for (let i = 0; i < code.length; i++) {
    const other = code[i] === 'A' ? 'B' : 'A'
    expect(codes.read(code.slice(0, i) + other + code.slice(i + 1)), String(i)).toBeNull()
  }
  for (const text of ['', 'x', code.slice(1), `${code}AAAA`, 'ü'.repeat(64)])
    expect(codes.read(text)).toBeNull()
})
