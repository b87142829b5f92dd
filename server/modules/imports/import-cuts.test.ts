import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { ImportOptions } from '#common/contract/imports'
import type { Interaction } from '#common/contract/interactions'
import { brokenChains } from '../../test/audit-chain.ts'
import { createImportWorking, options, table } from '../../test/import-working.ts'
import { importOptions } from '../../test/importing.ts'
import { createReplica } from '../../test/replica.ts'

const { editor, manager, sql, importer, transact, workOn, jobOf, work, checked, titles } =
  await createImportWorking()

describe('whatever cuts a part short, it is done whole or not at all', () => {
  /** Cuts the connection before the n-th statement, or when its answer is there, and answers whether it came to that. */
  async function cutAt(
    nth: number,
    side: 'before' | 'after',
    doing: () => Promise<unknown>,
  ): Promise<boolean> {
    const prototype = pg.Client.prototype as unknown as { query: (...parameters: unknown[]) => unknown }
    const { query } = prototype
    let left = nth
    const cut = (client: pg.Client) =>
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const isIt = --left === 0
      if (isIt && side === 'before') cut(this)
      const done = parameters.at(-1) as (...answer: unknown[]) => void
      if (isIt && side === 'after') {
        parameters[parameters.length - 1] = () => {
          cut(this)
          done(Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' }))
        }
      }
      return query.apply(this, parameters)
    }
    try {
      await doing()
    } catch {
      // It is tried again.
    } finally {
      prototype.query = query
    }
    return left <= 0
  }

  const parts = 2
  async function everyStatement(
    prepare: (name: string) => Promise<string>,
    isRight: (id: string, name: string) => Promise<void>,
  ) {
    let statements = 0
    for (const side of ['before', 'after'] as const) {
      for (let nth = 1; ; nth++) {
        const name = `Cut ${randomUUID()}`
        const id = await prepare(name)
        const job = await jobOf(id)
        const attempt = () => workOn(transact, parts).work(job, new AbortController().signal)
        const wasCut = await cutAt(nth, side, attempt)
        // The pool may not know yet that a connection is gone.
        await attempt().catch(attempt)
        await isRight(id, name)
        if (!wasCut) break
        statements++
      }
    }
    expect(statements).toBeGreaterThan(40)
    expect(await brokenChains(sql)).toEqual([])
  }

  const running = async (name: string) => {
    const own = await editor.create({ title: `${name} title own` })
    const id = await checked([...table(name, 2), [own.id, `${name} title owned`, ''], [name, '', '']])
    await importer.run(id)
    return id
  }
  const entries = async (id: string) =>
    (
      await sql<{ action: string }>(
        `SELECT action FROM audit_logs WHERE entity_id = $1 AND action LIKE 'import.part%' ORDER BY position`,
        [id],
      )
    ).map(({ action }) => action)

  test('of a check', async () => {
    await everyStatement(
      async (name) => {
        const id = await importer.receive([...table(name, 3), [`${name} 0`, 'Again', '1.2.2026']], options)
        await importer.check(id)
        return id
      },
      async (id) => {
        expect(await importer.read(id)).toMatchObject({ state: 'checked', checked: { created: 3, bad: 1 } })
        expect((await importer.problems(id)).problems).toMatchObject([{ row: 5 }])
      },
    )
  }, 120_000)

  test('of a run', async () => {
    const replica = createReplica(editor)
    await everyStatement(running, async (id, name) => {
      expect(await importer.read(id)).toMatchObject({
        state: 'done',
        result: { created: 2, updated: 1, same: 0, bad: 1 },
      })
      expect((await importer.problems(id)).problems).toMatchObject([{ row: 5 }])
      expect(await titles(name)).toMatchObject([{ version: 1 }, { version: 1 }, { version: 2 }])
      expect(await sql('SELECT FROM import_references WHERE import_id = $1', [id])).toHaveLength(2)
      expect(await entries(id)).toEqual(['import.part-done', 'import.part-done'])
    })
    await replica.catchUp()
    const stored = await sql<{ id: string; version: number }>(
      `SELECT id, version FROM interactions WHERE title LIKE 'Cut%' AND deleted_at IS NULL`,
    )
    for (const { id, version } of stored) expect(replica.records.get(id)?.version).toBe(version)
  }, 120_000)

  test('of undoing', async () => {
    await everyStatement(
      async (name) => {
        const id = await running(name)
        await work(id, parts)
        await importer.undo(id)
        return id
      },
      async (id, name) => {
        expect(await importer.read(id)).toMatchObject({ state: 'undone', undone: { done: 3, spared: 0 } })
        expect(await titles(name)).toMatchObject([{ title: `${name} title own`, version: 3 }])
        expect(await sql('SELECT FROM import_references WHERE import_id = $1', [id])).toEqual([])
        expect(await entries(id)).toHaveLength(4)
      },
    )
  }, 120_000)
})

test('what a check counts is what the run then does, whatever the table', async () => {
  const there: Interaction[] = []
  for (let n = 0; n < 4; n++) there.push(await editor.create({ title: `There ${n}` }))
  await manager.delete(`/interactions/${there[3]!.id}`)
  const one = (...cells: string[]) => fc.constantFrom(...cells)
  const row = fc.tuple(
    one('', '', 'p 1', 'p 2', 'p 3', 'p 4', ...there.map(({ id }) => id)),
    one('A', 'B', '', `'=C`, 'x'.repeat(256), ' '),
    one('1.2.2026', '2.3.2026 09:30', '', 'never', '31.12.2026 23:00', '29.3.2026 02:30'),
    one('', 'draft', 'archived', 'active', 'lost'),
    one('', 'Call', 'dance'),
  )
  const many = fc.array(row, { minLength: 1, maxLength: 12 })
  const columns = ['reference', 'title', 'startDateTime', 'status', 'type'] as const
  await fc.assert(
    fc.asyncProperty(
      many,
      one('update', 'skip'),
      fc.integer({ min: 1, max: 5 }),
      async (rows, existing, at) => {
        const with_ = importOptions([...columns], { existing: existing as ImportOptions['existing'] })
        const id = await importer.receive(rows, with_)
        await importer.check(id)
        const { checked: counted } = await work(id, at)
        const before = await importer.problems(id)
        const count = async () =>
          (
            await sql<{ n: number }>('SELECT count(*)::int AS n FROM interactions WHERE deleted_at IS NULL')
          )[0]!.n
        const there = await count()
        await importer.run(id)
        const done = await work(id, (at % 3) + 1)
        expect(done.result).toEqual(counted)
        expect(await importer.problems(id)).toEqual(before)
        expect(await count()).toBe(there + counted!.created)
        const blank = rows.filter((cells) => cells.every((cell) => !cell.trim())).length
        const { created, updated, same, bad } = counted!
        expect(created + updated + same + bad).toBe(rows.length - blank)
        expect(before.total).toBe(bad)
        if (rows.length % 2 === 0) {
          await importer.undo(id)
          expect(await work(id)).toMatchObject({
            state: 'undone',
            undone: { done: created + updated, spared: 0 },
          })
          expect(await count()).toBe(there)
        }
      },
    ),
    { numRuns: 40 },
  )
  expect(await brokenChains(sql)).toEqual([])
}, 120_000)
