import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import { AppError, type FieldProblem } from '#common/contract/errors'
import {
  type Import,
  type ImportInput,
  type ImportOptions,
  type ImportProblem,
  importUndoableDays,
} from '#common/contract/imports'
import { guard, unguard } from '#common/rules/formula-guard'
import { importOptionProblems } from '#common/rules/import-rows'
import { csvRows } from '#common/spreadsheet/csv'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Jobs } from '../../shared/jobs.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { BulkService } from '../interactions/bulk.service.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createImportWork, importEntry, type ImportJob, noCounts, rowNumber } from './import-work.service.ts'
import { createImportsRepository, type KeptImport } from './imports.repository.ts'

const listed = 50
const dayMilliseconds = 24 * 3600_000
/** Rows of a file that are put together at a time. */
const fileRowsAtOnce = 500

type Repository = ReturnType<typeof createImportsRepository>

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such import at this site')
const conflict = (message: string) => new AppError('CONFLICT', message)

/** Why something else is refused in these states. */
const refusals: Partial<Record<KeptImport['state'], string>> = {
  checking: 'This import is being checked; wait until that is over',
  running: 'This import is being run; stop it first, or wait until it is done',
  undoing: 'This import is being undone; wait until that is over',
  undone: 'This import has been undone; begin a new one to take the rows in again',
}

export type ImportsService = ReturnType<typeof createImportsService>

/**
 * Imports of a site, for its administrators. What takes long is a job: a request sets the state, and sends the job in
 * the same transaction. Asked again by the same person, whatever an import has been asked already is answered with how
 * far it has come, since answers are lost.
 */
export function createImportsService(transact: Transact, journal: Journal, bulk: BulkService, jobs: Jobs) {
  // Two, so that a check need not wait for a long run.
  const send = jobs.define<ImportJob>('import', { ...createImportWork(transact, journal, bulk), atOnce: 2 })

  const withLocked = <T>(
    actor: Actor,
    siteId: string,
    id: string,
    work: (tx: Transaction, found: KeptImport, repository: Repository) => Promise<T>,
  ): Promise<T> =>
    transact(scopeOf(actor, siteId), async (tx) => {
      const repository = createImportsRepository(tx)
      const found = await repository.lock(id)
      if (!found || found.state === 'removed') throw missing()
      return work(tx, found, repository)
    })

  const read = (actor: Actor, siteId: string, id: string): Promise<KeptImport> =>
    transact(scopeOf(actor, siteId), async (tx) => {
      const found = await createImportsRepository(tx).find(id)
      if (!found || found.state === 'removed') throw missing()
      return found
    })

  /** Sets out to do something, in the name of who asks. */
  async function begin(
    tx: Transaction,
    actor: Actor,
    found: KeptImport,
    changes: Partial<KeptImport> & Pick<KeptImport, 'state'>,
  ): Promise<Import> {
    const turn = found.turn + 1
    const { requestId, address, device } = actor
    const started = { turn, problem: null, startedBy: actor.id, origin: { requestId, address, device } }
    const repository = createImportsRepository(tx)
    await repository.change(found.id, { ...changes, ...started })
    await send(tx, { tenantId: actor.tenantId, siteId: found.siteId, id: found.id, turn })
    return shown((await repository.find(found.id))!)
  }

  const record = (
    tx: Transaction,
    actor: Actor,
    found: KeptImport,
    action: AuditDeed<'import'>,
    values?: object,
  ) => journal.record(tx, actor, { ...importEntry(action, found.id, values), feedId: found.siteId })

  return {
    start: (actor: Actor, siteId: string, input: ImportInput): Promise<Import> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        requireOptions(input.headers, input.options)
        const repository = createImportsRepository(tx)
        const { id = uuidv7(), fileName, rows } = input
        const { requestId, address, device } = actor
        const isNew = await repository.insert({ ...input, id }, actor.id, { requestId, address, device })
        const found = (await repository.find(id))!
        if (isNew) await record(tx, actor, found, 'started', { fileName, rows })
        else if (found.createdBy !== actor.id || found.state === 'removed' || !isSameTable(found, input)) {
          throw conflict('An import with this id exists already')
        }
        return shown(found)
      }),

    /** Answers with how many rows there are now. */
    receive: (actor: Actor, siteId: string, id: string, from: number, rows: string[][]): Promise<number> =>
      withLocked(actor, siteId, id, async (tx, found, repository) => {
        const to = from + rows.length
        if (to <= found.received) return found.received
        if (found.state !== 'receiving') throw conflict('All rows of this import are there')
        if (from !== found.received)
          throw invalid('from', `Must be ${found.received}, where the next rows belong`)
        if (to > found.rows) throw invalid('rows', `Are more than the ${found.rows} there were to be`)
        await repository.insertPart(id, { first: from, rows })
        const width = Math.max(found.width, ...rows.map((cells) => cells.length))
        await repository.change(id, { received: to, width })
        return to
      }),

    list: (actor: Actor, siteId: string): Promise<Import[]> =>
      transact(scopeOf(actor, siteId), async (tx) =>
        (await createImportsRepository(tx).list(listed)).map(shown),
      ),

    read: async (actor: Actor, siteId: string, id: string): Promise<Import> =>
      shown(await read(actor, siteId, id)),

    check: (actor: Actor, siteId: string, id: string, options: ImportOptions | undefined): Promise<Import> =>
      withLocked(actor, siteId, id, async (tx, found) => {
        if (found.result) {
          throw conflict(
            refusals[found.state] ??
              'This import has been run; undo it and begin a new one to take the rows in differently',
          )
        }
        const isSame = !options || canonicalJson(options) === canonicalJson(found.options)
        if (found.state === 'checking' && isSame && found.startedBy === actor.id) return shown(found)
        if (found.received < found.rows) {
          throw conflict(`Only ${found.received} of ${found.rows} rows are there; send the others first`)
        }
        if (options) requireOptions(found.headers, options)
        return begin(tx, actor, found, {
          state: 'checking',
          options: options ?? found.options,
          checked: noCounts,
          progress: 0,
        })
      }),

    run: (actor: Actor, siteId: string, id: string): Promise<Import> =>
      withLocked(actor, siteId, id, async (tx, found) => {
        const mine = found.startedBy === actor.id
        if ((found.state === 'running' || found.state === 'done') && mine) return shown(found)
        if (found.state === 'running') throw conflict('Somebody else is running this import already')
        if (found.state === 'done') throw conflict('This import has been run already')
        const refused = refusals[found.state]
        if (refused) throw conflict(refused)
        if (found.undone) throw conflict('The undoing of this import was stopped; undo it to the end')
        if (!found.checked) throw conflict('This import has not been checked; check it first')
        await record(tx, actor, found, 'run', found.checked)
        return begin(tx, actor, found, {
          state: 'running',
          result: found.result ?? noCounts,
          progress: found.result ? found.progress : 0,
          endedAt: null,
        })
      }),

    undo: (actor: Actor, siteId: string, id: string): Promise<Import> =>
      withLocked(actor, siteId, id, async (tx, found) => {
        const mine = found.startedBy === actor.id
        if ((found.state === 'undoing' || found.state === 'undone') && mine) return shown(found)
        if (found.state === 'undoing') throw conflict('Somebody else is undoing this import already')
        if (found.state === 'undone') throw conflict('This import has been undone already')
        const refused = refusals[found.state]
        if (refused) throw conflict(refused)
        if (!found.result) throw conflict('This import was never run; there is nothing to undo')
        if (Date.parse(found.endedAt!) < Date.now() - importUndoableDays * dayMilliseconds) {
          throw conflict(`An import can be undone for ${importUndoableDays} days, which are over`)
        }
        await record(tx, actor, found, 'undo')
        return begin(tx, actor, found, {
          state: 'undoing',
          undone: found.undone ?? { done: 0, spared: 0 },
          progress: found.undone ? found.progress : 0,
        })
      }),

    /** What is going on ends with the part that is being done. */
    cancel: (actor: Actor, siteId: string, id: string): Promise<void> =>
      withLocked(actor, siteId, id, async (tx, found, repository) => {
        if (!found.result) {
          await repository.change(id, { state: 'removed' })
          await record(tx, actor, found, 'removed')
        } else if (found.state === 'running' || found.state === 'undoing') {
          const endedAt = found.endedAt ?? new Date().toISOString()
          await repository.change(id, { state: 'stopped', endedAt })
          await record(tx, actor, found, 'stopped', { of: found.state, progress: found.progress })
        } else if (found.state === 'done') {
          throw conflict('This import is done; undo it to take back what it did')
        } else if (found.state === 'undone') throw conflict('This import has been undone already')
      }),

    problems: (
      actor: Actor,
      siteId: string,
      id: string,
      { after = 0, limit = 100 }: { after?: number; limit?: number },
    ): Promise<{ problems: ImportProblem[]; total: number; hasMore: boolean }> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createImportsRepository(tx)
        const found = await repository.find(id)
        if (!found || found.state === 'removed') throw missing()
        const ofUndoing = found.undone !== null
        const problems = await repository.problems(id, { ofUndoing, after, limit: limit + 1 })
        return {
          problems: problems.slice(0, limit),
          total: await repository.countProblems(id, { ofUndoing }),
          hasMore: problems.length > limit,
        }
      }),

    /** The bad rows as CSV, in pieces; each is read when the one before it is out. */
    async file(
      actor: Actor,
      siteId: string,
      id: string,
    ): Promise<{ name: string; pieces: AsyncIterable<string> }> {
      const found = await read(actor, siteId, id)
      const name = `${found.fileName.replace(/\.[^.]{1,5}$/, '')} – rows with problems.csv`
      return { name, pieces: problemFile(actor, found) }
    },
  }

  async function* problemFile(actor: Actor, { id, siteId, headers, width }: KeptImport) {
    const filled = (cells: readonly string[]) => [...cells, ...Array<string>(width - cells.length).fill('')]
    const piece = (cells: readonly string[], row: string, reason: string) =>
      // What came behind an apostrophe keeps the one it has.
      [...filled(cells), row, reason].map((cell) => guard(unguard(cell)))
    yield `\ufeff${csvRows([piece(headers, 'Row', 'Reason')])}`
    for (let after = 0; ;) {
      const rows = await transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createImportsRepository(tx)
        const problems = await repository.problems(id, { ofUndoing: false, after, limit: fileRowsAtOnce })
        return problems.length === 0 ? [] : withCells(repository, problems)
      })
      if (rows.length === 0) return
      yield csvRows(rows.map(({ cells, row, reason }) => piece(cells, String(row), reason)))
      after = rows.at(-1)!.row
    }

    /** As many of them as are near each other, so that few rows are read that are not needed. */
    async function withCells(repository: Repository, problems: readonly ImportProblem[]) {
      const first = problems[0]!.row
      const near = problems.filter(({ row }) => row < first + fileRowsAtOnce)
      const from = first - rowNumber(0)
      const rows = await repository.rowsBetween(id, from, near.at(-1)!.row - rowNumber(0) + 1)
      return near.map((problem) => ({ ...problem, cells: rows[problem.row - first]! }))
    }
  }
}

const isSameTable = (one: ImportInput, other: ImportInput) => {
  const what = ({ rows, headers, digest }: ImportInput) => canonicalJson({ rows, headers, digest })
  return what(one) === what(other)
}

/** As it is told to those who ask. What a check has found so far is for nobody. */
function shown({
  turn: _t,
  width: _w,
  startedBy: _s,
  origin: _o,
  undoBefore: _u,
  ...kept
}: KeptImport): Import {
  return { ...(kept as Import), checked: kept.state === 'checking' ? null : kept.checked }
}

function requireOptions(headers: readonly string[], options: ImportOptions): void {
  const details = importOptionProblems(headers, options).map(({ field, message }) => ({
    field: `options.${field}`,
    message,
  }))
  if (details.length > 0) {
    throw new AppError('VALIDATION_ERROR', 'The rows cannot be read with these options', { details })
  }
}

function invalid(field: string, message: string): AppError {
  const details: FieldProblem[] = [{ field, message }]
  return new AppError('VALIDATION_ERROR', 'These rows cannot be taken', { details })
}
