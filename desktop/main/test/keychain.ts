import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Keychain } from '../security/keychain.ts'

/** A keychain as an OS has one: it can be locked, missing or another one, and wraps every secret anew. */
export class TestKeychain implements Keychain {
  available = true
  locked = false
  #key = randomBytes(32)

  isAvailable(): boolean {
    return this.available
  }

  wrap(secret: string): Buffer {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), body])
  }

  unwrap(wrapped: Buffer): string {
    if (this.locked) throw new Error('The keychain is locked')
    const cipher = createDecipheriv('aes-256-gcm', this.#key, wrapped.subarray(0, 12))
    cipher.setAuthTag(wrapped.subarray(12, 28))
    return Buffer.concat([cipher.update(wrapped.subarray(28)), cipher.final()]).toString()
  }

  /** As after a new installation of the OS. */
  replace() {
    this.#key = randomBytes(32)
  }
}
