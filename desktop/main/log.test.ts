import { expect, it, vi } from 'vitest'
import { log } from './log.ts'

it('notes where something failed, never what it said', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const cause = Object.assign(new Error('UNIQUE failed: Canary record'), { code: 'SQLITE_CONSTRAINT' })
  log('save failed', new TypeError('cannot read "Canary title"\nsecond Canary line', { cause }))
  const line = write.mock.calls.join('')
  expect(line).toMatch(/^fieldbook: save failed \(TypeError at .+log\.test\.ts.+SQLITE_CONSTRAINT/)
  expect(line).not.toMatch(/canary/i)
  write.mockRestore()
})
