import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import { mediaTypes } from '#common/contract/exports'
import type { ReportSchedule, ScheduleFields } from '#common/contract/reports'
import { fold } from '#common/rules/folding'
import { may } from '#common/rules/permissions'
import { reportRules } from '#common/rules/report-kinds'
import { nextReportAt, reportedPeriod } from '#common/rules/report-times'
import { plainFileName } from '#common/spreadsheet/file-name'
import { tableFile } from '#common/spreadsheet/table'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Jobs } from '../../shared/jobs.ts'
import { refused } from '../../shared/people.ts'
import { readPerson } from '../../shared/person.ts'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import { actAs, type Transact, type Transaction, turnTo } from '../../shared/transaction.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import type { MailService } from '../mail/mail.service.ts'
import { type createReportTables, mostRows } from './report-tables.ts'
import { createSchedulesRepository, type KeptSchedule } from './schedules.repository.ts'

/** Of one person. */
const mostSchedules = 50

/** For so long a report that cannot be made is tried again; then it waits for the next time. */
const triedHours = 12

/** Nobody: the audit has no person for what the server does by itself. */
const byItself: Origin = { id: null, requestId: 'reports-due', address: 'local', device: null }

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such scheduled report')

const unknown = 'The report could not be made. The server tries again.'

/** Whoever it is made for may not be told any more. */
class NotAllowed extends Error {}

const fieldsOf = (schedule: ScheduleFields): ScheduleFields => ({
  name: schedule.name.trim(),
  kind: schedule.kind,
  format: schedule.format,
  every: schedule.every,
  hour: schedule.hour,
  timezone: schedule.timezone,
  siteId: schedule.siteId,
  teamId: schedule.teamId,
  recipients: schedule.recipients,
  active: schedule.active,
})

export interface SchedulesDependencies {
  transact: Transact
  journal: Journal
  mail: Pick<MailService, 'queueReport' | 'removeFiles'>
  makeTable: ReturnType<typeof createReportTables>
  jobs: Jobs
  failed(error: unknown): void
}

export type SchedulesService = ReturnType<typeof createSchedulesService>

/**
 * Reports that are mailed by themselves (docs/decisions/0036-reports.md): each as its owner sees it at that moment, and
 * once for every period, however many servers there are.
 */
export function createSchedulesService(dependencies: SchedulesDependencies) {
  const { transact, journal, mail, makeTable, jobs, failed } = dependencies

  /** Whose it is, with the rights they have now; null where they are no longer with the organisation. */
  async function ownerOf(tx: Transaction, ownerId: string): Promise<Actor | null> {
    const person = await readPerson(tx, ownerId)
    return person && { ...person, requestId: byItself.requestId, address: byItself.address, device: null }
  }

  /** What is to be made later can be, as its owner sees the organisation now. */
  async function assertFits(tx: Transaction, ownerId: string, schedule: ScheduleFields): Promise<void> {
    const { kind, siteId, teamId, recipients } = schedule
    const owner = await ownerOf(tx, ownerId)
    if (!owner)
      throw new AppError(
        'CONFLICT',
        'Whose report this is cannot sign in any more, so that it cannot be made',
      )
    if (!may(owner, 'report.schedule') || !may(owner, reportRules[kind].needs))
      throw refused('kind', 'This is not for whose report it is to see')
    if (siteId && !reportRules[kind].site) throw refused('siteId', 'This report is not of one site')
    if (teamId && !reportRules[kind].team) throw refused('teamId', 'This report is not of one team')
    const repository = createSchedulesRepository(tx)
    if (siteId && !(await repository.hasSite(siteId))) throw refused('siteId', 'There is no such site')
    if (teamId) {
      const theirs = await actAs(tx, owner)
      const isTheirs = await createSchedulesRepository(theirs).hasTeam(teamId)
      await turnTo(theirs, tx.scope)
      if (!isTheirs) throw refused('teamId', 'There is no such team')
    }
    const people = await repository.people(recipients)
    if (people.filter(({ active }) => active).length < recipients.length)
      throw refused('recipients', 'Somebody among them is not with the organisation any more')
  }

  const close = (
    tx: Transaction,
    origin: Origin,
    action: 'report.created' | 'report.updated' | 'report.deleted' | 'report.paused' | 'export.mailed',
    id: string,
    values: { oldValues?: object; newValues?: object },
  ) =>
    journal.record(tx, origin, {
      action,
      feedId: tx.scope.tenantId,
      entity: 'report',
      entityId: id,
      ...values,
    })

  async function hold(tx: Transaction, id: string): Promise<ReportSchedule> {
    const found = await createSchedulesRepository(tx).lock(id)
    if (!found) throw missing()
    return found
  }

  /** The file, as the owner sees it, for the period before the one that `at` is in. Throws `NotAllowed`. */
  async function make(tenantId: string, schedule: ReportSchedule, at: string) {
    const owner = await transact(systemScope(tenantId), (tx) => ownerOf(tx, schedule.ownerId))
    if (!owner) throw new NotAllowed(`${schedule.ownerName} cannot sign in any more`)
    if (!may(owner, 'report.schedule') || !may(owner, reportRules[schedule.kind].needs))
      throw new NotAllowed(`${schedule.ownerName} may not see this any more`)
    const period = reportedPeriod(schedule, at)
    const { table, isCut } = await makeTable(owner, { ...schedule, ...period }).catch(goneIsNotAllowed)
    const days = period.from === period.to ? period.from : `${period.from} to ${period.to}`
    return {
      isCut,
      rows: table.rows.length,
      about: {
        ...period,
        report: schedule.name,
        owner: schedule.ownerName,
        isEmpty: table.rows.length === 0,
      },
      file: {
        name: plainFileName('', schedule.name, `${days}.${schedule.format}`),
        mediaType: mediaTypes[schedule.format],
        bytes: await tableFile(table, schedule.format),
      },
    }
  }

  /** Queues it for those who are still there, in the transaction that says it was made; by the server itself. */
  async function post(
    tx: Transaction,
    origin: Origin,
    schedule: ReportSchedule,
    { about, file, rows, isCut }: Awaited<ReturnType<typeof make>>,
    nextAt?: string,
  ): Promise<void> {
    const repository = createSchedulesRepository(tx)
    const people = await repository.people(schedule.recipients)
    const to = people.filter(({ active }) => active)
    const gone = people.filter(({ active }) => !active).map(({ name }) => name)
    if (to.length > 0) await mail.queueReport(tx, { to: to.map(({ id }) => id), about, file })
    const problems = [
      ...(gone.length > 0 ? [`Not sent to ${gone.join(', ')}, who cannot sign in any more.`] : []),
      ...(to.length === 0 ? ['There is nobody to send it to.'] : []),
      ...(isCut ? [`Only the first ${mostRows.toLocaleString('en')} rows are in it.`] : []),
    ]
    await repository.made(schedule.id, problems.length > 0 ? problems.join(' ') : null, nextAt)
    await close(tx, origin, 'export.mailed', schedule.id, {
      newValues: {
        name: schedule.name,
        kind: schedule.kind,
        format: schedule.format,
        from: about.from,
        to: about.to,
        rows,
        recipients: to.map(({ id }) => id),
      },
    })
  }

  /** Makes what is due, and moves it on in the transaction that queues its mails, unless somebody else did meanwhile. */
  async function makeDue(tenantId: string, id: string): Promise<void> {
    const inTenant = <T>(work: (tx: Transaction) => Promise<T>) => transact(systemScope(tenantId), work)
    const seen = await inTenant((tx) => createSchedulesRepository(tx).find(id))
    if (!seen?.nextAt || Date.parse(seen.nextAt) > Date.now()) return
    const due = seen.nextAt
    const later = (work: (tx: Transaction) => Promise<unknown>) =>
      inTenant(async (tx) => {
        const now = await createSchedulesRepository(tx).lock(id)
        if (now?.nextAt === due && now.version === seen.version) await work(tx)
      })
    try {
      const made = await make(tenantId, seen, due)
      await later((tx) => post(tx, { ...byItself, id: seen.ownerId }, seen, made, nextReportAt(seen, due)))
    } catch (error) {
      if (error instanceof NotAllowed)
        return later(async (tx) => {
          await createSchedulesRepository(tx).pause(id, `Paused: ${error.message}.`)
          await close(tx, byItself, 'report.paused', id, { newValues: { reason: error.message } })
        })
      failed(error)
      const isOver = Date.now() - Date.parse(due) > triedHours * 3_600_000
      await later((tx) =>
        createSchedulesRepository(tx).failed(
          id,
          isOver ? 'The report could not be made in time, and is left out once.' : unknown,
          isOver ? nextReportAt(seen, due) : undefined,
        ),
      )
    }
  }

  async function makeAllDue(signal: AbortSignal): Promise<void> {
    for (const tenantId of await transact({ tenantId: '', siteId: null }, (tx) =>
      createSchedulesRepository(tx).tenantIds(),
    )) {
      const ids = await transact(systemScope(tenantId), async (tx) => {
        await mail.removeFiles(tx)
        return createSchedulesRepository(tx).due()
      })
      for (const id of ids) {
        signal.throwIfAborted()
        await makeDue(tenantId, id)
      }
    }
  }

  return {
    list: (actor: Actor, { search = '' }: { search?: string }): Promise<ReportSchedule[]> =>
      transact(scopeOf(actor), async (tx) => {
        const words = fold(search).split(' ')
        return (await createSchedulesRepository(tx).all()).filter(({ name, ownerName }) =>
          words.every((word) => fold(`${name} ${ownerName}`).includes(word)),
        )
      }),

    /** The same again, under the same id, is answered as it is. */
    create: (
      actor: Actor,
      { id = uuidv7(), ...given }: ScheduleFields & { id?: string },
    ): Promise<ReportSchedule> =>
      transact(scopeOf(actor), async (tx) => {
        if (actor.enteredBy)
          throw new AppError(
            'VALIDATION_ERROR',
            'A report is made as somebody of the organisation sees it. Ask one of its admins to schedule it.',
          )
        const fields = fieldsOf(given)
        const repository = createSchedulesRepository(tx)
        const same = await repository.find(id)
        if (same) {
          if (same.ownerId === actor.id && canonicalJson(fieldsOf(same)) === canonicalJson(fields))
            return same
          throw new AppError('CONFLICT', 'There is another scheduled report with this id', { current: same })
        }
        await assertFits(tx, actor.id, fields)
        if ((await repository.countOf(actor.id)) >= mostSchedules)
          throw new AppError(
            'CONFLICT',
            `Nobody has more than ${mostSchedules} scheduled reports. Delete one first.`,
          )
        if (!(await repository.insert({ ...fields, id, nextAt: nextOf(fields) })))
          throw refused('id', 'This id cannot be used. Send another one.')
        await close(tx, actor, 'report.created', id, { newValues: fields })
        return (await repository.find(id))!
      }),

    update: (
      actor: Actor,
      id: string,
      { version, ...changes }: Partial<ScheduleFields> & { version: number },
    ): Promise<ReportSchedule> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await hold(tx, id)
        if (before.version !== version) {
          const message =
            'The scheduled report was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: before })
        }
        const [was, fields] = [fieldsOf(before), fieldsOf({ ...before, ...changes })]
        if (canonicalJson(was) === canonicalJson(fields)) return before
        if (fields.active) await assertFits(tx, before.ownerId, fields)
        const isTimed =
          fields.active &&
          before.nextAt !== null &&
          (['every', 'hour', 'timezone'] as const).every((field) => fields[field] === was[field])
        const after: KeptSchedule = { ...fields, id, nextAt: isTimed ? before.nextAt : nextOf(fields) }
        const repository = createSchedulesRepository(tx)
        await repository.update(after)
        await close(tx, actor, 'report.updated', id, { oldValues: was, newValues: fields })
        return (await repository.find(id))!
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await hold(tx, id)
        await createSchedulesRepository(tx).remove(id)
        await close(tx, actor, 'report.deleted', id, { oldValues: fieldsOf(before) })
      }),

    /** Of the period before the one that is now, whether it was sent already or not. */
    async sendNow(actor: Actor, id: string): Promise<void> {
      const found = await transact(scopeOf(actor), (tx) => createSchedulesRepository(tx).find(id))
      if (!found) throw missing()
      const made = await make(actor.tenantId, found, new Date().toISOString()).catch((error: Error) => {
        throw error instanceof NotAllowed ? new AppError('CONFLICT', `${error.message}.`) : error
      })
      await transact(scopeOf(actor), async (tx) => {
        const now = await hold(tx, id)
        await post(await turnTo(tx, systemScope(actor.tenantId)), actor, now, made)
      })
    },

    /** Once a minute, by one of the servers. */
    everyMinute: () =>
      void jobs.define('reports-due', { work: (_, signal) => makeAllDue(signal), everyMinute: true }),

    makeAllDue,
  }
}

/** What it is of is not there for them any more, such as a team that they led. */
const goneIsNotAllowed = (error: unknown): never => {
  throw error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND'
    ? new NotAllowed(error.message)
    : error
}

const nextOf = (fields: ScheduleFields): string | null =>
  fields.active ? nextReportAt(fields, new Date().toISOString()) : null
