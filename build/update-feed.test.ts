import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createUpdateKey, readVersionList } from '#desktop/main/updates/version-list'
import { readSigningKey, readUpdateKeys, writeLists } from './update-feed.ts'

const { secret, trusted } = createUpdateKey()
const options = {
  version: '1.2.3',
  channel: 'stable',
  staged: 10,
  rollbackFrom: null,
  key: createPrivateKey(secret),
}
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldbook-feed-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('lists for each kind of computer what it renews itself from, and nothing of other versions', async () => {
  for (const name of [
    'Fieldbook-Setup-1.2.3.exe',
    'Fieldbook-1.2.3-win-x64.msi',
    'Fieldbook-1.2.3-mac-universal.zip',
    'Fieldbook-1.2.3-mac-universal.dmg',
    'Fieldbook-1.2.3-linux-x86_64.AppImage',
    'Fieldbook-1.2.3-linux-x64.tar.gz',
    'Fieldbook-1.2.3-linux-amd64.deb',
    'Fieldbook-Setup-1.2.2.exe',
  ])
    writeFileSync(join(folder, name), name)
  const written = await writeLists(folder, options)
  const files = written.map((path) => {
    const name = basename(path, '.json')
    return [name, readVersionList(readFileSync(path, 'utf8'), name, [trusted]).files.map((file) => file.name)]
  })
  expect(files).toEqual([
    ['stable-windows-x64', ['Fieldbook-Setup-1.2.3.exe']],
    ['stable-mac', ['Fieldbook-1.2.3-mac-universal.zip']],
    ['stable-linux-x64', ['Fieldbook-1.2.3-linux-x64.tar.gz', 'Fieldbook-1.2.3-linux-x86_64.AppImage']],
  ])
})

it('says so where there is nothing to list', async () => {
  await expect(writeLists(folder, options)).rejects.toThrow(/nothing of version 1.2.3/)
})

it('takes no key but Ed25519, and quotes none', () => {
  expect(() => readSigningKey('-----BEGIN secret')).toThrow(/UPDATE_SIGNING_KEY is no Ed25519/)
  expect(() => readSigningKey(undefined)).toThrow(/UPDATE_SIGNING_KEY/)
  expect(readUpdateKeys(`${trusted}, ${trusted}`)).toEqual([trusted, trusted])
  expect(readUpdateKeys('none')).toEqual([])
  for (const text of [undefined, '', 'abc', `${trusted},x`]) {
    expect(() => readUpdateKeys(text)).toThrow(/UPDATE_PUBLIC_KEYS/)
  }
})
