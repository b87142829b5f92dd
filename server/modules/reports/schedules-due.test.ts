import { beforeEach, expect, test, vi } from 'vitest'
import type { ReportSchedule } from '#common/contract/reports'
import { createFieldWork } from '../../test/field-work.ts'
import { newSchedule } from '../../test/samples.ts'
import { journal } from '../journal/journal.service.ts'
import { createSchedulesService, type SchedulesDependencies } from './schedules.service.ts'

/** What is due, by services that no job runs, so that two of them come to be in each other's way. */

const { server, admin, sql } = await createFieldWork()
const table = { table: { title: 'x', columns: [], rows: [] }, isCut: false }
const signal = new AbortController().signal
const posted = vi.fn<SchedulesDependencies['mail']['queueReport']>()
const failed = vi.fn<(error: unknown) => void>()
const service = (makeTable: SchedulesDependencies['makeTable'] = () => Promise.resolve(table)) =>
  createSchedulesService({
    transact: server.app.transact,
    journal,
    mail: { queueReport: posted, removeFiles: () => Promise.resolve() },
    makeTable,
    jobs: { define: () => () => Promise.resolve() },
    failed,
  })

beforeEach(async () => {
  posted.mockReset()
  failed.mockReset()
  await sql('DELETE FROM report_schedules')
})

async function due(hoursAgo: number, fields: object = {}): Promise<string> {
  // At an hour that is not among the last of any day, so that the next is not due either, on the first of a month too.
  const hour = (new Date().getUTCHours() + 2) % 24
  const body = { ...newSchedule(server.ids.users.admin), every: 'month', hour, timezone: 'UTC', ...fields }
  const answer = await admin.post<{ schedule: ReportSchedule }>('/reports/schedules', body)
  const { id } = answer.body.schedule
  await sql('UPDATE report_schedules SET next_at = now() - make_interval(hours => $2) WHERE id = $1', [
    id,
    hoursAgo,
  ])
  return id
}
const stateOf = async (id: string) =>
  (
    await sql<{ is_due: boolean; last_problem: string | null }>(
      'SELECT next_at <= now() AS is_due, last_problem FROM report_schedules WHERE id = $1',
      [id],
    )
  )[0]!

test('of two that make the same report at the same time one sends it', async () => {
  const id = await due(1)
  const both = Promise.withResolvers<typeof table>()
  let making = 0
  const slow = () => {
    if (++making === 2) both.resolve(table)
    return both.promise
  }
  await Promise.all([service(slow).makeAllDue(signal), service(slow).makeAllDue(signal)])
  expect(making).toBe(2)
  expect(posted).toHaveBeenCalledTimes(1)
  expect(await stateOf(id)).toEqual({ is_due: false, last_problem: null })
})

test('one that was changed while it was made is made anew', async () => {
  const id = await due(1)
  const change = async () => {
    await admin.put(`/reports/schedules/${id}`, { name: 'Another', version: 1 })
    return table
  }
  await service(change).makeAllDue(signal)
  expect(posted).not.toHaveBeenCalled()
  await service().makeAllDue(signal)
  expect(posted.mock.calls.map(([, { about }]) => about.report)).toEqual(['Another'])
})

test('one that fails is tried again, holds up no other, and is left out once after half a day', async () => {
  const [broken, whole] = [await due(2, { kind: 'goals' }), await due(1)]
  const breaking = service((actor, { kind }) =>
    kind === 'goals' ? Promise.reject(new Error('The disk is full')) : Promise.resolve(table),
  )
  await breaking.makeAllDue(signal)
  expect(failed).toHaveBeenCalledExactlyOnceWith(new Error('The disk is full'))
  expect(posted).toHaveBeenCalledTimes(1)
  expect(await stateOf(whole)).toEqual({ is_due: false, last_problem: null })
  expect(await stateOf(broken)).toEqual({
    is_due: true,
    last_problem: 'The report could not be made. The server tries again.',
  })
  await sql(`UPDATE report_schedules SET next_at = now() - interval '13 hours' WHERE id = $1`, [broken])
  await breaking.makeAllDue(signal)
  expect(await stateOf(broken)).toEqual({
    is_due: false,
    last_problem: 'The report could not be made in time, and is left out once.',
  })
})

test('a server that closes begins no other', async () => {
  const id = await due(1)
  await expect(service().makeAllDue(AbortSignal.abort(new Error('Closing')))).rejects.toThrow('Closing')
  expect(posted).not.toHaveBeenCalled()
  expect((await stateOf(id)).is_due).toBe(true)
})
