import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import { standardTypes } from '#common/contract/interaction-types'
import type { NewTenant, Registration, Tenant, TenantStatus } from '#common/contract/tenants'
import { fold } from '#common/rules/folding'
import { may } from '#common/rules/permissions'
import { assertPassword, namesOf, refused, unlessTaken } from '../../shared/people.ts'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Passwords } from '../auth/passwords.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import type { UsersService } from '../users/users.service.ts'
import { type Administrator, asOutsider, platformJournal } from './entering.service.ts'
import { createOrganisationsRepository, type OrganisationFields } from './organisations.repository.ts'

export interface OrganisationsDependencies {
  transact: Transact
  journal: Journal
  passwords: Pick<Passwords, 'hash'>
  users: Pick<UsersService, 'addFirstAdmin'>
  /** Who may register an organisation: everybody, or super admins. */
  registration: 'open' | 'closed'
}

export type OrganisationsService = ReturnType<typeof createOrganisationsService>

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such organisation')

const firstSite = 'Head office'

/** The organisations of the platform. What a super admin does to one is in its own audit and in the platform's. */
export function createOrganisationsService(deps: OrganisationsDependencies) {
  const { transact, journal, passwords, users } = deps

  const onPlatform = platformJournal(journal)

  /** `actor` is a super admin, or whoever registers. */
  async function make({ tenant, admin, origin, actor }: Making): Promise<Tenant> {
    const tenantId = tenant.id ?? uuidv7()
    const name = tenant.name.trim()
    const site = { id: uuidv7(), name: tenant.site?.trim() ?? firstSite }
    const first = { id: admin.id ?? uuidv7(), ...namesOf(admin) }
    assertPassword('admin.password', admin.password, first.username)
    const password =
      admin.password === undefined
        ? null
        : { hash: await passwords.hash(admin.password), mustChange: actor !== null }
    const add = async (slug: string) => {
      await transact(systemScope(tenantId), async (tx) => {
        const types = await createOrganisationsRepository(tx).insert({ name, slug }, site, standardTypes)
        await users.addFirstAdmin(tx, first, site.id, password)
        const newValues = { name, slug, admin: first, site: site.name }
        await journal.record(tx, actor ? asOutsider(actor) : { ...origin, id: first.id }, {
          action: 'tenant.created',
          feedId: tenantId,
          entity: 'tenant',
          entityId: tenantId,
          newValues,
          changes: [
            { entity: 'person', entityId: first.id, removed: false },
            ...types.map((entityId) => ({ entity: 'interactionType', entityId, removed: false })),
          ],
        })
        if (actor) await onPlatform(tx, actor, 'tenant.created', tenantId, { newValues: { name, slug } })
      })
      return slug
    }
    const made = slugOf(name, tenantId)
    const work = add(tenant.slug ?? made).catch((error: Error & { constraint?: string }) => {
      if (tenant.slug !== undefined || error.constraint !== 'tenants_slug_key') throw error
      // Nobody chose it, so nobody has to choose another.
      return add(`${made}-${tenantId.slice(-6)}`)
    })
    const slug = await unlessTaken(work, 'admin.').catch(unlessSlugTaken)
    return {
      id: tenantId,
      name,
      slug,
      status: 'active',
      createdAt: new Date().toISOString(),
      users: 1,
      sites: 1,
      version: 1,
    }
  }

  const find = async ({ actor, session }: Administrator, id: string): Promise<Tenant | null> =>
    transact({ tenantId: actor.tenantId, siteId: null }, (tx) => {
      const organisations = createOrganisationsRepository(tx)
      return id === actor.tenantId ? organisations.own() : organisations.find(session, id)
    })

  return {
    /** Whether everybody may register one. */
    isOpen: deps.registration === 'open',

    list: (
      { actor, session }: Administrator,
      { search = '', page = 1, pageSize = 25 }: { search?: string; page?: number; pageSize?: number },
    ) =>
      transact({ tenantId: actor.tenantId, siteId: null }, async (tx) => ({
        ...(await createOrganisationsRepository(tx).page(session, fold(search), page, pageSize)),
        page,
        pageSize,
      })),

    async read(administrator: Administrator, id: string): Promise<Tenant> {
      const tenant = await find(administrator, id)
      if (!tenant) throw missing()
      return tenant
    },

    /** The same again, under the same id, is answered the same. */
    async create(administrator: Administrator, { admin, ...tenant }: NewTenant): Promise<Tenant> {
      const same = tenant.id === undefined ? null : await find(administrator, tenant.id)
      if (same?.name === tenant.name.trim()) return same
      if (same)
        throw new AppError('CONFLICT', 'There is another organisation with this id', { current: same })
      const { actor } = administrator
      return make({ tenant, admin, origin: actor, actor })
    },

    /** `actor` is whoever asks, where they are signed in. */
    async register(origin: Origin, actor: Actor | null, { tenant, admin }: Registration): Promise<Tenant> {
      const administrator = actor?.roles.includes('super_admin') ? actor : null
      if (deps.registration === 'closed' && !administrator) {
        throw new AppError(
          'AUTHORIZATION_ERROR',
          'Organisations are not registered here by themselves; ask who runs this server',
        )
      }
      return make({ tenant, admin, origin: { ...origin, id: null }, actor: administrator })
    },

    /**
     * By an admin of it, or a super admin. Of one that is suspended nobody signs in, and whoever is signed in is out with
     * their next request.
     */
    async update(
      administrator: Administrator,
      id: string,
      { version, ...changes }: { name?: string; slug?: string; status?: TenantStatus; version: number },
    ): Promise<Tenant> {
      const { actor } = administrator
      const isOutside = id !== actor.tenantId
      const current = await find(administrator, id)
      if (!current) throw missing()
      await transact(scopeOf({ ...actor, tenantId: id }), async (tx) => {
        const organisations = createOrganisationsRepository(tx)
        const before = await organisations.lock()
        if (!before) throw missing()
        if (before.version !== version) {
          throw new AppError('CONFLICT', 'The organisation was changed meanwhile', { current })
        }
        const to: OrganisationFields = {
          name: changes.name?.trim() ?? before.name,
          slug: changes.slug ?? before.slug,
          status: changes.status ?? before.status,
        }
        const fields = (Object.keys(to) as (keyof OrganisationFields)[]).filter(
          (name) => to[name] !== before[name],
        )
        if (fields.length === 0) return
        if (!may(actor, 'tenant.suspend') && fields.some((name) => name !== 'name')) {
          throw new AppError(
            'AUTHORIZATION_ERROR',
            'Only super admins suspend an organisation or give it another short name',
          )
        }
        await organisations.update(to)
        const values = (of: OrganisationFields) => Object.fromEntries(fields.map((name) => [name, of[name]]))
        const change = { oldValues: values(before), newValues: values(to) }
        const action =
          to.status === before.status
            ? 'tenant.updated'
            : to.status === 'suspended'
              ? 'tenant.suspended'
              : 'tenant.resumed'
        await journal.record(tx, isOutside ? asOutsider(actor) : actor, {
          action,
          feedId: id,
          entity: 'tenant',
          entityId: id,
          ...change,
        })
        tx.announce(id)
        if (!isOutside) return
        // There it is one of many.
        await onPlatform(tx, actor, action, id, {
          ...change,
          newValues: { name: to.name, ...change.newValues },
        })
      }).catch(unlessSlugTaken)
      return (await find(administrator, id))!
    },
  }
}

interface Making {
  tenant: Registration['tenant']
  admin: NewTenant['admin']
  origin: Origin
  actor: Actor | null
}

/** A name without one letter or digit of the Latin alphabet has none to make it of. */
const slugOf = (name: string, id: string) =>
  fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 50)
    .replace(/-$/, '') || `organisation-${id.slice(-12)}`

function unlessSlugTaken(error: Error & { constraint?: string }): never {
  if (error.constraint === 'tenants_slug_key') {
    throw refused('slug', 'This short name cannot be used. Choose another one.')
  }
  if (error.constraint === 'tenants_pkey') throw refused('id', 'This id cannot be used. Send another one.')
  throw error
}
