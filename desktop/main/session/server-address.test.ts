import { expect, it } from 'vitest'
import { readServerAddress } from './server-address.ts'

it.each([
  ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
  [' https://Fieldbook.Example.com/ ', 'https://fieldbook.example.com'],
  ['http://localhost', 'http://localhost'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
])('%j is %s', (text, origin) => expect(readServerAddress(text)).toBe(origin))

it.each([
  ['', /Write it like/],
  ['fieldbook', /Write it like/],
  ['ftp://example.com', /Write it like/],
  ['javascript:alert(1)', /Write it like/],
  ['http://example.com', /Use https/],
  ['http://127.0.0.1.example.com', /Use https/],
  ['https://example.com/api/v1', /Leave away/],
  ['https://me:secret@example.com', /Leave away/],
  ['https://example.com?x=1', /Leave away/],
])('%j is refused, saying what to do', (text, message) => {
  expect(() => readServerAddress(text)).toThrow(message)
  expect(() => readServerAddress(text)).toThrow(
    expect.objectContaining({ code: 'VALIDATION_ERROR' }) as Error,
  )
})
