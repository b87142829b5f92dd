import { expect, it } from 'vitest'
import type { ErrorCode } from '#common/contract/errors'
import { NetworkError, PasswordChangeNeeded, SignInNeeded } from '../api/failures.ts'
import { refusal } from '../test/server-model.ts'
import { judge } from './verdict.ts'

const kinds: [number, ErrorCode, string][] = [
  [400, 'VALIDATION_ERROR', 'refused'],
  [401, 'AUTHENTICATION_ERROR', 'sign-in'],
  [403, 'AUTHORIZATION_ERROR', 'refused'],
  [404, 'RESOURCE_NOT_FOUND', 'later'],
  [408, 'SERVICE_UNAVAILABLE', 'later'],
  [409, 'CONFLICT', 'refused'],
  [429, 'RATE_LIMITED', 'later'],
  [500, 'INTERNAL_ERROR', 'later'],
  [503, 'SERVICE_UNAVAILABLE', 'later'],
]

for (const [status, code, kind] of kinds) {
  it(`${status} means ${kind}`, () => expect(judge(refusal(status, code))?.kind).toBe(kind))
}

it('no answer, or one of somebody else, means later; a slow one that less should be sent', () => {
  expect(judge(new NetworkError('unreachable', 's'))).toMatchObject({
    kind: 'later',
    offline: true,
    smaller: false,
  })
  expect(judge(new NetworkError('unusable', 's', { status: 403 }))).toMatchObject({
    kind: 'later',
    offline: true,
    smaller: false,
  })
  expect(judge(new NetworkError('unusable', 's', { status: 413 }))).toMatchObject({
    kind: 'later',
    smaller: true,
  })
  expect(judge(new NetworkError('timeout', 's'))).toMatchObject({ kind: 'later', smaller: true })
})

it('a server that limits us is not offline', () => {
  expect(judge(refusal(429, 'RATE_LIMITED', 'Later', 5000))).toEqual({
    kind: 'later',
    offline: false,
    readOnly: false,
    smaller: false,
    tooLarge: false,
    retryAfter: 5000,
  })
})

it('the end of a session asks for a sign-in; a fault of ours is nobody else’s', () => {
  expect(judge(new SignInNeeded())).toEqual({ kind: 'sign-in' })
  expect(judge(new Error('a bug'))).toBeNull()
})

it('while another password is asked for, sync is held, and nothing is refused', () =>
  expect(judge(new PasswordChangeNeeded())).toEqual({ kind: 'held' }))
