import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { TestKeychain } from '../test/keychain.ts'
import { osKeychain } from './keychain.ts'
import { Vault, VaultLocked } from './vault.ts'

function setUp() {
  const folder = join(temporaryFolder(), 'account')
  const keychain = new TestKeychain()
  return { folder, keychain, vault: new Vault(folder, keychain) }
}

describe('the vault', () => {
  it('makes a key once, 32 random bytes, and gives the same one for ever', () => {
    const { folder, keychain, vault } = setUp()
    expect(vault.databaseKey()).toBeNull()
    const key = vault.ensureDatabaseKey()
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(new Vault(folder, keychain).ensureDatabaseKey()).toBe(key)
    expect(setUp().vault.ensureDatabaseKey()).not.toBe(key)
  })

  it('keeps, replaces and forgets the refresh token without touching the key', () => {
    const { folder, keychain, vault } = setUp()
    const key = vault.ensureDatabaseKey()
    const before = readFileSync(join(folder, 'database.key'))
    vault.keepRefreshToken('first')
    vault.keepRefreshToken('second')
    expect(new Vault(folder, keychain).refreshToken()).toBe('second')
    vault.forgetRefreshToken()
    expect(vault.refreshToken()).toBeNull()
    expect(readFileSync(join(folder, 'database.key')).equals(before)).toBe(true)
    expect(vault.databaseKey()).toBe(key)
  })

  it('leaves nothing readable on the disk, for nobody else’s eyes', () => {
    const { folder, vault } = setUp()
    const key = vault.ensureDatabaseKey()
    vault.keepRefreshToken('canary-token')
    expect(readdirSync(folder).sort()).toEqual(['database.key', 'session.token'])
    for (const name of readdirSync(folder)) {
      const content = readFileSync(join(folder, name), 'latin1')
      expect(content + Buffer.from(content, 'base64').toString('latin1')).not.toMatch(
        new RegExp(`canary|${key}`),
      )
      if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
    }
  })

  it.each([
    ['is locked', (keychain: TestKeychain) => (keychain.locked = true)],
    ['is gone', (keychain: TestKeychain) => (keychain.available = false)],
    ['is another one', (keychain: TestKeychain) => keychain.replace()],
  ])('says so when the keychain %s, and changes nothing', (_, trouble) => {
    const { folder, keychain, vault } = setUp()
    vault.ensureDatabaseKey()
    const before = readFileSync(join(folder, 'database.key'))
    trouble(keychain)
    expect(() => vault.databaseKey()).toThrow(VaultLocked)
    expect(() => vault.ensureDatabaseKey()).toThrow(VaultLocked)
    expect(readFileSync(join(folder, 'database.key')).equals(before)).toBe(true)
  })

  it('takes a damaged file for a locked one', () => {
    const { folder, vault } = setUp()
    vault.ensureDatabaseKey()
    writeFileSync(join(folder, 'database.key'), 'garbage')
    expect(() => vault.ensureDatabaseKey()).toThrow(VaultLocked)
  })
})

describe('the keychain of the OS', () => {
  const safeStorage = (available: boolean, backend: string) =>
    ({ isEncryptionAvailable: () => available, getSelectedStorageBackend: () => backend }) as SafeStorage

  it.each([
    ['linux', true, 'gnome_libsecret', true],
    ['linux', true, 'kwallet6', true],
    ['linux', true, 'basic_text', false],
    ['linux', true, 'unknown', false],
    ['linux', false, 'gnome_libsecret', false],
    ['darwin', true, 'unknown', true],
    ['win32', true, 'unknown', true],
    ['win32', false, 'unknown', false],
  ] as const)(
    'on %s, available %s with backend %s, counts as real: %s',
    (platform, available, backend, real) => {
      expect(osKeychain(safeStorage(available, backend), platform).isAvailable()).toBe(real)
    },
  )
})
