import { createHash } from 'node:crypto'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { TokenKeeper } from '../api/signed-in-client.ts'
import type { Keychain } from '../security/keychain.ts'
import { Vault } from '../security/vault.ts'
import type { StorePlace } from '../store/remote-store.ts'

/** Names a person at a server, on disk too, without saying who or where. */
export const accountId = (server: string, userId: string) =>
  createHash('sha256').update(`${server}\n${userId}`).digest('hex').slice(0, 32)

/** Why an account cannot be opened: its key cannot be had, or one of its files cannot be read. */
export type Trouble = 'locked' | 'unreadable' | 'newer'

/**
 * In the order they are moved. Photos go along with the queue that knows of them, and before it: should it end half-way,
 * none is left beside a new queue. A cache that the new key does not open is replaced anyway.
 */
const concerned: Record<Trouble, readonly string[]> = {
  locked: ['photos', 'queue.db', 'database.key', 'session.token'],
  unreadable: ['photos', 'queue.db'],
  newer: ['photos', 'queue.db', 'cache.db'],
}

/** One person's place on this device: a folder, a key and a refresh token that are nobody else's. */
export interface Account {
  readonly id: string
  readonly keepsData: boolean
  readonly tokens: TokenKeeper & { forget(): void }
  /** Where its store is. With `create` a key is made if there is none; without, null means there is nothing. */
  place(create: boolean): StorePlace | null
  /** Puts what cannot be opened under another name, so that it can be begun anew. Nothing is deleted. */
  setAside(trouble: Trouble, now: Date): void
}

export function openAccount(accountsFolder: string, id: string, keychain: Keychain): Account {
  return keychain.isAvailable() ? onDisk(join(accountsFolder, id), id, keychain) : inMemory(id)
}

/** Kept by an earlier run, whether it can be opened now or not. */
export const isKept = (accountsFolder: string, id: string) =>
  existsSync(join(accountsFolder, id, 'database.key'))

function onDisk(folder: string, id: string, keychain: Keychain): Account {
  const vault = new Vault(folder, keychain)
  let current: string | null = null
  return {
    id,
    keepsData: true,
    tokens: {
      refreshToken: () => (current ??= vault.refreshToken()),
      keep: (token) => {
        // The token before this one is spent, even if this one cannot be written down.
        current = token
        vault.keepRefreshToken(token)
      },
      forget: () => {
        current = null
        vault.forgetRefreshToken()
      },
    },
    place: (create) => {
      const key = create ? vault.ensureDatabaseKey() : vault.databaseKey()
      return key === null ? null : { folder, key }
    },
    setAside: (trouble, now) => {
      const mark = `.damaged-${now.toISOString().replaceAll(/[:.]/g, '-')}`
      const asideOf = (name: string) => name.replace(/(?=\.)|$/, mark)
      for (const name of concerned[trouble].flatMap((file) => [file, `${file}-wal`, `${file}-shm`])) {
        if (existsSync(join(folder, name))) renameSync(join(folder, name), join(folder, asideOf(name)))
      }
    },
  }
}

function inMemory(id: string): Account {
  let refreshToken: string | null = null
  return {
    id,
    keepsData: false,
    tokens: {
      refreshToken: () => refreshToken,
      keep: (token) => {
        refreshToken = token
      },
      forget: () => {
        refreshToken = null
      },
    },
    place: () => 'memory',
    setAside: () => {},
  }
}
