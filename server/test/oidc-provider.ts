import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface Account {
  email?: string
  email_verified?: boolean
}

export type TestProvider = Awaited<ReturnType<typeof startProvider>>

/** A real OpenID Connect provider on loopback that knows these accounts by their subject; any password will do. */
export async function startProvider(accounts: Record<string, Account>, redirectUri: string) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { id: 'fieldbook', secret: 'a secret for tests, of some length' }
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: [] },
    findAccount: (_, subject) =>
      accounts[subject] && {
        accountId: subject,
        claims: () => ({ sub: subject, ...accounts[subject] }),
      },
    pkce: { required: () => true },
    cookies: { keys: ['a key for tests'] },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))
  return {
    issuer,
    client,
    close: () =>
      new Promise((closed) => {
        server.close(closed)
        server.closeAllConnections()
      }),
  }
}

/** What a person does in a browser: follows, signs in at the provider, agrees; until an address outside of it. */
export async function signInAtProvider(url: string, subject: string, issuer: string): Promise<string> {
  const cookies = new Map<string, string>()
  let address = url
  let form: URLSearchParams | null = null
  for (let step = 0; step < 20; step++) {
    if (!address.startsWith(issuer)) return address
    const answer: Response = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (value) cookies.set(name!, value)
      else cookies.delete(name!)
    }
    form = null
    const location = answer.headers.get('location')
    if (location) {
      address = new URL(location, address).href
      continue
    }
    const page = await answer.text()
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
    if (!prompt || !action) throw new Error(`The provider answered ${answer.status}: ${page.slice(0, 500)}`)
    address = new URL(action, address).href
    form = new URLSearchParams({ prompt, login: subject, password: 'any' })
  }
  throw new Error(`The provider sent around in circles, at last to ${address}`)
}
