import { parse } from 'csv-parse/sync'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import readSheet from 'read-excel-file/node'
import { v7 as uuidv7 } from 'uuid'
import { expect, it, vi } from 'vitest'
import type { SiteRole } from '#common/contract/sites'
import type { Request } from '#desktop/bridge/channels'
import { Computer } from '../test/computer.ts'
import { alice, bob, filled, siteA } from '../test/device.ts'
import { temporaryFolder } from '../test/folder.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'
import { ServerError } from '../api/failures.ts'

type Wanted = Request<'export.start'>

const all: Wanted = {
  siteId: siteA,
  filter: {},
  sort: [{ field: 'title', descending: false }],
  ids: null,
  columns: ['title', 'notes', 'createdBy', 'id'],
  format: 'csv',
}

const titleOf = (number: number) => `Visit ${String(number).padStart(5, '0')}`

async function setUp({ records = 3, role = 'editor' }: { records?: number; role?: SiteRole } = {}) {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: role })
  web.addUser('bob', bob, { [siteA]: 'editor' })
  const ids = Array.from({ length: records }, () => uuidv7())
  ids.forEach((id, number) => web.model.write(siteA, id, { ...filled, title: titleOf(number) }, bob))
  const reports: unknown[] = []
  web.answer = ({ method, path, body, siteId }) => {
    if (!path.startsWith('/exports/')) return undefined
    reports.push({ method, path, siteId, ...body })
    return { success: true }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  await computer.pass()
  const folder = temporaryFolder()
  computer.target = join(folder, 'out.csv')
  const start = async (request: Partial<Wanted> = {}) =>
    (await computer.do['export.start']({ ...all, ...request })).export
  const rows = () => parse(readFileSync(computer.target!), { bom: true })
  /** Waits until the latest word of an export is this. */
  const comesTo = (state: string) =>
    vi.waitFor(() => expect(computer.exportStates.at(-1)?.state).toBe(state), { timeout: 10_000 })
  return { web, computer, ids, folder, start, rows, comesTo, reports }
}

it('writes what a query finds, as it is shown here, and tells the server', async () => {
  const { web, computer, ids, start, rows, folder, reports } = await setUp()
  web.reachable = false
  await computer.do['interaction.save']({
    id: ids[1]!,
    siteId: siteA,
    opened: { ...filled, title: titleOf(1) },
    fields: { ...filled, title: titleOf(1), notes: '=not sent yet' },
  })
  const found = await start({ filter: { title: 'visit' } })
  expect(found).toMatchObject({ state: 'done', fileName: 'out.csv', problem: null })
  const { name } = computer.session.state().user!.sites[0]!
  expect(computer.suggested).toBe(`Fieldbook ${name} 2026-05-01.csv`)
  expect(rows()).toEqual([
    ['Title', 'Notes', 'Created by', 'Reference'],
    [titleOf(0), '', bob, ids[0]],
    [titleOf(1), "'=not sent yet", bob, ids[1]],
    [titleOf(2), '', bob, ids[2]],
  ])
  expect(readdirSync(folder)).toEqual(['out.csv'])
  expect(reports).toEqual([])

  await computer.restart()
  web.reachable = true
  await computer.pass()
  await computer.pass()
  expect(reports).toEqual([
    {
      method: 'PUT',
      path: `/exports/${found!.exportId}/report`,
      siteId: siteA,
      format: 'csv',
      filter: { title: 'visit' },
      sort: all.sort,
      columns: all.columns,
      rows: 3,
      at: '2026-05-01T08:02:00.000Z',
    },
  ])
})

it('writes the chosen records alone, in the order of the list, also as a workbook, and says how many', async () => {
  const { computer, ids, start, reports } = await setUp()
  const chosen = await start({
    filter: { title: 'what the list was narrowed by' },
    ids: [ids[2]!, ids[0]!, uuidv7()],
    format: 'xlsx',
  })
  expect(chosen).toMatchObject({ state: 'done', done: 2, total: 2 })
  const [sheet] = await readSheet(readFileSync(computer.target!))
  expect(sheet!.data.map(([title]) => title)).toEqual(['Title', titleOf(0), titleOf(2)])
  await computer.pass()
  expect(reports).toMatchObject([{ filter: {}, chosen: 3, rows: 2 }])
})

it('writes many in the background; edits meanwhile neither repeat nor skip a record', async () => {
  const { web, computer, ids, start, rows, comesTo } = await setUp({ records: 1600 })
  const before = await start()
  expect(before).toMatchObject({ state: 'running', done: 0, total: 1600 })
  // The first one becomes the last, and the other way round.
  web.reachable = false
  for (const [id, from, to] of [
    [ids[0]!, titleOf(0), 'Zebra'],
    [ids[1599]!, titleOf(1599), 'Aardvark'],
  ] as const) {
    const fields = { ...filled, title: from }
    await computer.do['interaction.save']({
      id,
      siteId: siteA,
      opened: fields,
      fields: { ...fields, title: to },
    })
  }
  await comesTo('done')
  const written = rows().slice(1)
  expect(written.map((row) => row[3])).toEqual(ids)
  expect(written[1599]![0]).toBe('Aardvark')
  expect(computer.exportStates.at(-1)).toMatchObject({ done: 1600, total: 1600 })
})

it('leaves out what is deleted meanwhile, and counts what it wrote', async () => {
  const { computer, ids, start, rows, comesTo } = await setUp({ records: 1600, role: 'administrator' })
  await start()
  await computer.do['interaction.delete']({ id: ids[1599]! })
  await comesTo('done')
  expect(rows()).toHaveLength(1600)
  expect(computer.exportStates.at(-1)).toMatchObject({ done: 1599, total: 1599 })
})

it.each(['cancel', 'sign out', 'quit'])('leaves nothing behind on %s', async (how) => {
  const { computer, start, folder, comesTo, reports } = await setUp({ records: 1600 })
  writeFileSync(computer.target!, 'as it was')
  const { exportId } = (await start())!
  expect(readdirSync(folder)).toHaveLength(2)
  if (how === 'cancel') await computer.do['export.cancel']({ exportId })
  if (how === 'sign out') await computer.do['session.signOut']({ leaveUnsent: true })
  if (how === 'quit') await computer.session.close()
  await comesTo('cancelled')
  expect(readdirSync(folder)).toEqual(['out.csv'])
  expect(readFileSync(computer.target!, 'utf8')).toBe('as it was')
  await computer.restart()
  await computer.pass()
  expect(reports).toEqual([])
})

it('what a killed app left beside the file goes when it next starts, and so does the note of it', async () => {
  const { computer, start, folder, comesTo } = await setUp({ records: 1600 })
  const notes = join(computer.folder, 'exports')
  await start()
  const left = { draft: readdirSync(folder)[0]!, note: readdirSync(notes)[0]! }
  expect(left.draft).toContain(left.note)
  const [draft, note] = [join(folder, left.draft), join(notes, left.note)]
  const asKilled = { draft: readFileSync(draft), note: readFileSync(note) }
  await comesTo('done')
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([['out.csv'], []])

  // As the disk was in the middle of it.
  writeFileSync(draft, asKilled.draft)
  writeFileSync(note, asKilled.note)
  await computer.restart({ crash: true })
  expect([readdirSync(folder), readdirSync(notes)]).toEqual([['out.csv'], []])
})

it('leaves nothing behind when the process dies, and says so', async () => {
  const { computer, start, folder, comesTo } = await setUp({ records: 1600 })
  await start()
  computer.writing[0]!.die()
  await comesTo('failed')
  expect(computer.exportStates.at(-1)!.problem).toMatch(/ended by itself.*Try CSV/)
  expect(readdirSync(folder)).toEqual([])
})

it('says what to do when the place is no good', async () => {
  const { computer, start, folder, reports } = await setUp()
  computer.target = join(folder, 'gone', 'out.csv')
  await expect(start()).rejects.toThrow('The folder is not there any more')
  computer.target = join(folder, 'out.csv')
  mkdirSync(computer.target)
  expect(await start()).toMatchObject({ state: 'failed', problem: expect.stringContaining('name') as string })
  expect(readdirSync(folder)).toEqual(['out.csv'])
  await computer.pass()
  expect(reports).toEqual([])
  await expect(start({ filter: { title: 'nobody' } })).rejects.toThrow('nothing to export')
})

it('is refused to those who may only read, before they are asked anything', async () => {
  const { computer, start } = await setUp({ role: 'viewer' })
  await expect(start()).rejects.toMatchObject({ code: 'AUTHORIZATION_ERROR' })
  await expect(start({ siteId: bob })).rejects.toMatchObject({ code: 'AUTHORIZATION_ERROR' })
  expect(computer.suggested).toBe('')
})

it('does nothing when no place is chosen', async () => {
  const { computer, start } = await setUp()
  computer.target = null
  expect(await start()).toBeNull()
  expect(computer.writing).toEqual([])
})

it('shows a file that was written, and no other', async () => {
  const { computer, start } = await setUp()
  const { exportId } = (await start())!
  await computer.do['export.show']({ exportId })
  expect(computer.shown).toEqual([computer.target])
  expect(() => computer.do['export.show']({ exportId: uuidv7() })).toThrow('not written')
})

it('a report that is refused keeps no other from being sent, and is sent again after a restart', async () => {
  const { web, computer, start, reports } = await setUp()
  const answer = web.answer
  let refusals = 0
  web.reachable = false
  const [first, second] = [await start(), await start()]
  web.answer = (request) => {
    if (!request.path.includes(first!.exportId)) return answer(request)
    refusals++
    throw new ServerError(
      403,
      { status: 'error', error: { code: 'AUTHORIZATION_ERROR', message: 'No', requestId: 'r' } },
      undefined,
    )
  }
  web.reachable = true
  await computer.pass()
  await computer.pass()
  expect(reports).toMatchObject([{ path: `/exports/${second!.exportId}/report` }])
  expect(refusals).toBe(1)
  web.answer = answer
  await computer.restart()
  await computer.pass()
  await settled()
  expect(reports).toHaveLength(2)
})
