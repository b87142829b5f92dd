import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { createTestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { noJobsLeft } from '../../test/jobs.ts'
import { listenTo } from '../../test/listener.ts'
import { createPushing } from '../../test/pushing.ts'
import { createReplica } from '../../test/replica.ts'
import { sweepExports } from '../exports/exports.service.ts'
import { createInteractionsService } from '../interactions/interactions.service.ts'
import { journal } from '../journal/journal.service.ts'
import { createHousekeepingService } from './housekeeping.service.ts'

const pushing = await createPushing()
const { server, site, editor, device, one, read, sql } = pushing
const tenant = server.ids.tenants['Harbour & Vale']
let housekeeping: ReturnType<typeof createHousekeepingService>
beforeAll(() => {
  const { transact } = server.app
  housekeeping = createHousekeepingService(transact, createInteractionsService(transact, journal), [
    sweepExports,
  ])
})

const rowOf = (id: string) => sql('SELECT FROM interactions WHERE id = $1', [id])
const auditSince = async (action: string, requestId: string) =>
  sql<{ feed_id: string; actor_id: string | null; new_values: unknown }>(
    'SELECT feed_id, actor_id, new_values FROM audit_logs WHERE action = $1 AND request_id = $2 ORDER BY position',
    [action, requestId],
  )

describe('purging', () => {
  const deleteNew = async (daysAgo: number, client = editor) => {
    const record = await client.create()
    await client.delete(`/interactions/${record.id}`)
    await sql(`UPDATE interactions SET deleted_at = now() - make_interval(days => $2) WHERE id = $1`, [
      record.id,
      daysAgo,
    ])
    return record
  }

  test('removes for good what was deleted more than 30 days ago, and nothing else', async () => {
    const replica = createReplica(editor)
    const live = await editor.create()
    const old = []
    for (let n = 0; n < 5; n++) old.push(await deleteNew(31))
    const elsewhere = await deleteNew(400, server.as('editor', server.ids.sites.Sales))
    const theirs = await deleteNew(31, server.as('outsider'))
    const fresh = await deleteNew(29)
    await replica.catchUp()

    expect(await housekeeping.purge(tenant, 'night 1', 2)).toBe(6)
    for (const { id } of [...old, elsewhere]) expect(await rowOf(id)).toHaveLength(0)
    for (const { id } of [live, fresh, theirs]) expect(await rowOf(id)).toHaveLength(1)
    expect(await housekeeping.purge(tenant, 'night 2')).toBe(0)

    const audit = await auditSince('interaction.purged', 'night 1')
    const counted = (feedId: string) =>
      audit.filter((row) => row.feed_id === feedId).map((row) => (row.new_values as { count: number }).count)
    expect(counted(site)).toEqual([2, 2, 1])
    expect(counted(server.ids.sites.Sales)).toEqual([1])
    expect(audit.every((row) => row.actor_id === null)).toBe(true)
    expect(await auditSince('interaction.purged', 'night 2')).toEqual([])
    expect(await brokenChains(sql)).toEqual([])

    // Devices hear of nothing new, and hold nothing of it; nor does one that begins now.
    const pages = await replica.catchUp()
    expect(pages.flatMap(({ changes, removals }) => [...changes, ...removals])).toEqual([])
    const late = createReplica(editor)
    await late.catchUp()
    for (const { records } of [replica, late]) {
      expect(records.has(live.id)).toBe(true)
      for (const { id } of old) expect(records.has(id)).toBe(false)
    }
  })

  test('what a device still does with such a record is told as of any deleted one', async () => {
    const record = await deleteNew(31)
    await housekeeping.purge(tenant, 'night 3')
    expect(await one(device.update(record, { title: 'Too late' }))).toMatchObject({
      status: 'conflict',
      conflict: { mine: { title: 'Too late' }, theirs: null },
    })
    expect(await one(device.remove(record))).toMatchObject({ status: 'applied', record: null })
    expect((await server.as('manager', site).post(`/interactions/${record.id}/restore`, {})).status).toBe(404)
  })
})

describe('archiving', () => {
  const untouchedFor = async (interval: string, fields: Partial<Interaction> = {}, client = editor) => {
    const record = await client.create(fields)
    await sql(`UPDATE interactions SET updated_at = now() - $2::interval WHERE id = $1`, [
      record.id,
      interval,
    ])
    return record
  }
  const set = (settings: object) =>
    sql('UPDATE tenants SET settings = $2 WHERE id = $1', [tenant, JSON.stringify(settings)])

  test('is an edit nobody made, of what nobody changed for two years', async () => {
    const replica = createReplica(editor)
    const old = await untouchedFor('2 years 1 day', { title: 'Old', status: 'active' })
    const others = [
      await untouchedFor('1 year 11 months'),
      await untouchedFor('3 years', { status: 'draft' }),
      await untouchedFor('3 years', {}, server.as('outsider')),
    ]
    const deleted = await untouchedFor('1 day')
    await editor.delete(`/interactions/${deleted.id}`)
    await sql(`UPDATE interactions SET updated_at = now() - interval '9 years' WHERE id = $1`, [deleted.id])
    await replica.catchUp()

    expect(await housekeeping.archive(tenant, 'night 4')).toBe(1)
    const now = (await read(old.id))!
    expect(now).toEqual({ ...old, status: 'archived', version: 2, updatedAt: now.updatedAt })
    expect(Date.parse(now.updatedAt)).toBeGreaterThan(Date.now() - 60_000)
    for (const { id, status } of others.slice(0, 2)) expect((await read(id))!.status).toBe(status)
    expect(await housekeeping.archive(tenant, 'night 5')).toBe(0)

    await replica.catchUp()
    expect(replica.records.get(old.id)).toEqual(now)
    const { body } = await editor.get<{ entries: HistoryEntry[] }>(`/interactions/${old.id}/history`)
    expect(body.entries[0]).toMatchObject({
      action: 'updated',
      actor: null,
      device: null,
      version: 2,
      before: { status: 'active' },
      after: { status: 'archived' },
    })
    expect((await editor.list({ search: 'old', status: 'archived' })).body.total).toBe(1)
    expect(await brokenChains(sql)).toEqual([])
  })

  test('is done in batches, each of them whole', async () => {
    for (let n = 0; n < 5; n++) await untouchedFor('2 years 1 day')
    expect(await housekeeping.archive(tenant, 'night 6', 2)).toBe(5)
    expect(await auditSince('interaction.updated', 'night 6')).toHaveLength(5)
  })

  test('after as many years as the organisation has set, or never', async () => {
    const record = await untouchedFor('13 months')
    await set({ archiveAfterYears: null })
    await untouchedFor('30 years')
    expect(await housekeeping.archive(tenant, 'night 7')).toBe(0)
    await set({ archiveAfterYears: 1 })
    expect(await housekeeping.archive(tenant, 'night 8')).toBeGreaterThanOrEqual(2)
    expect((await read(record.id))!.status).toBe('archived')
    await set({})
  })

  test('leaves alone what somebody is changing at the moment', async () => {
    const record = await untouchedFor('3 years')
    await server.app.transact({ tenantId: tenant, siteId: site }, async ({ db }) => {
      await db('interactions').where({ id: record.id }).forUpdate().first('id')
      expect(await housekeeping.archive(tenant, 'night 9')).toBe(0)
    })
    expect(await housekeeping.archive(tenant, 'night 10')).toBe(1)
  })

  test('an edit made without network of what was archived meanwhile merges as any other', async () => {
    const seen = await untouchedFor('3 years')
    await housekeeping.archive(tenant, 'night 11')
    expect(await one(device.update(seen, { title: 'Renamed' }))).toMatchObject({
      status: 'applied',
      record: { title: 'Renamed', status: 'archived', version: 3 },
    })
  })
})

test('all of it is done for every organisation', async () => {
  const outsider = server.as('outsider')
  const [stale, gone] = [await outsider.create(), await outsider.create()]
  await outsider.delete(`/interactions/${gone.id}`)
  await sql(
    `UPDATE interactions SET updated_at = now() - interval '3 years', deleted_at = deleted_at - interval '31 days'
    WHERE id = ANY ($1)`,
    [[stale.id, gone.id]],
  )
  const { purged, archived } = await housekeeping.run('night 12')
  expect(purged).toBeGreaterThanOrEqual(1)
  expect(archived).toBeGreaterThanOrEqual(1)
  expect(await rowOf(gone.id)).toHaveLength(0)
  expect(
    (await outsider.get<{ interaction: Interaction }>(`/interactions/${stale.id}`)).body.interaction.status,
  ).toBe('archived')
  expect(await housekeeping.run('night 13')).toEqual({ purged: 0, archived: 0 })
})

describe('what fails', () => {
  const failing = (error: Error) => {
    const { transact } = server.app
    const interactions = createInteractionsService(transact, journal)
    const done: (string | null)[] = []
    const { purge, archiveStale } = interactions.inTransaction
    const service = createHousekeepingService(
      transact,
      {
        ...interactions,
        inTransaction: {
          ...interactions.inTransaction,
          purge: (tx, ...rest) => {
            if (tx.scope.siteId === site) throw error
            done.push(tx.scope.siteId)
            return purge(tx, ...rest)
          },
          archiveStale: (tx, ...rest) => {
            if (tx.scope.siteId === site) done.push('archived')
            return archiveStale(tx, ...rest)
          },
        },
      },
      [],
    )
    return { service, done }
  }

  test('keeps nothing else from being done, and is told in the end', async () => {
    const { service, done } = failing(new Error('A row that cannot be removed'))
    await expect(service.run('night 14')).rejects.toThrow('A row that cannot be removed')
    const others = await sql<{ id: string }>('SELECT id FROM sites WHERE id <> $1', [site])
    expect(done).toEqual(expect.arrayContaining([...others.map(({ id }) => id), 'archived']))
  })

  test('for want of the database ends it: there is no sense in going on', async () => {
    const { service, done } = failing(Object.assign(new Error('terminating'), { code: '57P01' }))
    await expect(service.run('night 15')).rejects.toThrow('terminating')
    expect(done).not.toContain('archived')
  })
})

test('a server does it each night, and tells devices of what changed', async () => {
  const record = await editor.create()
  await sql(`UPDATE interactions SET updated_at = now() - interval '3 years' WHERE id = $1`, [record.id])
  const night = await createTestApp({ database: server.database, jobs: {} })
  try {
    expect(await sql(`SELECT cron, timezone FROM pgboss.schedule WHERE name = 'housekeeping'`)).toEqual([
      { cron: '15 2 * * *', timezone: 'UTC' },
    ])
    const listener = await listenTo(night.app, inject('sessions').viewer.token)
    const told = listener.nextMessage()
    await sql(`INSERT INTO pgboss.job (name, data) VALUES ('housekeeping', '{}')`)
    await told
    await noJobsLeft(server.database)
    expect((await read(record.id))!.status).toBe('archived')
    listener.socket.close()
    await listener.closed
  } finally {
    await night.close()
  }
})
