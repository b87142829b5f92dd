import { setImmediate as breathe } from 'node:timers/promises'
import type { AuditDeed } from '#common/contract/audit-actions'
import type { ImportCounts, ImportProblem, ImportTarget } from '#common/contract/imports'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import {
  type ImportContext,
  maxReference,
  readRow,
  referenceOf,
  targetLabel,
} from '#common/rules/import-rows'
import { fieldsOf, interactionFields } from '#common/rules/interaction-rules'
import { may } from '#common/rules/permissions'
import { readPerson } from '../../shared/person.ts'
import { type Actor, systemScope } from '../../shared/scope.ts'
import { actAs, type Transact, type Transaction } from '../../shared/transaction.ts'
import type { BulkService } from '../interactions/bulk.service.ts'
import type { Entry, Journal } from '../journal/journal.service.ts'
import { createImportsRepository, type KeptImport, type PartOutcome } from './imports.repository.ts'

/** A piece of work as a job: what an import was asked to do in this turn. */
export interface ImportJob {
  tenantId: string
  siteId: string
  id: string
  turn: number
}

/** The row of a record, as a spreadsheet counts: from 1, and the headers are one. */
export const rowNumber = (index: number) => index + 2

export const noCounts: ImportCounts = { created: 0, updated: 0, same: 0, bad: 0 }

/** What an entry of the journal says of an import. */
export const importEntry = (
  action: AuditDeed<'import'>,
  entityId: string,
  newValues?: object,
): Omit<Entry, 'feedId'> => ({
  action: `import.${action}`,
  entity: 'import',
  entityId,
  ...(newValues && { newValues }),
})

/** What a row comes to. */
type Plan =
  | { kind: 'blank' | 'same' }
  | { kind: 'bad'; problem: ImportProblem }
  | {
      kind: 'created' | 'updated'
      row: number
      current: Interaction | null
      fields: InteractionFields
      reference: string | null
    }
type Write = Extract<Plan, { fields: unknown }>

/**
 * Checking, running and undoing an import, part by part. A part is one transaction with everything that belongs to it:
 * records, references, problems, how far it has come, feed and audit. So whoever goes on after a crash finds whole
 * parts only; and a job that is done twice, or by two at once, does each part once.
 */
export function createImportWork(
  transact: Transact,
  journal: Journal,
  { inTransaction: records }: Pick<BulkService, 'inTransaction'>,
  rowsAtOnce = 1000,
) {
  type Repository = ReturnType<typeof createImportsRepository>
  type Step = (tx: Transaction, repository: Repository, found: KeptImport, actor: Actor) => Promise<boolean>

  const check: Step = async (tx, repository, found, actor) => {
    if (found.progress === 0 && (await repository.forgetCheck(found.id, 5000))) return true
    const to = Math.min(found.progress + rowsAtOnce, found.rows)
    const plans = await plan(tx, repository, found, to, { lock: false })
    await repository.insertProblems(found.id, problemsOf(plans), { ofUndoing: false })
    const checked = sum(found.checked!, plans)
    const isLast = to === found.rows
    await repository.change(found.id, { progress: to, checked, ...(isLast && { state: 'checked' }) })
    if (isLast) {
      const entry = importEntry('checked', found.id, { options: found.options, ...checked })
      await journal.record(tx, actor, { ...entry, feedId: found.siteId })
    }
    return !isLast
  }

  const run: Step = async (tx, repository, found, actor) => {
    await repository.takeTurns()
    const to = Math.min(found.progress + rowsAtOnce, found.rows)
    const plans = await plan(tx, repository, found, to, { lock: true })
    const writes = plans.filter((one): one is Write => 'fields' in one)
    const entries = await records.take(tx, actor, writes)
    await repository.refer(
      found.id,
      writes.flatMap(({ reference, current }, index) =>
        reference !== null && !current ? { reference, to: entries[index]!.entityId } : [],
      ),
    )
    await repository.replaceProblems(
      found.id,
      [rowNumber(found.progress), rowNumber(to - 1)],
      problemsOf(plans),
    )
    const result = sum(found.result!, plans)
    const isLast = to === found.rows
    await repository.change(found.id, {
      progress: to,
      result,
      ...(isLast && { state: 'done', endedAt: new Date().toISOString() }),
    })
    const outcome: PartOutcome = { ...sum(noCounts, plans), rows: writes.map(({ row }) => row) }
    await journal.recordAll(tx, actor, found.siteId, [
      ...entries,
      importEntry('part-done', found.id, outcome),
      ...(isLast ? [importEntry('done', found.id, result)] : []),
    ])
    return !isLast
  }

  /** The latest part first, so that a record two parts changed goes back the way it came. */
  const undo: Step = async (tx, repository, found, actor) => {
    const part = await repository.lastPart(found.id, found.undoBefore)
    if (!part) {
      await repository.change(found.id, { state: 'undone' })
      const entry = importEntry('undone', found.id, found.undone!)
      await journal.record(tx, actor, { ...entry, feedId: found.siteId })
      return false
    }
    const known = await records.known(
      tx,
      part.deeds.map(({ after }) => after.id),
      { lock: true },
    )
    const outcomes = await records.takeBack(tx, actor, part.deeds, known)
    const spared = part.deeds.flatMap(({ row, after }, index) => {
      const reason = outcomes[index]!
      return typeof reason === 'string'
        ? { row, title: known.get(after.id)?.record.title ?? after.title, reason }
        : []
    })
    const goneAgain = part.deeds.flatMap(({ before, after }, index) =>
      before === null && typeof outcomes[index] !== 'string' ? after.id : [],
    )
    await repository.unrefer(found.id, goneAgain)
    await repository.insertProblems(found.id, spared, { ofUndoing: true })
    const done = part.deeds.length - spared.length
    const undone = { done: found.undone!.done + done, spared: found.undone!.spared + spared.length }
    await repository.change(found.id, {
      progress: found.progress + part.deeds.length,
      undone,
      undoBefore: part.position,
    })
    await journal.recordAll(tx, actor, found.siteId, [
      ...outcomes.filter((outcome) => outcome !== null && typeof outcome === 'object'),
      importEntry('part-undone', found.id, { done, spared: spared.length }),
    ])
    return true
  }

  const steps: Partial<Record<KeptImport['state'], Step>> = {
    checking: check,
    running: run,
    undoing: undo,
  }

  /** Whether there is more to do. */
  const part = ({ tenantId, siteId, id, turn }: ImportJob): Promise<boolean> =>
    transact(systemScope(tenantId, siteId), async (tx) => {
      const repository = createImportsRepository(tx)
      const found = await repository.lock(id)
      const step = found && steps[found.state]
      if (!step || found.turn !== turn) return false
      const person = await readPerson(tx, found.startedBy)
      if (!person || !may(person, 'interaction.import', { siteId })) {
        const problem =
          'Whoever started this may no longer import into this site. Another administrator can go on with it.'
        await fail(tx, repository, found, problem)
        return false
      }
      return step(await actAs(tx, person), repository, found, { ...person, ...found.origin })
    })

  async function fail(tx: Transaction, repository: Repository, found: KeptImport, problem: string) {
    await repository.change(found.id, {
      state: 'failed',
      problem,
      ...(found.state === 'checking' && { checked: null }),
      ...(found.state === 'running' && { endedAt: new Date().toISOString() }),
    })
    await journal.record(
      tx,
      { ...found.origin, id: found.startedBy },
      { ...importEntry('failed', found.id, { problem }), feedId: found.siteId },
    )
  }

  /** What the rows up to one come to, by the records as they are now. */
  async function plan(
    tx: Transaction,
    repository: Repository,
    found: KeptImport,
    to: number,
    { lock }: { lock: boolean },
  ): Promise<Plan[]> {
    const { headers, options } = found
    const context: ImportContext = { headers, options, types: await records.typeNames(tx) }
    const rows = (await repository.rowsBetween(found.id, found.progress, to)).map((cells, index) => {
      const isBlank = cells.every((cell) => cell.trim() === '')
      return {
        cells,
        isBlank,
        row: rowNumber(found.progress + index),
        reference: isBlank ? null : referenceOf(cells, context),
      }
    })
    const references = rows.flatMap(({ reference }) => (reference && isReference(reference) ? reference : []))
    const idOf = await resolve(tx, repository, references)
    const known = await records.known(tx, [...new Set(idOf.values())], { lock })
    const keysOf = (reference: string) => {
      const id = idOf.get(reference)
      return [`reference ${reference}`, ...(id !== undefined && known.has(id) ? [`record ${id}`] : [])]
    }
    const rowsByKey = new Map<string, number>()
    for (const { reference, row } of rows) {
      if (!reference || !isReference(reference)) continue
      for (const key of keysOf(reference)) if (!rowsByKey.has(key)) rowsByKey.set(key, row)
    }
    const firstRows = rowsByKey.size > 0 ? await repository.claim(found.id, rowsByKey) : rowsByKey

    const planOne = ({ cells, isBlank, row, reference }: (typeof rows)[number]): Plan => {
      if (isBlank) return { kind: 'blank' }
      const id = reference ? idOf.get(reference) : undefined
      const { record = null, deleted = null } = (id !== undefined && known.get(id)) || {}
      const bad = (reason: string, title: string | null): Plan => ({
        kind: 'bad',
        problem: { row, title, reason },
      })
      const refuse = (message: string) =>
        bad(`${targetLabel('reference')}: ${message}`, readRow(cells, context, null).fields.title)
      if (reference && isReference(reference)) {
        const [first, firstOfRecord = row] = keysOf(reference).map((key) => firstRows.get(key)!)
        if (first !== row) return refuse(`“${reference}” is in row ${first} already.`)
        if (firstOfRecord !== row) return refuse(`Means the same record as that of row ${firstOfRecord}.`)
      }
      if (deleted) return refuse('The record was deleted; restore it or leave the row out.')
      if (record && options.existing === 'skip') return { kind: 'same' }
      const { fields, problems } = readRow(cells, context, record && fieldsOf(record))
      if (problems.length > 0) return bad(problems.map(sentence).join(' '), fields.title)
      if (record && interactionFields.every((field) => fields[field] === record[field])) {
        return { kind: 'same' }
      }
      return { kind: record ? 'updated' : 'created', row, current: record, fields, reference }
    }

    const plans: Plan[] = []
    for (const [index, row] of rows.entries()) {
      // Others are served in between.
      if (index % 100 === 0) await breathe()
      plans.push(planOne(row))
    }
    return plans
  }

  /** The ids references mean: that of a record of the site itself, or of the one that came under it. */
  async function resolve(
    tx: Transaction,
    repository: Repository,
    references: readonly string[],
  ): Promise<Map<string, string>> {
    if (references.length === 0) return new Map()
    const idOf = await repository.references(references)
    const ids = new Map(
      references.flatMap((reference) =>
        isUuid(reference) ? [[reference, reference.toLowerCase()] as const] : [],
      ),
    )
    const there = await records.known(tx, [...ids.values()], { lock: false })
    for (const [reference, id] of ids) if (there.has(id)) idOf.set(reference, id)
    return idOf
  }

  return {
    async work(job: ImportJob, signal: AbortSignal): Promise<void> {
      do signal.throwIfAborted()
      while (await part(job))
    },

    /** It was tried often enough. */
    failed: ({ tenantId, siteId, id, turn }: ImportJob): Promise<void> =>
      transact(systemScope(tenantId, siteId), async (tx) => {
        const repository = createImportsRepository(tx)
        const found = await repository.lock(id)
        if (!found || found.turn !== turn || !steps[found.state]) return
        await fail(tx, repository, found, 'The server tried for some time and could not go on. Try again.')
      }),
  }
}

const isReference = (reference: string) => [...reference].length <= maxReference
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

const problemsOf = (plans: readonly Plan[]) => plans.flatMap((one) => (one.kind === 'bad' ? one.problem : []))

function sentence({ field, message }: { field: string; message: string }): string {
  return field === 'row' ? `${message}.` : `${targetLabel(field as ImportTarget)}: ${message}.`
}

function sum(counts: ImportCounts, plans: readonly Plan[]): ImportCounts {
  const all = { ...counts }
  for (const { kind } of plans) if (kind !== 'blank') all[kind]++
  return all
}
