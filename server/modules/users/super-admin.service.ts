import { v7 as uuidv7 } from 'uuid'
import { assertPassword, namesOf, unlessTaken } from '../../shared/people.ts'
import { systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Passwords } from '../auth/passwords.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import { createPlatformRepository } from './platform.repository.ts'
import { createUsersRepository } from './users.repository.ts'

interface NewSuperAdmin {
  username: string
  email: string
  password: string
}

const command: Origin = { id: null, requestId: 'admin:create-superadmin', address: 'local', device: null }

/** Adds a super admin, and with the first of them the platform they belong to. Nothing but a command does. */
export async function createSuperAdmin(
  transact: Transact,
  journal: Journal,
  passwords: Pick<Passwords, 'hash'>,
  given: NewSuperAdmin,
): Promise<void> {
  const names = namesOf({ ...given, displayName: given.username })
  assertPassword('password', given.password, names.username)
  const hash = await passwords.hash(given.password)
  const known = await findPlatform(transact)
  const tenantId = known ?? uuidv7()
  const id = uuidv7()
  await unlessTaken(
    transact(systemScope(tenantId), async (tx) => {
      if (!known) await createPlatformRepository(tx).insert('Fieldbook')
      const users = createUsersRepository(tx)
      await users.insert({ ...names, id, defaultSiteId: null }, { hash, mustChange: false })
      await users.assignRoles(id, ['super_admin'])
      await journal.record(tx, command, {
        action: 'user.created',
        feedId: tenantId,
        entity: 'user',
        entityId: id,
        newValues: { ...names, roles: ['super_admin'] },
        changes: [{ entity: 'person', entityId: id, removed: false }],
      })
    }),
  )
}

async function findPlatform(transact: Transact): Promise<string | null> {
  const ids = await transact({ tenantId: '', siteId: null }, (tx) => createPlatformRepository(tx).tenantIds())
  for (const tenantId of ids) {
    if (await transact({ tenantId, siteId: null }, (tx) => createPlatformRepository(tx).isPlatform())) {
      return tenantId
    }
  }
  return null
}
