import { openSync, writeSync } from 'node:fs'
import type { Interaction } from '#common/contract/interactions'
import type { MutationResult } from '#common/contract/sync'
import { AppError } from '#common/contract/errors'
import { fieldsOf } from '#common/rules/interaction-rules'
import { LocalStore } from '#desktop/main/store/local-store'
import { filled, siteA, siteB } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { Random } from '#desktop/main/test/random'
import { member, page, record } from '#desktop/main/test/records'
import { profile } from './day.ts'
import { digestOfQueue, queueConnection } from './observe.ts'
import { watchSteps } from './steps.ts'

/**
 * A day's work on the local files: edits of every kind, batches taken and answered, conflicts, pages of the server's
 * records, restarts. After each step that the queue has acknowledged it writes a line that says what the queue holds.
 *
 *     node day-process.ts <folder> <marks file> <seed> <steps> [synchronous]
 */

const [folder, marksFile, seed, steps, synchronous] = process.argv.slice(2)
const random = new Random(Number(seed))
const marks = openSync(marksFile!, 'w')
let count = 0
let digest = ''

function mark(step: string) {
  const now = digestOfQueue()
  if (now === digest) return
  digest = now
  writeSync(marks, `${JSON.stringify({ step, digest })}\n`)
}

watchSteps((step, side) => {
  if (side === 'after' && step.startsWith('queue.')) mark(step)
})

const epoch = '0192f000-0000-7000-8000-00000000000e'
let ids = 0
const newId = () => `0192f000-0000-7000-8000-${String(Number(seed) * 1e6 + ++ids).padStart(12, '0')}`
const now = () => new Date(Date.UTC(2026, 1, 1) + ++count * 1000).toISOString()
function open(): LocalStore {
  const store = new LocalStore({ place: { folder: folder!, key: testKey }, newId, now })
  if (synchronous) queueConnection().pragma(`synchronous = ${synchronous}`)
  // Checkpoints several times a day.
  if (random.chance(0.6)) queueConnection().pragma(`wal_autocheckpoint = ${20 + random.below(100)}`)
  mark('open')
  return store
}

let store = open()
if (!store.meta().profile) store.writeMeta({ profile })
const versions = new Map<string, number>()

function copy(id: string, changes: Partial<Interaction> = {}): Interaction {
  const version = (versions.get(id) ?? 0) + 1
  versions.set(id, version)
  return record({ id, ...changes, version })
}

function answer({ mutationId, entityId, op, patch, siteId }: Sent): MutationResult {
  const dice = random.below(10)
  if (dice === 0)
    return { mutationId, status: 'rejected', problem: { code: 'VALIDATION_ERROR', message: 'Is not valid' } }
  if (dice === 1 && op !== 'create') {
    const theirs = copy(entityId, { title: `Theirs ${++count}`, siteId })
    return { mutationId, status: 'conflict', conflict: { fields: ['title'], base: {}, mine: patch, theirs } }
  }
  if (op === 'delete') return { mutationId, status: 'applied', record: null }
  return { mutationId, status: 'applied', record: copy(entityId, { ...patch, siteId }) }
}

interface Sent {
  mutationId: string
  entityId: string
  siteId: string
  op: string
  patch: Partial<Interaction>
}

function step() {
  const rows = store.page({ siteId: siteA, filter: {}, sort: [], offset: 0, limit: 50 }).rows
  const row = random.pick(rows)
  const stopped = store.queueItems().filter(({ state }) => state !== 'waiting')
  const item = random.pick(stopped)
  const dice = random.below(100)
  if (dice < 30)
    store.save({
      siteId: random.chance(0.8) ? siteA : siteB,
      opened: null,
      fields: { ...filled, title: `Record ${++count}`, notes: 'long '.repeat(random.below(500)) },
    })
  else if (dice < 55 && row) {
    const opened = fieldsOf(row)
    store.save({ id: row.id, siteId: row.siteId, opened, fields: { ...opened, location: `Hall ${++count}` } })
  } else if (dice < 60 && row) store.delete(row.id)
  else if (dice < 66 && item) store.retry(item.mutationId)
  else if (dice < 70 && item) store.discard(item.mutationId)
  else if (dice < 76 && item?.conflict) store.resolve(item.mutationId, { title: `Both ${++count}` })
  else if (dice < 90) {
    const { mutations } = store.takeBatch(1 + random.below(20), 512 * 1024)
    if (random.chance(0.8)) store.settle((mutations as Sent[]).map(answer))
  } else if (dice < 97) {
    const { cursor } = store.progress()
    const sites = random.chance(0.1) ? [member(siteA)] : [member(siteA), member(siteB)]
    const ids = Array.from({ length: random.below(20) }, () => newId())
    const records = [...ids, ...(row ? [row.id] : [])].map((id) => copy(id, { siteId: siteA }))
    const removals =
      random.chance(0.2) && row ? [{ entity: 'interaction' as const, id: row.id, siteId: siteA }] : []
    store.storePage(
      page({ records: removals.length ? [] : records, removals, sites, cursor: newId(), epoch }),
      cursor,
    )
  } else {
    store.close()
    store = open()
  }
}

for (let n = 0; n < Number(steps); n++) {
  try {
    step()
  } catch (error) {
    // What the person is told: a step that does not fit what the queue holds.
    if (!(error instanceof AppError)) throw error
  }
}
store.close()
