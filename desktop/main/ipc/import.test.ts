import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import writeXlsxFile from 'write-excel-file/node'
import { describe, expect, it } from 'vitest'
import type { ImportOptions } from '#common/contract/imports'
import type { ReadingChoice } from '../spreadsheet/table.ts'
import { Computer } from '../test/computer.ts'
import { alice, bob, siteA } from '../test/device.ts'
import { temporaryFolder } from '../test/folder.ts'
import { ImportServer } from '../test/import-server.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'

const rows = 12_000
const options: ImportOptions = {
  columns: ['title', null],
  defaults: {},
  dateOrder: 'dmy',
  startTime: '00:00',
  endTime: '23:59',
  existing: 'update',
}

async function setUp(content: string | Buffer = `a,b\n${'x,y\n'.repeat(rows)}`) {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  web.addUser('bob', bob, { [siteA]: 'editor' })
  const server = new ImportServer(web)
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  computer.table = join(temporaryFolder(), 'Meetings.csv')
  writeFileSync(computer.table, content)
  const handlers = computer.do
  const states = computer.importStates
  /** The reading process answers in its own time. */
  const until = async (holds: () => boolean) => {
    while (!holds()) await settled()
  }
  const begin = async () => {
    const { file, unread } = await handlers['import.open']({ siteId: siteA })
    return { siteId: siteA, fileId: (file ?? unread)!.fileId, importId: null, options }
  }
  return { web, server, computer, handlers, states, until, begin }
}

const unreachable = { code: 'SERVICE_UNAVAILABLE' }

it('rows are sent in parts, then checked; how far it is is told until it stands still', async () => {
  const { server, computer, handlers, states, until, begin } = await setUp()
  const request = await begin()
  const { progress } = await handlers['import.check'](request)
  expect(progress).toMatchObject({ sending: true, import: { fileName: 'Meetings.csv', rows, received: 0 } })
  await until(() => server.only.state === 'checking')
  expect(server.rows).toHaveLength(rows)
  expect(server.log.filter((word) => word.startsWith('PUT'))).toEqual([
    'PUT rows 0',
    'PUT rows 5000',
    'PUT rows 10000',
  ])
  expect(states.map(({ sending, import: { received } }) => [sending, received])).toEqual([
    [true, 5000],
    [true, 10_000],
    [true, rows],
    [false, rows],
  ])

  states.length = 0
  server.move({ progress: 6000 })
  await computer.pass(1000)
  server.move({ state: 'checked', checked: { created: rows, updated: 0, same: 0, bad: 0 } })
  await computer.pass(5000)
  expect(states.map(({ import: { state, progress: done } }) => [state, done])).toEqual([
    ['checking', 6000],
    ['checked', 6000],
  ])
  server.log.length = 0
  await computer.pass(60_000)
  expect(server.log).toEqual([])
})

it('with other options only the check is done again', async () => {
  const { server, computer, handlers, until, begin } = await setUp()
  const request = await begin()
  const { progress } = await handlers['import.check'](request)
  await until(() => server.only.state === 'checking')
  server.move({ state: 'checked' })
  await computer.pass(5000)
  server.log.length = 0
  const others: ImportOptions = { ...options, columns: [null, 'title'] }
  await handlers['import.check']({ ...request, importId: progress.import.id, options: others })
  await until(() => server.only.state === 'checking')
  expect(server.log).toEqual(['POST', 'POST check'])
  expect(server.only.options.columns).toEqual([null, 'title'])
})

it('a network cut is told in words, and asking again goes on where it was', async () => {
  const { web, server, handlers, states, until, begin } = await setUp()
  const request = await begin()
  server.before = (from) => {
    if (from > 0) web.reachable = false
  }
  const { progress } = await handlers['import.check'](request)
  await until(() => states.some(({ interrupted }) => interrupted !== null))
  expect(states.at(-1)).toMatchObject({ sending: false, import: { received: 10_000 } })
  expect(states.at(-1)!.interrupted).toContain('cannot be reached')
  const again = { ...request, importId: progress.import.id }
  await expect(handlers['import.check'](again)).rejects.toMatchObject(unreachable)
  web.reachable = true
  server.before = () => {}
  await handlers['import.check'](again)
  await until(() => server.only.state === 'checking')
  expect(server.rows).toHaveLength(rows)
})

const another = { code: 'VALIDATION_ERROR', message: expect.stringContaining('another table') as string }

describe('when the app was closed before all rows were sent', () => {
  async function brokenOff(content?: string | Buffer, choice?: ReadingChoice) {
    const set = await setUp(content)
    const { web, server, computer, handlers, states, until, begin } = set
    const request = await begin()
    if (choice) await handlers['import.reopen']({ fileId: request.fileId, ...choice })
    server.before = (from) => {
      if (from > 0) web.reachable = false
    }
    const { progress } = await handlers['import.check'](request)
    await until(() => states.some(({ interrupted }) => interrupted !== null))
    await computer.restart()
    web.reachable = true
    server.before = () => {}
    server.log.length = 0
    return { ...set, handlers: computer.do, one: { siteId: siteA, id: progress.import.id } }
  }
  const many = Array.from({ length: rows }, (_, n) => `${n},y`)
  const table = `a,b\n${many.join('\n')}\n`

  it('the same file goes on with the first row that is not there', async () => {
    const { server, handlers, one, until } = await brokenOff(table)
    expect(server.only.received).toBe(10_000)
    const { progress, file } = await handlers['import.resume'](one)
    expect(progress).toMatchObject({ sending: true, import: { received: 10_000 } })
    expect(file).toMatchObject({ fileName: 'Meetings.csv', rows, headers: ['a', 'b'] })
    expect(file).not.toHaveProperty('digest')
    await until(() => server.only.state === 'checking')
    expect(server.log).toEqual(['GET', 'PUT rows 10000', 'POST check'])
    expect(server.rows).toEqual(many.map((row) => row.split(',')))
    expect(server.only.options).toEqual(options)
    // As with a file that was opened, the columns can be chosen anew.
    const others: ImportOptions = { ...options, columns: [null, 'title'] }
    await handlers['import.check']({ siteId: siteA, fileId: file!.fileId, importId: one.id, options: others })
    await until(() => server.only.options.columns[1] === 'title')
  })

  it('another file is refused, and one that was changed since; nothing of it is sent', async () => {
    const { server, computer, handlers, one, until } = await brokenOff(table)
    for (const changed of [
      table.replace('11999,y', '11999,z'),
      table.replace('b', 'c'),
      `${table}more,y\n`,
      'a\nb\n',
    ]) {
      writeFileSync(computer.table!, changed)
      await expect(handlers['import.resume'](one)).rejects.toMatchObject(another)
    }
    writeFileSync(computer.table!, '')
    await expect(handlers['import.resume'](one)).rejects.toThrow('The file is empty')
    expect(server.log).toEqual(Array(5).fill('GET'))
    // The same table, written otherwise.
    writeFileSync(computer.table!, table.replaceAll(',', ';').replaceAll('\n', '\r\n'))
    await handlers['import.resume'](one)
    await until(() => server.only.state === 'checking')
    expect(server.rows).toHaveLength(rows)
  })

  it('it is read in the encoding that was chosen then', async () => {
    const { server, handlers, one, until } = await brokenOff(
      Buffer.from(table.replace('0,y', '0,\xe9'), 'latin1'),
      {
        encoding: 'windows-1252',
      },
    )
    expect((await handlers['import.resume'](one)).file).toMatchObject({ encoding: 'windows-1252' })
    await until(() => server.only.state === 'checking')
    expect(server.rows[0]).toEqual(['0', 'é'])
  })

  it('it is read from the sheet that was chosen then', async () => {
    const cells = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((row) => row.split(','))
    const content = await writeXlsxFile([
      { sheet: 'Others', data: cells('a,b\n1,2') },
      { sheet: 'These', data: cells(table) },
    ]).toBuffer()
    const { server, handlers, one, until } = await brokenOff(content, { sheet: 'These' })
    expect((await handlers['import.resume'](one)).file).toMatchObject({ sheet: 'These', rows })
    await until(() => server.only.state === 'checking')
    expect(server.rows).toEqual(cells(table).slice(1))
  })

  it('one that is not known again is refused; who changes their mind changes nothing', async () => {
    const { server, computer, handlers, one } = await brokenOff(table)
    const { digest: _, ...unknown } = server.only
    server.imports.set(one.id, unknown)
    await expect(handlers['import.resume'](one)).rejects.toMatchObject(another)
    computer.table = null
    expect(await handlers['import.resume'](one)).toEqual({ progress: null, file: null })
    expect(server.only.received).toBe(10_000)
  })

  it('where all rows are there no file is needed to check them', async () => {
    const { server, computer, handlers, one } = await brokenOff(table)
    computer.table = null
    server.move({ received: rows, state: 'failed' })
    expect(await handlers['import.resume'](one)).toMatchObject({
      progress: { sending: false, import: { state: 'checking' } },
      file: null,
    })
    expect(server.only.options).toEqual(options)
  })
})

it('where the server asks for a pause it gets one', async () => {
  const { web, server, computer, until } = await setUp()
  const { fetch } = web
  let refused = 0
  Object.assign(web, {
    fetch: ((address: string, init: RequestInit) =>
      address.endsWith('/rows') && refused++ === 0
        ? Promise.resolve(
            Response.json(
              { status: 'error', error: { code: 'RATE_LIMITED', message: 'Slowly', requestId: 'r1' } },
              { status: 429, headers: { 'retry-after': '30' } },
            ),
          )
        : fetch(address, init)) as typeof globalThis.fetch,
  })
  const patient = await new Computer(web).start()
  await patient.signIn('alice')
  patient.table = computer.table
  const own = patient.do
  const { file } = await own['import.open']({ siteId: siteA })
  await own['import.check']({ siteId: siteA, fileId: file!.fileId, importId: null, options })
  await until(() => refused === 1)
  await settled()
  expect(server.rows).toHaveLength(0)
  await patient.pass(29_000)
  expect(server.rows).toHaveLength(0)
  await patient.pass(1000)
  await until(() => server.rows.length === rows)
})

it('cancelling while rows travel ends that, and removes the import', async () => {
  const { server, handlers, states, until, begin } = await setUp()
  const request = await begin()
  const { progress } = await handlers['import.check'](request)
  await until(() => server.rows.length > 0)
  await handlers['import.cancel']({ siteId: siteA, id: progress.import.id })
  expect(server.imports.size).toBe(0)
  const sent = server.rows.length
  for (let turn = 0; turn < 20; turn++) await settled()
  expect(server.rows).toHaveLength(sent)
  expect(states.at(-1)?.interrupted ?? null).toBeNull()
})

it('cancelling without a network ends the sending; the import is there still, and can go on', async () => {
  const { web, server, handlers, states, until, begin } = await setUp()
  const request = await begin()
  const first = Promise.withResolvers<void>()
  server.before = (from) => {
    if (from > 0) return
    web.reachable = false
    first.resolve()
  }
  const { progress } = await handlers['import.check'](request)
  await first.promise
  const { id } = progress.import
  await expect(handlers['import.cancel']({ siteId: siteA, id })).rejects.toMatchObject(unreachable)
  for (let turn = 0; turn < 20; turn++) await settled()
  expect(states.at(-1)).toMatchObject({ sending: false, import: { id, state: 'receiving' } })
  web.reachable = true
  await handlers['import.check']({ ...request, importId: id })
  await until(() => server.only.state === 'checking')
  expect(server.rows).toHaveLength(rows)
})

it('who signs in next hears nothing of what was going on, and whoever comes back follows it again', async () => {
  const { server, computer, handlers, states, until, begin } = await setUp()
  const signedOut = Promise.withResolvers<unknown>()
  server.before = (from) => {
    if (from > 0) signedOut.resolve(handlers['session.signOut']({ leaveUnsent: true }))
  }
  const { progress } = await handlers['import.check'](await begin())
  await signedOut.promise
  states.length = 0
  await computer.signIn('bob')
  for (let turn = 0; turn < 20; turn++) await settled()
  expect(states).toEqual([])
  await computer.session.signOut({ leaveUnsent: true })

  await computer.signIn('alice')
  const one = { siteId: siteA, id: progress.import.id }
  server.move({ state: 'running' })
  await handlers['import.watch'](one)
  await computer.session.signOut({ leaveUnsent: true })
  await computer.signIn('alice')
  await handlers['import.watch'](one)
  server.move({ state: 'done' })
  await computer.pass(10_000)
  await until(() => states.some(({ import: { state } }) => state === 'done'))
})

it('a run and an undoing are followed; a look that fails is taken again', async () => {
  const { web, server, computer, handlers, states, until, begin } = await setUp()
  const { progress } = await handlers['import.check'](await begin())
  await until(() => server.only.state === 'checking')
  server.move({ state: 'checked' })
  await computer.pass(5000)
  const { id } = progress.import
  expect(await handlers['import.run']({ siteId: siteA, id })).toMatchObject({
    progress: { import: { state: 'running' } },
  })
  web.reachable = false
  await computer.pass(10_000)
  web.reachable = true
  states.length = 0
  web.log.length = 0
  server.move({ state: 'done', result: { created: rows, updated: 0, same: 0, bad: 0 } })
  await computer.pass(10_000)
  expect(states.at(-1)).toMatchObject({ import: { state: 'done' }, interrupted: null })
  expect(web.log.some((line) => line.startsWith('/sync/pull'))).toBe(true)
  await handlers['import.undo']({ siteId: siteA, id })
  server.move({ state: 'undone', undone: { done: rows, spared: 0 } })
  await computer.pass(5000)
  expect(states.at(-1)).toMatchObject({ import: { state: 'undone' } })
})

it('the list, the bad rows and the report are the server’s; without it a sentence says so', async () => {
  const { web, server, computer, handlers, until, begin } = await setUp()
  expect(await handlers['import.list']({ siteId: siteA })).toEqual({ imports: [] })
  const { progress } = await handlers['import.check'](await begin())
  await until(() => server.only.state === 'checking')
  const one = { siteId: siteA, id: progress.import.id }
  expect(await handlers['import.problems']({ ...one, after: null })).toMatchObject({ total: 1 })
  expect(await handlers['import.report'](one)).toEqual({ saved: true })
  expect(computer.file!.toString()).toBe('"file"')
  web.reachable = false
  await expect(handlers['import.list']({ siteId: siteA })).rejects.toMatchObject(unreachable)
  await expect(handlers['import.run'](one)).rejects.toThrow('An import is done by the server')
})

it('a file that cannot be read says why, and may be read another way', async () => {
  const { handlers, server } = await setUp('Ort\nK\u00f6ln\n')
  const { file } = await handlers['import.open']({ siteId: siteA })
  expect(file).toMatchObject({ rows: 1, encoding: 'utf-8' })
  await expect(
    handlers['import.check']({ siteId: siteA, fileId: alice, importId: null, options }),
  ).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  const wide = { fileId: file!.fileId, encoding: 'utf-16' } as const
  expect(await handlers['import.reopen'](wide)).toMatchObject({
    file: null,
    unread: { fileId: file!.fileId, encodings: ['utf-8'] },
  })
  await expect(
    handlers['import.check']({ siteId: siteA, fileId: file!.fileId, importId: null, options }),
  ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  expect(server.log).toEqual([])
})

it('rows that were read anew are not sent under what was begun before', async () => {
  const { server, computer, handlers, until, begin } = await setUp()
  const request = await begin()
  const { progress } = await handlers['import.check'](request)
  await expect(handlers['import.reopen']({ fileId: request.fileId })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  await until(() => server.only.state === 'checking')
  server.move({ state: 'checked' })
  await computer.pass(5000)
  await handlers['import.reopen']({ fileId: request.fileId, encoding: 'windows-1252' })
  await expect(handlers['import.check']({ ...request, importId: progress.import.id })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
})

it('options that cannot be are refused before anything is sent', async () => {
  const { server, handlers, begin } = await setUp()
  const request = await begin()
  await expect(
    handlers['import.check']({ ...request, options: { ...options, columns: ['title', 'title'] } }),
  ).rejects.toMatchObject({ details: [{ field: 'columns' }] })
  expect(server.log).toEqual([])
})

it('is for administrators of the site, and a file for whoever chose it', async () => {
  const { computer, handlers, begin } = await setUp()
  const request = await begin()
  await handlers['session.signOut']({ leaveUnsent: false })
  await computer.signIn('bob')
  const forbidden = { code: 'AUTHORIZATION_ERROR' }
  const one = { siteId: siteA, id: alice }
  await expect(handlers['import.open']({ siteId: siteA })).rejects.toMatchObject(forbidden)
  await expect(handlers['import.check'](request)).rejects.toMatchObject(forbidden)
  await expect(handlers['import.list']({ siteId: siteA })).rejects.toMatchObject(forbidden)
  for (const name of [
    'import.resume',
    'import.run',
    'import.undo',
    'import.cancel',
    'import.watch',
    'import.report',
  ] as const)
    await expect(handlers[name](one)).rejects.toMatchObject(forbidden)
  await expect(handlers['import.problems']({ ...one, after: null })).rejects.toMatchObject(forbidden)
  await expect(handlers['import.reopen']({ fileId: request.fileId })).rejects.toMatchObject({
    code: 'RESOURCE_NOT_FOUND',
  })
})
