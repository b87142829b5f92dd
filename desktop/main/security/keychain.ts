import type { SafeStorage } from 'electron'

/** Wraps secrets with a key that only this person's account on this computer has. */
export interface Keychain {
  /** False where there is none, or only one that hides nothing. */
  isAvailable(): boolean
  wrap(secret: string): Buffer
  /** Throws when this keychain did not wrap it, or is locked. */
  unwrap(wrapped: Buffer): string
}

/** On Linux without a keyring Electron falls back to a password that is in its source code; that counts as none. */
export function osKeychain(safeStorage: SafeStorage, platform: NodeJS.Platform): Keychain {
  return {
    isAvailable: () =>
      safeStorage.isEncryptionAvailable() &&
      !(platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())),
    wrap: (secret) => safeStorage.encryptString(secret),
    unwrap: (wrapped) => safeStorage.decryptString(wrapped),
  }
}
