import { expect, it } from 'vitest'
import { readUpdatePolicy } from './policy.ts'

const sourceOf = (updates: string) => readUpdatePolicy({ updates }).source?.href

it('takes a server or a folder as the source', () => {
  expect(sourceOf('https://it.example/fieldbook')).toBe('https://it.example/fieldbook/')
  expect(sourceOf(' https://it.example/a/b/ ')).toBe('https://it.example/a/b/')
  expect(sourceOf('http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080/')
  expect(sourceOf('file:///srv/fieldbook')).toBe('file:///srv/fieldbook/')
  expect(sourceOf('file://fileserver/share/fieldbook')).toBe('file://fileserver/share/fieldbook/')
  if (process.platform !== 'win32') expect(sourceOf('/srv/field book')).toBe('file:///srv/field%20book/')
  else expect(sourceOf('\\\\fileserver\\share')).toBe('file://fileserver/share/')
})

it('is off when IT says so, and has no source when nobody says anything', () => {
  expect(readUpdatePolicy({ updates: 'off' })).toMatchObject({ off: true, source: null, problem: null })
  expect(readUpdatePolicy({})).toEqual({ off: false, source: null, channel: 'stable', problem: null })
})

it.each([
  'http://it.example/fieldbook',
  'it.example',
  'updates',
  'ftp://it.example',
  'https://a:b@it.example',
  'on',
])('is off, and says why, where the source is %s', (updates) => {
  const { off, source, problem } = readUpdatePolicy({ updates })
  expect({ off, source }).toEqual({ off: true, source: null })
  expect(problem).toContain(updates)
})

it.each(['../stable', 'Stable', 'a b'])('has no channel %s', (channel) => {
  expect(readUpdatePolicy({ updates: 'https://it.example', channel })).toMatchObject({
    off: true,
    source: null,
  })
})
