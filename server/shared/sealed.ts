import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

export interface Sealer {
  /** As text for an address, which nobody else can read, change or use when its seconds are over. */
  seal(value: object, seconds: number): string
  /** Null where it was not sealed here for this purpose, or its time is over. */
  open<T>(text: string): T | null
}

/**
 * What the server hands out and wants back as it was, instead of keeping it; all its copies have the secrets. It is
 * sealed with the first, and opened with any.
 */
export function createSealer(secrets: () => readonly Uint8Array[], purpose: string): Sealer {
  const keys = () =>
    secrets().map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', `fieldbook ${purpose}`, 32)))

  /** Null where it was not sealed with this key. */
  function unsealed(bytes: Buffer, key: Uint8Array): string | null {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    try {
      const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8')
      return text + decipher.final('utf8')
    } catch {
      return null
    }
  }

  return {
    seal(value, seconds) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keys()[0]!, nonce)
      const plain = JSON.stringify({ value, until: Date.now() + seconds * 1000 })
      const sealed = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64url')
    },
    open<T>(text: string) {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return null
      for (const key of keys()) {
        const plain = unsealed(bytes, key)
        if (plain === null) continue
        const { value, until } = JSON.parse(plain) as { value: T; until: number }
        return until > Date.now() ? value : null
      }
      return null
    },
  }
}
