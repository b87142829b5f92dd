import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { installationOf } from './installation.ts'
import { previousOf, swapFolders } from './swap.ts'

function folderWith(place: string, text: string) {
  mkdirSync(place)
  writeFileSync(join(place, 'fieldbook'), text)
}
const textIn = (place: string) => readFileSync(join(place, 'fieldbook'), 'utf8')

it('puts the new version in the place of the old, which stays until it has started', () => {
  const folder = join(temporaryFolder(), 'Fieldbook')
  folderWith(folder, 'A')
  folderWith(previousOf(folder), 'older')
  folderWith(`${folder}-new`, 'B')
  swapFolders(folder, `${folder}-new`)
  expect([textIn(folder), textIn(previousOf(folder))]).toEqual(['B', 'A'])
})

it('leaves everything as it was where the new one is not there', () => {
  const folder = join(temporaryFolder(), 'Fieldbook')
  folderWith(folder, 'A')
  expect(() => swapFolders(folder, `${folder}-new`)).toThrow(/ENOENT/)
  expect(textIn(folder)).toBe('A')
  expect(existsSync(previousOf(folder))).toBe(false)
})

it('renews only what a package manager does not', () => {
  const folder = temporaryFolder()
  const exe = join(folder, 'fieldbook')
  expect(installationOf('linux', exe, {})).toBe('folder')
  expect(installationOf('linux', exe, { APPIMAGE: '/home/a/Fieldbook.AppImage' })).toBe('appimage')
  expect(installationOf('linux', '/proc/self/fieldbook', {})).toBe(null)
  mkdirSync(join(folder, 'resources'))
  writeFileSync(join(folder, 'resources', 'package-type'), 'deb')
  expect(installationOf('linux', exe, {})).toBe(null)
  expect(installationOf('win32', exe, {})).toBe(null)
  writeFileSync(join(folder, 'Uninstall Fieldbook.exe'), '')
  expect(installationOf('win32', exe, {})).toBe('windows')
  expect(installationOf('darwin', exe, {})).toBe('mac')
})
