import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { type Mutation, schemaVersion } from '#common/contract/sync'
import { filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { type Connection, openDatabase } from './database.ts'
import { queueSteps } from './queue-schema.ts'
import { Queue } from './queue.ts'

const edit = (changes: Partial<Mutation> = {}): Mutation => ({
  mutationId: uuidv7(),
  entity: 'interaction',
  entityId: uuidv7(),
  siteId: siteA,
  op: 'create',
  baseVersion: null,
  base: {},
  patch: filled,
  dependsOn: [],
  seen: null,
  resolves: null,
  schemaVersion,
  deviceTime: '2026-01-01T00:00:00.000Z',
  ...changes,
})

const after = (earlier: Mutation, changes: Partial<Mutation> = {}) =>
  edit({
    op: 'update',
    entityId: earlier.entityId,
    dependsOn: [earlier.mutationId],
    base: { notes: '' },
    patch: { notes: 'n' },
    ...changes,
  })

const put = (queue: Queue, ...add: Mutation[]) =>
  queue.carryOut(
    { remove: [], outcome: null, add },
    add.map(() => 'A title'),
    [],
    '2026-01-01T00:00:00.000Z',
  )

const stateOf = (queue: Queue, { mutationId }: Mutation) => queue.find(mutationId)?.state

const now = '2026-01-02T00:00:00.000Z'

const newQueue = () => new Queue('memory', uuidv7)

it('hands out mutations in the order they were saved, no more than asked for, and as they were', () => {
  const queue = newQueue()
  const edits = Array.from({ length: 5 }, () => edit())
  put(queue, ...edits)
  expect(queue.takeBatch(3, 1e9)).toEqual({ deviceId: queue.meta().deviceId, mutations: edits.slice(0, 3) })
  const size = JSON.stringify(edits[0]).length
  expect(queue.takeBatch(500, size * 2.5).mutations).toHaveLength(2)
  expect(queue.takeBatch(500, 1).mutations).toEqual([edits[0]])
})

it('remembers what was handed out, since the server may have it', () => {
  const queue = newQueue()
  const [first, second] = [edit(), edit()]
  put(queue, first, second)
  queue.takeBatch(1, 1e9)
  expect(queue.find(first.mutationId)?.sent).toBe(true)
  expect(queue.find(second.mutationId)?.sent).toBe(false)
})

it('blocks the descendants of what is stopped, and nothing else', () => {
  const queue = newQueue()
  const root = edit()
  const child = after(root)
  const grandchild = after(child)
  const other = edit()
  put(queue, root, child, grandchild, other)
  const problem = { code: 'VALIDATION_ERROR' as const, message: 'No' }
  queue.settle([{ mutationId: root.mutationId, status: 'rejected', problem }], now)
  expect([root, child, grandchild, other].map((each) => stateOf(queue, each))).toEqual([
    'rejected',
    'blocked',
    'blocked',
    'waiting',
  ])
  expect(queue.takeBatch(500, 1e9).mutations).toEqual([other])
  expect(queue.counts()).toMatchObject({ waiting: 1, needsAttention: 3 })
})

it('keeps an applied edit until its copy has arrived', () => {
  const queue = newQueue()
  const root = edit()
  put(queue, root, after(root))
  queue.settle([{ mutationId: root.mutationId, status: 'duplicate' }], now)
  expect(stateOf(queue, root)).toBe('applied')
  expect(queue.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
  expect(queue.forgetApplied(now)).toEqual(new Set([root.entityId]))
  expect(queue.entries()).toHaveLength(1)
})

it('takes an answer once: what came later or is not here changes nothing', () => {
  const queue = newQueue()
  const root = edit()
  put(queue, root)
  queue.settle([{ mutationId: root.mutationId, status: 'applied' }], now)
  const late = { mutationId: root.mutationId, status: 'rejected' as const }
  expect(queue.settle([late, { mutationId: uuidv7(), status: 'applied' }], now)).toEqual(new Set())
  expect(stateOf(queue, root)).toBe('applied')
})

it('says why when the server does not know the ancestor, but waits while the ancestor is still here', () => {
  const queue = newQueue()
  const orphan = edit({ dependsOn: [uuidv7()] })
  const root = edit()
  const child = after(root)
  put(queue, orphan, root, child)
  queue.settle(
    [orphan, child].map(({ mutationId }) => ({ mutationId, status: 'blocked' })),
    now,
  )
  expect(queue.find(orphan.mutationId)).toMatchObject({
    state: 'rejected',
    problem: { message: expect.stringContaining('builds on') as string },
  })
  expect(stateOf(queue, child)).toBe('waiting')
})

it('sets aside what it cannot read, with its descendants, and takes it back when it can', () => {
  const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
  const [future, torn] = [edit(), edit()]
  const child = after(future)
  const other = edit()
  const first = new Queue(place, uuidv7)
  put(first, future, torn, child, other)
  first.close()
  const change = (work: (db: Connection) => void) => {
    const db = openDatabase(place, { synchronous: 'FULL', steps: queueSteps })
    work(db)
    db.close()
  }
  const write = (text: string, { mutationId }: Mutation) =>
    change((db) => db.prepare('UPDATE outbox SET mutation = ? WHERE mutation_id = ?').run(text, mutationId))
  write(JSON.stringify({ ...future, schemaVersion: schemaVersion + 1 }), future)
  write('{"mutationId":', torn)

  const second = new Queue(place, uuidv7)
  expect([future, torn, child, other].map((each) => stateOf(second, each))).toEqual([
    'unreadable',
    'unreadable',
    'blocked',
    'waiting',
  ])
  expect(second.takeBatch(500, 1e9).mutations).toEqual([other])
  expect(second.entries()).toHaveLength(4)
  second.close()

  write(JSON.stringify(future), future)
  const third = new Queue(place, uuidv7)
  expect([future, torn, child].map((each) => stateOf(third, each))).toEqual([
    'waiting',
    'unreadable',
    'waiting',
  ])
  third.close()
})

it('is the same device every time it is opened, and another one when it begins anew', () => {
  const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
  const names = [0, 1].map(() => {
    const queue = new Queue(place, uuidv7)
    const { deviceId } = queue.meta()
    queue.close()
    return deviceId
  })
  expect(names[0]).toBe(names[1])
  expect(newQueue().meta().deviceId).not.toBe(names[0])
})

it('takes over what the app before it had in the queue, to be sent as it was written', () => {
  const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
  const asFirst = ({ seen: _, resolves: __, ...mutation }: Mutation) => ({ ...mutation, schemaVersion: 1 })
  const [waiting, replaced] = [asFirst(edit()), asFirst(edit())]
  const old = openDatabase(place, { synchronous: 'FULL', steps: queueSteps.slice(0, 1) })
  old.prepare(`INSERT INTO meta VALUES ('deviceId', '"0192f000-0000-7000-8000-00000000dddd"')`).run()
  old
    .prepare(
      `INSERT INTO outbox (mutation_id, entity_id, site_id, op, mutation, title, saved_at, state)
       VALUES (?, ?, ?, 'create', ?, 'Kick-off', '2026-01-01T00:00:00.000Z', 'waiting')`,
    )
    .run(waiting.mutationId, waiting.entityId, siteA, JSON.stringify(waiting))
  old
    .prepare(`INSERT INTO history (removed_at, mutation, state) VALUES (?, ?, 'conflict')`)
    .run(now, JSON.stringify(replaced))
  old.close()

  const queue = new Queue(place, uuidv7)
  expect(queue.meta().deviceId).toBe('0192f000-0000-7000-8000-00000000dddd')
  expect(queue.entries()).toEqual([
    expect.objectContaining({
      state: 'waiting',
      mutation: { ...waiting, seen: null, resolves: null, schemaVersion },
    }),
  ])
  expect(queue.takeBatch(500, 1e9).mutations).toEqual([waiting])
  expect(queue.past(10)).toEqual([
    expect.objectContaining({ mutationId: replaced.mutationId, outcome: 'replaced', title: 'Kick-off' }),
  ])
  queue.close()
})
