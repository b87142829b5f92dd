import { AppError } from '#common/contract/errors'
import { sha256 } from '../../shared/canonical-json.ts'
import type { SignInLookup, UserFound } from './auth.repository.ts'

/** So many wrong passwords in a row lock an account, whoever types them. */
const failuresBeforeLock = 5
const lockSeconds = 15 * 60

/**
 * Before that stands what one address may get wrong: of one account, so that nobody keeps another locked out for long,
 * and of all, so that nobody locks out many. What is refused for it counts nowhere else. An office with many people
 * behind one address stays below.
 */
export const windows = { ofAccount: 3 * 3600, ofAddress: 15 * 60 }
const most = { ofAccount: 10, ofAddress: 50 }

/** Failures of an account: a person's, or a name's that nobody has. */
export const accountOf = (found: UserFound | null, identifier: string) =>
  sha256(found?.userId ?? `name:${identifier}`)

/** Against whoever guesses passwords, and whoever only pretends to. */
export function createGuessGuard(lookup: SignInLookup) {
  return {
    /** Throws where this address has been wrong too often, before anything about the account is looked at. */
    async admit(account: Buffer, address: string): Promise<void> {
      const failed = await lookup.attempts(account, address, windows)
      if (failed.ofAccount < most.ofAccount && failed.ofAddress < most.ofAddress) return
      throw new AppError(
        'RATE_LIMITED',
        'Too many wrong passwords came from here. Try again later, or choose a new one with “Forgot your password?”.',
      )
    },

    /** Throws while the account is locked, however right the password. */
    async refuseLocked(account: Buffer): Promise<void> {
      const lockedUntil = await lookup.lockedUntil(account)
      if (!lockedUntil || lockedUntil <= new Date()) return
      const minutes = Math.ceil((lockedUntil.getTime() - Date.now()) / 60_000)
      throw new AppError(
        'ACCOUNT_LOCKED',
        `Too many wrong passwords. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
      )
    },

    /** Whether this failure locked the account. */
    async failed(account: Buffer, address: string): Promise<boolean> {
      await lookup.countAttempt(account, address, windows)
      return lookup.countFailure(account, failuresBeforeLock, lockSeconds)
    },

    passed: (account: Buffer): Promise<void> => lookup.clearFailures(account),
  }
}
