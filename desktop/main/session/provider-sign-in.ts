import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '#common/contract/errors'
import type { Answer, Request } from '#desktop/bridge/channels'
import { isSafeAddress } from './server-address.ts'
import type { Session } from './session.ts'

export interface ProviderSignInOptions {
  session(): Pick<Session, 'callAt' | 'deviceName' | 'enterAs' | 'mayKeepSignedIn' | 'policy'>
  /** Opens the system's browser. */
  openInBrowser(url: string): Promise<void>
}

/** Milliseconds somebody may be away at the provider; the server waits no longer either. */
const patience = 10 * 60_000

/**
 * Signing in with the provider of the organisation, in the system's browser: there the person's password managers and
 * second factors are, and here nobody sees a password. What comes back is of use only to who knows the verifier, which
 * never leaves this process.
 */
export class ProviderSignIn {
  readonly #options: ProviderSignInOptions
  #away = new AbortController()

  constructor(options: ProviderSignInOptions) {
    this.#options = options
  }

  async offered({ server }: Request<'session.provider'>): Promise<Answer<'session.provider'>> {
    const session = this.#options.session()
    if (session.policy.signInWith === 'password') return { provider: null }
    return session.callAt(server).call('readOidc', {})
  }

  /** False where it was cancelled, also by beginning again. Throws what the sign-in form has to show. */
  async signIn({
    server,
    userId,
    keepSignedIn,
  }: Request<'session.signInWithProvider'>): Promise<{ done: boolean }> {
    const session = this.#options.session()
    if (session.policy.signInWith === 'password')
      throw new AppError('VALIDATION_ERROR', 'Your organisation has people sign in with a password.')
    const { address, call } = session.callAt(server)
    this.cancel()
    const away = (this.#away = new AbortController())
    const listener = await listenForCode()
    try {
      const verifier = randomBytes(32).toString('base64url')
      const challenge = createHash('sha256').update(verifier).digest('base64url')
      const { deviceName } = session
      const body = {
        challenge,
        port: listener.port,
        keepSignedIn: session.mayKeepSignedIn(keepSignedIn),
        deviceName,
      }
      const { url } = await call('startOidc', { body })
      if (!isSafeAddress(url))
        throw new AppError('INTERNAL_ERROR', 'The server named an unsafe address to sign in at.')
      await this.#options.openInBrowser(url)
      const code = await Promise.race([listener.code, overOn(away.signal)])
      if (code === null) return { done: false }
      const signedIn = await call('finishOidc', { body: { code, verifier } })
      const { user, token } = signedIn
      if (userId !== undefined && user.id !== userId) {
        await call('signOut', {}, { token }).catch(() => {})
        throw new AppError(
          'AUTHENTICATION_ERROR',
          `In the browser you are ${user.displayName}. Sign out there, or here, to be somebody else.`,
        )
      }
      await session.enterAs(address, signedIn)
      return { done: true }
    } finally {
      listener.close()
    }
  }

  cancel(): void {
    this.#away.abort()
  }
}

/** Null when it was cancelled; fails when it took too long. */
function overOn(cancelled: AbortSignal): Promise<null> {
  const over = AbortSignal.any([cancelled, AbortSignal.timeout(patience)])
  return new Promise((resolve, reject) => {
    const end = () => {
      if (cancelled.aborted) resolve(null)
      else reject(new AppError('AUTHENTICATION_ERROR', 'Signing in in the browser took too long. Try again.'))
    }
    if (over.aborted) end()
    else over.addEventListener('abort', end)
  })
}

/** Hears on this computer alone what the browser is sent with. */
async function listenForCode() {
  let heard: (code: string) => void
  const code = new Promise<string>((resolve) => (heard = resolve))
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const given = url.searchParams.get('code')
    const isIt = request.method === 'GET' && url.pathname === '/signed-in' && given !== null
    response.writeHead(isIt ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'`,
      'cache-control': 'no-store',
      connection: 'close',
    })
    response.end(isIt ? page : 'Not found')
    if (isIt) heard(given)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, code, close: () => server.close() }
}

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fieldbook</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:28rem;padding:0 1rem;color-scheme:light dark}h1{font-size:1.4rem}</style>
</head><body><h1>Go back to Fieldbook</h1><p>You can close this page.</p></body></html>`
