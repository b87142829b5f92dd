import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { createAppFiles } from './app-protocol.ts'

function setUp() {
  const parent = temporaryFolder()
  const folder = join(parent, 'renderer')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  writeFileSync(join(folder, 'assets/app.js'), 'let nonce = "__CSP_NONCE__"')
  writeFileSync(join(folder, 'assets/notes.txt'), 'no type for this')
  writeFileSync(join(parent, 'secret.js'), 'secret')
  mkdirSync(join(parent, 'renderer-other'))
  writeFileSync(join(parent, 'renderer-other/x.js'), 'secret')
  const files = createAppFiles(folder)
  return (url: string, method = 'GET') => files({ url, method })
}

it('serves the page with a policy that allows nothing unsafe, under a nonce of its own', async () => {
  const get = setUp()
  const [first, second] = [await get('app://fieldbook/index.html'), await get('app://fieldbook/')]
  const policy = first.headers.get('content-security-policy')!
  const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
  expect(policy).toContain(`default-src 'none'`)
  expect(policy).toContain(`script-src 'self';`)
  expect(policy).not.toMatch(/unsafe|\*|https?:/)
  expect(await first.text()).toBe(`<meta name="csp-nonce" content="${nonce}">`)
  expect(second.headers.get('content-security-policy')).not.toBe(policy)
})

it('serves files as they are, with their type, and lets nobody guess another', async () => {
  const response = await setUp()('app://fieldbook/assets/app.js')
  expect(await response.text()).toBe('let nonce = "__CSP_NONCE__"')
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

it.each([
  'app://fieldbook/../secret.js',
  'app://fieldbook/%2e%2e/secret.js',
  'app://fieldbook/..%2fsecret.js',
  'app://fieldbook/assets/..%2f..%2fsecret.js',
  'app://fieldbook/..%5csecret.js',
  'app://fieldbook/..%2frenderer-other%2fx.js',
  'app://fieldbook/%00/../../secret.js',
  'app://fieldbook/%E0%A4%A.js',
  'app://fieldbook/missing.js',
  'app://fieldbook/assets',
  'app://fieldbook/assets/notes.txt',
  'app://elsewhere/index.html',
])('%s is not there', async (url) => {
  expect((await setUp()(url)).status).toBe(404)
})

it('answers questions only, no changes', async () => {
  expect((await setUp()('app://fieldbook/index.html', 'POST')).status).toBe(404)
})
