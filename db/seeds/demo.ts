import type { Knex } from 'knex'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import type { TenantRole } from '#common/contract/auth'
import { standardTypes } from '#common/contract/interaction-types'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import type { SiteRole } from '#common/contract/sites'
import { createPasswords } from '#server/modules/auth/passwords'
import { createInteractionsRepository } from '#server/modules/interactions/interactions.repository'
import { journal, type Origin } from '#server/modules/journal/journal.service'
import { createPool } from '#server/shared/pool'
import { systemScope } from '#server/shared/scope'
import { createTransact, enterSite, type Transact, type Transaction } from '#server/shared/transaction'
import { type FieldWork, loadFieldWork } from './field-work.ts'
import { generateInteractions } from './generated.ts'
import { meetingTypes, readMeetings } from './meetings.ts'
import { generateShops, readShops } from './shops.ts'

/** The demo people of SPEC §7 and their records, put in the way the server itself writes: under scope, into the feeds. */

export const demoPassword = 'Fieldbook!2026'
export { standardTypes }
const batchSize = 500
const shopCount = 40
/** Of the people, the one who comes last. */
const lastLoaded = 'root'

interface DemoPerson {
  username: string
  displayName: string
  roles?: readonly TenantRole[]
  sites?: Record<string, SiteRole>
}

export interface DemoTenant {
  name: string
  slug: string
  kind?: 'platform'
  people: readonly DemoPerson[]
  sites: Record<string, readonly InteractionFields[]>
  types: readonly string[]
  fieldWork?: FieldWork
}

const importer: Origin = { id: null, requestId: 'demo', address: 'local', device: null }

/**
 * Loads the demo and answers with how many interactions it added; null, and nothing is touched, when its people are
 * all there already. A load that was cut short is completed by the next one.
 */
export async function seedDemo(url: string, { meetings }: { meetings: string }): Promise<number | null> {
  const pool = createPool(url, 1)
  try {
    if (await isKnown(pool, lastLoaded)) return null
    return await loadTenants(pool, await demoTenants(meetings))
  } finally {
    await pool.destroy()
  }
}

/** Loads those of the tenants whose people are not there yet, each whole or not at all. */
export async function loadTenants(pool: Knex, tenants: readonly DemoTenant[]): Promise<number> {
  const passwords = createPasswords()
  try {
    const transact = createTransact(pool)
    const passwordHash = await passwords.hash(demoPassword)
    let count = 0
    for (const tenant of tenants) {
      if (!(await isKnown(pool, tenant.people[0]!.username)))
        count += await load(transact, tenant, passwordHash)
    }
    return count
  } finally {
    await passwords.close()
  }
}

async function isKnown(pool: Knex, username: string): Promise<boolean> {
  const found = await pool.raw<{ rowCount: number }>('SELECT FROM find_user(?)', [username])
  return found.rowCount > 0
}

async function demoTenants(meetingsFolder: string): Promise<DemoTenant[]> {
  const meetings = await readMeetings(meetingsFolder, ['Germany', 'Belgium', 'Ireland'])
  const shops = await readShops(join(meetingsFolder, '../berlin-supermarkets'), shopCount)
  return [
    {
      name: 'Harbour & Vale',
      slug: 'harbour-vale',
      sites: {
        Marketing: meetings?.get('Germany') ?? generateInteractions(3000, 1),
        Sales: meetings?.get('Belgium') ?? generateInteractions(1400, 2),
        Support: meetings?.get('Ireland') ?? generateInteractions(600, 3),
      },
      types: meetings ? [...standardTypes, ...meetingTypes] : standardTypes,
      people: [
        { username: 'admin', displayName: 'Ada Harbour', roles: ['admin'] },
        { username: 'editor', displayName: 'Edith Vale', sites: { Marketing: 'editor', Sales: 'editor' } },
        { username: 'viewer', displayName: 'Victor Lane', sites: { Marketing: 'viewer' } },
        { username: 'agent', displayName: 'Agnes Pier', roles: ['agent'], sites: { Sales: 'editor' } },
        { username: 'leader', displayName: 'Leo Quay', roles: ['team_leader'], sites: { Sales: 'editor' } },
      ],
      fieldWork: {
        site: 'Sales',
        shops: shops ?? generateShops(shopCount),
        leader: 'leader',
        agent: 'agent',
      },
    },
    {
      name: 'Brightmart',
      slug: 'brightmart',
      sites: { 'Head office': generateInteractions(40, 4) },
      types: standardTypes,
      people: [{ username: 'outsider', displayName: 'Oscar Bright', roles: ['admin'] }],
    },
    {
      name: 'Fieldbook',
      slug: 'fieldbook',
      kind: 'platform',
      sites: {},
      types: [],
      people: [{ username: lastLoaded, displayName: 'Root', roles: ['super_admin'] }],
    },
  ]
}

async function load(transact: Transact, tenant: DemoTenant, passwordHash: string): Promise<number> {
  const tenantId = uuidv7()
  const idOf = (names: string[]) => new Map(names.map((name) => [name, uuidv7()]))
  const siteIds = idOf(Object.keys(tenant.sites))
  const userIds = idOf(tenant.people.map(({ username }) => username))
  const types = tenant.types.map((name, position) => ({ tenant_id: tenantId, id: uuidv7(), name, position }))

  return transact(systemScope(tenantId), async (tx) => {
    const { db } = tx
    await db('tenants').insert({
      id: tenantId,
      name: tenant.name,
      slug: tenant.slug,
      kind: tenant.kind ?? 'organisation',
    })
    await insertAll(
      tx,
      'users',
      tenant.people.map(({ username, displayName }) => ({
        tenant_id: tenantId,
        id: userIds.get(username),
        username,
        email: `${username}@${tenant.slug}.example`,
        email_confirmed: true,
        display_name: displayName,
        password_hash: passwordHash,
      })),
    )
    await insertAll(
      tx,
      'sites',
      [...siteIds].map(([name, id]) => ({ tenant_id: tenantId, id, name })),
    )
    await insertAll(
      tx,
      'user_roles',
      tenant.people.flatMap(({ username, roles = [] }) =>
        roles.map((role) => ({ tenant_id: tenantId, user_id: userIds.get(username), role })),
      ),
    )
    await insertAll(
      tx,
      'user_sites',
      tenant.people.flatMap(({ username, sites = {} }) =>
        Object.entries(sites).map(([site, role]) => ({
          tenant_id: tenantId,
          user_id: userIds.get(username),
          site_id: siteIds.get(site),
          role,
        })),
      ),
    )
    await insertAll(tx, 'interaction_types', types)
    await journal.record(tx, importer, {
      action: 'demo.loaded',
      feedId: tenantId,
      changes: [
        ...[...userIds.values()].map((entityId) => ({ entity: 'person', entityId, removed: false })),
        ...types.map(({ id }) => ({ entity: 'interactionType', entityId: id, removed: false })),
      ],
    })

    let count = 0
    const owner = userIds.get(tenant.people[0]!.username)!
    for (const [name, siteId] of siteIds) {
      count += await loadInteractions(await enterSite(tx, siteId), siteId, owner, tenant.sites[name]!)
    }
    if (!tenant.fieldWork) return count
    const { site, shops, leader, agent } = tenant.fieldWork
    const visits = await loadFieldWork(tx, transact, importer, {
      shops,
      site: { id: siteIds.get(site)!, name: site },
      leaderId: userIds.get(leader)!,
      agentId: userIds.get(agent)!,
    })
    return count + visits
  })
}

const insertAll = async (tx: Transaction, table: string, rows: object[]) => {
  if (rows.length > 0) await tx.db(table).insert(rows)
}

async function loadInteractions(
  tx: Transaction,
  siteId: string,
  owner: string,
  all: readonly InteractionFields[],
): Promise<number> {
  const at = new Date().toISOString()
  const repository = createInteractionsRepository(tx)
  for (let start = 0; start < all.length; start += batchSize) {
    const records = all.slice(start, start + batchSize).map((fields): Interaction => ({
      id: uuidv7(),
      siteId,
      ...fields,
      version: 1,
      createdBy: owner,
      createdAt: at,
      updatedBy: owner,
      updatedAt: at,
    }))
    await repository.insertMany(records)
    await journal.record(tx, importer, {
      action: 'demo.loaded',
      feedId: siteId,
      changes: records.map(({ id }) => ({ entity: 'interaction', entityId: id, removed: false })),
    })
  }
  return all.length
}
