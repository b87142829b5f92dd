import { v7 as uuidv7 } from 'uuid'
import type { TenantRole } from '#common/contract/auth'
import { AppError, type FieldProblem } from '#common/contract/errors'
import {
  type NewUser,
  organisationRoles,
  type User,
  type UserChanges,
  type UserListQuery,
  type UserPage,
} from '#common/contract/users'
import { may } from '#common/rules/permissions'
import { assertPassword, namesOf, refused, unlessTaken } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { takeTurnsWithPeople } from '../../shared/turns.ts'
import type { Passwords } from '../auth/passwords.ts'
import type { Journal } from '../journal/journal.service.ts'
import type { MailService } from '../mail/mail.service.ts'
import {
  createUsersRepository,
  type FirstPassword,
  type Membership,
  type Profile,
} from './users.repository.ts'

export interface UsersDependencies {
  transact: Transact
  journal: Journal
  passwords: Pick<Passwords, 'hash'>
  mail: Pick<MailService, 'queue'>
}
export interface NewPerson {
  id: string
  username: string
  email: string
  displayName: string
}

export type UsersService = ReturnType<typeof createUsersService>

export const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such person')
/** Whom a person may see by their role in the organisation: everybody, or who is in the teams below them. */
const seesTeamsOnly = (actor: Actor) => !may(actor, 'user.list', { inTeam: false })

/** What one may change of oneself without being an admin. */
const ownFields = ['displayName', 'email', 'version']

export function createUsersService({ transact, journal, passwords, mail }: UsersDependencies) {
  /** Held until the transaction ends, and with it whatever counts over all people of the organisation. */
  async function lockWith(tx: Transaction, id: string): Promise<User> {
    await takeTurnsWithPeople(tx)
    const user = await createUsersRepository(tx).lock(id)
    if (!user) throw missing()
    if (user.status === 'forgotten') {
      throw refused('status', 'This person was forgotten, for good. Add them as somebody new.')
    }
    return user
  }

  const after = async (tx: Transaction, id: string): Promise<User> =>
    (await createUsersRepository(tx).find([id]))[0]!

  async function assertSites(
    tx: Transaction,
    user: Pick<User, 'roles'>,
    siteIds: string[],
    wanted: string | null,
  ) {
    const known = await createUsersRepository(tx).activeSites([...siteIds, ...(wanted ? [wanted] : [])])
    if (!siteIds.every((id) => known.includes(id))) {
      throw refused('sites', 'One of the sites does not exist or is out of use. Choose others.')
    }
    const belongs = wanted === null || siteIds.includes(wanted) || user.roles.includes('admin')
    if (!belongs || (wanted !== null && !known.includes(wanted))) {
      throw refused('defaultSiteId', 'The default site must be one the person belongs to.')
    }
  }

  /** Writes what differs, and ends the person's sessions where they may no longer sign in. */
  async function change(tx: Transaction, actor: Actor, before: User, to: Profile): Promise<void> {
    const from = profileOf(before)
    const fields = (Object.keys(to) as (keyof Profile)[]).filter((name) => to[name] !== from[name])
    if (fields.length === 0) return
    const disabled = from.active && !to.active
    if (disabled) await assertAdminLeft(tx, before)
    const repository = createUsersRepository(tx)
    await repository.update(before.id, to)
    if (disabled) await repository.endSessions(before.id)
    const values = (profile: Profile) => Object.fromEntries(fields.map((name) => [name, profile[name]]))
    const named = fields.includes('displayName')
    await journal.record(tx, actor, {
      action: disabled ? 'user.disabled' : 'user.updated',
      feedId: actor.tenantId,
      entity: 'user',
      entityId: before.id,
      oldValues: values(from),
      newValues: values(to),
      ...(named && { changes: [{ entity: 'person', entityId: before.id, removed: false }] }),
    })
    // Their devices are to find out.
    if (from.active !== to.active) tx.announce(actor.tenantId)
  }

  /** Mails them a code, tells the audit, and answers with the person as they are then. */
  async function mailTo(tx: Transaction, actor: Actor, user: User): Promise<User> {
    const invites = user.status === 'invited'
    if (invites) await createUsersRepository(tx).setInvited(user.id)
    await mail.queue(tx, { userId: user.id, kind: invites ? 'invitation' : 'passwordReset' })
    await journal.record(tx, actor, {
      action: invites ? 'user.invited' : 'user.password_reset_mailed',
      feedId: actor.tenantId,
      entity: 'user',
      entityId: user.id,
    })
    return after(tx, user.id)
  }

  /** Invites them where there is no password. */
  async function add(
    tx: Transaction,
    user: NewPerson & { defaultSiteId: string | null; roles: readonly TenantRole[] },
    sites: readonly Membership[],
    password: FirstPassword | null,
    assignedBy: string | null,
  ): Promise<void> {
    const repository = createUsersRepository(tx)
    await repository.insert(user, password)
    await repository.assignRoles(user.id, user.roles)
    await repository.assignSites(user.id, sites, assignedBy)
    if (!password) await mail.queue(tx, { userId: user.id, kind: 'invitation' })
  }

  return {
    /** Part of the transaction that makes their organisation, whose `journal` entry tells of them. */
    async addFirstAdmin(tx: Transaction, admin: NewPerson, siteId: string, password: FirstPassword | null) {
      const site: Membership = { siteId, role: 'administrator' }
      await add(tx, { ...admin, defaultSiteId: null, roles: ['admin'] }, [site], password, null)
    },

    list: (actor: Actor, query: UserListQuery): Promise<UserPage> =>
      transact(scopeOf(actor), async (tx) => ({
        ...(await createUsersRepository(tx).page(query, seesTeamsOnly(actor))),
        page: query.page ?? 1,
        pageSize: query.pageSize ?? 25,
      })),

    roles: (actor: Actor) =>
      transact(scopeOf(actor), async (tx) => {
        const users = await createUsersRepository(tx).countByRole(seesTeamsOnly(actor))
        return organisationRoles.map((name) => ({ name, users: users.get(name) ?? 0 }))
      }),

    async read(actor: Actor, id: string): Promise<User> {
      assertMay(may(actor, 'user.read', { userId: id }))
      const [user] = await transact(scopeOf(actor), (tx) =>
        createUsersRepository(tx).find([id], id !== actor.id && seesTeamsOnly(actor)),
      )
      if (!user) throw missing()
      return user
    },

    /** The same again, under the same id, is answered the same, and nobody is invited twice. */
    async create(actor: Actor, { id = uuidv7(), password: chosen, ...given }: NewUser): Promise<User> {
      const person = { ...given, id, ...namesOf(given) }
      const roles = given.roles ?? []
      assertPassword('password', chosen, person.username)
      const password = chosen === undefined ? null : { hash: await passwords.hash(chosen), mustChange: true }
      return unlessTaken(
        transact(scopeOf(actor), async (tx) => {
          await takeTurnsWithPeople(tx)
          const repository = createUsersRepository(tx)
          const [same] = await repository.find([id])
          if (same) return answerAgain(same, person)
          const siteIds = given.sites.map(({ siteId }) => siteId)
          if (new Set(siteIds).size < siteIds.length)
            throw refused('sites', 'A site is named more than once.')
          const defaultSiteId = given.defaultSiteId ?? null
          await assertSites(tx, { roles }, siteIds, defaultSiteId)
          const assignedBy = actor.enteredBy ? null : actor.id
          await add(tx, { ...person, defaultSiteId, roles }, given.sites, password, assignedBy)
          const user = await after(tx, id)
          await journal.record(tx, actor, {
            action: 'user.created',
            feedId: actor.tenantId,
            entity: 'user',
            entityId: id,
            newValues: { ...profileOf(user), roles, sites: given.sites, invited: !password },
            changes: [{ entity: 'person', entityId: id, removed: false }],
          })
          return user
        }),
      )
    },

    async update(actor: Actor, id: string, { version, ...changes }: UserChanges): Promise<User> {
      assertMay(may(actor, 'user.update', { userId: id }))
      if (!may(actor, 'user.manage')) {
        const foreign = Object.keys(changes).filter((name) => !ownFields.includes(name))
        assertMay(foreign.length === 0, foreign)
      }
      return unlessTaken(
        transact(scopeOf(actor), async (tx) => {
          const before = await lockWith(tx, id)
          if (before.version !== version) {
            throw new AppError('CONFLICT', 'The person was changed meanwhile', { current: before })
          }
          const to = { ...profileOf(before), ...changes, ...namesOf({ ...before, ...changes }) }
          if (to.defaultSiteId !== before.defaultSiteId) {
            await assertSites(
              tx,
              before,
              before.sites.map((site) => site.id).filter((it) => it === to.defaultSiteId),
              to.defaultSiteId,
            )
          }
          if (id === actor.id && !to.active)
            throw refused('active', 'Nobody disables themselves. Ask another admin.')
          await change(tx, actor, before, to)
          return after(tx, id)
        }),
      )
    },

    /** Disabled twice is disabled. */
    disable: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await lockWith(tx, id)
        if (id === actor.id) throw refused('active', 'Nobody disables themselves. Ask another admin.')
        await change(tx, actor, before, { ...profileOf(before), active: false })
      }),

    /** In place of those they had; it counts from their next request on. */
    assignRoles: (actor: Actor, id: string, roles: NonNullable<NewUser['roles']>): Promise<User> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await lockWith(tx, id)
        const to = [...roles].sort()
        if (String(to) === String(before.roles)) return before
        if (!to.includes('admin')) {
          await assertAdminLeft(tx, before)
          if (before.roles.includes('admin') && before.sites.length === 0) {
            throw refused(
              'roles',
              'Without this role the person would be without a site. Add them to one first.',
            )
          }
        }
        await createUsersRepository(tx).assignRoles(id, to)
        const user = await after(tx, id)
        await journal.record(tx, actor, {
          action: 'user.roles_changed',
          feedId: actor.tenantId,
          entity: 'user',
          entityId: id,
          oldValues: { roles: before.roles },
          newValues: { roles: to },
        })
        tx.announce(actor.tenantId)
        return user
      }),

    unlock: (actor: Actor, id: string): Promise<User> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await lockWith(tx, id)
        await createUsersRepository(tx).unlock(id)
        await journal.record(tx, actor, {
          action: 'user.unlocked',
          feedId: actor.tenantId,
          entity: 'user',
          entityId: id,
          oldValues: { status: before.status },
        })
        return after(tx, id)
      }),

    /** Whoever has not chosen a password yet is invited again instead. */
    resetPassword: (actor: Actor, id: string): Promise<User> =>
      transact(scopeOf(actor), async (tx) => {
        const user = await lockWith(tx, id)
        assertEnabled(user)
        return mailTo(tx, actor, user)
      }),

    invite: (actor: Actor, id: string): Promise<User> =>
      transact(scopeOf(actor), async (tx) => {
        const user = await lockWith(tx, id)
        assertEnabled(user)
        if (user.status !== 'invited') {
          throw refused('status', 'This person has chosen a password already. Reset it if they forgot it.')
        }
        return mailTo(tx, actor, user)
      }),
  }
}

/** Someone always keeps the keys. */
export async function assertAdminLeft(tx: Transaction, user: User): Promise<void> {
  if (!user.roles.includes('admin') || user.status === 'disabled') return
  if (await createUsersRepository(tx).hasOtherAdmin(user.id)) return
  throw refused('roles', 'This is the only admin of the organisation. Make somebody else an admin first.')
}

const profileOf = ({ username, email, displayName, defaultSiteId, status }: User): Profile => ({
  username,
  email,
  displayName,
  defaultSiteId,
  active: status !== 'disabled',
})

export function assertMay(allowed: boolean, fields: readonly string[] = []): void {
  if (allowed) return
  const message = 'Your role in the organisation does not allow this'
  const details = fields.map((field): FieldProblem => ({ field, message: 'Only admins change this.' }))
  throw new AppError('AUTHORIZATION_ERROR', message, details.length > 0 ? { details } : {})
}

function assertEnabled(user: User): void {
  if (user.status === 'disabled') throw refused('status', 'This person is disabled. Enable them first.')
}

function answerAgain(same: User, asked: Pick<User, 'username' | 'email' | 'displayName'>): User {
  const alike = (['username', 'email', 'displayName'] as const).every((name) => same[name] === asked[name])
  if (alike) return same
  throw new AppError('CONFLICT', 'There is another person with this id', { current: same })
}
