import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { SurveyCompletion } from '#common/contract/reports'
import type { Survey } from '#common/contract/surveys'
import { createFieldWork, questionsOfSurvey } from '../../test/field-work.ts'

const field = await createFieldWork()
const { server, sql, admin } = field

let survey: Survey
let other: Survey
let team: string
beforeAll(async () => {
  survey = await field.survey([questionsOfSurvey().remarks])
  other = await field.survey([questionsOfSurvey().remarks])
  const [anna, bert] = [
    await field.person('anna', ['agent'], { [field.site]: 'viewer' }),
    await field.person('bert', ['agent'], { [field.site]: 'viewer' }),
  ]
  const body = { name: 'Harbour', level: 'team', parentId: null, leaderId: null }
  team = (await admin.post<{ team: { id: string } }>('/teams', body)).body.team.id
  await admin.post(`/teams/${team}/members`, { userId: anna.id })
  const visit = (agent: { id: string }, status: string, day: string, site = field.site) =>
    sql(
      `INSERT INTO visits (tenant_id, site_id, id, agent_id, survey_id, survey_number, visit_type, status, started_at,
         completed_at, timezone, day)
       VALUES ($1, $2, gen_random_uuid(), $3, $4, 1, 'routine', $5, $6::timestamptz,
         CASE $5 WHEN 'completed' THEN $6::timestamptz END, 'UTC', $6::date)`,
      [server.ids.tenants['Harbour & Vale'], site, agent.id, survey.id, status, day],
    )
  await visit(anna, 'completed', '2026-11-01')
  await visit(anna, 'completed', '2026-11-30')
  await visit(bert, 'completed', '2026-11-15')
  await visit(bert, 'cancelled', '2026-11-15')
  await visit(bert, 'in_progress', '2026-11-15', server.ids.sites.Sales)
  await visit(anna, 'completed', '2026-10-31')
  await visit(anna, 'completed', '2026-12-01')
})

const completion = async (query: Record<string, string> = {}, by = admin) => {
  const asked = new URLSearchParams({ from: '2026-11-01', to: '2026-11-30', ...query })
  return by.get<{ surveys: SurveyCompletion[] }>(`/admin/surveys/completion?${asked.toString()}`)
}
const of = async (query: Record<string, string> = {}, id = survey.id) =>
  (await completion(query)).body.surveys.find(({ surveyId }) => surveyId === id)

test('visits count by the day on which they began, its first and last with it', async () => {
  expect(await of()).toEqual({
    surveyId: survey.id,
    name: survey.name,
    started: 5,
    completed: 3,
    cancelled: 1,
    open: 1,
    rate: 0.6,
    agents: 2,
  })
  expect(await of({ from: '2026-11-02', to: '2026-11-29' })).toMatchObject({ started: 3, completed: 1 })
})

test('of one site, and of one team', async () => {
  expect(await of({ siteId: server.ids.sites.Sales })).toMatchObject({
    started: 1,
    open: 1,
    rate: 0,
    agents: 0,
  })
  expect(await of({ teamId: team })).toMatchObject({ started: 2, completed: 2, rate: 1, agents: 1 })
  expect(await of({ teamId: randomUUID() })).toMatchObject({ started: 0, rate: null })
})

test('a survey in use is there without visits, one out of use is not', async () => {
  expect(await of({}, other.id)).toMatchObject({ started: 0, rate: null })
  const { version } = (await admin.get<{ survey: Survey }>(`/surveys/${other.id}`)).body.survey
  await admin.put(`/surveys/${other.id}`, { active: false, version })
  expect(await of({}, other.id)).toBeUndefined()
})

test('it is for admins, of their own organisation, and no day comes before the first', async () => {
  const leader = await field.person('lena', ['national_manager'])
  expect((await leader.get('/admin/surveys/completion?from=2026-11-01&to=2026-11-30')).status).toBe(403)
  expect((await completion({}, server.as('outsider'))).body.surveys).toEqual([])
  expect((await completion({ to: '2026-10-01' })).error.details).toEqual([
    { field: 'to', message: 'Must not be before the first day' },
  ])
})
