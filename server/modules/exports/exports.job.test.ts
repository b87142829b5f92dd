import { parse } from 'csv-parse/sync'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Export, type ExportInput, maxXlsxRows } from '#common/contract/exports'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { createFolder } from '../../test/folder.ts'
import { noJobsLeft } from '../../test/jobs.ts'
import { runServer } from '../../test/process.ts'
import { insertRecords } from '../../test/records.ts'
import type { JobKind } from '../../shared/jobs.ts'
import type { Transaction } from '../../shared/transaction.ts'
import { createHousekeepingService } from '../housekeeping/housekeeping.service.ts'
import { createInteractionsService } from '../interactions/interactions.service.ts'
import { journal } from '../journal/journal.service.ts'
import { createExportsService, sweepExports } from './exports.service.ts'
import { createWriters, type Writers } from './writers.ts'

/** Nobody works on jobs here but the test itself, as slowly as it likes. */

let server: TestApp
let site: string
let editor: Client
let writers: Writers
const count = 3300
beforeAll(async () => {
  server = await createTestApp()
  site = server.ids.sites.Marketing
  editor = server.as('editor', site)
  writers = createWriters()
  await insertRecords(
    server,
    site,
    Array.from({ length: count }, (_, n) => ({ title: `Record ${n}` })),
  )
})
afterAll(async () => {
  await writers.close()
  await server.close()
})

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]
const start = (input: Partial<ExportInput> = {}, client = editor) =>
  client.post<{ export: Export }>('/exports', { format: 'csv', columns: ['id', 'title'], ...input })
const waiting = async (input: Partial<ExportInput> = {}) => {
  const { body, text } = await start(input)
  expect(body.export?.state, text).toBe('waiting')
  return body.export.id
}
const read = async (id: string) => (await editor.get<{ export: Export }>(`/exports/${id}`)).body.export
const file = (id: string) => editor.get<undefined>(`/exports/${id}/file`)
const rowsIn = (bytes: Buffer) => parse(bytes, { bom: true }).length - 1
const chunksOf = (id: string) => sql('SELECT position FROM export_chunks WHERE export_id = $1', [id])
const madeOf = (id: string) => sql('SELECT FROM audit_logs WHERE entity_id = $1', [id])

/** As a service is told who asks. */
const actor = () => ({
  id: server.ids.users.editor,
  tenantId: server.ids.tenants['Harbour & Vale'],
  roles: [],
  sites: [{ id: site, name: 'Marketing', role: 'editor' as const }],
  requestId: '',
  address: '',
  device: null,
})

type Job = JobKind<{ tenantId: string; siteId: string; userId: string; id: string }>

/** The job as the server has it, which before each page does this. */
function createJob(beforePage: (page: number, tx: Transaction) => Promise<void> | void = () => {}) {
  const { transact } = server.app
  const { inTransaction } = createInteractionsService(transact, journal)
  let job!: Job
  let pages = 0
  createExportsService(
    transact,
    journal,
    {
      ...inTransaction,
      page: async (tx, query) => {
        await beforePage(pages++, tx)
        return inTransaction.page(tx, query)
      },
    },
    writers,
    {
      define: (_, kind) => {
        job = kind as unknown as Job
        return () => Promise.resolve()
      },
    },
  )
  const data = (id: string) => ({
    tenantId: server.ids.tenants['Harbour & Vale'],
    siteId: site,
    userId: server.ids.users.editor,
    id,
  })
  return {
    work: (id: string, signal = new AbortController().signal) => job.work(data(id), signal),
    fail: (id: string) => job.failed!(data(id)),
  }
}

test('tells how far it is, and shows one moment although others go on', async () => {
  const id = await waiting()
  const seen: [string, number, number][] = []
  let added = ''
  let deleted = ''
  await createJob(async (page) => {
    const { state, done, total } = await read(id)
    seen.push([state, done, total])
    if (page !== 1) return
    // Both would be on the last page.
    added = (await editor.create({ title: 'Late', startDateTime: '1999-01-01T00:00:00.000Z' })).id
    const { body } = await editor.list({ sort: 'startDateTime', pageSize: 2 })
    deleted = body.interactions.find((record) => record.id !== added)!.id
    await editor.delete(`/interactions/${deleted}`)
  }).work(id)
  expect(seen).toEqual([0, 1000, 2000, 3000].map((done) => ['running', done, count]))
  expect(await read(id)).toMatchObject({ state: 'done', done: count, total: count })
  const { bytes } = await file(id)
  expect(rowsIn(bytes)).toBe(count)
  expect([bytes.includes(added), bytes.includes(deleted)]).toEqual([false, true])
  await editor.delete(`/interactions/${added}`)
})

test('is stopped between two pages, and leaves nothing', async () => {
  const id = await waiting()
  let pages = 0
  await createJob(async (page) => {
    pages++
    if (page === 2) expect((await editor.delete(`/exports/${id}`)).status).toBe(200)
  }).work(id)
  expect(pages).toBe(3)
  expect(await read(id)).toMatchObject({ state: 'cancelled', done: 2000, size: null, expiresAt: null })
  expect(await chunksOf(id)).toEqual([])
  expect(await madeOf(id)).toEqual([])
  expect(await file(id)).toMatchObject({
    status: 404,
    error: { message: 'There is no file: the export was stopped' },
  })
  // Again is the same; and a job that comes too late does nothing.
  expect((await editor.delete(`/exports/${id}`)).status).toBe(200)
  await createJob().work(id)
  expect((await read(id)).state).toBe('cancelled')
})

test('is stopped before it begins', async () => {
  const id = await waiting()
  await editor.delete(`/exports/${id}`)
  await createJob().work(id)
  expect(await read(id)).toMatchObject({ state: 'cancelled', done: 0 })
})

test('removing a file that is done frees its place', async () => {
  const { body } = await start({ filter: { title: 'Record 12' } })
  expect((await file(body.export.id)).status).toBe(200)
  expect((await editor.delete(`/exports/${body.export.id}`)).status).toBe(200)
  expect(await chunksOf(body.export.id)).toEqual([])
  expect((await file(body.export.id)).status).toBe(404)
})

test('what another takes up is given up by the first, however far both are', async () => {
  const id = await waiting()
  const [goOn, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const pages: string[] = []
  const second = createJob(async (page) => {
    pages.push(`second ${page}`)
    if (page !== 1) return
    goOn.resolve()
    await ended.promise
  })
  let whole = Promise.resolve()
  await createJob(async (page) => {
    pages.push(`first ${page}`)
    if (page !== 2) return
    whole = second.work(id)
    await goOn.promise
  }).work(id)
  ended.resolve()
  await whole
  expect(pages.slice(0, 5)).toEqual(['first 0', 'first 1', 'first 2', 'second 0', 'second 1'])
  expect(pages).not.toContain('first 3')
  const now = await read(id)
  expect(now).toMatchObject({ state: 'done', done: now.total })
  const { bytes } = await file(id)
  expect([bytes.length, rowsIn(bytes)]).toEqual([now.size, now.total])
  expect(await madeOf(id)).toHaveLength(1)
})

test('a server that closes lets go of it; the next begins anew', async () => {
  const id = await waiting()
  const closing = new AbortController()
  let pages = 0
  await expect(
    createJob(() => {
      if (++pages === 2) closing.abort()
    }).work(id, closing.signal),
  ).rejects.toThrow('aborted')
  expect(pages).toBe(2)
  expect(await read(id)).toMatchObject({ state: 'running' })
  await createJob().work(id)
  const now = await read(id)
  expect(now).toMatchObject({ state: 'done', done: now.total })
  expect(rowsIn((await file(id)).bytes)).toBe(now.total)
})

test('given up for good it says so', async () => {
  const id = await waiting()
  const job = createJob((page) => {
    if (page === 1) throw new Error('a page that cannot be read')
  })
  await expect(job.work(id)).rejects.toThrow('a page that cannot be read')
  await job.fail(id)
  expect(await read(id)).toMatchObject({
    state: 'failed',
    problem: 'The server could not write the file; try again later',
  })
  expect(await chunksOf(id)).toEqual([])
  expect(await file(id)).toMatchObject({
    status: 404,
    error: { message: 'The server could not write the file; try again later' },
  })
  // One that was done is none of its business.
  const { body } = await start({ filter: { title: 'Record 12' } })
  await job.fail(body.export.id)
  expect((await read(body.export.id)).state).toBe('done')
})

describe('whoever may not any more gets nothing', () => {
  const set = (text: string) => sql(text, [server.ids.users.editor]).then(() => {})
  const nothing = async (id: string) => {
    expect(await sql('SELECT state, problem FROM exports WHERE id = $1', [id])).toEqual([
      { state: 'failed', problem: 'You may not export from this site any more' },
    ])
    expect(await chunksOf(id)).toEqual([])
    expect(await madeOf(id)).toEqual([])
  }
  test.each([
    [
      'a viewer',
      `UPDATE user_sites SET role = 'viewer' WHERE user_id = $1`,
      `UPDATE user_sites SET role = 'editor' WHERE user_id = $1`,
    ],
    [
      'somebody who has left',
      'UPDATE users SET active = false WHERE id = $1',
      'UPDATE users SET active = true WHERE id = $1',
    ],
  ])('%s, when it begins or while it is written', async (_, demote, promote) => {
    const before = await waiting()
    const during = await waiting()
    const job = createJob(async (page) => {
      if (page === 2) await set(demote)
    })
    await job.work(during)
    const late = createJob(() => {
      throw new Error('Nothing may be read')
    })
    await late.work(before)
    await nothing(during)
    await nothing(before)
    await set(promote)
  })
})

test('a file that goes while it is sent is cut off, not cut short', async () => {
  const id = await waiting()
  await createJob().work(id)
  await sql('DELETE FROM export_chunks WHERE export_id = $1 AND position = 1', [id])
  await expect(file(id)).rejects.toThrow()
})

test('three may wait at a time', async () => {
  const three = [await waiting(), await waiting(), await waiting()]
  expect(await start()).toMatchObject({ status: 409, error: { code: 'CONFLICT' } })
  expect((await start({ filter: { title: 'Record 12' } })).status).toBe(201)
  expect((await start({}, server.as('colleague', site))).status).toBe(201)
  for (const id of three) await editor.delete(`/exports/${id}`)
  await editor.delete(`/exports/${await waiting()}`)
})

test('a workbook is refused where it would be too large, and says what to do', async () => {
  const { transact } = server.app
  const { inTransaction } = createInteractionsService(transact, journal)
  const of = (found: number) =>
    createExportsService(
      transact,
      journal,
      { ...inTransaction, count: (_, __, cap) => Promise.resolve(Math.min(found, cap ?? Infinity)) },
      writers,
      { define: () => () => Promise.resolve() },
    )
  await expect(of(maxXlsxRows + 1).start(actor(), site, { format: 'xlsx' })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    details: [
      {
        field: 'format',
        message:
          'An Excel file holds at most 100,000 rows here, and there are more; choose csv or narrow the filter',
      },
    ],
  })
  for (const [found, format] of [
    [maxXlsxRows, 'xlsx'],
    [maxXlsxRows + 1, 'csv'],
  ] as const) {
    const { id, total } = await of(found).start(actor(), site, { format })
    expect(total).toBe(found)
    await editor.delete(`/exports/${id}`)
  }
})

describe('what is looked for longer than a request may take', () => {
  /** Looks for longer than it may, as through a site that is large. */
  async function tooLong({ db }: Transaction): Promise<never> {
    await db.raw(`SELECT set_config('statement_timeout', '10ms', true)`)
    await db.raw('SELECT pg_sleep(10)')
    throw new Error('A statement took as long as it liked')
  }
  const starting = (slow: 'page' | 'count') => {
    const { transact } = server.app
    const { inTransaction } = createInteractionsService(transact, journal)
    const jobs = { define: () => () => Promise.resolve() }
    return createExportsService(transact, journal, { ...inTransaction, [slow]: tooLong }, writers, jobs)
  }

  test.each(['page', 'count'] as const)('is a job, be it the %s', async (slow) => {
    const { id, state, total } = await starting(slow).start(actor(), site, { format: 'csv' })
    expect([state, total]).toEqual(['waiting', 0])
    await createJob().work(id)
    const now = await read(id)
    expect(now).toMatchObject({ state: 'done', done: now.total })
    expect(rowsIn((await file(id)).bytes)).toBe(now.total)
    await editor.delete(`/exports/${id}`)
  })

  test('is given more time there', async () => {
    const id = await waiting()
    const limits = new Set<number>()
    await createJob(async (_, { db }) => {
      const { rows } = await db.raw<{ rows: [{ seconds: number }] }>(
        `SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::integer AS seconds`,
      )
      limits.add(rows[0].seconds)
    }).work(id)
    expect([...limits]).toEqual([10])
    expect((await read(id)).state).toBe('done')
  })
})

test('writing goes on when many at once were cut short', async () => {
  const cut = Array.from({ length: 8 }, () =>
    writers.write('csv', ['title'], () => Promise.reject(new Error('cut short'))),
  )
  expect((await Promise.allSettled(cut)).map(({ status }) => status)).toEqual(Array(8).fill('rejected'))
  const text = await writers.write('csv', ['title'], async (writer) =>
    Buffer.from(await writer.end()).toString(),
  )
  expect(text).toBe('\ufeffTitle\r\n')
})

describe('what has expired', () => {
  const expire = (id: string) =>
    sql(`UPDATE exports SET keep_until = now() - interval '1 second' WHERE id = $1`, [id])

  test('is not there any more, and is removed by the housekeeping', async () => {
    const [old, kept] = [
      (await start({ filter: { title: 'Record 12' } })).body.export,
      (await start({ filter: { title: 'Record 12' } })).body.export,
    ]
    await expire(old.id)
    for (const answer of [
      await editor.get(`/exports/${old.id}`),
      await file(old.id),
      await editor.delete(`/exports/${old.id}`),
    ]) {
      expect(answer).toMatchObject({
        status: 404,
        error: { message: 'There is no such export of yours at this site; files are kept for 24 hours' },
      })
    }
    expect(await chunksOf(old.id)).toHaveLength(1)
    const { transact } = server.app
    await createHousekeepingService(transact, createInteractionsService(transact, journal), [
      sweepExports,
    ]).run('night')
    expect(await sql('SELECT FROM exports WHERE id = $1', [old.id])).toEqual([])
    expect(await chunksOf(old.id)).toEqual([])
    expect((await file(kept.id)).status).toBe(200)
  })
})

describe('a device reports what it exported', () => {
  const made = {
    format: 'xlsx',
    filter: { search: 'harbour' },
    sort: [{ field: 'title', descending: false }],
    columns: ['title', 'notes'],
    rows: 7,
    at: '2026-11-20T10:00:00.000Z',
  }
  const report = (id: string, changes: object = {}, client = editor) =>
    client.put<object>(`/exports/${id}/report`, { ...made, ...changes })

  test('once, however often it says so', async () => {
    const id = randomUUID()
    const answers = await Promise.all([report(id), report(id), report(id)])
    answers.push(await report(id))
    for (const { status, body } of answers) expect([status, body]).toEqual([200, { success: true }])
    expect(
      await sql('SELECT action, actor_id, feed_id, new_values FROM audit_logs WHERE entity_id = $1', [id]),
    ).toEqual([
      { action: 'export.reported', actor_id: server.ids.users.editor, feed_id: site, new_values: made },
    ])
    // There is no file of it here.
    expect((await editor.get(`/exports/${id}`)).status).toBe(404)
  })

  test('of records that were chosen it says how many, and names no filter', async () => {
    const id = randomUUID()
    expect((await report(id, { filter: {}, chosen: 7 })).status).toBe(200)
    const { filter: _, ...rest } = made
    expect(await sql('SELECT new_values FROM audit_logs WHERE entity_id = $1', [id])).toEqual([
      { new_values: { ...rest, chosen: 7 } },
    ])
  })

  test.each([
    [{ rows: -1 }, 'rows'],
    [{ chosen: 0 }, 'chosen'],
    [{ at: 'now' }, 'at'],
    [{ filter: { colour: 'red' } }, 'filter.colour'],
    [{ columns: [] }, 'columns'],
    [{ extra: 1 }, 'extra'],
  ])('sense is asked of it: %j', async (changes, field) => {
    expect(await report(randomUUID(), changes)).toMatchObject({
      status: 400,
      error: { code: 'VALIDATION_ERROR', details: [{ field }] },
    })
  })

  test('by anybody of the site, who may have been demoted since', async () => {
    expect((await report(randomUUID(), {}, server.as('viewer', site))).status).toBe(200)
    expect((await report(randomUUID(), {}, server.as('outsider', site))).status).toBe(404)
  })
})

test('a server that is killed in the middle of it leaves it to another, which makes it whole', async () => {
  const folder = await createFolder()
  const { owner, url } = server.database
  const holder = await owner.connect()
  try {
    // The server stands still at the third chunk.
    await sql(`CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.position = 2 THEN PERFORM pg_advisory_xact_lock(4711); END IF;
        RETURN NEW;
      END $$`)
    await sql(
      `CREATE TRIGGER stand_still BEFORE INSERT ON export_chunks FOR EACH ROW EXECUTE FUNCTION stand_still()`,
    )
    await holder.query('SELECT pg_advisory_lock(4711)')
    // Only this one is to be done.
    await sql('DELETE FROM pgboss.job')
    const id = await waiting()
    const first = runServer({ DATABASE_URL: url, DATA_DIR: join(folder.path, 'data') })
    await first.url
    await expect
      .poll(() => sql(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`), {
        timeout: 30_000,
      })
      .toHaveLength(1)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await chunksOf(id)).toHaveLength(2)
    await sql('DROP TRIGGER stand_still ON export_chunks')
    await sql(`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute', start_after = now()`)

    const second = await createTestApp({ database: server.database, jobs: { superviseSeconds: 1 } })
    await noJobsLeft(server.database)
    await second.close()
    const now = await read(id)
    expect(now).toMatchObject({ state: 'done', done: now.total })
    expect(await sql('SELECT attempt FROM exports WHERE id = $1', [id])).not.toEqual([{ attempt: 1 }])
    const { bytes } = await file(id)
    expect([bytes.length, rowsIn(bytes)]).toEqual([now.size, now.total])
    expect(await madeOf(id)).toHaveLength(1)
  } finally {
    await holder.query('SELECT pg_advisory_unlock_all()')
    holder.release()
    await folder.remove()
  }
})
