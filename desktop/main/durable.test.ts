import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeDurably } from './durable.ts'
import { temporaryFolder } from './test/folder.ts'

it('replaces a file whole, for its owner’s eyes alone, also after an attempt that was cut short', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'file')
  writeFileSync(path, 'the old content, which is longer', { mode: 0o644 })
  writeFileSync(`${path}.new`, 'half of a content that never came about', { mode: 0o644 })
  writeDurably(path, Buffer.from('new'))
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['file'])
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0)
})

it('leaves what was there, and nothing beside it, where it fails', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'taken')
  mkdirSync(path)
  expect(() => writeDurably(path, 'new')).toThrow()
  expect(() => writeDurably(join(folder, 'no such folder', 'file'), 'new')).toThrow()
  expect(readdirSync(folder)).toEqual(['taken'])
})
