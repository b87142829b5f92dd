import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { sha256 } from '../../shared/canonical-json.ts'

/** A key that access tokens are signed with, named by `kid`, and a secret derived from it for what else is made here. */
export interface SigningKey {
  kid: string
  privatePem: string
  publicPem: string
  jwk: object
  secret: Uint8Array
}

/** From a PEM; fails with a plain message that begins with `what` when it is not an RSA key of at least 2048 bits. */
export function signingKey(pem: string, what = 'The key that signs access tokens'): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new Error(`${what} cannot be read: it must be an RSA private key in PEM form`)
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new Error(`${what} must be an RSA key of at least 2048 bits`)
  }
  const publicKey = createPublicKey(key)
  const kid = sha256(publicKey.export({ type: 'spki', format: 'der' }))
    .toString('base64url')
    .slice(0, 16)
  const secret = key.export({ type: 'pkcs8', format: 'der' })
  return {
    kid,
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' },
    secret: new Uint8Array(hkdfSync('sha256', secret, '', 'fieldbook refresh tokens', 32)),
  }
}

/** A new one, as PEM. */
export const newKeyPem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
