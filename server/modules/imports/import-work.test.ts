import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Import } from '#common/contract/imports'
import { brokenChains } from '../../test/audit-chain.ts'
import { createImportWorking, options, table } from '../../test/import-working.ts'
import { createImporter } from '../../test/importing.ts'
import type { Transact } from '../../shared/transaction.ts'
import { sweepImports } from './import-sweep.service.ts'

const {
  server,
  site,
  editor,
  manager,
  read,
  sql,
  importer,
  transact,
  scope,
  workOn,
  jobOf,
  work,
  step,
  checked,
  titles,
} = await createImportWorking()

/** For a lock that somebody else holds. */
const somebodyWaits = () =>
  expect
    .poll(() =>
      sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`),
    )
    .toHaveLength(1)

describe('an import can be asked', () => {
  /** Brings one into a state, and says what each request is answered with there. */
  const states: Record<string, () => Promise<string>> = {
    receiving: async () => {
      const input = { id: randomUUID(), fileName: 'f.csv', rows: 2, headers: ['a', 'b', 'c'], options }
      await importer.start(input)
      return input.id
    },
    checking: async () => {
      const id = await importer.receive(table(randomUUID(), 3), options)
      await importer.check(id)
      return id
    },
    checked: () => checked(table(randomUUID(), 3)),
    running: async () => {
      const id = await states.checked!()
      await importer.run(id)
      return id
    },
    stopped: async () => {
      const id = await states.running!()
      await step(id, 1)
      await importer.cancel(id)
      return id
    },
    done: async () => {
      const id = await states.running!()
      await work(id)
      return id
    },
    undoing: async () => {
      const id = await states.done!()
      await importer.undo(id)
      return id
    },
    undone: async () => {
      const id = await states.undoing!()
      await work(id)
      return id
    },
    failed: async () => {
      const id = await states.running!()
      await step(id, 1)
      await workOn(transact).failed(await jobOf(id))
      return id
    },
    'failed (check)': async () => {
      const id = await states.checking!()
      await workOn(transact).failed(await jobOf(id))
      return id
    },
    'stopped (undo)': async () => {
      const id = await states.undoing!()
      await importer.cancel(id)
      return id
    },
  }
  /** What somebody else, or the same person, is answered: the state there is then, or why not. */
  const other = createImporter(server.as('admin', site))
  const ask = {
    check: (id: string) => other.check(id),
    run: (id: string) => other.run(id),
    undo: (id: string) => other.undo(id),
    cancel: (id: string) => other.cancel(id),
  }
  const table_: [string, Record<keyof typeof ask, string | RegExp>][] = [
    [
      'receiving',
      { check: /^Only 0 of 2 rows/, run: /check it first/, undo: /never run/, cancel: 'removed' },
    ],
    ['checking', { check: 'checking', run: /is being checked/, undo: /is being checked/, cancel: 'removed' }],
    ['checked', { check: 'checking', run: 'running', undo: /never run/, cancel: 'removed' }],
    [
      'running',
      { check: /is being run/, run: /Somebody else is running/, undo: /is being run/, cancel: 'stopped' },
    ],
    ['stopped', { check: /has been run/, run: 'running', undo: 'undoing', cancel: 'stopped' }],
    [
      'done',
      { check: /has been run/, run: /has been run already/, undo: 'undoing', cancel: /is done; undo it/ },
    ],
    [
      'undoing',
      {
        check: /is being undone/,
        run: /is being undone/,
        undo: /Somebody else is undoing/,
        cancel: 'stopped',
      },
    ],
    [
      'undone',
      {
        check: /has been undone/,
        run: /has been undone/,
        undo: /been undone already/,
        cancel: /been undone already/,
      },
    ],
    ['failed', { check: /has been run/, run: 'running', undo: 'undoing', cancel: 'failed' }],
    ['failed (check)', { check: 'checking', run: /check it first/, undo: /never run/, cancel: 'removed' }],
    [
      'stopped (undo)',
      { check: /has been run/, run: /undo it to the end/, undo: 'undoing', cancel: 'stopped' },
    ],
  ]
  test.each(table_)(
    'in the state %s for what can be, and says why not otherwise',
    async (state, expected) => {
      for (const [what, answer] of Object.entries(expected)) {
        const id = await states[state]!()
        expect((await importer.read(id)).state, what).toBe(state.split(' ')[0])
        const asked = await ask[what as keyof typeof ask](id)
        if (answer instanceof RegExp) {
          expect(asked, `${what} ${asked.text}`).toMatchObject({ status: 409, error: { code: 'CONFLICT' } })
          expect(asked.error.message).toMatch(answer)
          expect((await importer.read(id)).state).toBe(state.split(' ')[0])
        } else {
          expect(asked.status, `${what} ${asked.text}`).toBe(200)
          const now = await manager.get<{ import: Import }>(`/imports/${id}`)
          if (answer === 'removed') expect(now.status).toBe(404)
          else expect(now.body.import.state, what).toBe(answer)
        }
      }
    },
  )

  test('again by whoever did, and answers with how far it is; by two at once it begins once', async () => {
    const id = await states.checked!()
    const answers = await Promise.all([importer.run(id), other.run(id), importer.run(id), other.run(id)])
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(2)
    expect(statuses.filter((status) => status === 409)).toHaveLength(2)
    expect((await jobOf(id)).turn).toBe(2)
    const jobs = await sql(`SELECT FROM pgboss.job WHERE name = 'import' AND data->>'id' = $1`, [id])
    expect(jobs).toHaveLength(2)
    await work(id)
    const again = statuses[0] === 200 ? importer : other
    expect((await again.run(id)).body.import.state).toBe('done')
    for (let n = 0; n < 2; n++) expect((await again.undo(id)).body.import.state).toBe('undoing')
    await work(id)
    expect((await again.undo(id)).body.import.state).toBe('undone')
  })

  test('nothing when it was removed, and its id is not free', async () => {
    const id = await states.receiving!()
    await importer.cancel(id)
    const input = { id, fileName: 'f.csv', rows: 2, headers: ['a', 'b', 'c'], options }
    expect((await importer.start(input)).status).toBe(409)
    for (const asked of [
      importer.send(id, 0, table('x', 1)),
      importer.check(id),
      importer.run(id),
      importer.cancel(id),
    ])
      expect((await asked).status).toBe(404)
    const { imports } = (await manager.get<{ imports: Import[] }>('/imports')).body
    expect(imports.map((one) => one.id)).not.toContain(id)
  })
})

describe('a run', () => {
  test('goes part by part; stopped between two it keeps what it has, and goes on from there', async () => {
    const id = await checked([...table('Part', 5), ['Part 9', '', '']])
    await importer.run(id)
    expect(await step(id, 2)).toMatchObject({ state: 'running', progress: 2, result: { created: 2 } })
    await importer.cancel(id)
    const stopped = await importer.read(id)
    expect(stopped).toMatchObject({ state: 'stopped', progress: 2, endedAt: expect.any(String) as string })
    // A job that was under way finds nothing to do.
    expect(await work(id, 2)).toEqual(stopped)
    expect(await titles('Part')).toHaveLength(2)
    const late = await jobOf(id)
    expect((await importer.run(id)).body.import).toMatchObject({
      state: 'running',
      progress: 2,
      endedAt: null,
    })
    await workOn(transact, 2).work(late, new AbortController().signal)
    expect(await titles('Part')).toHaveLength(2)
    expect(await work(id, 2)).toMatchObject({ state: 'done', progress: 6, result: { created: 5, bad: 1 } })
    expect(await titles('Part')).toHaveLength(5)
    expect((await importer.problems(id)).problems).toMatchObject([{ row: 7 }])
  })

  test('worked on by two servers at once does each part once', async () => {
    const id = await checked(table('Two', 12))
    await importer.run(id)
    await Promise.all([work(id, 2), work(id, 2), work(id, 2)])
    expect(await importer.read(id)).toMatchObject({ state: 'done', result: { created: 12 } })
    expect(await titles('Two')).toHaveLength(12)
    expect(await brokenChains(sql)).toEqual([])
  })

  test('of the same references from two tables at once makes a record each, not two', async () => {
    const [first, second] = [await checked(table('Same', 3)), await checked(table('Same', 3))]
    for (const id of [first, second]) await importer.run(id)
    let meanwhile: Promise<Import> | undefined
    const slowly: Transact = (of, doing, more) =>
      transact(
        of,
        async (tx) => {
          const result = await doing(tx)
          meanwhile = work(second)
          await somebodyWaits()
          return result
        },
        more,
      )
    await workOn(slowly).work(await jobOf(first), new AbortController().signal)
    expect(await importer.read(first)).toMatchObject({ state: 'done', result: { created: 3, same: 0 } })
    expect(await meanwhile).toMatchObject({ state: 'done', result: { created: 0, same: 3 } })
    expect(await titles('Same')).toHaveLength(3)
  })

  test('ends when whoever began it may not any more; somebody else goes on', async () => {
    const id = await checked(table('Role', 4))
    await importer.run(id)
    await step(id, 2)
    const user = server.ids.users.manager
    const set = (role: string) =>
      sql('UPDATE user_sites SET role = $3 WHERE user_id = $1 AND site_id = $2', [user, site, role])
    await set('editor')
    const other = createImporter(server.as('admin', site))
    await workOn(transact, 2).work(await jobOf(id), new AbortController().signal)
    const failed = await other.read(id)
    expect(failed).toMatchObject({
      state: 'failed',
      progress: 2,
      problem:
        'Whoever started this may no longer import into this site. Another administrator can go on with it.',
    })
    expect(await titles('Role')).toHaveLength(2)
    expect((await other.run(id)).body.import).toMatchObject({ state: 'running', problem: null })
    await workOn(transact, 2).work(await jobOf(id), new AbortController().signal)
    expect(await other.read(id)).toMatchObject({ state: 'done', result: { created: 4 } })
    const makers = await sql<{ created_by: string }>(
      `SELECT DISTINCT created_by FROM interactions WHERE title LIKE 'Role%'`,
    )
    expect(makers).toHaveLength(2)
    await set('administrator')
    // Nor may anybody who has left.
    const left = await checked(table('Left', 2))
    await importer.run(left)
    const setActive = (active: boolean) => sql('UPDATE users SET active = $2 WHERE id = $1', [user, active])
    await setActive(false)
    await workOn(transact).work(await jobOf(left), new AbortController().signal)
    await setActive(true)
    expect((await importer.read(left)).state).toBe('failed')
    expect(await titles('Left')).toEqual([])
  })

  test('that could not go on says so, and can', async () => {
    const id = await checked(table('Failed', 4))
    await importer.run(id)
    await step(id, 2)
    await workOn(transact).failed(await jobOf(id))
    expect(await importer.read(id)).toMatchObject({
      state: 'failed',
      problem: 'The server tried for some time and could not go on. Try again.',
      endedAt: expect.any(String) as string,
    })
    await importer.run(id)
    expect(await work(id)).toMatchObject({ state: 'done', problem: null, result: { created: 4 } })
    // One that is over has nothing to fail at.
    await workOn(transact).failed(await jobOf(id))
    expect((await importer.read(id)).state).toBe('done')
  })

  test('waits for an edit that is under way, and comes after it', async () => {
    const record = await editor.create({ title: 'Edited meanwhile' })
    const id = await checked([[record.id, 'Imported meanwhile', '']])
    await importer.run(id)
    let running: Promise<Import> | undefined
    await transact(scope, async ({ db }) => {
      await db('interactions').where({ id: record.id }).update({ location: 'New', version: 2 })
      running = work(id)
      await somebodyWaits()
    })
    expect(await running).toMatchObject({ result: { updated: 1 } })
    expect(await read(record.id)).toMatchObject({ title: 'Imported meanwhile', location: 'New', version: 3 })
  })

  test('keeps what somebody changed after the check, and takes it into account', async () => {
    const record = await editor.create({ title: 'Seen before' })
    const id = await checked([
      [record.id, 'Seen after', ''],
      ['', 'Typed', '1.2.2026'],
    ])
    await editor.update(record, { location: 'Added' })
    await importer.run(id)
    await work(id)
    expect(await read(record.id)).toMatchObject({ title: 'Seen after', location: 'Added', version: 3 })
    const gone = await editor.create({ title: 'Seen, then deleted' })
    const second = await checked([[gone.id, 'Too late', '']])
    expect((await importer.read(second)).checked).toMatchObject({ updated: 1 })
    await editor.delete(`/interactions/${gone.id}`)
    await importer.run(second)
    expect(await work(second)).toMatchObject({ result: { updated: 0, bad: 1 } })
    expect((await importer.problems(second)).problems[0]!.reason).toMatch(/was deleted/)
  })
})

describe('undoing', () => {
  test('goes back part by part, the latest first; stopped it goes on', async () => {
    const id = await checked(table('Back', 5))
    await importer.run(id)
    await work(id, 2)
    await importer.undo(id)
    expect(await step(id, 2)).toMatchObject({ state: 'undoing', progress: 1, undone: { done: 1, spared: 0 } })
    expect((await titles('Back')).map(({ title }) => title.at(-1))).toEqual(['0', '1', '2', '3'])
    await step(id, 2)
    await importer.cancel(id)
    expect(await importer.read(id)).toMatchObject({ state: 'stopped', undone: { done: 3 } })
    expect(await titles('Back')).toHaveLength(2)
    expect((await importer.undo(id)).body.import).toMatchObject({
      state: 'undoing',
      progress: 3,
      undone: { done: 3 },
    })
    expect(await work(id)).toMatchObject({ state: 'undone', progress: 5, undone: { done: 5, spared: 0 } })
    expect(await titles('Back')).toEqual([])
    expect(await sql(`SELECT FROM import_references WHERE reference LIKE 'Back%'`)).toEqual([])
  })

  test('a run that was stopped takes back what it did', async () => {
    const id = await checked(table('Half', 4))
    await importer.run(id)
    await step(id, 2)
    await importer.cancel(id)
    await importer.undo(id)
    expect(await work(id)).toMatchObject({ state: 'undone', undone: { done: 2, spared: 0 } })
    expect(await titles('Half')).toEqual([])
  })
})

test('imports that nobody touched for as long as they can be undone are removed, and those that were given up', async () => {
  const kept = await checked(table('Kept', 3))
  const old = await checked([...table('Old', 3), ['Old 9', '', '']])
  await importer.run(old)
  await work(old)
  const removed = await checked([['', '', 'x']])
  await importer.cancel(removed)
  await sql(`UPDATE imports SET touched_at = now() - interval '31 days' WHERE id = $1`, [old])
  while (await transact(scope, sweepImports));
  const left = (of: string) =>
    sql(
      `SELECT FROM imports WHERE id = $1 UNION ALL SELECT FROM import_rows WHERE import_id = $1
       UNION ALL SELECT FROM import_keys WHERE import_id = $1 UNION ALL SELECT FROM import_problems WHERE import_id = $1`,
      [of],
    )
  for (const id of [old, removed]) expect(await left(id)).toEqual([])
  expect((await left(kept)).length).toBeGreaterThan(2)
  // The records it made are known by their references all the same.
  const again = await checked(table('Old', 3))
  expect((await importer.read(again)).checked).toMatchObject({ same: 3 })
})
