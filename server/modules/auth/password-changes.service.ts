import { AppError } from '#common/contract/errors'
import { brokenPasswordRules, passwordRules, passwordsRemembered } from '#common/rules/password-policy'
import { type Actor, noTenant, scopeOf, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import type { Codes } from '../mail/codes.ts'
import type { MailService } from '../mail/mail.service.ts'
import { clearFailures, type SignInLookup } from './auth.repository.ts'
import { accountOf, createGuessGuard } from './guessing.ts'
import { createPasswordsRepository, type PasswordState } from './passwords.repository.ts'
import type { Passwords } from './passwords.ts'
import type { Afterwards } from './sign-in.service.ts'

interface PasswordChangesDependencies {
  transact: Transact
  journal: Journal
  lookup: SignInLookup
  passwords: Passwords
  mail: MailService
  codes: Codes
}

/** So many codes an hour are mailed to a person who asks for them, or for whom somebody else does. */
const resetsAnHour = 3

const refused = (field: string, ...messages: string[]) =>
  new AppError('VALIDATION_ERROR', messages[0]!, {
    details: messages.map((message) => ({ field, message })),
  })

const noSuchCode = () =>
  refused('token', 'This code is not right, or it was used or is too old: ask for another one')

/** Choosing another password: knowing the one in use, or with a code that was mailed. */
export function createPasswordChanges(deps: PasswordChangesDependencies) {
  const { transact, journal, lookup, passwords, mail, codes } = deps
  const guard = createGuessGuard(lookup)

  /** The hash of a password that meets the policy and is none of the last ones. */
  async function hashOfNew(password: string, { username, hashes }: PasswordState, field: string) {
    const broken = brokenPasswordRules(password, username)
    if (broken.length > 0) throw refused(field, ...broken.map((rule) => passwordRules[rule]))
    for (const hash of hashes) {
      if (await passwords.verify(password, hash)) {
        throw refused(field, `It must be none of your last ${passwordsRemembered} passwords`)
      }
    }
    return passwords.hash(password)
  }

  const changedMeanwhile = () =>
    new AppError('CONFLICT', 'The password was changed by somebody else at the same moment; try again')

  return {
    async changePassword(
      actor: Actor,
      sessionId: string,
      { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
    ): Promise<void> {
      const account = accountOf({ tenantId: actor.tenantId, userId: actor.id }, '')
      await guard.admit(account, actor.address)
      const state = await transact(scopeOf(actor), (tx) => createPasswordsRepository(tx).of(actor.id))
      if (!state) throw new AppError('AUTHENTICATION_ERROR', 'Your session has ended; sign in again')
      const [current] = state.hashes
      const matches = await passwords.verify(currentPassword, current!)
      await guard.refuseLocked(account)
      if (!matches) {
        await guard.failed(account, actor.address)
        throw refused('currentPassword', 'This is not your current password')
      }
      const hash = await hashOfNew(newPassword, state, 'newPassword')
      await transact(scopeOf(actor), async (tx) => {
        const repository = createPasswordsRepository(tx)
        if (!(await repository.change(actor.id, current!, hash))) throw changedMeanwhile()
        await repository.endSessions(actor.id, sessionId)
        await clearFailures(tx.db, account)
        await mail.queue(tx, { userId: actor.id, kind: 'passwordChanged' })
        await journal.record(tx, actor, {
          action: 'user.passwordChanged',
          feedId: actor.tenantId,
          entity: 'user',
          entityId: actor.id,
        })
      })
    },

    /** Nobody is told whether there is such an account, in words or in time. */
    forgotPassword(name: string, origin: Origin, afterwards: Afterwards): void {
      afterwards(async () => {
        const identifier = name.trim().toLowerCase()
        const found = await lookup.findUser(identifier)
        if (!found) {
          const account = accountOf(null, identifier).toString('hex')
          await transact(systemScope(noTenant), (tx) =>
            journal.record(tx, origin, {
              action: 'user.resetRequested',
              feedId: noTenant,
              newValues: { account },
            }),
          )
          return
        }
        const { tenantId, userId } = found
        await transact(systemScope(tenantId), async (tx) => {
          const repository = createPasswordsRepository(tx)
          const mails =
            (await repository.of(userId)) !== null &&
            (await repository.resetsOfLastHour(userId)) < resetsAnHour
          if (mails) await mail.queue(tx, { userId, kind: 'passwordReset' })
          await journal.record(tx, origin, {
            action: 'user.resetRequested',
            feedId: tenantId,
            entity: 'user',
            entityId: userId,
            newValues: { mailed: mails },
          })
        })
      })
    },

    async resetPassword(code: string, password: string, origin: Origin): Promise<void> {
      const names = codes.read(code)
      if (!names) throw noSuchCode()
      const { tenantId, id } = names
      const scope = systemScope(tenantId)
      const state = await transact(scope, async (tx) => {
        const repository = createPasswordsRepository(tx)
        const userId = await repository.holderOf(id, { use: false })
        return userId && (await repository.of(userId))
      })
      if (!state) throw noSuchCode()
      const hash = await hashOfNew(password, state, 'password')
      const { userId, hashes } = state
      await transact(scope, async (tx) => {
        const repository = createPasswordsRepository(tx)
        if (!(await repository.holderOf(id, { use: true }))) throw noSuchCode()
        if (!(await repository.change(userId, hashes[0]!, hash))) throw changedMeanwhile()
        await repository.confirmEmail(id)
        await repository.endSessions(userId, null)
        await clearFailures(tx.db, accountOf({ tenantId, userId }, ''))
        await mail.queue(tx, { userId, kind: 'passwordChanged' })
        await journal.record(
          tx,
          { ...origin, id: userId },
          { action: 'user.passwordReset', feedId: tenantId, entity: 'user', entityId: userId },
        )
      })
    },
  }
}
