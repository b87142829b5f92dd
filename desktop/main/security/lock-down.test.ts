import type { Session } from 'electron'
import { describe, expect, it } from 'vitest'
import { lockDown } from './lock-down.ts'

type Request = Parameters<NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>>
type Check = Parameters<NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>>

const page = 'app://fieldbook/index.html'

function setUp(platform: NodeJS.Platform = 'win32') {
  let onRequest: ((...args: Request) => void) | null = null
  let onCheck: ((...args: Check) => boolean) | null = null
  const session = {
    setPermissionRequestHandler: (handler: typeof onRequest) => (onRequest = handler),
    setPermissionCheckHandler: (handler: typeof onCheck) => (onCheck = handler),
    setDevicePermissionHandler: () => {},
    setSpellCheckerEnabled: () => {},
    on: () => {},
  }
  const isOurs = (url: string) => url.startsWith('app://fieldbook/')
  lockDown({ on: () => ({}) as never }, session as never, isOurs, platform)
  return {
    request: (permission: string, details: object = {}) => {
      let answer: boolean | null = null
      const all = { isMainFrame: true, requestingUrl: page, ...details }
      onRequest!(null as never, permission as never, (allowed) => (answer = allowed), all)
      return answer
    },
    check: (permission: string, details: object = {}, origin = 'app://fieldbook') =>
      onCheck!(null, permission as never, origin, { isMainFrame: true, ...details }),
  }
}

describe('our page', () => {
  it('may ask where it is, and use a camera', () => {
    const { request, check } = setUp()
    expect(request('geolocation')).toBe(true)
    expect(check('geolocation')).toBe(true)
    expect(request('media', { mediaTypes: ['video'] })).toBe(true)
    expect(check('media', { mediaType: 'video' })).toBe(true)
  })

  it('may not ask where it is on a system that would ask a stranger', () => {
    expect(setUp('linux').request('geolocation')).toBe(false)
    expect(setUp('linux').check('geolocation')).toBe(false)
    expect(setUp('darwin').request('geolocation')).toBe(true)
  })

  it.each([
    ['media', { mediaTypes: ['audio'] }],
    ['media', { mediaTypes: ['video', 'audio'] }],
    ['media', { mediaTypes: [] }],
    ['media', {}],
    ['display-capture', { mediaTypes: ['video'] }],
    ['notifications', {}],
    ['clipboard-read', {}],
    ['midi', {}],
    ['pointerLock', {}],
    ['fullscreen', {}],
    ['openExternal', {}],
    ['fileSystem', {}],
    ['hid', {}],
  ])('may not have %s %o', (permission, details) => {
    expect(setUp().request(permission, details)).toBe(false)
  })

  it.each([
    ['media', { mediaType: 'audio' }],
    ['media', { mediaType: 'unknown' }],
    ['media', {}],
    ['clipboard-read', {}],
    ['notifications', {}],
  ])('is not told that it may have %s %o', (permission, details) => {
    expect(setUp().check(permission, details)).toBe(false)
  })
})

describe('anybody else', () => {
  it('may have nothing', () => {
    const { request, check } = setUp()
    for (const details of [
      { requestingUrl: 'https://example.org/' },
      { requestingUrl: 'app://fieldbook.example/' },
      { isMainFrame: false },
    ]) {
      expect(request('geolocation', details)).toBe(false)
      expect(request('media', { ...details, mediaTypes: ['video'] })).toBe(false)
    }
    expect(check('geolocation', {}, 'https://example.org')).toBe(false)
    expect(check('geolocation', {}, 'app://fieldbook.example')).toBe(false)
    expect(check('geolocation', { isMainFrame: false })).toBe(false)
    expect(check('media', { mediaType: 'video', requestingUrl: 'https://example.org/' })).toBe(false)
  })
})
