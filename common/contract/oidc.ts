import Type, { type Static } from 'typebox'
import { SignedIn } from './auth.ts'
import { endpoint, fileAnswer } from './endpoint.ts'
import { Closed, NamedText, Nullable, Text } from './primitives.ts'

/**
 * Signing in with the organisation's own provider (OpenID Connect). The app listens on a loopback port, opens the
 * address it is given in the system's browser, and is sent there a code that only it, who knows the verifier of its
 * challenge, can turn into a session.
 */

const tags = ['auth'] as const

/** SHA-256 of the verifier, in base64url (RFC 7636, S256). */
const Challenge = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
const Verifier = Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$' })

export const readOidc = endpoint({
  method: 'GET',
  url: '/auth/oidc',
  config: { policy: 'public', limit: 'read' },
  schema: {
    tags,
    summary: 'Whether one can sign in with a provider of the organisation, and what it is called',
    response: { 200: Closed({ provider: Nullable(Type.String()) }) },
  },
})

export const StartOidc = Closed({
  challenge: Challenge,
  port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Where the app listens on 127.0.0.1' }),
  keepSignedIn: Type.Optional(Type.Boolean()),
  deviceName: Type.Optional(NamedText(100)),
})
export type StartOidc = Static<typeof StartOidc>

export const startOidc = endpoint({
  method: 'POST',
  url: '/auth/oidc/start',
  config: { policy: 'public', limit: 'auth' },
  schema: {
    tags,
    summary: 'The address at the provider that the app opens in the browser; good for ten minutes',
    body: StartOidc,
    response: { 200: Closed({ url: Type.String() }) },
  },
})

export const finishOidc = endpoint({
  method: 'POST',
  url: '/auth/oidc/finish',
  config: { policy: 'public', limit: 'auth' },
  schema: {
    tags,
    summary: 'The session for the code that came to the app’s port; once, within two minutes',
    body: Closed({ code: NamedText(2000), verifier: Verifier }),
    response: { 200: SignedIn },
  },
})

const Given = Type.Optional(Text(8000))

export const oidcCallback = endpoint({
  method: 'GET',
  url: '/auth/oidc/callback',
  config: { policy: 'public', limit: 'auth' },
  schema: {
    tags,
    summary: 'Where the provider sends the browser back to: a page that leads on to the app, or says why not',
    // Providers add parameters of their own.
    querystring: Type.Object({ state: Given, code: Given, error: Given, error_description: Given }),
    response: { 200: fileAnswer('text/html') },
  },
})
