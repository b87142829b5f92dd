import { randomUUID } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { describe, expect, inject, test } from 'vitest'
import type { Import } from '#common/contract/imports'
import type { Interaction } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { brokenChains } from '../../test/audit-chain.ts'
import { createImporter, importOptions } from '../../test/importing.ts'
import { listenTo } from '../../test/listener.ts'
import { createPushing } from '../../test/pushing.ts'
import { createReplica } from '../../test/replica.ts'

const { server, site, editor, read, sql } = await createPushing({ jobs: {} })
const manager = server.as('manager', site)
const importer = createImporter(manager)

const byReference = importOptions(['reference', 'title', 'startDateTime'])
const counts = (changes: Partial<NonNullable<Import['result']>>) => ({
  created: 0,
  updated: 0,
  same: 0,
  bad: 0,
  ...changes,
})
const titled = async (title: string) =>
  (await editor.list({ search: title, pageSize: 100 })).body.interactions
const only = async (title: string) => {
  const found = (await titled(title)).filter((record) => record.title === title)
  expect(found).toHaveLength(1)
  return found[0]!
}
const actions = async (id: string) =>
  (
    await sql<{ action: string }>(
      'SELECT action FROM audit_logs WHERE entity_id = $1 ORDER BY feed_id, position',
      [id],
    )
  ).map(({ action }) => action)
const now = async (record: Interaction) => (await read(record.id))!

describe('an import', () => {
  test('makes records of rows, once somebody has looked over what would happen', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const rows = [
      ['a', 'First imported', '1.2.2026'],
      ['b', 'Second imported', '2.2.2026 09:30'],
      ['c', '', '3.2.2026'],
    ]
    const id = await importer.receive(rows, byReference)
    expect(await importer.read(id)).toMatchObject({ state: 'receiving', received: 3, checked: null })
    const asked = await importer.check(id)
    expect(asked.body.import).toMatchObject({ state: 'checking', checked: null, progress: 0 })
    const checked = await importer.until(id, 'checked')
    expect(checked).toMatchObject({ checked: counts({ created: 2, bad: 1 }), result: null, progress: 3 })
    expect(await importer.problems(id)).toEqual({
      problems: [{ row: 4, title: null, reason: 'Title: Is required.' }],
      total: 1,
      hasMore: false,
    })
    await replica.catchUp()
    expect(await titled('imported')).toEqual([])

    expect((await importer.run(id)).body.import).toMatchObject({ state: 'running', result: counts({}) })
    const done = await importer.until(id, 'done')
    expect(done).toEqual({
      ...checked,
      state: 'done',
      result: counts({ created: 2, bad: 1 }),
      endedAt: expect.any(String) as string,
    })
    const second = await only('Second imported')
    expect(second).toMatchObject({
      type: 'Meeting',
      lead: 'Ana Jones',
      startDateTime: '2026-02-02T08:30:00.000Z',
      endDateTime: '2026-02-02T09:00:00.000Z',
      timezone: 'Europe/Berlin',
      status: 'complete',
      version: 1,
      createdBy: server.ids.users.manager,
    })
    await replica.catchUp()
    expect(replica.records.get(second.id)).toEqual(second)
    const { body } = await editor.get<{ entries: HistoryEntry[] }>(`/interactions/${second.id}/history`)
    expect(body.entries).toMatchObject([
      {
        action: 'imported',
        actor: { displayName: 'Mona Pier' },
        version: 1,
        after: { title: 'Second imported' },
      },
    ])
    expect(await actions(id)).toEqual([
      'import.started',
      'import.checked',
      'import.run',
      'import.part-done',
      'import.done',
    ])
    expect(await brokenChains(sql)).toEqual([])
  })
  test('finds the record a reference means: of an earlier import, or its own id; an empty cell says nothing', async () => {
    const options = importOptions(['reference', 'title', 'startDateTime', 'location'])
    await importer.ran([['up-1', 'Upsert one', '1.2.2026', 'Here']], options)
    const first = await only('Upsert one')
    const own = await editor.create({ title: 'Upsert two', location: 'There' })
    const like = await editor.create({ title: 'Upsert three', startDateTime: '2026-02-01T08:00:00Z' })
    const table = [
      ['up-1', 'Upsert one again', '', ''],
      [own.id.toUpperCase(), '', '', 'Elsewhere'],
      [like.id, 'Upsert three', '1.2.2026 09:00', ''],
      ['', 'Upsert four', '1.2.2026', ''],
    ]
    const expected = counts({ created: 1, updated: 2, same: 1 })
    const done = await importer.ran(table, options)
    expect(done).toMatchObject({ checked: expected, result: expected })
    expect(await now(first)).toMatchObject({ title: 'Upsert one again', location: 'Here', version: 2 })
    expect(await now(own)).toMatchObject({ title: 'Upsert two', location: 'Elsewhere', version: 2 })
    expect(await now(like)).toEqual(like)
    const { body } = await editor.get<{ entries: HistoryEntry[] }>(`/interactions/${own.id}/history`)
    expect(body.entries[0]).toMatchObject({
      action: 'imported',
      before: { location: 'There' },
      after: { location: 'Elsewhere' },
    })

    // Skipping leaves alone what is there, right or wrong.
    const skipped = await importer.ran(
      [
        ['up-1', 'x'.repeat(300), '', ''],
        ['up-2', 'Upsert five', '1.2.2026', ''],
      ],
      { ...options, existing: 'skip' },
    )
    expect(skipped).toMatchObject({ result: counts({ created: 1, same: 1 }) })
    expect(await now(first)).toMatchObject({ title: 'Upsert one again', version: 2 })
  })

  test('says of each bad row why: deleted records, references that come twice, types nobody offers', async () => {
    await importer.ran(
      [
        ['bad-1', 'Was deleted', '1.2.2026'],
        ['bad-2', 'Was purged', '1.2.2026'],
      ],
      byReference,
    )
    const [deleted, purged] = [await only('Was deleted'), await only('Was purged')]
    for (const { id } of [deleted, purged]) await manager.delete(`/interactions/${id}`)
    await sql(`UPDATE interactions SET deleted_at = now() - interval '31 days' WHERE id = $1`, [purged.id])
    await sql(`DELETE FROM interactions WHERE id = $1`, [purged.id])
    const twice = await editor.create({ title: 'Comes twice' })
    await importer.ran([['bad-3', 'Has a name too', '1.2.2026']], byReference)
    const named = await only('Has a name too')

    const options = importOptions(['reference', 'title', 'startDateTime', 'type'])
    const rows = [
      ['bad-1', 'Was deleted', '1.2.2026', ''],
      ['bad-2', 'Was purged', '1.2.2026', ''],
      ['bad-4', '', '1.2.2026', ''],
      ['bad-4', 'Has a title', '1.2.2026', ''],
      [twice.id, 'Comes twice, changed', '', ''],
      ['bad-3', 'Has a name still', '', ''],
      [named.id, 'Is the one before', '', ''],
      ['', 'Dances', '1.2.2026', 'Dance'],
      ['', 'On no day', '31.2.2026', ''],
      ['r'.repeat(201), 'Long name', '1.2.2026', ''],
      ['', 'Too much', '1.2.2026', '', 'more'],
      [twice.id, 'Comes twice, twice', '', ''],
    ]
    const done = await importer.ran(rows, options)
    const { problems } = await importer.problems(done.id)
    expect(problems).toEqual([
      {
        row: 2,
        title: 'Was deleted',
        reason: 'Reference: The record was deleted; restore it or leave the row out.',
      },
      { row: 4, title: null, reason: 'Title: Is required.' },
      { row: 5, title: 'Has a title', reason: 'Reference: “bad-4” is in row 4 already.' },
      { row: 8, title: 'Is the one before', reason: 'Reference: Means the same record as that of row 7.' },
      { row: 9, title: 'Dances', reason: 'Type: “Dance” is not one of the types of your organisation.' },
      {
        row: 10,
        title: 'On no day',
        reason: expect.stringMatching(
          /^Start: “31.2.2026” is not a date, read as day, month, year\./,
        ) as string,
      },
      { row: 11, title: 'Long name', reason: 'Reference: Has more than 200 characters.' },
      { row: 12, title: 'Too much', reason: 'Has 5 cells, and there are 4 columns.' },
      { row: 13, title: 'Comes twice, twice', reason: `Reference: “${twice.id}” is in row 6 already.` },
    ])
    const expected = counts({ created: 1, updated: 2, bad: 9 })
    expect(done).toMatchObject({ checked: expected, result: expected })
    const again = await only('Was purged')
    expect(again.id).not.toBe(purged.id)
    expect((await importer.ran([['bad-2', 'Was purged', '1.2.2026']], byReference)).result).toEqual(
      counts({ same: 1 }),
    )
    // Pages of problems follow each other.
    const page = await importer.problems(done.id, '?limit=2&after=4')
    expect(page).toEqual({ problems: problems.slice(2, 4), total: 9, hasMore: true })
    expect((await importer.problems(done.id, '?after=12')).hasMore).toBe(false)
  })

  test('passes over blank rows, which keep the numbers of the others true', async () => {
    const done = await importer.ran(
      [[], ['', 'After a blank', '1.2.2026'], ['', ' ', '\u00a0'], ['', '', 'x']],
      byReference,
    )
    expect(done).toMatchObject({ progress: 4, result: counts({ created: 1, bad: 1 }) })
    expect((await importer.problems(done.id)).problems).toMatchObject([{ row: 5 }])
  })

  test('gives back its bad rows as a table to mend', async () => {
    const headers = ['Ref', '=Title', 'When']
    const rows = [
      ['f-1', 'Fine', '1.2.2026'],
      ['f-2', '=1+1', 'never', 'more', ''],
      [`'=f-3`, '"quoted"\nÄ', ''],
    ]
    const { id } = await importer.checked(rows, byReference, headers)
    const file = await importer.file(id)
    expect(file.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': expect.stringContaining(
        `''table%20%E2%80%93%20rows%20with%20problems.csv`,
      ) as string,
    })
    expect(file.text.startsWith('\ufeff')).toBe(true)
    expect(file.text).toMatch(/[^\r]\r\n$/)
    expect(parse(file.text, { bom: true })).toEqual([
      ['Ref', `'=Title`, 'When', '', '', 'Row', 'Reason'],
      ['f-2', `'=1+1`, 'never', 'more', '', '3', expect.stringContaining('Has 5 cells')],
      [`'=f-3`, '"quoted"\nÄ', '', '', '', '4', expect.stringContaining('Start: Is required.')],
    ])
  })

  test('tells the devices of the site that there is something new', async () => {
    const { socket, nextMessage } = await listenTo(server.app, inject('sessions').editor.token)
    const heard = nextMessage()
    await importer.ran([['', 'Heard of', '1.2.2026']], byReference)
    await heard
    socket.close()
  })
})

describe('rows', () => {
  const table = Array.from({ length: 5 }, (_, n) => [`r-${n}`, `Row ${n}`, '1.2.2026'])
  const start = async (rows = 5) => {
    const input = {
      id: randomUUID(),
      fileName: 'table.csv',
      rows,
      headers: ['a', 'b', 'c'],
      options: byReference,
    }
    await importer.start(input)
    return input.id
  }

  test('come part after part; one that comes again counts once', async () => {
    const id = await start()
    expect((await importer.send(id, 0, table.slice(0, 2))).body).toEqual({ success: true, received: 2 })
    expect((await importer.send(id, 0, table.slice(0, 2))).body.received).toBe(2)
    expect((await importer.send(id, 1, table.slice(1, 2))).body.received).toBe(2)
    for (const from of [3, 1]) {
      expect(await importer.send(id, from, table.slice(from, from + 2))).toMatchObject({
        status: 400,
        error: {
          code: 'VALIDATION_ERROR',
          details: [{ field: 'from', message: 'Must be 2, where the next rows belong' }],
        },
      })
    }
    expect(await importer.send(id, 2, [...table.slice(2), ['', '', '']])).toMatchObject({
      status: 400,
      error: { details: [{ field: 'rows', message: 'Are more than the 5 there were to be' }] },
    })
    expect(await importer.check(id)).toMatchObject({
      status: 409,
      error: { message: 'Only 2 of 5 rows are there; send the others first' },
    })
    const both = [importer.send(id, 2, table.slice(2)), importer.send(id, 2, table.slice(2))]
    for (const { body } of await Promise.all(both)) expect(body.received).toBe(5)
    await importer.check(id)
    expect(await importer.until(id, 'checked')).toMatchObject({ checked: counts({ created: 5 }) })
    expect((await importer.send(id, 2, table.slice(2))).body.received).toBe(5)
  })

  test('are of a table that can be known again by what its sender said of it', async () => {
    const input = { fileName: 'table.csv', rows: 5, headers: ['a', 'b', 'c'], options: byReference }
    const digest = 'ab'.repeat(32)
    const id = (await importer.start({ ...input, digest })).body.import.id
    await importer.send(id, 0, table.slice(0, 2))
    expect(await importer.read(id)).toMatchObject({ digest, received: 2 })
    expect(await importer.read(await start())).not.toHaveProperty('digest')
    expect(await importer.start({ ...input, digest: 'none' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'digest' }] },
    })
  })

  test('have to be there when they were said to be; none of too many cells, too long, or not text', async () => {
    const id = await start(1)
    for (const rows of [[], [Array(201).fill('')], [['x'.repeat(32_768)]], [['\0']], [[1]]])
      expect((await importer.send(id, 0, rows as string[][])).status).toBe(400)
    const large = await importer.send(id, 0, Array<string[]>(40).fill(['x'.repeat(30_000)]))
    expect(large).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
  })
})

describe('options', () => {
  test('that cannot be are refused field by field', async () => {
    const input = { fileName: 'table.csv', rows: 1, headers: ['a', 'b'] }
    const options = importOptions(['title', 'title', null], { endTime: '08:00' })
    const refused = await importer.start({ ...input, options })
    expect(refused.status).toBe(400)
    expect(refused.error.details!.map(({ field }) => field)).toEqual([
      'options.columns',
      'options.columns',
      'options.endTime',
    ])
    const id = await importer.receive([['A', '1.2.2026']], importOptions(['title', 'startDateTime']))
    expect((await importer.check(id, options)).error.details![0]!.field).toBe('options.columns')
    expect((await importer.read(id)).state).toBe('receiving')
  })

  test('may change until it is run; each check starts afresh', async () => {
    const rows = [
      ['same', '02.03.2026'],
      ['same', '03.02.2026'],
      ['other', '2026-01-01'],
    ]
    const { id, checked } = await importer.checked(rows, importOptions(['reference', 'startDateTime']))
    expect(checked).toEqual(counts({ bad: 3 }))
    const options = importOptions(['title', 'startDateTime'], { dateOrder: 'mdy' })
    expect((await importer.check(id, options)).body.import).toMatchObject({ options, checked: null })
    expect(await importer.until(id, 'checked')).toMatchObject({ checked: counts({ created: 3 }), options })
    expect((await importer.problems(id)).total).toBe(0)
    await importer.run(id)
    await importer.until(id, 'done')
    expect((await only('other')).startDateTime).toBe('2026-01-01T08:00:00.000Z')
  })
})

describe('who', () => {
  const input = () => ({ fileName: 'table.csv', rows: 1, headers: ['a'], options: importOptions(['title']) })

  test('imports are for administrators of the site', async () => {
    const id = await importer.receive([['One']], importOptions(['title']))
    for (const person of ['editor', 'viewer'] as const) {
      const other = createImporter(server.as(person, site))
      const asked = [
        other.start(input()),
        other.send(id, 0, [['x']]),
        other.check(id),
        other.run(id),
        other.undo(id),
        other.cancel(id),
        other.file(id),
        server.as(person, site).get(`/imports/${id}`),
        server.as(person, site).get(`/imports/${id}/problems`),
        server.as(person, site).get('/imports'),
      ]
      for (const { status } of await Promise.all(asked)) expect(status).toBe(403)
    }
    expect((await createImporter(server.as('admin', site)).read(id)).id).toBe(id)
  })

  test('is nobody of another site or organisation', async () => {
    const id = await importer.receive([['One']], importOptions(['title']))
    const elsewhere = [server.as('admin', server.ids.sites.Sales), server.as('outsider')]
    for (const client of elsewhere) {
      const other = createImporter(client)
      const asked = [
        other.send(id, 0, [['x']]),
        other.check(id),
        other.run(id),
        other.undo(id),
        other.cancel(id),
        other.file(id),
        client.get(`/imports/${id}`),
        client.get(`/imports/${id}/problems`),
      ]
      for (const { status } of await Promise.all(asked)) expect(status).toBe(404)
      expect((await client.get<{ imports: Import[] }>('/imports')).body.imports).toEqual([])
    }
    // References are of one site alone.
    await importer.ran([['shared', 'In Marketing', '1.2.2026']], byReference)
    const sales = createImporter(server.as('admin', server.ids.sites.Sales))
    expect((await sales.ran([['shared', 'In Sales', '1.2.2026']], byReference)).result).toEqual(
      counts({ created: 1 }),
    )
    const record = await only('In Marketing')
    expect((await sales.ran([[record.id, 'In Sales too', '1.2.2026']], byReference)).result).toEqual(
      counts({ created: 1 }),
    )
    expect(await now(record)).toEqual(record)
  })

  test('begins one twice has begun it once; under the id of somebody else’s there is none', async () => {
    const id = randomUUID()
    const first = await importer.start({ ...input(), id })
    expect(first.status).toBe(201)
    await importer.send(id, 0, [['One']])
    const second = await importer.start({ ...input(), id })
    expect(second).toMatchObject({ status: 201, body: { import: { received: 1 } } })
    for (const other of [{ rows: 2 }, { headers: ['Topic'] }, { digest: '0'.repeat(64) }])
      expect((await importer.start({ ...input(), ...other, id })).status, JSON.stringify(other)).toBe(409)
    expect((await createImporter(server.as('admin', site)).start({ ...input(), id })).status).toBe(409)
    const { imports } = (await manager.get<{ imports: Import[] }>('/imports')).body
    expect(imports[0]).toEqual({ ...first.body.import, received: 1 })
    expect(await actions(id)).toEqual(['import.started'])
  })
})

describe('undoing', () => {
  const options = importOptions(['reference', 'title', 'startDateTime', 'location'])

  test('takes back what was done, spares what was changed since, and forgets the references', async () => {
    const replica = createReplica(editor)
    const old = [
      await editor.create({ title: 'Undo old 0', location: 'Old' }),
      await editor.create({ title: 'Undo old 1', location: 'Old' }),
      await editor.create({ title: 'Undo old 2', location: 'Old' }),
    ] as const
    const rows = [
      ...old.map(({ id }) => [id, '', '', 'New']),
      ...['a', 'b', 'c', 'd'].map((name) => [`undo-${name}`, `Undo ${name}`, '1.2.2026', '']),
      ['', 'Undo bad', '', ''],
    ]
    const { id, endedAt } = await importer.ran(rows, options)
    await editor.update(await now(old[1]), { location: 'Newest' })
    await editor.update(await now(old[2]), { notes: 'Added since' })
    const [a, b, c, d] = [
      await only('Undo a'),
      await only('Undo b'),
      await only('Undo c'),
      await only('Undo d'),
    ]
    await editor.update(b, { lead: 'Tom' })
    await manager.delete(`/interactions/${c.id}`)
    const changed = await editor.update(d, { lead: 'Tom' })
    await editor.update(changed, { lead: d.lead })

    const undone = await importer.undone(id)
    expect(undone).toMatchObject({
      undone: { done: 5, spared: 2 },
      progress: 7,
      endedAt,
      result: counts({ created: 4, updated: 3, bad: 1 }),
    })
    expect(await importer.problems(id)).toEqual({
      problems: [
        { row: 3, title: 'Undo old 1', reason: 'Location: changed since.' },
        { row: 6, title: 'Undo b', reason: 'Lead: changed since.' },
      ],
      total: 2,
      hasMore: false,
    })
    expect(await now(old[0])).toMatchObject({ location: 'Old', version: 3 })
    expect(await now(old[1])).toMatchObject({ location: 'Newest' })
    expect(await now(old[2])).toMatchObject({ location: 'Old', notes: 'Added since' })
    for (const { id } of [a, c, d]) expect(await read(id)).toBeNull()
    expect(await now(b)).toMatchObject({ lead: 'Tom' })
    // The table of bad rows is still that of the run.
    expect(parse((await importer.file(id)).text, { bom: true })).toHaveLength(2)

    await replica.catchUp()
    expect(replica.records.has(a.id)).toBe(false)
    expect(replica.records.get(old[0].id)).toEqual(await now(old[0]))
    const { body } = await manager.get<{ interactions: Interaction[] }>('/interactions/deleted?search=Undo')
    expect(body.interactions.map(({ title }) => title).sort()).toEqual(['Undo a', 'Undo c', 'Undo d'])
    const { entries } = (await manager.get<{ entries: HistoryEntry[] }>(`/interactions/${a.id}/history`)).body
    expect(entries.map(({ action, version }) => [action, version])).toEqual([
      ['undone', 2],
      ['imported', 1],
    ])
    expect(await actions(id)).toEqual([
      'import.started',
      'import.checked',
      'import.run',
      'import.part-done',
      'import.done',
      'import.undo',
      'import.part-undone',
      'import.undone',
    ])
    expect(await brokenChains(sql)).toEqual([])

    // Once more: what was spared is the same record, what was taken back is new.
    const again = await importer.ran(rows, options)
    expect(again.result).toEqual(counts({ created: 3, updated: 3, same: 1, bad: 1 }))
  })

  test('is for thirty days after the end of the run', async () => {
    const { id } = await importer.ran([['', 'Too late', '1.2.2026', '']], options)
    const ended = (ago: string) =>
      sql(`UPDATE imports SET ended_at = now() - $2::interval WHERE id = $1`, [id, ago])
    await ended('30 days 1 hour')
    expect(await importer.undo(id)).toMatchObject({
      status: 409,
      error: { message: 'An import can be undone for 30 days, which are over' },
    })
    await ended('29 days 23 hours')
    expect(await importer.undone(id)).toMatchObject({ undone: { done: 1, spared: 0 } })
  })

  test('then importing again makes the same records as the first time', async () => {
    const own = await editor.create({ title: 'Again own', notes: 'Kept' })
    const rows = [
      ['again-1', 'Again one', '1.2.2026', 'Place'],
      [own.id, '', '5.6.2026 09:00', 'Place'],
      ['', 'Again two', '1.2.2026', ''],
    ]
    const table = [
      rows.map((row) => [...row, '', '']),
      importOptions(['reference', 'title', 'startDateTime', 'location', 'endDateTime', 'endTime']),
    ] as const
    const withEnd = table[0].map((row, n) => (n === 1 ? [...row.slice(0, 4), '5.6.2026 10:00', ''] : row))
    const state = async () =>
      (await titled('again')).map(({ title, notes, location, startDateTime, endDateTime, lead, status }) => ({
        title,
        notes,
        location,
        startDateTime,
        endDateTime,
        lead,
        status,
      }))
    const before = await state()
    const first = await importer.ran(withEnd, table[1])
    expect(first.result).toEqual(counts({ created: 2, updated: 1 }))
    const imported = await state()
    await importer.undone(first.id)
    expect(await state()).toEqual(before)
    const second = await importer.ran(withEnd, table[1])
    expect(second.result).toEqual(first.result)
    expect(await state()).toEqual(imported)
  })
})
