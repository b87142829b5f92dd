import type { Assignee } from '#common/contract/goals'
import { AppError } from '#common/contract/errors'
import type { Transaction } from './transaction.ts'

/** Whom one leads: goals and call cycles are given to them, and what they made is looked after. */

/** Whether the scope's person leads, or is, who made something; nobody is led who is not known. */
export async function leads(tx: Transaction, ownerId: string | null): Promise<boolean> {
  if (ownerId === null) return false
  if (ownerId === tx.scope.userId) return true
  return (await ledAmong(tx, [ownerId])).has(ownerId)
}

/** Of these people, those the scope's person leads, or is. */
export async function ledAmong(tx: Transaction, ids: readonly (string | null)[]): Promise<Set<string>> {
  const { rows } = await tx.db.raw<{ rows: { id: string }[] }>(
    'SELECT id FROM unnest(?::uuid[]) AS id WHERE id = scope_user() OR id = ANY ((SELECT scope_people())::uuid[])',
    [ids.filter((id) => id !== null)] as never,
  )
  return new Set(rows.map(({ id }) => id))
}

/**
 * Somebody something can be given to: a person who can sign in or a team in use, among those one leads unless `anybody`.
 * Throws VALIDATION_ERROR that names the field.
 */
export async function assertAssignable(
  { db }: Transaction,
  { userId, teamId }: Assignee,
  anybody: boolean,
  field: (name: 'userId' | 'teamId') => string = (name) => name,
): Promise<void> {
  const wrong = (name: 'userId' | 'teamId', message: string) =>
    new AppError('VALIDATION_ERROR', 'Choose whom it is for', { details: [{ field: field(name), message }] })
  if ((userId === null) === (teamId === null))
    throw wrong('userId', 'Choose a person or a team, and not both')
  const [name, table, reach] =
    userId === null
      ? (['teamId', 'teams', 'scope_teams()'] as const)
      : (['userId', 'users', 'scope_user() || scope_people()'] as const)
  const query = db(table)
    .where({ id: userId ?? teamId, active: true })
    .forShare()
  if (!anybody) void query.whereRaw(`id = ANY ((SELECT ${reach})::uuid[])`)
  if ((await query.first<{ id: string } | undefined>('id')) === undefined)
    throw wrong(
      name,
      name === 'userId'
        ? 'There is no such person who can sign in among those you lead'
        : 'There is no such team in use among yours',
    )
}
