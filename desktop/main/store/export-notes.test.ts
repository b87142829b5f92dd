import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { openDatabase } from './database.ts'
import type { ExportNote } from './export-notes.ts'
import { Queue } from './queue.ts'
import { queueSteps } from './queue-schema.ts'

const newNote = (): ExportNote => ({
  id: uuidv7(),
  siteId: siteA,
  report: {
    format: 'csv',
    filter: {},
    sort: [],
    columns: ['title'],
    rows: 3,
    at: '2026-02-01T00:00:00.000Z',
  },
})

it('a queue of before there were exports takes notes of them, and keeps those it cannot read', () => {
  const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
  openDatabase(place, { synchronous: 'FULL', steps: queueSteps.slice(0, 3) }).close()

  const [note, ofLater] = [newNote(), newNote()]
  const first = new Queue(place, uuidv7)
  first.exportNotes.add(note)
  first.exportNotes.add({ ...ofLater, report: { ...ofLater.report, format: 'ods' as 'csv' } })
  first.close()

  const second = new Queue(place, uuidv7)
  expect(second.exportNotes.list()).toEqual([note])
  second.exportNotes.drop(note.id)
  expect(second.exportNotes.list()).toEqual([])
  second.close()
  const db = openDatabase(place, { synchronous: 'FULL', steps: queueSteps })
  expect(db.prepare('SELECT id FROM export_notes').pluck().all()).toEqual([ofLater.id])
  db.close()
})
