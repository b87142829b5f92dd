import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import ElectronStore from 'electron-store'
import { siteA } from './test/device.ts'
import { temporaryFolder } from './test/folder.ts'
import { Settings } from './settings.ts'

// Outside of Electron its package only looks for the binary, which these tests do without.
vi.hoisted(() => vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', 'none'))

const defaultServer = 'http://127.0.0.1:3000'
const open = (folder: string, server: string | null = null) =>
  new Settings(
    new ElectronStore<Record<string, unknown>>({
      cwd: folder,
      name: 'settings',
      clearInvalidConfig: true,
      projectVersion: '1',
    }),
    { server, defaultServer },
  )

it('remembers what it was told', () => {
  const folder = temporaryFolder()
  const settings = open(folder)
  settings.window = { x: 1, y: 2, width: 800, height: 600, maximized: true }
  settings.server = 'https://fieldbook.example.com'
  settings.account = 'ab'.repeat(16)
  settings.siteId = siteA
  expect(open(folder)).toMatchObject({
    window: { x: 1, y: 2, width: 800, height: 600, maximized: true },
    server: 'https://fieldbook.example.com',
    account: 'ab'.repeat(16),
    siteId: siteA,
  })
})

it.each([
  ['nothing', undefined],
  ['garbage', '{{{'],
  ['a list', '[1,2]'],
  ['values of other kinds', JSON.stringify({ window: 'big', server: 7, account: '../../etc', siteId: 'x' })],
  ['a window of no size', JSON.stringify({ window: { width: -5, height: 1e9, maximized: 'yes' } })],
  ['a server one must not use', JSON.stringify({ server: 'http://example.com' })],
])('with %s in the file the defaults hold', (_, content) => {
  const folder = temporaryFolder()
  if (content !== undefined) writeFileSync(join(folder, 'settings.json'), content)
  expect(open(folder)).toMatchObject({
    window: { width: 1280, height: 820, maximized: false },
    server: defaultServer,
    account: null,
    siteId: null,
  })
})

it('the address IT prescribes goes before the last one used', () => {
  const folder = temporaryFolder()
  open(folder).server = 'https://old.example.com'
  expect(open(folder, 'https://new.example.com').server).toBe('https://new.example.com')
  expect(open(folder).server).toBe('https://old.example.com')
})
