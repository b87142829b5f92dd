import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { openDatabase } from './database.ts'
import { Queue } from './queue.ts'
import { queueSteps } from './queue-schema.ts'

const note = { cycleId: 'c', locationId: 'l', period: '2026-01-26', slot: 0 }
const at = (second: number) => `2026-02-01T00:00:0${second}.000Z`

it('a queue of before there were call cycles takes notes of what was missed, and keeps them', () => {
  const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
  openDatabase(place, { synchronous: 'FULL', steps: queueSteps.slice(0, 5) }).close()
  const first = new Queue(place, uuidv7)
  first.missNotes.put({ ...note, slot: 1, reason: 'Ill', savedAt: at(2) })
  first.missNotes.put({ ...note, reason: 'It was closed', savedAt: at(1) })
  first.close()
  const second = new Queue(place, uuidv7)
  expect(second.missNotes.list()).toEqual([
    { ...note, reason: 'It was closed', savedAt: at(1), problem: null },
    { ...note, slot: 1, reason: 'Ill', savedAt: at(2), problem: null },
  ])
  second.close()
})

it('the last word about a visit replaces the one before, and only its own answer ends it', () => {
  const queue = new Queue('memory', uuidv7)
  const notes = queue.missNotes
  notes.put({ ...note, reason: 'It was closed', savedAt: at(1) })
  const [before] = notes.list()
  notes.refuse(before!, 'No such visit')
  expect(notes.list()).toMatchObject([{ reason: 'It was closed', problem: 'No such visit' }])
  // In the same millisecond.
  notes.put({ ...note, reason: null, savedAt: at(1) })
  notes.refuse(before!, 'No such visit')
  notes.drop(before!)
  expect(notes.list()).toMatchObject([{ reason: null, problem: null }])
  notes.drop(notes.list()[0]!)
  expect(notes.list()).toEqual([])
  queue.close()
})
