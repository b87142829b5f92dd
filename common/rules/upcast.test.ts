import { expect, it } from 'vitest'
import { problemsOf } from '../contract/sentences.ts'
import { Mutation, schemaVersion } from '../contract/sync.ts'
import { upcast } from './upcast.ts'

const first = {
  mutationId: '0192f000-0000-7000-8000-000000000001',
  entity: 'interaction',
  entityId: '0192f000-0000-7000-8000-000000000002',
  siteId: '0192f000-0000-7000-8000-000000000003',
  op: 'update',
  baseVersion: 3,
  base: { title: 'Old' },
  patch: { title: 'New' },
  dependsOn: [],
  schemaVersion: 1,
  deviceTime: '2026-03-01T09:00:00.000Z',
}

it('raises the first shape to the one of today and leaves the original alone', () => {
  const before = JSON.stringify(first)
  const raised = upcast(first)
  expect(raised).toEqual({ ...first, seen: null, resolves: null, schemaVersion })
  expect(problemsOf(Mutation, raised)).toEqual([])
  expect(JSON.stringify(first)).toBe(before)
})

it('leaves the shape of today alone', () => {
  const today = { ...first, seen: null, resolves: null, schemaVersion }
  expect(upcast(today)).toBe(today)
})

it.each([0, -1, 1.5, schemaVersion + 1, '1', null, undefined])('does not guess at version %s', (version) => {
  const odd = { ...first, schemaVersion: version }
  expect(upcast(odd)).toBe(odd)
  expect(problemsOf(Mutation, odd).map(({ field }) => field)).toContain('schemaVersion')
})

it('takes anything', () => {
  for (const anything of [null, undefined, 1, 'text', [], {}]) expect(upcast(anything)).toBe(anything)
})
