import type { SignedIn, SignIn } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import { noTenant, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import { createSessionsRepository, type SignInLookup, type UserFound } from './auth.repository.ts'
import type { SessionWishes } from './auth.service.ts'
import { accountOf, createGuessGuard } from './guessing.ts'
import type { Passwords } from './passwords.ts'

interface SignInDependencies {
  transact: Transact
  journal: Journal
  lookup: SignInLookup
  passwords: Passwords
  startSession(found: UserFound, wishes: SessionWishes, origin: Origin): Promise<SignedIn>
}

/** Has something done once the answer is out, so that how long it takes tells nothing. */
export type Afterwards = (work: () => Promise<void>) => void

/** In place of a person nobody is. */
const nobody: UserFound = { tenantId: noTenant, userId: noTenant }

/** Asks the database and compares the same for every name and password until it is certain that they are right. */
export function createSignIn({ transact, journal, lookup, passwords, startSession }: SignInDependencies) {
  const guard = createGuessGuard(lookup)

  async function journalRefusal(found: UserFound | null, account: Buffer, locks: boolean, origin: Origin) {
    const { tenantId } = found ?? nobody
    const whose = found
      ? { entity: 'user', entityId: found.userId }
      : { newValues: { account: account.toString('hex') } }
    const refused = { action: 'session.refused', ...whose } as const
    const locked = { action: 'session.locked', ...whose } as const
    await transact(systemScope(tenantId), (tx) =>
      journal.recordAll(tx, origin, tenantId, locks ? [refused, locked] : [refused]),
    )
  }

  return async (
    { username, password, keepSignedIn, deviceName }: SignIn,
    origin: Origin,
    afterwards: Afterwards,
  ): Promise<SignedIn> => {
    const identifier = username.trim().toLowerCase()
    const found = await lookup.findUser(identifier)
    const account = accountOf(found, identifier)
    await guard.admit(account, origin.address)
    const { tenantId, userId } = found ?? nobody
    const credentials = await transact({ tenantId, siteId: null }, (tx) =>
      createSessionsRepository(tx).credentials(userId),
    )
    const matches = await passwords.verify(password, credentials?.active ? credentials.passwordHash : null)

    const refuse = async (error: unknown): Promise<never> => {
      const locks = await guard.failed(account, origin.address)
      afterwards(() => journalRefusal(found, account, locks, origin))
      throw error
    }
    await guard.refuseLocked(account).catch(refuse)
    if (!matches || !found || !credentials) {
      return refuse(new AppError('AUTHENTICATION_ERROR', 'User name or password is not right'))
    }
    await guard.passed(account)
    const { mustChangePassword } = credentials
    return startSession(found, { deviceName, keepSignedIn, mustChangePassword }, origin)
  }
}
