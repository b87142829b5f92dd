import { expect, test } from 'vitest'
import { proxyConfig } from './proxy.ts'
import { type ProxyAsking, ProxySignIn, proxyUrl } from './proxy-sign-in.ts'

const proxy = { host: 'proxy.example', port: 3128 }
const edith = { username: 'edith', password: 'a:b@c' }

function setUp() {
  const told: (ProxyAsking | null)[] = []
  let now = 0
  const signIn = new ProxySignIn(
    (asking) => told.push(asking),
    () => now,
  )
  return { signIn, told, pass: (milliseconds: number) => (now += milliseconds) }
}

test('everything that waits asks once; what is known is given again, and what was refused is not', async () => {
  const { signIn, told } = setUp()
  let attempts = 0
  const attempt = async () => {
    attempts++
    const first = await signIn.credentialsFor(proxy)
    return first?.password === edith.password
  }
  const both = [signIn.inTurn(attempt), signIn.inTurn(attempt)]
  expect(signIn.asking).toEqual({ ...proxy, refused: false })
  signIn.answer(edith)
  expect(await Promise.all(both)).toEqual([true, true])
  expect(attempts).toBe(1)
  expect(told).toEqual([{ ...proxy, refused: false }, null])
  expect(await signIn.inTurn(attempt)).toBe(true)
  expect(told).toHaveLength(2)

  // The proxy wants another password by now.
  const again = signIn.inTurn(async () => {
    await signIn.credentialsFor(proxy)
    const second = await signIn.credentialsFor(proxy)
    return second !== null
  })
  await expect.poll(() => signIn.asking).toEqual({ ...proxy, refused: true })
  signIn.answer(null)
  expect(await again).toBe(false)
  expect(signIn.known('proxy.example:3128')).toBeNull()
})

test('who said no is left alone for a while, unless they ask for it', async () => {
  const { signIn, pass } = setUp()
  const refused = signIn.credentialsFor(proxy)
  signIn.answer(null)
  expect(await refused).toBeNull()
  expect(await signIn.credentialsFor(proxy)).toBeNull()
  signIn.reconsider()
  const asked = signIn.credentialsFor(proxy)
  signIn.answer(null)
  await asked
  pass(5 * 60_000)
  const later = signIn.credentialsFor(proxy)
  expect(signIn.asking).not.toBeNull()
  signIn.answer(edith)
  expect(await later).toEqual(edith)
})

test('a name and a password are part of the address as they are', () => {
  const url = new URL(proxyUrl('http', 'proxy.example:3128', edith))
  expect([decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual(['edith', 'a:b@c'])
  expect(url.host).toBe('proxy.example:3128')
})

test('a mode whose own setting is missing leaves the proxy to the system, and says so', () => {
  const problems: string[] = []
  expect(proxyConfig({}, problems)).toBeNull()
  expect(proxyConfig({ proxyMode: 'direct' }, problems)).toEqual({ mode: 'direct' })
  expect(
    proxyConfig({ proxyMode: 'server', proxyServer: 'p:1', proxyBypass: '*.example' }, problems),
  ).toEqual({ mode: 'fixed_servers', proxyRules: 'p:1', proxyBypassRules: '*.example' })
  expect(proxyConfig({ proxyMode: 'pac', proxyPacUrl: 'https://p.example/x' }, problems)).toEqual({
    mode: 'pac_script',
    pacScript: 'https://p.example/x',
  })
  expect(problems).toEqual([])
  expect(proxyConfig({ proxyMode: 'pac', proxyServer: 'p:1' }, problems)).toEqual({ mode: 'system' })
  expect(problems[0]).toContain('needs proxyPacUrl')
})
