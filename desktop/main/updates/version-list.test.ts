import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  createUpdateKey,
  listName,
  readVersionList,
  type VersionList,
  writeVersionList,
} from './version-list.ts'

const makers = createUpdateKey()
const others = createUpdateKey()
const name = 'stable-linux-x64'
const list: VersionList = {
  name,
  version: '1.2.3',
  rollbackFrom: null,
  staged: 25,
  released: '2026-12-01T12:00:00.000Z',
  files: [{ name: 'Fieldbook-1.2.3-linux-x64.tar.gz', size: 12, sha512: `${'A'.repeat(86)}==` }],
}
const signed = (content: unknown, secret = makers.secret) =>
  writeVersionList(content as VersionList, createPrivateKey(secret))
const read = (text: string) => () => readVersionList(text, name, [makers.trusted])

it('is read by whoever trusts its key, also among others', () => {
  expect(read(signed(list))()).toEqual(list)
  expect(readVersionList(signed(list), name, [others.trusted, makers.trusted])).toEqual(list)
})

describe('is refused', () => {
  it('when somebody else signed it, or nobody is trusted', () => {
    expect(read(signed(list, others.secret))).toThrow(/not signed by the makers/)
    expect(() => readVersionList(signed(list), name, [])).toThrow(/not signed by the makers/)
  })

  it('when a single character of it or of its signature is another', () => {
    const text = signed(list)
    const { list: content, signature } = JSON.parse(text) as { list: string; signature: string }
    for (const change of [
      { list: content.replace('1.2.3', '1.2.4'), signature },
      { list: `${content} `, signature },
      { list: content, signature: signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
      { list: content, signature: '' },
    ]) {
      expect(read(JSON.stringify(change))).toThrow(/not signed by the makers/)
    }
  })

  it('when it is the list of another channel or another kind of computer', () => {
    expect(read(signed({ ...list, name: 'beta-linux-x64' }))).toThrow(
      /is beta-linux-x64, not stable-linux-x64/,
    )
  })

  it.each([
    ['nothing', ''],
    ['a page', '<html>Sign in to the network</html>'],
    ['another file', '{"version":"1.2.3"}'],
  ])('when it is %s', (_, text) => expect(read(text)).toThrow(/no list of versions/))

  it.each([
    ['a file elsewhere', { files: [{ ...list.files[0], name: '../evil.tar.gz' }] }],
    ['a file on another server', { files: [{ ...list.files[0], name: 'https://evil.example/a.exe' }] }],
    ['no hash', { files: [{ ...list.files[0], sha512: '' }] }],
    ['no files', { files: [] }],
    ['a share of computers that is none', { staged: 101 }],
    ['no version', { version: 'latest' }],
    ['what nobody knows', { run: 'me' }],
  ])('when it names %s, even signed', (_, change) =>
    expect(read(signed({ ...list, ...change }))).toThrow(/another generation/),
  )
})

it('has a name for each kind of computer', () => {
  expect(listName('stable', 'win32', 'x64')).toBe('stable-windows-x64')
  expect(listName('beta', 'darwin', 'arm64')).toBe('beta-mac')
  expect(listName('stable', 'linux', 'x64')).toBe(name)
})
