import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

export interface Sealer {
  /** As text for an address, which nobody else can read, change or use when its seconds are over. */
  seal(value: object, seconds: number): string
  /** Null where it was not sealed here for this purpose, or its time is over. */
  open<T>(text: string): T | null
}

/** What the server hands out and wants back as it was, instead of keeping it; all its copies have the secret. */
export function createSealer(secret: Uint8Array, purpose: string): Sealer {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', `fieldbook ${purpose}`, 32))
  return {
    seal(value, seconds) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const plain = JSON.stringify({ value, until: Date.now() + seconds * 1000 })
      const sealed = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64url')
    },
    open<T>(text: string) {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return null
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const plain =
          decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
        const { value, until } = JSON.parse(plain) as { value: T; until: number }
        return until > Date.now() ? value : null
      } catch {
        return null
      }
    },
  }
}
