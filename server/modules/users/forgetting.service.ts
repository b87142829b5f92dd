import { randomUUID } from 'node:crypto'
import type { User } from '#common/contract/users'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import { takeTurnsWithPeople, takeTurnsWithTeams } from '../../shared/turns.ts'
import type { ForgetInAudit } from '../journal/retention.service.ts'
import type { MailService } from '../mail/mail.service.ts'
import { createForgettingRepository } from './forgetting.repository.ts'
import { createUsersRepository } from './users.repository.ts'
import { assertAdminLeft, missing } from './users.service.ts'

export type Forgetting = ReturnType<typeof createForgetting>

/** Of one statement, where somebody did much. */
const statementSeconds = 20

const forgotten = (id: string) => ({
  action: 'user.forgotten' as const,
  entity: 'user',
  entityId: id,
  changes: [{ entity: 'person', entityId: id, removed: false }],
})

/**
 * Removes what a person can be known by, for good (docs/decisions/0027-forgetting.md). Forgotten twice is forgotten;
 * what was still written meanwhile goes then.
 */
export const createForgetting =
  (transact: Transact, forgetInAudit: ForgetInAudit, mail: Pick<MailService, 'forget'>) =>
  (actor: Actor, id: string): Promise<User> =>
    transact(
      scopeOf(actor),
      async (tx) => {
        await takeTurnsWithPeople(tx)
        await takeTurnsWithTeams(tx)
        const users = createUsersRepository(tx)
        const before = await users.lock(id)
        if (!before) throw missing()
        if (id === actor.id) throw refused('id', 'Nobody forgets themselves. Ask another admin.')
        await assertAdminLeft(tx, before)
        const isFirst = before.status !== 'forgotten'

        const forgetting = createForgettingRepository(tx)
        const emails = await forgetting.emails(id)
        const teams = await forgetting.leaveTeams(id)
        await forgetting.removeFailures(id)
        await forgetting.removeFromSites(id)
        await forgetting.removeFromReports(id)
        await forgetting.removeBelongings(id)
        if (isFirst) await forgetting.removeNames(id, `forgotten-${randomUUID()}`)
        await forgetting.removePositionsTold(id)
        await mail.forget(tx, id, emails)
        await forgetInAudit(tx, actor, id, [
          ...teams.map((entityId) => ({
            action: 'team.updated' as const,
            entity: 'team',
            entityId,
            oldValues: { leaderId: id },
            newValues: { leaderId: null },
          })),
          ...(isFirst ? [forgotten(id)] : []),
        ])
        return (await users.find([id]))[0]!
      },
      { statementSeconds },
    )
