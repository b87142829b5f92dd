import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Site, SiteRole, SiteSettings, SiteUser } from '#common/contract/sites'
import { may } from '#common/rules/permissions'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { takeTurnsWithPeople } from '../../shared/turns.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createSitesRepository, type KeptSite } from './sites.repository.ts'

export type SitesService = ReturnType<typeof createSitesService>

interface SiteFields {
  name: string
  description: string | null
  active: boolean
}

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such site among yours')
const nobody = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such person')

/** The sites a person belongs to, and who belongs to them; to all but admins there are no others. */
export const createSitesService = (transact: Transact, journal: Journal) => {
  async function lock(tx: Transaction, id: string): Promise<KeptSite> {
    await takeTurnsWithPeople(tx)
    const site = await createSitesRepository(tx).lock(id)
    if (!site) throw missing()
    return site
  }

  async function assertFree(tx: Transaction, id: string, name: string): Promise<void> {
    if (await createSitesRepository(tx).isNameTaken(id, name)) {
      throw refused('name', 'There is a site of this name already. Choose another one.')
    }
  }

  const record = (
    tx: Transaction,
    actor: Actor,
    change: 'created' | 'updated',
    id: string,
    oldValues: Partial<SiteFields> | null,
    newValues: Partial<SiteFields>,
  ) =>
    journal.record(tx, actor, {
      action: `site.${change}`,
      feedId: actor.tenantId,
      entity: 'site',
      entityId: id,
      oldValues,
      newValues,
    })

  /** In the site's own feed, where its administrators read. Devices learn of it with their next pull. */
  async function recordMember(
    tx: Transaction,
    actor: Actor,
    siteId: string,
    userId: string,
    [before, after]: [SiteRole | null, SiteRole | null],
  ): Promise<void> {
    await journal.record(tx, actor, {
      action: `site.user_${!before ? 'added' : !after ? 'removed' : 'role_changed'}`,
      feedId: siteId,
      entity: 'user',
      entityId: userId,
      oldValues: before && { siteId, role: before },
      newValues: after && { siteId, role: after },
    })
    tx.announce(actor.tenantId)
  }

  return {
    list: (actor: Actor): Promise<Site[]> =>
      transact(scopeOf(actor), (tx) => {
        const sites = createSitesRepository(tx)
        return may(actor, 'site.update') ? sites.all() : sites.find(actor.sites.map(({ id }) => id))
      }),

    async read(actor: Actor, id: string): Promise<Site> {
      const known = may(actor, 'site.update') || actor.sites.some((own) => own.id === id)
      const [site] = await transact(scopeOf(actor), (tx) => createSitesRepository(tx).find(known ? [id] : []))
      if (!site) throw missing()
      return site
    },

    /** The same again, under the same id, is answered the same. */
    create: (
      actor: Actor,
      {
        id = uuidv7(),
        name: given,
        description = null,
      }: { id?: string; name: string; description?: string | null },
    ): Promise<Site> =>
      transact(scopeOf(actor), async (tx) => {
        await takeTurnsWithPeople(tx)
        const sites = createSitesRepository(tx)
        const name = given.trim()
        const [same] = await sites.find([id])
        if (same?.name === name && same.description === description) return same
        if (same) throw new AppError('CONFLICT', 'There is another site with this id', { current: same })
        await assertFree(tx, id, name)
        await sites.insert({ id, name, description })
        await record(tx, actor, 'created', id, null, { name, description })
        // It is an admin's too, from now on.
        tx.announce(actor.tenantId)
        return (await sites.find([id]))[0]!
      }).catch(unlessIdTaken),

    update: (
      actor: Actor,
      id: string,
      { version, ...changes }: Partial<SiteFields> & { version: number },
    ): Promise<Site> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await lock(tx, id)
        if (before.version !== version) {
          throw new AppError('CONFLICT', 'The site was changed meanwhile', { current: before })
        }
        const to: SiteFields = {
          name: changes.name?.trim() ?? before.name,
          description: changes.description === undefined ? before.description : changes.description,
          active: changes.active ?? before.active,
        }
        const fields = (Object.keys(to) as (keyof SiteFields)[]).filter((name) => to[name] !== before[name])
        if (fields.length === 0) return before
        if (fields.includes('name')) await assertFree(tx, id, to.name)
        const sites = createSitesRepository(tx)
        const left = before.active && !to.active ? await sites.onlyHere(id) : 0
        if (left > 0) {
          const who = left === 1 ? '1 person belongs' : `${left} people belong`
          throw refused('active', `${who} to this site alone. Add them to another one first.`)
        }
        await sites.update(id, to)
        const values = (site: SiteFields) => Object.fromEntries(fields.map((name) => [name, site[name]]))
        await record(tx, actor, 'updated', id, values(before), values(to))
        tx.announce(actor.tenantId)
        return { ...before, ...to, version: version + 1 }
      }),

    /** In place of those there were. Devices learn of them with their next pull, which this asks them for. */
    async changeSettings(actor: Actor, id: string, settings: SiteSettings): Promise<Site> {
      return transact(scopeOf(actor, id), async (tx) => {
        const repository = createSitesRepository(tx)
        const site = await repository.lock(id)
        if (!site) throw missing()
        if (canonicalJson(site.settings) === canonicalJson(settings)) return site
        await repository.changeSettings(id, settings)
        await journal.record(tx, actor, {
          action: 'site.updated',
          feedId: id,
          entity: 'site',
          entityId: id,
          oldValues: { settings: site.settings },
          newValues: { settings },
        })
        tx.announce(id)
        return { ...site, settings }
      })
    },

    members: (actor: Actor, id: string, query: { search?: string; page?: number; pageSize?: number }) =>
      transact(scopeOf(actor), async (tx) => {
        const sites = createSitesRepository(tx)
        if ((await sites.find([id])).length === 0) throw missing()
        const { page = 1, pageSize = 25, search } = query
        return { ...(await sites.memberPage(id, { search, page, pageSize })), page, pageSize }
      }),

    /** Adds a person to a site, or gives them another role there. It counts from their next request on. */
    assign: (actor: Actor, id: string, userId: string, role: SiteRole): Promise<SiteUser> =>
      transact(scopeOf(actor, id), async (tx) => {
        const site = await lock(tx, id)
        if (!site.active) throw refused('active', 'This site is out of use. Take it back into use first.')
        const sites = createSitesRepository(tx)
        if (!(await sites.isOurs(userId))) throw nobody()
        const before = await sites.member(id, userId)
        if (before?.role === role) return before
        await sites.assign(id, userId, role, actor.enteredBy ? null : actor.id)
        const member = (await sites.member(id, userId))!
        await recordMember(tx, actor, id, userId, [before?.role ?? null, role])
        return member
      }),

    remove: (actor: Actor, id: string, userId: string): Promise<void> =>
      transact(scopeOf(actor, id), async (tx) => {
        const site = await lock(tx, id)
        const sites = createSitesRepository(tx)
        const member = await sites.member(id, userId)
        if (!member) throw nobody()
        if (site.active && (await sites.onlyHere(id, userId)) > 0) {
          throw refused('sites', 'This is the only site of the person. Add them to another one first.')
        }
        await sites.remove(id, userId)
        await recordMember(tx, actor, id, userId, [member.role, null])
      }),
  }
}

/** An id is unique over all organisations, and what is in another one is not told. */
function unlessIdTaken(error: Error & { constraint?: string }): never {
  throw error.constraint === 'sites_id_key'
    ? refused('id', 'This id cannot be used. Send another one.')
    : error
}
