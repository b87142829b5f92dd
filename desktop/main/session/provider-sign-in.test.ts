import { createHash } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import type { Call } from '../api/client.ts'
import { ProviderSignIn } from './provider-sign-in.ts'

afterEach(() => vi.restoreAllMocks())

/** A server that checks the verifier, and a browser that goes where `browse` says. */
function setUp(
  browse: (to: { port: number; url: string }) => Promise<unknown> | void,
  url = 'https://id.example/',
) {
  const entered: unknown[] = []
  const asked: string[] = []
  let challenge = ''
  let port = 0
  const call = (async (name: string, { body }: { body: Record<string, string & number> }) => {
    asked.push(name)
    if (name === 'readOidc') return { provider: 'Harbour ID' }
    if (name === 'startOidc') {
      ;({ challenge, port } = body as unknown as { challenge: string; port: number })
      return { url }
    }
    if (name === 'signOut') return {}
    expect(createHash('sha256').update(body.verifier!).digest('base64url')).toBe(challenge)
    return { user: { id: 'ada', displayName: 'Ada' }, token: body.code }
  }) as unknown as Call
  const opened: string[] = []
  const provider = new ProviderSignIn({
    session: () => ({
      policy: {},
      mayKeepSignedIn: (wanted: boolean) => wanted,
      deviceName: 'Laptop',
      callAt: () => ({ address: 'https://field.example', call }),
      enterAs: async (server, session) => {
        entered.push([server, session])
        return {} as never
      },
    }),
    openInBrowser: async (url) => {
      opened.push(url)
      void browse({ port, url })
    },
  })
  const signIn = (userId?: string) => provider.signIn({ keepSignedIn: true, ...(userId && { userId }) })
  return { provider, signIn, entered, opened, asked, port: () => port }
}

const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`)

it('opens the browser and signs in with what it brings back', async () => {
  const pages: string[] = []
  const { signIn, entered, opened } = setUp(async ({ port }) => {
    const answer = await get(port, '/signed-in?code=the-code')
    pages.push(await answer.text())
  })
  expect(await signIn()).toEqual({ done: true })
  expect(opened).toEqual(['https://id.example/'])
  expect(entered).toMatchObject([['https://field.example', { token: 'the-code' }]])
  await vi.waitFor(() => expect(pages[0]).toContain('Go back to Fieldbook'))
})

it('lets nobody else in where somebody signs in again, and leaves no session behind', async () => {
  const { signIn, entered, asked } = setUp(({ port }) => get(port, '/signed-in?code=the-code'))
  expect(await signIn('ada')).toEqual({ done: true })
  await expect(signIn('bert')).rejects.toThrow('you are Ada')
  expect(entered).toHaveLength(1)
  expect(asked.at(-1)).toBe('signOut')
})

it('listens to nothing else, on this computer alone, and no longer than it has to', async () => {
  const { signIn, port } = setUp(async ({ port }) => {
    for (const path of ['/', '/favicon.ico', '/signed-in', '/signed-in?state=1'])
      expect((await get(port, path)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/signed-in?code=x`, { method: 'POST' })).status).toBe(404)
    await get(port, '/signed-in?code=the-code')
  })
  expect(await signIn()).toEqual({ done: true })
  await expect(get(port(), '/signed-in?code=again')).rejects.toThrow()
})

it('ends when it is cancelled, and when it is begun again', async () => {
  const { provider, signIn, entered, asked } = setUp(() => provider.cancel())
  expect(await signIn()).toEqual({ done: false })
  expect(entered).toEqual([])
  expect(asked).toEqual(['startOidc'])

  const again = setUp(({ port }) => void (again.opened.length === 2 && get(port, '/signed-in?code=second')))
  const first = again.signIn()
  await vi.waitFor(() => expect(again.opened).toHaveLength(1))
  expect(await again.signIn()).toEqual({ done: true })
  expect(await first).toEqual({ done: false })
  expect(again.entered).toHaveLength(1)
})

it.each(['http://id.example/', 'file:///etc/passwd', 'javascript:alert(1)', 'smb://share/x', 'nothing'])(
  'opens no %s in the browser',
  async (url) => {
    const { signIn, opened } = setUp(() => {}, url)
    await expect(signIn()).rejects.toThrow('unsafe address')
    expect(opened).toEqual([])
  },
)

it('says so when it took too long', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
  const { signIn, port } = setUp(() => {})
  await expect(signIn()).rejects.toMatchObject({ code: 'AUTHENTICATION_ERROR' })
  await expect(get(port(), '/signed-in?code=late')).rejects.toThrow()
})
