import { writeSync } from 'node:fs'
import { once } from 'node:events'
import { LocalStore } from '#desktop/main/store/local-store'
import { StorageError } from '#desktop/main/store/failures'
import { filled, siteA } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { Random } from '#desktop/main/test/random'
import { profile } from './day.ts'

/**
 * Saves until the disk is full and a few times more, says so, waits to be told that there is room, and saves again.
 *
 *     node disk-full-process.ts <folder> <seed>
 */

const [folder, seed] = process.argv.slice(2) as [string, string]
const random = new Random(Number(seed))
const tell = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`)
let ids = 0
const newId = () => `0192f000-0000-7000-8000-${String(++ids).padStart(12, '0')}`
const store = new LocalStore({ place: { folder, key: testKey }, newId, now: () => new Date().toISOString() })
store.writeMeta({ profile })

function save(): 'saved' | 'refused' {
  const id = newId()
  const notes = 'x'.repeat(random.below(15_000))
  try {
    store.save({ id, siteId: siteA, opened: null, fields: { ...filled, title: id, notes } })
    tell({ saved: id })
    return 'saved'
  } catch (error) {
    const reason = error instanceof StorageError ? error.reason : String(error)
    tell({ refused: id, reason, shown: store.read(id) !== null })
    return 'refused'
  }
}

for (let refused = 0; refused < 6;) if (save() === 'refused') refused++
tell({ full: true })
await once(process.stdin, 'data')
for (let n = 0; n < 5; n++) save()
// Killed, not closed, every other time: the next start has to find the same.
if (Number(seed) % 2) process.kill(process.pid, 'SIGKILL')
store.close()
process.exit()
