import * as client from 'openid-client'

export interface ProviderSettings {
  issuer: string
  clientId: string
  clientSecret: string | null
  /** What people call it. */
  name: string
}

export interface Identity {
  issuer: string
  subject: string
  /** In lower case; null where the provider has not verified one. */
  email: string | null
}

/** What has to be known again when somebody comes back from the provider. */
export interface Trip {
  nonce: string
  verifier: string
}

export const newTrip = (): Trip => ({
  nonce: client.randomNonce(),
  verifier: client.randomPKCECodeVerifier(),
})

export type Provider = ReturnType<typeof createProvider>

/** A provider of identities, found by its issuer's address when it is first needed. Fails with its client's errors. */
export function createProvider(settings: ProviderSettings, redirectUri: string) {
  let found: Promise<client.Configuration> | null = null

  function discover() {
    found ??= client
      .discovery(
        new URL(settings.issuer),
        settings.clientId,
        settings.clientSecret ?? undefined,
        settings.clientSecret ? undefined : client.None(),
        // A setting may name a provider without TLS on this machine alone.
        {
          timeout: 10,
          execute: settings.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [],
        },
      )
      .catch((error: unknown) => {
        found = null
        throw error
      })
    return found
  }

  return {
    name: settings.name,

    async leave(trip: Trip, state: string): Promise<string> {
      const url = client.buildAuthorizationUrl(await discover(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        code_challenge: await client.calculatePKCECodeChallenge(trip.verifier),
        code_challenge_method: 'S256',
        state,
        nonce: trip.nonce,
      })
      return url.href
    },

    async comeBack(query: string, trip: Trip, state: string): Promise<Identity> {
      const provider = await discover()
      const tokens = await client.authorizationCodeGrant(provider, new URL(`${redirectUri}?${query}`), {
        pkceCodeVerifier: trip.verifier,
        expectedState: state,
        expectedNonce: trip.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()!
      const { email, email_verified } =
        claims.email === undefined && provider.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(provider, tokens.access_token, claims.sub)
          : claims
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof email === 'string' && email_verified === true ? email.toLowerCase() : null,
      }
    },
  }
}
