import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { Drafts } from './drafts.ts'

const day = 24 * 3600_000

function setUp() {
  const notes = join(temporaryFolder(), 'exports')
  const drafts = new Drafts(notes)
  const folder = temporaryFolder()
  const id = uuidv7()
  const logged: string[] = []
  const sweep = (now = Date.now()) => drafts.sweep(now, (message) => logged.push(message))
  const begin = () => writeFileSync(drafts.begin(id, folder), 'half of a file')
  return { notes, drafts, folder, id, begin, sweep, logged }
}

it('what is ended leaves nothing', async () => {
  const { notes, drafts, folder, id, begin } = setUp()
  begin()
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([[`.fieldbook-${id}.part`], [id]])
  await drafts.end(id, folder)
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([[], []])
})

it('a sweep removes what was left, and nothing else that a note could name', async () => {
  const { notes, folder, id, begin, sweep, logged } = setUp()
  await sweep()
  begin()
  writeFileSync(join(folder, 'mine.txt'), 'not ours')
  for (const name of ['mine.txt', `${id}.new`]) writeFileSync(join(notes, name), folder)
  await sweep()
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([['mine.txt'], []])
  expect(logged).toEqual([])
})

it('a place that is not there is looked for again, for a month', async () => {
  const { notes, folder, id, begin, sweep } = setUp()
  begin()
  renameSync(folder, `${folder} taken out`)
  await sweep()
  expect(readdirSync(notes)).toEqual([id])
  renameSync(`${folder} taken out`, folder)
  await sweep()
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([[], []])
  begin()
  renameSync(folder, `${folder} lost`)
  await sweep(Date.now() + 31 * day)
  expect(readdirSync(notes)).toEqual([])
  renameSync(`${folder} lost`, folder)
})

it('what cannot be removed is told to the log, and tried again', async () => {
  const { notes, drafts, folder, id, sweep, logged } = setUp()
  mkdirSync(drafts.begin(id, folder))
  await sweep()
  expect(logged).toHaveLength(1)
  expect(readdirSync(notes)).toEqual([id])
})

it('what is begun while a sweep goes on is none of it', async () => {
  const { notes, id, begin, sweep } = setUp()
  const swept = sweep()
  begin()
  await swept
  expect(readdirSync(notes)).toEqual([id])
})
