import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256 } from '../../shared/canonical-json.ts'

/** The key that access tokens are signed with, named by `kid`, and a secret derived from it for refresh tokens. */
export interface SigningKey {
  kid: string
  privatePem: string
  publicPem: string
  jwk: object
  refreshSecret: Uint8Array
}

/** From a PEM; fails with a plain message when it is not an RSA key of at least 2048 bits. */
export function signingKey(pem: string): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new Error(
      'The key that signs access tokens cannot be read: it must be an RSA private key in PEM form',
    )
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new Error('The key that signs access tokens must be an RSA key of at least 2048 bits')
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
    refreshSecret: new Uint8Array(hkdfSync('sha256', secret, '', 'fieldbook refresh tokens', 32)),
  }
}

/** The key kept in a file; made, readable by its owner alone, when there is none. */
export async function signingKeyFromFile(path: string): Promise<SigningKey> {
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (kept !== null) return signingKey(kept)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, pem, { mode: 0o600, flag: 'wx' })
  return signingKey(pem)
}
