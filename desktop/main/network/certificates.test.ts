import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { authority, issue, type Issued, serverFor } from '../test/certificates.ts'
import { isVouchedFor, type Presented, readAuthorities, refusalWords } from './certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldbook-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const host = 'desk.fieldbook.test'
const presented = (...chain: Issued[]): Presented =>
  chain.reduceRight<Presented | undefined>(
    (issuerCert, { certificate }) => ({ data: certificate, ...(issuerCert && { issuerCert }) }),
    undefined,
  )!
const root = issue(folder, 'Root', { extensions: authority })
const middle = issue(folder, 'Middle', { by: root, extensions: `${authority}` })
const trusts = (chain: Presented, name = host, now?: Date) =>
  isVouchedFor(name, chain, [root.certificate], now)

test('a chain to the authority is taken, of RSA and of elliptic curves, with and without others between', async () => {
  const direct = issue(folder, 'direct', {
    by: root,
    extensions: serverFor('DNS:*.fieldbook.test,IP:127.0.0.1'),
  })
  expect(await trusts(presented(direct))).toBe(true)
  expect(await trusts(presented(direct), '127.0.0.1')).toBe(true)
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const through = issue(folder, 'through', { by: middle, extensions: serverFor(`DNS:${host}`), key: curve })
  expect(await trusts(presented(through, middle))).toBe(true)
  expect(await trusts(presented(through, middle, root))).toBe(true)
  const curved = issue(folder, 'Curved', { extensions: authority, key: curve })
  const below = issue(folder, 'below', { by: curved, extensions: serverFor(`DNS:${host}`) })
  expect(await isVouchedFor(host, presented(below, curved), [curved.certificate])).toBe(true)
})

test('everything else is refused, whoever signed it', async () => {
  const good = serverFor(`DNS:${host}`)
  const leaf = issue(folder, 'leaf', { by: root, extensions: good })
  expect(await trusts(presented(leaf), 'other.test'), 'another host').toBe(false)
  expect(await trusts(presented(leaf), '127.0.0.1'), 'an address it does not name').toBe(false)
  expect(await trusts(presented(leaf), host, new Date('2040-01-01')), 'when it is over').toBe(false)
  expect(await trusts(presented(leaf), host, new Date('2020-01-01')), 'before it begins').toBe(false)
  const named = issue(folder, host, { by: root, extensions: 'extendedKeyUsage=serverAuth' })
  expect(await trusts(presented(named)), 'a name in the subject alone').toBe(false)
  const client = issue(folder, 'client', {
    by: root,
    extensions: `extendedKeyUsage=clientAuth\nsubjectAltName=DNS:${host}`,
  })
  expect(await trusts(presented(client)), 'not for a server').toBe(false)

  const twin = issue(folder, 'Twin', { subject: 'Root', extensions: authority })
  const byTwin = issue(folder, 'by-twin', { by: twin, extensions: good })
  expect(await trusts(presented(byTwin, twin)), 'of another authority of the same name').toBe(false)
  expect(await trusts(presented(byTwin, root)), 'with the right one beside it').toBe(false)
  expect(await isVouchedFor(host, presented(leaf), []), 'without an authority').toBe(false)
  const own = issue(folder, 'own', { extensions: good })
  expect(await trusts(presented(own)), 'signed by itself').toBe(false)

  const byLeaf = issue(folder, 'by-leaf', { by: leaf, extensions: good })
  expect(await trusts(presented(byLeaf, leaf)), 'signed by one that may not sign').toBe(false)
  const old = issue(folder, 'Old', { by: root, extensions: authority, days: 1 })
  const byOld = issue(folder, 'by-old', { by: old, extensions: good })
  expect(await trusts(presented(byOld, old))).toBe(true)
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000)
  expect(await trusts(presented(byOld, old), host, inThreeDays), 'through one that is over').toBe(false)
  const narrow = issue(folder, 'Narrow', {
    by: root,
    extensions: `${authority}\nnameConstraints=critical,permitted;DNS:other.test`,
  })
  const byNarrow = issue(folder, 'by-narrow', { by: narrow, extensions: good })
  expect(await trusts(presented(byNarrow, narrow)), 'by one that is for other names').toBe(false)
  const last = issue(folder, 'Last', {
    by: root,
    extensions: authority.replace('CA:TRUE', 'CA:TRUE,pathlen:0'),
  })
  const byLast = issue(folder, 'by-last', { by: last, extensions: good })
  expect(await trusts(presented(byLast, last))).toBe(true)
  const beyond = issue(folder, 'Beyond', { by: last, extensions: authority })
  const byBeyond = issue(folder, 'by-beyond', { by: beyond, extensions: good })
  expect(await trusts(presented(byBeyond, beyond, last)), 'deeper than one may go').toBe(false)
  const weak = issue(folder, 'weak', { by: root, extensions: good, digest: 'sha1' })
  expect(await trusts(presented(weak)), 'a signature that can be forged').toBe(false)
  const short = issue(folder, 'short', {
    by: root,
    extensions: good,
    key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  })
  expect(await trusts(presented(short)), 'a key that is too short').toBe(false)
  expect(await trusts({ data: 'no certificate' })).toBe(false)
})

test('what was refused is said by name, and what IT can do', () => {
  const leaf = issue(folder, 'said', { by: root, extensions: serverFor(`DNS:${host}`) })
  expect(refusalWords(host, presented(leaf))).toMatch(
    /“Root”, who issued it, is not trusted here.*caFile.*[0-9A-F:]{95}/,
  )
  expect(refusalWords('other.test', presented(leaf))).toMatch(/it is for desk\.fieldbook\.test\./)
  expect(refusalWords(host, presented(leaf), new Date('2040-01-01'))).toMatch(/it ended on \d{4}-\d\d-\d\d/)
  expect(refusalWords(host, { data: '' })).toMatch(/cannot be read/)
})

test('a file of authorities is read whole, or it is said what is wrong with it', () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  expect(
    readAuthorities(write('two.pem', `# Ours\n${root.certificate}\n${middle.certificate}`)),
  ).toHaveLength(2)
  expect(() => readAuthorities(join(folder, 'none.pem'))).toThrow('cannot be read')
  expect(() => readAuthorities(write('empty.pem', 'hello'))).toThrow('holds no certificate in PEM form')
  const leaf = issue(folder, 'no-authority', { by: root, extensions: serverFor(`DNS:${host}`) })
  expect(() => readAuthorities(write('leaf.pem', leaf.certificate))).toThrow('is not one of an authority')
})
