import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { AppError } from '#common/contract/errors'
import { longestPasswordBytes } from '#common/rules/password-policy'

export type PasswordTask =
  { kind: 'hash'; password: string } | { kind: 'verify'; password: string; hash: string }

export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes the same time for a null hash (nobody has that name) as for a wrong password. */
  verify(password: string, hash: string | null): Promise<boolean>
  close(): Promise<void>
}

/** A hash of the same cost that no password matches, to spend the same time where there is nothing to compare. */
const nobodys = '$2b$12$VPPeRfQodnzcpW3b6Ae35O5OClkZHyWRjekqjlmh9eI2P8jlleQpy'

/**
 * bcrypt on worker threads, so that a sign-in slows no other request. The queue is bounded: past it a sign-in is
 * told to come back rather than made to wait.
 */
export function createPasswords(): Passwords {
  const pool = new Piscina<PasswordTask, string | boolean>({
    filename: new URL('./password.worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.max(1, availableParallelism() - 1),
    maxQueue: 64,
    idleTimeout: 30_000,
  })
  const run = async (task: PasswordTask) => {
    try {
      return await pool.run(task)
    } catch (error) {
      if (error instanceof Error && error.message.includes('queue')) {
        throw new AppError(
          'SERVICE_UNAVAILABLE',
          'Too many people are signing in at once; try again in a moment',
        )
      }
      throw error
    }
  }
  return {
    hash: async (password) => String(await run({ kind: 'hash', password })),
    verify: async (password, hash) => {
      const matches = await run({ kind: 'verify', password, hash: hash ?? nobodys })
      // bcrypt takes what only begins like the password for it.
      return matches === true && hash !== null && Buffer.byteLength(password) <= longestPasswordBytes
    },
    close: () => pool.destroy(),
  }
}
