import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { log, logFiles, logToFiles, note } from './log.ts'
import { temporaryFolder } from './test/folder.ts'

beforeEach(() => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  return () => write.mockRestore()
})

it('notes where something failed, never what it said', () => {
  const cause = Object.assign(new Error('UNIQUE failed: Canary record'), { code: 'SQLITE_CONSTRAINT' })
  log('save failed', new TypeError('cannot read "Canary title"\nsecond Canary line', { cause }))
  const line = vi.mocked(process.stderr.write).mock.calls.join('')
  expect(line).toMatch(/^fieldbook: save failed \(TypeError at .+log\.test\.ts.+SQLITE_CONSTRAINT/)
  expect(line).not.toMatch(/canary/i)
})

it('keeps notes of some importance in a file that others cannot read, without where the person’s folder is', () => {
  const folder = join(temporaryFolder(), 'logs')
  logToFiles(folder, 'warn')
  note('info', 'not kept')
  note('warn', `kept in ${homedir()}/here`)
  log('failed')
  const [{ name, text }] = logFiles(folder) as [{ name: string; text: string }]
  expect(name).toBe('fieldbook.log')
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z warn kept in ~\/here\r?\n.+ error failed\r?\n$/)
  expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
})

it('is bounded: a full file makes room for another, and the oldest goes', () => {
  const folder = join(temporaryFolder(), 'logs')
  logToFiles(folder, 'info')
  writeFileSync(join(folder, 'fieldbook.9.log'), 'of another version')
  logToFiles(folder, 'info')
  const line = 'x'.repeat(100_000)
  for (let number = 0; number < 80; number++) note('info', `${number} ${line}`)
  const names = readdirSync(folder).toSorted()
  expect(names).toEqual([...[1, 2, 3, 4].map((age) => `fieldbook.${age}.log`), 'fieldbook.log'])
  for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThan(1.3 * 1024 * 1024)
  const numbers = logFiles(folder).flatMap(({ text }) =>
    text.split('\n').flatMap((each) => / info (\d+) x/.exec(each)?.[1] ?? []),
  )
  expect(numbers).toContain('79')
  expect(numbers).not.toContain('0')
  expect(readFileSync(join(folder, 'fieldbook.log'), 'utf8')).toContain(' 79 ')
})
