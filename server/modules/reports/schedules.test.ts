import { parse } from 'csv-parse/sync'
import { randomUUID } from 'node:crypto'
import readXlsxFile from 'read-excel-file/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ReportSchedule } from '#common/contract/reports'
import { dateIn, dateOfDay, dayNumber } from '#common/rules/calendar'
import { momentOf } from '#common/rules/report-times'
import { type Client, createTestApp } from '../../test/app.ts'
import { createFieldWork } from '../../test/field-work.ts'
import { newSchedule } from '../../test/samples.ts'
import { startSmtpServer } from '../../test/smtp-server.ts'

const smtp = await startSmtpServer()
afterAll(() => smtp.close())
const config = { smtpUrl: smtp.url, mailFrom: 'post@fieldbook.example' }
const field = await createFieldWork({ config, jobs: { superviseSeconds: 1 } })
const { server, sql, admin } = field
const { users } = server.ids

let leader: Awaited<ReturnType<typeof field.person>>
let agent: typeof leader
let stranger: typeof leader
beforeAll(async () => {
  leader = await field.person('lena', ['team_leader'])
  agent = await field.person('anton', ['agent'], { [field.site]: 'viewer' })
  stranger = await field.person('stefan', ['agent'], { [field.site]: 'viewer' })
  const team = { name: 'Harbour', level: 'team', parentId: null, leaderId: leader.id }
  const { body } = await admin.post<{ team: { id: string } }>('/teams', team)
  await admin.post(`/teams/${body.team.id}/members`, { userId: agent.id })
})
beforeEach(() => {
  smtp.mails.length = 0
})

/** Where it is noon now, so that no day ends while the test runs. */
const east = 12 - new Date().getUTCHours()
const timezone = east === 0 ? 'UTC' : `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
const today = dateIn(new Date().toISOString(), timezone)
const yesterday = dateOfDay(dayNumber(today) - 1)
const visit = (of: { id: string }, status: 'completed' | 'cancelled' | 'in_progress') =>
  sql(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, visit_type, status, started_at, completed_at, timezone, day)
     VALUES ($1, $2, gen_random_uuid(), $3, 'routine', $4, now(), CASE $4 WHEN 'completed' THEN now() END, 'UTC', $5)`,
    [server.ids.tenants['Harbour & Vale'], field.site, of.id, status, yesterday],
  )

async function schedule(fields: object = {}, by: Client = leader): Promise<ReportSchedule> {
  const body = { ...newSchedule(leader.id), every: 'day', hour: 0, timezone, ...fields }
  const answer = await by.post<{ schedule: ReportSchedule }>('/reports/schedules', body)
  expect(answer.status, answer.text).toBe(201)
  return answer.body.schedule
}
const read = async (id: string) =>
  (await admin.get<{ schedules: ReportSchedule[] }>('/reports/schedules')).body.schedules.find(
    (one) => one.id === id,
  )!
/** As if nobody had made it at midnight. */
const makeDue = (id: string) =>
  sql('UPDATE report_schedules SET next_at = $2 WHERE id = $1', [id, momentOf(today, 0, timezone)])
const settled = () =>
  expect
    .poll(
      () =>
        sql(`SELECT name FROM pgboss.job WHERE name IN ('reports-due', 'mail')
             AND state IN ('created', 'retry', 'active')`),
      { timeout: 50_000, interval: 50 },
    )
    .toEqual([])
const runJobs = async (jobs = 1) => {
  await sql(`INSERT INTO pgboss.job (name, data) SELECT 'reports-due', '{}' FROM generate_series(1, $1)`, [
    jobs,
  ])
  await settled()
}
const rowsIn = (bytes: Buffer): string[][] => parse(bytes, { bom: true })
const files = () => sql('SELECT FROM mail_files')

test('a report that is due arrives once, with the rows its owner sees, and is moved on', async () => {
  await visit(agent, 'completed')
  await visit(agent, 'cancelled')
  await visit(stranger, 'completed')
  const { id, nextAt } = await schedule({ name: 'Visits of, my team', recipients: [leader.id, users.admin] })
  expect(Date.parse(nextAt!)).toBeGreaterThan(Date.now())
  await makeDue(id)
  await runJobs(2)

  expect(smtp.mails.map(({ to }) => to[0]).sort()).toEqual(['admin@harbour-vale.example', 'lena@example.org'])
  for (const { headers, text, files } of smtp.mails) {
    expect(headers.subject).toContain('Visits of, my team')
    expect(text).toContain('as Lena Pier sees it')
    const [[name, bytes]] = Object.entries(files) as [[string, Buffer]]
    expect(name).toBe(`Visits of, my team ${yesterday}.csv`)
    expect(rowsIn(bytes)).toEqual([
      ['Person', 'Started', 'Completed', 'Cancelled', 'Shops visited', 'Surveys completed'],
      ['Anton Pier', '2', '1', '1', '0', '0'],
    ])
  }
  const after = await read(id)
  expect(after.nextAt).toBe(nextAt)
  expect(after).toMatchObject({ lastProblem: null, active: true, version: 1 })
  expect(Date.now() - Date.parse(after.lastAt!)).toBeLessThan(60_000)
  expect(await files()).toEqual([])
  const audit = await sql<{ actor_id: string; new_values: object }>(
    `SELECT actor_id, new_values FROM audit_logs WHERE entity_id = $1 AND action = 'export.mailed'`,
    [id],
  )
  expect(audit).toEqual([
    {
      actor_id: leader.id,
      new_values: expect.objectContaining({ rows: 1, from: yesterday, to: yesterday }) as object,
    },
  ])
})

test('an empty one is sent all the same and says so; a workbook opens', async () => {
  const { id } = await schedule({ format: 'xlsx', every: 'month', siteId: server.ids.sites.Support }, admin)
  expect((await admin.post(`/reports/schedules/${id}/send`, {})).status).toBe(200)
  await settled()
  const [mail] = smtp.mails
  expect(mail!.text).toContain('There was nothing to tell of in that time.')
  const [[name, bytes]] = Object.entries(mail!.files) as [[string, Buffer]]
  expect(name).toMatch(/^Report .* \d{4}-\d\d-01 to \d{4}-\d\d-\d\d\.xlsx$/)
  const [sheet] = await readXlsxFile(bytes)
  expect(sheet).toEqual({
    sheet: 'Visits by person',
    data: [['Person', 'Started', 'Completed', 'Cancelled', 'Shops visited', 'Surveys completed']],
  })
})

test('two servers make it once', async () => {
  const other = await createTestApp({ database: server.database, config, jobs: { superviseSeconds: 1 } })
  try {
    const { id } = await schedule()
    await makeDue(id)
    await runJobs(4)
    expect(smtp.mails).toHaveLength(1)
  } finally {
    await other.close()
  }
})

test('of whoever has no rights any more nothing is made, and it is paused with the reason', async () => {
  const passing = await field.person('paula', ['team_leader'])
  const { id } = await schedule({}, passing)
  await sql(`DELETE FROM user_roles WHERE user_id = $1`, [passing.id])
  expect((await admin.post(`/reports/schedules/${id}/send`, {})).error).toMatchObject({
    code: 'CONFLICT',
    message: 'Paula Pier may not see this any more.',
  })
  await makeDue(id)
  await runJobs()
  expect(smtp.mails).toEqual([])
  expect(await read(id)).toMatchObject({
    active: false,
    nextAt: null,
    lastProblem: 'Paused: Paula Pier may not see this any more.',
  })
  const again = await admin.put(`/reports/schedules/${id}`, { active: true, version: 2 })
  expect(again.error.details).toEqual([
    { field: 'kind', message: 'This is not for whose report it is to see' },
  ])

  await sql(`INSERT INTO user_roles SELECT tenant_id, id, 'team_leader' FROM users WHERE id = $1`, [
    passing.id,
  ])
  const { body } = await passing.put<{ schedule: ReportSchedule }>(`/reports/schedules/${id}`, {
    active: true,
    version: 2,
  })
  expect(body.schedule).toMatchObject({ active: true, lastProblem: null, version: 3 })
  await makeDue(id)
  await sql('UPDATE users SET active = false WHERE id = $1', [passing.id])
  await runJobs()
  expect(smtp.mails).toEqual([])
  expect((await read(id)).lastProblem).toBe('Paused: Paula Pier cannot sign in any more.')
})

test('a recipient who left is passed over and named', async () => {
  const leaving = await field.person('leo', ['agent'])
  const { id } = await schedule({ recipients: [leaving.id, leader.id] })
  await sql('UPDATE users SET active = false WHERE id = $1', [leaving.id])
  await makeDue(id)
  await runJobs()
  expect(smtp.mails.map(({ to }) => to)).toEqual([['lena@example.org']])
  expect((await read(id)).lastProblem).toBe('Not sent to Leo Pier, who cannot sign in any more.')
  const changed = await leader.put(`/reports/schedules/${id}`, { hour: 9, version: 1 })
  expect(changed.error.details?.[0]?.field).toBe('recipients')
})

test('every kind can be made', async () => {
  for (const kind of ['visits', 'goals', 'survey_completion', 'activity', 'shelf_share', 'coverage']) {
    const { id } = await schedule({ kind }, admin)
    const sent = await admin.post(`/reports/schedules/${id}/send`, {})
    expect(sent.status, `${kind}: ${sent.text}`).toBe(200)
  }
  await settled()
  const heads = smtp.mails.map(({ files }) => rowsIn(Object.values(files)[0]!)[0]![0])
  expect(heads.sort()).toEqual(['Brand', 'Goal', 'Person', 'Person', 'Person or team', 'Survey'])
})

test('a file stays for as long as a mail with it may be sent, and no longer', async () => {
  const [over, waiting] = [randomUUID(), randomUUID()]
  for (const [id, hours] of [
    [over, -1],
    [waiting, 1],
  ] as const)
    await sql(
      `WITH file AS (INSERT INTO mail_files VALUES ($1, $2, 'x.csv', 'text/csv', ''))
       INSERT INTO mails (tenant_id, id, user_id, kind, give_up_at, file_id)
       VALUES ($1, $2, $3, 'report', now() + make_interval(hours => $4), $2)`,
      [server.ids.tenants['Harbour & Vale'], id, leader.id, hours],
    )
  await runJobs()
  expect(await sql('SELECT id FROM mail_files')).toEqual([{ id: waiting }])
  await sql('UPDATE mails SET refused_at = now() WHERE id = $1', [waiting])
  await runJobs()
  expect(await files()).toEqual([])
})

describe('who has scheduled reports', () => {
  test('sees and changes their own, an admin those of all, and nobody else any', async () => {
    const mine = await schedule({ name: 'Lena’s only' })
    const other = await field.person(`l${randomUUID().slice(0, 8)}`, ['area_manager'])
    const found = async (by: Client, search = '') =>
      (
        await by.get<{ schedules: ReportSchedule[] }>(
          `/reports/schedules?search=${encodeURIComponent(search)}`,
        )
      ).body.schedules.map(({ id }) => id)
    expect(await found(leader, 'lena’s ONLY')).toEqual([mine.id])
    expect(await found(admin)).toContain(mine.id)
    expect(await found(other)).toEqual([])
    expect(await found(server.as('outsider'))).toEqual([])
    const at = `/reports/schedules/${mine.id}`
    for (const by of [other, server.as('outsider')]) {
      expect((await by.put(at, { hour: 3, version: 1 })).status).toBe(404)
      expect((await by.delete(at)).status).toBe(404)
      expect((await by.post(`${at}/send`, {})).status).toBe(404)
    }
    expect((await agent.get('/reports/schedules')).status).toBe(403)
    const changed = await admin.put<{ schedule: ReportSchedule }>(at, { hour: 3, version: 1 })
    expect(changed.body.schedule).toMatchObject({ hour: 3, version: 2, ownerId: leader.id })
    expect(changed.body.schedule.nextAt).not.toBe(mine.nextAt)
    expect((await leader.put(at, { hour: 4, version: 1 })).error.code).toBe('CONFLICT')
    expect((await leader.delete(at)).status).toBe(200)
    expect(await found(leader, 'lena’s ONLY')).toEqual([])
  })

  test('is told what does not fit', async () => {
    const problem = async (fields: object, by: Client = leader) =>
      (await by.post('/reports/schedules', { ...newSchedule(leader.id), ...fields })).error?.details?.[0]
    expect(await problem({ kind: 'activity' })).toMatchObject({ field: 'kind' })
    expect(await problem({ kind: 'survey_completion' })).toMatchObject({ field: 'kind' })
    expect(await problem({ siteId: randomUUID() })).toMatchObject({ field: 'siteId' })
    expect(await problem({ kind: 'goals', siteId: field.site })).toMatchObject({ field: 'siteId' })
    expect(await problem({ recipients: [users.outsider] })).toMatchObject({ field: 'recipients' })
    expect(await problem({ timezone: 'Mars/Base' })).toMatchObject({ field: 'timezone' })
    const team = { name: 'Elsewhere', level: 'team', parentId: null, leaderId: null }
    const { body } = await admin.post<{ team: { id: string } }>('/teams', team)
    expect(await problem({ teamId: body.team.id })).toMatchObject({ field: 'teamId' })
    expect(await problem({ teamId: body.team.id }, admin)).toBeUndefined()
  })

  test('has one of an id that comes again once', async () => {
    const body = { ...newSchedule(leader.id), id: randomUUID() }
    for (const status of [201, 201])
      expect((await leader.post('/reports/schedules', body)).status).toBe(status)
    expect((await leader.post('/reports/schedules', { ...body, hour: 9 })).status).toBe(409)
    expect((await admin.post('/reports/schedules', { ...body, hour: 9 })).status).toBe(409)
    const elsewhere = { ...body, recipients: [users.outsider] }
    expect((await server.as('outsider').post('/reports/schedules', elsewhere)).status).toBe(201)
  })
})

test('whoever is forgotten leaves no report behind and gets none', async () => {
  const going = await field.person('gerd', ['team_leader'])
  const own = await schedule({}, going)
  const shared = await schedule({ recipients: [going.id, leader.id] })
  const only = await schedule({ recipients: [going.id] })
  const copy = await going.get<{ scheduledReports: { id: string }[] }>(`/users/${going.id}/data`)
  expect(copy.body.scheduledReports.map(({ id }) => id)).toEqual([own.id])
  expect((await admin.post(`/users/${going.id}/forget`, {})).status).toBe(200)
  expect(await read(own.id)).toBeUndefined()
  expect(await read(shared.id)).toMatchObject({ recipients: [leader.id], active: true })
  expect(await read(only.id)).toMatchObject({
    recipients: [],
    active: false,
    lastProblem: 'Paused: there is nobody left to send it to.',
  })
})
