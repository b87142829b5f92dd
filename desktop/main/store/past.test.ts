import { expect, it } from 'vitest'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'
import { openDatabase, Statements } from './database.ts'
import { kept, Past } from './past.ts'
import { queueSteps } from './queue-schema.ts'

const id = '0192f000-0000-7000-8000-000000000001'

async function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  model.write(siteA, id, filled, bob)
  const device = new Device(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
  await device.sync()
  return { model, device }
}

it('shows what was sent, the latest first, with what it changed', async () => {
  const { device } = await setUp()
  device.edit(id, { title: 'First' })
  device.edit(id, { title: 'Second' })
  expect(device.local.past(10)).toEqual([])
  await device.sync()
  device.restart()
  expect(device.local.past(10)).toEqual([
    expect.objectContaining({
      outcome: 'sent',
      title: 'Second',
      base: { title: 'First' },
      patch: { title: 'Second' },
    }),
    expect.objectContaining({ outcome: 'sent', title: 'First', base: { title: 'Kick-off' }, resolves: null }),
  ])
  expect(device.local.past(1)).toHaveLength(1)
  device.close()
})

it('keeps what the person took back, but not what only goes on under another id', async () => {
  const { model, device } = await setUp()
  model.poison = (sent) => JSON.stringify(sent).includes('Poison')
  device.edit(id, { title: 'Poison' })
  await device.sync()
  device.local.retry(device.local.queueItems()[0]!.mutationId)
  expect(device.local.past(10)).toEqual([])
  await device.sync()
  device.local.discard(device.local.queueItems()[0]!.mutationId)
  expect(device.local.past(10)).toEqual([
    expect.objectContaining({
      outcome: 'discarded',
      patch: { title: 'Poison' },
      base: { title: 'Kick-off' },
    }),
  ])
  device.close()
})

it('is not without end', () => {
  const db = openDatabase('memory', { synchronous: 'FULL', steps: queueSteps })
  const past = new Past(new Statements(db))
  const over = kept + 100
  db.prepare(
    `WITH RECURSIVE edits (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM edits WHERE n < ?)
     INSERT INTO outbox (mutation_id, entity_id, site_id, op, mutation, title, saved_at, state)
     SELECT 'm' || n, 'e', 's', 'update', '{}', 'Record ' || n, '', 'applied' FROM edits`,
  ).run(over)
  past.take(
    Array.from({ length: over }, (_, n) => `m${n + 1}`),
    'sent',
    '',
  )
  const { length, 0: latest } = past.list(over)
  expect([length, latest!.title]).toEqual([kept, `Record ${over}`])
  db.close()
})
