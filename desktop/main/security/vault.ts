import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../durable.ts'
import type { Keychain } from './keychain.ts'

/** A secret is there and cannot be read: the keychain is locked, gone, or another one. */
export class VaultLocked extends Error {
  constructor(cause?: unknown) {
    super('The keychain of this computer does not open the key to your data.', { cause })
    this.name = 'VaultLocked'
  }
}

/**
 * The two secrets of an account, each in a small file wrapped by the keychain: the key of its databases, written once
 * and never again, and the refresh token, which changes with every renewal.
 */
export class Vault {
  readonly #folder: string
  readonly #keychain: Keychain

  constructor(folder: string, keychain: Keychain) {
    this.#folder = folder
    this.#keychain = keychain
  }

  /** Null where no data has been kept for this account. Throws VaultLocked. */
  databaseKey(): string | null {
    return this.#read('database.key')
  }

  /** The key, made now if there is none. Throws VaultLocked. */
  ensureDatabaseKey(): string {
    const known = this.databaseKey()
    if (known !== null) return known
    const key = randomBytes(32).toString('hex')
    this.#write('database.key', key)
    return key
  }

  /** Null after a sign-out. Throws VaultLocked. */
  refreshToken(): string | null {
    return this.#read('session.token')
  }

  /** When it returns, the token would survive a power cut. */
  keepRefreshToken(token: string): void {
    this.#write('session.token', token)
  }

  forgetRefreshToken(): void {
    rmSync(this.#path('session.token'), { force: true })
  }

  #path(name: string) {
    return join(this.#folder, name)
  }

  #read(name: string): string | null {
    if (!existsSync(this.#path(name))) return null
    if (!this.#keychain.isAvailable()) throw new VaultLocked()
    try {
      return this.#keychain.unwrap(Buffer.from(readFileSync(this.#path(name), 'latin1'), 'base64'))
    } catch (error) {
      throw new VaultLocked(error)
    }
  }

  #write(name: string, secret: string) {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    writeDurably(this.#path(name), this.#keychain.wrap(secret).toString('base64'))
  }
}
