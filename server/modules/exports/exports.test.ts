import { parse } from 'csv-parse/sync'
import { randomUUID } from 'node:crypto'
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Export, exportColumns, type ExportInput } from '#common/contract/exports'
import type { Interaction } from '#common/contract/interactions'
import { columnHeaders } from '#common/spreadsheet/columns'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { noJobsLeft } from '../../test/jobs.ts'
import { insertRecords } from '../../test/records.ts'

let server: TestApp
let site: string
let editor: Client
let colleague: Client
let viewer: Client
beforeAll(async () => {
  server = await createTestApp({ jobs: { superviseSeconds: 1 } })
  site = server.ids.sites.Marketing
  ;[editor, colleague, viewer] = (['editor', 'colleague', 'viewer'] as const).map((name) =>
    server.as(name, site),
  ) as [Client, Client, Client]
})
afterAll(() => server.close())

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]
const start = (input: Partial<ExportInput> & object = {}, client = editor) =>
  client.post<{ export: Export }>('/exports', { format: 'csv', ...input })
const made = async (input: Partial<ExportInput> = {}, client = editor) => {
  const answer = await start(input, client)
  expect(answer.status, answer.text).toBe(201)
  return answer.body.export
}
const read = (id: string, client = editor) => client.get<{ export: Export }>(`/exports/${id}`)
const file = (id: string, client = editor) => client.get<undefined>(`/exports/${id}/file`)
const bytesOf = async (id: string, client = editor) => {
  const answer = await file(id, client)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers['content-length']).toBe(String(answer.bytes.length))
  return answer.bytes
}
const table = (bytes: Buffer) => parse(bytes, { bom: true, record_delimiter: '\r\n' })
const rowsOf = async (id: string, client = editor) => table(await bytesOf(id, client)).slice(1)
const auditOf = (id: string) =>
  sql<{ action: string; new_values: object; actor_id: string; address: string; feed_id: string }>(
    'SELECT action, new_values, actor_id, address, feed_id FROM audit_logs WHERE entity_id = $1 ORDER BY position',
    [id],
  )
/** Done by a job, and not otherwise. */
const awaited = async (id: string, client = editor) => {
  await noJobsLeft(server.database)
  return (await read(id, client)).body.export
}

/** A site of its own makes it easy to say what a query finds. */
const numbered = (count: number, of: string, siteId = site) =>
  insertRecords(
    server,
    siteId,
    Array.from({ length: count }, (_, n) => ({
      title: `${of} ${String(n).padStart(5, '0')}`,
      createdBy: server.ids.users.colleague,
    })),
  )

describe('a small one', () => {
  test('is written at once, with all there is about a record, and can be fetched', async () => {
    const record = await editor.create({
      title: 'Łukasz, “the second”',
      location: '=HYPERLINK("http://evil.example")',
      notes: 'one\ntwo "three"',
    })
    await colleague.update(record, { description: '-7' })
    const answer = await start({ filter: { title: 'łukasz' } })
    expect(answer.status).toBe(201)
    const day = new Date().toISOString().slice(0, 10)
    const { export: said } = answer.body
    expect(said).toEqual({
      id: said.id,
      state: 'done',
      format: 'csv',
      filter: { title: 'łukasz' },
      sort: [{ field: 'startDateTime', descending: true }],
      columns: [...exportColumns],
      fileName: `Fieldbook Marketing ${day}.csv`,
      done: 1,
      total: 1,
      size: expect.any(Number) as number,
      createdAt: said.createdAt,
      expiresAt: said.expiresAt,
      problem: null,
    })
    const kept = Date.parse(said.expiresAt!) - Date.now()
    expect(Math.abs(kept - 24 * 3600_000)).toBeLessThan(60_000)
    expect((await read(said.id)).body.export).toEqual(said)

    const { headers } = await file(said.id)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(headers['content-disposition']).toBe(
      `attachment; filename="Fieldbook Marketing ${day}.csv"; filename*=UTF-8''Fieldbook%20Marketing%20${day}.csv`,
    )
    expect(headers['cache-control']).toBe('no-store')
    const [head, row, ...rest] = table(await bytesOf(said.id))
    expect(head).toEqual(exportColumns.map((column) => columnHeaders[column]))
    expect(rest).toEqual([])
    expect(Object.fromEntries(exportColumns.map((column, at) => [column, row![at]]))).toMatchObject({
      title: 'Łukasz, “the second”',
      location: `'=HYPERLINK("http://evil.example")`,
      description: `'-7`,
      notes: 'one\ntwo "three"',
      startDateTime: '2026-03-02 10:00',
      timezone: 'Europe/Berlin',
      status: 'Complete',
      createdBy: 'Edith Vale',
      updatedBy: 'Cora Lane',
      id: record.id,
    })
  })

  test('as a workbook has the same in its cells', async () => {
    const record = await editor.create({ title: 'Workbook', location: '=1+1' })
    const { id, fileName } = await made({
      format: 'xlsx',
      filter: { title: 'workbook' },
      columns: ['id', 'location', 'startDateTime', 'createdBy'],
    })
    expect(fileName).toMatch(/\.xlsx$/)
    expect((await file(id)).headers['content-type']).toBe(
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    )
    const [sheet] = await readSheet(await bytesOf(id))
    expect(sheet!.data).toEqual([
      ['Reference', 'Location', 'Starts', 'Created by'].map((header, at) =>
        at === 2 ? columnHeaders.startDateTime : header,
      ),
      [record.id, '=1+1', expect.any(Date) as Date, 'Edith Vale'],
    ])
  })

  test('has the rows of the list, in its order, in the columns that were asked for', async () => {
    await numbered(30, 'Listed')
    for (const n of [3, 4, 5])
      await editor.create({ title: `Listed ${n}`, status: 'draft', lead: `Lead ${-n}` })
    const asks: [Partial<ExportInput>, Record<string, string>][] = [
      [{ filter: { search: 'listed' } }, { search: 'listed' }],
      [
        { filter: { title: 'listed', status: ['draft'] }, sort: [{ field: 'lead', descending: false }] },
        { title: 'listed', status: 'draft', sort: 'lead' },
      ],
      [
        {
          filter: { search: 'LISTED', createdBy: [server.ids.users.colleague] },
          sort: [
            { field: 'status', descending: false },
            { field: 'title', descending: true },
          ],
        },
        { search: 'LISTED', createdBy: server.ids.users.colleague, sort: 'status,-title' },
      ],
    ]
    for (const [input, query] of asks) {
      const { id } = await made({ ...input, columns: ['id', 'status'] })
      const { interactions } = (await editor.list({ ...query, pageSize: 100 })).body
      expect(interactions.length).toBeGreaterThan(2)
      expect((await rowsOf(id)).map(([record]) => record)).toEqual(interactions.map((record) => record.id))
    }
  })

  test('of nothing is a file with a head', async () => {
    const { id, done } = await made({ filter: { search: 'nothing like it' }, columns: ['title', 'id'] })
    expect(done).toBe(0)
    expect((await bytesOf(id)).toString()).toBe('\ufeffTitle,Reference\r\n')
  })

  test('leaves out what is deleted, and what belongs to another site', async () => {
    const gone = await editor.create({ title: 'Leftover gone' })
    await editor.delete(`/interactions/${gone.id}`)
    await server.as('editor', server.ids.sites.Sales).create({ title: 'Leftover of Sales' })
    const { id } = await made({ filter: { search: 'leftover' } })
    expect(await rowsOf(id)).toEqual([])
  })

  test('is in the audit, with what was in it', async () => {
    await editor.create({ title: 'Audited' })
    const { id } = await made({ filter: { title: 'audited' }, columns: ['title'] })
    expect(await auditOf(id)).toEqual([
      {
        action: 'export.made',
        actor_id: server.ids.users.editor,
        address: '127.0.0.1',
        feed_id: site,
        new_values: {
          format: 'csv',
          rows: 1,
          filter: { title: 'audited' },
          sort: [{ field: 'startDateTime', descending: true }],
          columns: ['title'],
        },
      },
    ])
    expect(await brokenChains(sql)).toEqual([])
  })

  test('asked for again under its id is the same; under an id that is taken there is none', async () => {
    const id = randomUUID()
    const input = { id, filter: { search: 'again' } }
    const first = await made(input)
    await editor.create({ title: 'again' })
    expect(await made(input)).toEqual(first)
    expect(await auditOf(id)).toHaveLength(1)
    const taken = { status: 409, error: { code: 'CONFLICT' } }
    expect(await start({ ...input, format: 'xlsx' })).toMatchObject(taken)
    expect(await start(input, colleague)).toMatchObject(taken)
    // At another site it is another.
    expect((await start(input, server.as('editor', server.ids.sites.Sales))).status).toBe(201)
  })

  test('asked for many times at once it is made once, and everybody is told the same', async () => {
    const input = { id: randomUUID(), filter: { search: 'at once' } }
    const answers = await Promise.all(Array.from({ length: 4 }, () => made(input)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await auditOf(input.id)).toHaveLength(1)
  })
})

describe('who may', () => {
  test('editors and administrators of the site, and nobody else', async () => {
    for (const name of ['editor', 'manager', 'admin'] as const) {
      expect((await start({ filter: { search: 'x' } }, server.as(name, site))).status, name).toBe(201)
    }
    expect((await start({}, viewer)).status).toBe(403)
    expect((await start({}, server.as('outsider', site))).status).toBe(404)
    expect((await start({}, server.as('siteless', site))).status).toBe(404)
    expect((await start({}, server.anonymous())).status).toBe(401)
  })

  test('the one who made it has it, at the site it was made at; to everybody else it is not there', async () => {
    const { id } = await made({ filter: { search: 'x' } })
    for (const other of [
      colleague,
      server.as('manager', site),
      server.as('admin', site),
      server.as('editor', server.ids.sites.Sales),
      server.as('outsider'),
    ]) {
      for (const answer of [
        await read(id, other),
        await file(id, other),
        await other.delete(`/exports/${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 404, error: { code: 'RESOURCE_NOT_FOUND' } })
      }
    }
    expect((await file(id)).status).toBe(200)
  })

  test('whoever may not any more is not given what they made', async () => {
    const { id } = await made({ filter: { search: 'x' } }, colleague)
    const role = (name: string) =>
      sql(`UPDATE user_sites SET role = $3 WHERE user_id = $1 AND site_id = $2`, [
        server.ids.users.colleague,
        site,
        name,
      ])
    await role('viewer')
    for (const answer of [await read(id, colleague), await file(id, colleague), await start({}, colleague)]) {
      expect(answer).toMatchObject({ status: 403, error: { code: 'AUTHORIZATION_ERROR' } })
    }
    await role('editor')
    expect((await file(id, colleague)).status).toBe(200)
  })
})

describe('what makes no sense is refused, by name', () => {
  test.each([
    [{ format: 'pdf' }, 'format'],
    [{ format: undefined }, 'format'],
    [{ columns: [] }, 'columns'],
    [{ columns: ['title', 'title'] }, 'columns'],
    [{ columns: ['colour'] }, 'columns.0'],
    [{ columns: ['siteId'] }, 'columns.0'],
    [{ filter: { colour: 'red' } }, 'filter.colour'],
    [{ filter: { startFrom: 'yesterday' } }, 'filter.startFrom'],
    [{ filter: { search: 'a\0' } }, 'filter.search'],
    [{ filter: { status: ['open'] } }, 'filter.status.0'],
    [{ sort: [{ field: 'notes', descending: true }] }, 'sort.0.field'],
    [{ sort: [{ field: 'title' }] }, 'sort.0.descending'],
    [
      {
        sort: [
          { field: 'title', descending: true },
          { field: 'title', descending: false },
        ],
      },
      'sort',
    ],
    [{ id: '7' }, 'id'],
    [{ rows: 1 }, 'rows'],
  ])('%j', async (input, field) => {
    const answer = await start(input as Partial<ExportInput>)
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
    expect(answer.error.details!.map((problem) => problem.field)).toContain(field)
  })

  test('an id that is none', async () => {
    for (const answer of [await read('7'), await file('7'), await editor.delete('/exports/7')]) {
      expect(answer).toMatchObject({ status: 400, error: { details: [{ field: 'id' }] } })
    }
  })
})

describe('a large one', () => {
  let records: Interaction[]
  beforeAll(async () => {
    records = await numbered(1000, 'Large')
  })
  const filter = { title: 'large' }
  const sort = [{ field: 'title' as const, descending: false }]

  test('begins above 1,000 rows: up to there it is written at once', async () => {
    const { id, state, done } = await made({ filter, sort })
    expect([state, done]).toEqual(['done', 1000])
    expect(await rowsOf(id)).toHaveLength(1000)
    expect(await sql(`SELECT FROM pgboss.job WHERE name = 'export'`)).toHaveLength(0)
  })

  test.each(['csv', 'xlsx'] as const)('is a job, which writes all of it (%s)', async (format) => {
    if (format === 'csv') records.push(...(await numbered(1501, 'Larger')))
    const asked = await made({
      format,
      filter: { search: 'large' },
      sort,
      columns: ['id', 'title', 'updatedBy'],
    })
    expect(asked).toMatchObject({ state: 'waiting', done: 0, total: 2501, size: null, expiresAt: null })
    const answer = await file(asked.id)
    if (answer.status !== 200) expect(answer).toMatchObject({ status: 409, error: { code: 'CONFLICT' } })

    const now = await awaited(asked.id)
    expect(now).toMatchObject({ state: 'done', done: 2501, total: 2501, problem: null })
    expect(now.expiresAt).not.toBeNull()
    const bytes = await bytesOf(asked.id)
    expect(bytes).toHaveLength(now.size!)
    const rows = format === 'csv' ? table(bytes).slice(1) : (await readSheet(bytes))[0]!.data.slice(1)
    const expected = [...records].sort((a, b) => (a.title! < b.title! ? -1 : 1))
    expect(rows.map(([id]) => id)).toEqual(expected.map(({ id }) => id))
    expect(new Set(rows.map(([, , name]) => name))).toEqual(new Set(['Edith Vale']))
    expect(await auditOf(asked.id)).toMatchObject([
      { action: 'export.made', actor_id: server.ids.users.editor, new_values: { format, rows: 2501 } },
    ])
  })
})
