import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import {
  type Export,
  type ExportColumn,
  exportColumns,
  exportedAtOnce,
  type ExportInput,
  exportKeptHours,
  type LocalExport,
  maxXlsxRows,
} from '#common/contract/exports'
import type { Interaction } from '#common/contract/interactions'
import { conditionsOf, parseSort } from '#common/rules/finder-query'
import { may } from '#common/rules/permissions'
import type { People } from '#common/spreadsheet/columns'
import { exportFileName } from '#common/spreadsheet/file-name'
import { TooMuchText } from '#common/spreadsheet/too-much-text'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Jobs } from '../../shared/jobs.ts'
import { isTooSlow } from '../../shared/outage.ts'
import { readPerson } from '../../shared/person.ts'
import { type Actor, type Scope, scopeOf, systemScope } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { InteractionsService } from '../interactions/interactions.service.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import { createExportsRepository, type StoredExport } from './exports.repository.ts'
import type { Writer, Writers } from './writers.ts'

/** Rows a job reads and writes at a time; between, it can be stopped. */
const rowsAtOnce = 1000

/** Of one person at one site, waiting or being written. */
const maxUnfinished = 3

/** For a page of a job, where no index may help to find it; a server that closes waits no longer. */
const statementSeconds = 10

const hour = 3600_000

interface ExportJob {
  tenantId: string
  siteId: string
  userId: string
  id: string
}

export interface ExportFile {
  name: string
  format: Export['format']
  size: number
  chunks: AsyncIterable<Buffer>
}

export type ExportsService = ReturnType<typeof createExportsService>

const missing = () =>
  new AppError(
    'RESOURCE_NOT_FOUND',
    `There is no such export of yours at this site; files are kept for ${exportKeptHours} hours`,
  )

const invalid = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', 'The export is not valid', { details: [{ field, message }] })

const isUnfinished = ({ state }: StoredExport) => state === 'waiting' || state === 'running'

const hoursFromNow = (hours: number) => new Date(Date.now() + hours * hour).toISOString()

/** It was stopped, or another server is at it. */
class Overtaken extends Error {}

/** Removes an export that has expired at the scope's site; false when there is none. */
export const sweepExports = (tx: Transaction): Promise<boolean> => createExportsRepository(tx).removeExpired()

/**
 * Files for spreadsheets of what a query finds, as it was at one moment. A few rows are written while one waits; more
 * is a job, which can be stopped, and begins anew where its server died.
 */
export function createExportsService(
  transact: Transact,
  journal: Journal,
  interactions: InteractionsService['inTransaction'],
  writers: Writers,
  jobs: Jobs,
) {
  const send = jobs.define<ExportJob>('export', { work: run, failed: giveUp })

  const query = ({ filter, sort, columns }: Pick<StoredExport, 'filter' | 'sort' | 'columns'>) => ({
    conditions: conditionsOf(filter),
    sort,
    // A moment is written in the zone of its record.
    fields: [...columns, 'timezone'] satisfies (keyof Interaction)[],
  })

  /** The names of those in these records that `known` lacks. */
  async function namesIn(
    tx: Transaction,
    columns: readonly ExportColumn[],
    records: readonly Interaction[],
    known: ReadonlySet<string> = new Set(),
  ): Promise<Record<string, string>> {
    const wanted = (['createdBy', 'updatedBy'] as const).filter((column) => columns.includes(column))
    const ids = new Set(records.flatMap((record) => wanted.map((column) => record[column])))
    const unknown = [...ids].filter((id) => !known.has(id))
    return unknown.length > 0 ? createExportsRepository(tx).names(unknown) : {}
  }

  /** What was exported: what a filter found, or records that were chosen one by one. */
  const auditOf = (
    { format, filter, chosen, sort, columns }: Omit<LocalExport, 'rows' | 'at'>,
    rows: number,
  ) => ({
    format,
    rows,
    ...(chosen === undefined ? { filter } : { chosen }),
    sort,
    columns,
  })

  const recordMade = (tx: Transaction, origin: Origin, made: StoredExport, rows: number) =>
    journal.record(tx, origin, {
      action: 'export.made',
      feedId: tx.scope.siteId!,
      entity: 'export',
      entityId: made.id,
      newValues: auditOf(made, rows),
    })

  /** Writes the few rows there are, or leaves it to a job. */
  async function start(actor: Actor, siteId: string, input: ExportInput): Promise<Export> {
    const { id = uuidv7(), format, filter = {}, columns = [...exportColumns] } = input
    const sort = input.sort?.length ? input.sort : parseSort(undefined)
    if (new Set(sort.map(({ field }) => field)).size < sort.length)
      throw invalid('sort', 'Names a field twice')
    const scope = scopeOf(actor, siteId)
    const at = new Date().toISOString()
    const { requestId, address, device } = actor
    const asked: StoredExport = {
      id,
      state: 'waiting',
      format,
      filter,
      sort,
      columns,
      fileName: exportFileName(actor.sites.find((site) => site.id === siteId)!.name, at.slice(0, 10), format),
      done: 0,
      total: 0,
      size: null,
      problem: null,
      attempt: 0,
      origin: { requestId, address, device },
      createdAt: at,
      // Longer than any job is tried.
      keepUntil: hoursFromNow(2 * exportKeptHours),
    }

    const known = await transact(scope, (tx) => createExportsRepository(tx).find(id))
    if (known) return again(known, asked)
    const found = await look(scope, asked)
    if (found.records) {
      const file = await writers.write(format, columns, async (writer) =>
        Buffer.concat([await writer.add(found.records, found.people), await writer.end()]),
      )
      return store(actor, scope, asked, found.records.length, file)
    }
    if (format === 'xlsx' && found.total > maxXlsxRows) {
      const most = maxXlsxRows.toLocaleString('en')
      throw invalid(
        'format',
        `An Excel file holds at most ${most} rows here, and there are more; choose csv or narrow the filter`,
      )
    }
    return transact(scope, async (tx) => {
      const repository = createExportsRepository(tx)
      if ((await repository.countUnfinished()) >= maxUnfinished) {
        throw new AppError(
          'CONFLICT',
          `${maxUnfinished} exports of yours are still being written; wait until one is done, or stop one`,
        )
      }
      const waiting = { ...asked, total: found.total }
      if (!(await repository.insert(waiting))) return again(await repository.find(id), asked)
      await send(tx, { tenantId: actor.tenantId, siteId, userId: actor.id, id })
      return toAnswer(waiting)
    })
  }

  /** The records, where they are few, or how many there are; 0 where that is not found out in time. */
  async function look(
    scope: Scope,
    asked: StoredExport,
  ): Promise<{ records: Interaction[]; people: People } | { records: null; total: number }> {
    const { conditions, ...rest } = query(asked)
    const cap = asked.format === 'xlsx' ? maxXlsxRows + 1 : null
    try {
      return await transact(
        scope,
        async (tx) => {
          const page = await interactions.page(tx, { conditions, ...rest, from: 0, limit: exportedAtOnce })
          const records = page.interactions
          if (!page.next) return { records, people: await namesIn(tx, asked.columns, records) }
          return { records: null, total: await interactions.count(tx, conditions, cap) }
        },
        { snapshot: true },
      )
    } catch (error) {
      if (!isTooSlow(error)) throw error
      return { records: null, total: 0 }
    }
  }

  const store = (actor: Actor, scope: Scope, asked: StoredExport, rows: number, file: Buffer) =>
    transact(scope, async (tx) => {
      const repository = createExportsRepository(tx)
      const made: StoredExport = {
        ...asked,
        state: 'done',
        done: rows,
        total: rows,
        size: file.length,
        keepUntil: hoursFromNow(exportKeptHours),
      }
      if (!(await repository.insert(made))) return again(await repository.find(made.id), asked)
      await repository.append(made.id, 0, file)
      await recordMade(tx, actor, made, rows)
      return toAnswer(made)
    })

  /** The job. Every page is kept in a transaction of its own, which also finds out whether to go on. */
  async function run({ tenantId, siteId, userId, id }: ExportJob, signal: AbortSignal): Promise<void> {
    const scope = { ...systemScope(tenantId, siteId), userId }
    const begun = await transact(scope, (tx) => begin(tx, userId, id))
    if (!begun) return
    try {
      await writers.write(begun.format, begun.columns, (writer) => write(scope, begun, writer, signal))
    } catch (error) {
      if (error instanceof Overtaken) return
      if (!(error instanceof TooMuchText)) throw error
      await transact(scope, async (tx) => {
        const repository = createExportsRepository(tx)
        if (await repository.advance(id, begun.attempt, 0)) await repository.end(id, 'failed', error.message)
      })
    }
  }

  /** Null when there is nothing to do: it was stopped, or is not allowed any more. */
  async function begin(tx: Transaction, userId: string, id: string): Promise<StoredExport | null> {
    const repository = createExportsRepository(tx)
    const current = await repository.lock(id)
    if (!current || !isUnfinished(current) || !(await checkStillMay(tx, userId, id))) return null
    return { ...current, attempt: await repository.begin(id) }
  }

  /** Whoever may not any more gets nothing. */
  async function checkStillMay(tx: Transaction, userId: string, id: string): Promise<boolean> {
    const person = await readPerson(tx, userId)
    if (person && may(person, 'interaction.export', { siteId: tx.scope.siteId! })) return true
    await createExportsRepository(tx).end(id, 'failed', 'You may not export from this site any more')
    return false
  }

  async function write(scope: Scope, begun: StoredExport, writer: Writer, signal: AbortSignal) {
    const { id, attempt, columns } = begun
    let position = 0
    let size = 0
    let done = 0

    async function keep(tx: Transaction, bytes: Uint8Array) {
      const repository = createExportsRepository(tx)
      if (!(await repository.advance(id, attempt, done))) throw new Overtaken()
      position = await repository.append(id, position, bytes)
      size += bytes.length
    }

    await transact(
      scope,
      async (snapshot) => {
        const known = new Set<string>()
        let from: Parameters<typeof interactions.page>[1]['from'] | null = 0
        while (from !== null) {
          signal.throwIfAborted()
          const page = await interactions.page(snapshot, { ...query(begun), from, limit: rowsAtOnce })
          const people = await namesIn(snapshot, columns, page.interactions, known)
          for (const person of Object.keys(people)) known.add(person)
          const bytes = await writer.add(page.interactions, people)
          done += page.interactions.length
          await transact(scope, (tx) => keep(tx, bytes))
          from = page.next
        }
      },
      { snapshot: true, statementSeconds },
    )

    const rest = await writer.end()
    signal.throwIfAborted()
    await transact(scope, async (tx) => {
      await keep(tx, rest)
      if (!(await checkStillMay(tx, scope.userId!, id))) return
      await createExportsRepository(tx).finish(id, done, size, hoursFromNow(exportKeptHours))
      await recordMade(tx, { id: scope.userId!, ...begun.origin }, begun, done)
    })
  }

  async function giveUp({ tenantId, siteId, userId, id }: ExportJob): Promise<void> {
    await transact({ ...systemScope(tenantId, siteId), userId }, async (tx) => {
      const repository = createExportsRepository(tx)
      const current = await repository.lock(id)
      if (current && isUnfinished(current)) {
        await repository.end(id, 'failed', 'The server could not write the file; try again later')
      }
    })
  }

  const own = (actor: Actor, siteId: string, id: string): Promise<StoredExport> =>
    transact(scopeOf(actor, siteId), async (tx) => {
      const found = await createExportsRepository(tx).find(id)
      if (!found) throw missing()
      return found
    })

  return {
    start,

    read: async (actor: Actor, siteId: string, id: string): Promise<Export> =>
      toAnswer(await own(actor, siteId, id)),

    /** Stops it, or removes its file. */
    cancel: (actor: Actor, siteId: string, id: string): Promise<void> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createExportsRepository(tx)
        const current = await repository.lock(id)
        if (!current) throw missing()
        if (isUnfinished(current) || current.state === 'done') await repository.end(id, 'cancelled', null)
      }),

    async file(actor: Actor, siteId: string, id: string): Promise<ExportFile> {
      const found = await own(actor, siteId, id)
      if (isUnfinished(found)) {
        throw new AppError('CONFLICT', 'The file is not ready yet; GET /exports/:id tells how far it is')
      }
      if (found.state !== 'done') {
        throw new AppError('RESOURCE_NOT_FOUND', found.problem ?? 'There is no file: the export was stopped')
      }
      const { fileName, format } = found
      const size = found.size!
      const read = (position: number) =>
        transact(scopeOf(actor, siteId), (tx) => createExportsRepository(tx).chunk(id, position))
      async function* chunks() {
        let sent = 0
        for (let position = 0; sent < size; position++) {
          const bytes = await read(position)
          if (!bytes) throw new Error('The file was removed while it was sent')
          sent += bytes.length
          yield bytes
        }
      }
      return { name: fileName, format, size, chunks: chunks() }
    },

    /** Notes an export a device made; saying so again changes nothing. */
    report: (actor: Actor, siteId: string, id: string, made: LocalExport): Promise<void> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        if (await createExportsRepository(tx).reported(id)) return
        await journal.record(tx, actor, {
          action: 'export.reported',
          feedId: siteId,
          entity: 'export',
          entityId: id,
          newValues: { ...auditOf(made, made.rows), at: made.at },
        })
      }),
  }
}

/** The answer to a request that came a second time; `known` is null where what has its id is not to be seen. */
function again(known: StoredExport | null, asked: StoredExport): Export {
  const what = ({ format, filter, sort, columns }: StoredExport) =>
    canonicalJson({ format, filter, sort, columns })
  if (known && what(known) === what(asked)) return toAnswer(known)
  throw new AppError('CONFLICT', 'There is an export with this id already; choose another')
}

const toAnswer = ({ keepUntil, attempt: _, origin: __, ...rest }: StoredExport): Export => ({
  ...rest,
  expiresAt: rest.state === 'done' ? keepUntil : null,
})
