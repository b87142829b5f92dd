import { describe, expect, test } from 'vitest'
import { ByUuid, Instant, NamedText, Text, TimeZone, Uuid } from './primitives.ts'
import { problemsOf } from './sentences.ts'

const accepts = (schema: Parameters<typeof problemsOf>[0], value: unknown) =>
  problemsOf(schema, value).length === 0

describe('text', () => {
  test.each([
    ['nothing', ''],
    ['lines and tabs', 'a\n\tb'],
    ['right to left', 'שלום'],
    ['beyond the first plane', '😀𐐀'],
    ['a whole surrogate pair', '\ud83d\ude00'],
    ['a control character', '\u0001'],
  ])('may hold %s', (_, text) => expect(accepts(Text(20), text)).toBe(true))

  test.each([
    ['NUL', 'a\0b'],
    ['a high surrogate alone', 'a\ud83d'],
    ['a low surrogate alone', '\ude00a'],
    ['a pair the wrong way round', '\ude00\ud83d'],
  ])('may not hold %s', (_, text) => {
    const problem = [{ field: '', message: 'Contains a character that cannot be stored' }]
    expect(problemsOf(Text(20), text)).toEqual(problem)
    expect(problemsOf(NamedText(20), text)).toEqual(problem)
  })

  test('is measured in characters, not in halves of them', () => {
    expect(accepts(Text(3), '😀😀😀')).toBe(true)
    expect(accepts(Text(3), '😀😀😀😀')).toBe(false)
  })

  test.each(['', ' ', '\n\t', '\u00a0\u2003\ufeff'])('that must say something may not be “%s”', (text) =>
    expect(problemsOf(NamedText(20), text)).toEqual([{ field: '', message: 'Is required' }]),
  )
})

describe('instant', () => {
  test.each([
    '2026-08-22T14:00:00+02:00',
    '2026-08-22T14:00Z',
    '2026-08-22T14:00:00.123456789Z',
    '1970-01-01T00:00:00Z',
    '1900-01-01T00:00:00Z',
    '2999-12-31T23:59:59.999Z',
    '2024-02-29T00:00:00Z',
    '2026-01-01T00:00:00-12:00',
    '2026-01-01T00:00:00+15:59',
  ])('%s', (text) => expect(accepts(Instant, text)).toBe(true))

  test.each([
    ['a day that does not exist', '2026-02-30T00:00:00Z'],
    ['the 29th of February in a common year', '2026-02-29T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['hour 25', '2026-01-01T25:00:00Z'],
    ['an offset of days', '2026-01-01T00:00:00+99:99'],
    ['an offset PostgreSQL refuses', '2026-01-01T00:00:00+16:00'],
    ['one to the west', '2026-01-01T00:00:00-23:59'],
    ['one with 60 minutes', '2026-01-01T00:00:00+01:60'],
    ['no offset', '2026-01-01T00:00:00'],
    ['no time', '2026-01-01'],
    ['before 1900', '1899-12-31T23:59:59Z'],
    ['before 1900 in UTC', '1900-01-01T00:30:00+01:00'],
    ['after 2999', '3000-01-01T00:00:00Z'],
    ['a year of six digits', '+012026-01-01T00:00:00Z'],
    ['words', 'tomorrow'],
    ['something after it', '2026-01-01T00:00:00Z; DROP TABLE'],
    ['a line after it', '2026-01-01T00:00:00Z\n'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => expect(accepts(Instant, text)).toBe(false))
})

describe('uuid', () => {
  test.each([
    ['01a1fc5e-d4f5-761a-8ff6-026d4b259e15', true],
    ['00000000-0000-0000-0000-000000000000', true],
    ['01A1FC5E-D4F5-761A-8FF6-026D4B259E15', false],
    ['01a1fc5ed4f5761a8ff6026d4b259e15', false],
    ['{01a1fc5e-d4f5-761a-8ff6-026d4b259e15}', false],
    ['01a1fc5e-d4f5-761a-8ff6-026d4b259e15\n', false],
    ['', false],
  ])('%s: %s', (text, valid) => expect(accepts(Uuid, text)).toBe(valid))
})

test('values by UUIDs are under those and nothing else', () => {
  const schema = ByUuid(Text(5))
  const id = '01a1fc5e-d4f5-761a-8ff6-026d4b259e15'
  expect(problemsOf(schema, {})).toEqual([])
  expect(problemsOf(schema, { [id]: 'x' })).toEqual([])
  expect(problemsOf(schema, { [id]: 'too long' })).toHaveLength(1)
  for (const key of ['', '\0', '\ud83d', id.toUpperCase(), `${id}\n`, '__proto__x'])
    expect(problemsOf(schema, { [key]: 'x' })).toEqual([{ field: key, message: 'Is not a known field' }])
})

test('a time zone is one of the IANA database', () => {
  expect(accepts(TimeZone, 'Europe/Berlin')).toBe(true)
  expect(problemsOf(TimeZone, 'Europe/Atlantis')).toEqual([
    { field: '', message: 'Must be a time zone such as Europe/Berlin' },
  ])
})
