import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Question, Survey, SurveyVersion } from '#common/contract/surveys'
import { plainQuestion } from '#common/rules/survey-draft'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createReplica } from '../../test/replica.ts'
import { writingTogether } from '../../test/together.ts'

let server: TestApp
let admin: Client
let viewer: Client
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  viewer = server.as('viewer', server.ids.sites.Marketing)
})
afterAll(() => server.close())

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]

const question = (fields: Partial<Question> = {}): Question => ({
  id: randomUUID(),
  type: 'yes_no',
  text: 'Is the shop open?',
  ...plainQuestion,
  required: true,
  ...fields,
})
const choice = (fields: Partial<Question> = {}) =>
  question({
    type: 'single',
    text: 'Which?',
    options: ['Left', 'Right'].map((label) => ({ id: randomUUID(), label })),
    ...fields,
  })

let count = 0
const add = (fields: object = {}) =>
  admin.post<{ survey: Survey }>('/surveys', { name: `Survey ${++count}`, description: '', ...fields })
async function added(fields: object = { questions: [question()] }): Promise<Survey> {
  const { status, body, text } = await add(fields)
  expect(status, text).toBe(201)
  return body.survey
}
const change = ({ id, version }: Survey, changes: object) =>
  admin.put<{ survey: Survey }>(`/surveys/${id}`, { version, ...changes })
const changed = async (survey: Survey, changes: object) => (await change(survey, changes)).body.survey
const publish = ({ id, version }: Survey) =>
  admin.post<{ survey: Survey; surveyVersion: SurveyVersion }>(`/surveys/${id}/publish`, { version })
async function published(fields?: object) {
  const { status, body, text } = await publish(await added(fields))
  expect(status, text).toBe(201)
  return body
}
const read = async ({ id }: Pick<Survey, 'id'>, by = admin) =>
  (await by.get<{ survey: Survey }>(`/surveys/${id}`)).body.survey
const listed = async (by: Client, { id }: Survey) =>
  (await by.get<{ surveys: Survey[] }>('/surveys')).body.surveys.find((one) => one.id === id)
const addQuestion = ({ id, version }: Survey, fields: object) =>
  admin.post<{ question: Question; survey: Survey }>(`/surveys/${id}/questions`, { version, ...fields })
const changeQuestion = (id: string, { version }: Survey, changes: object) =>
  admin.put<{ question: Question; survey: Survey }>(`/questions/${id}`, { version, ...changes })
const removeQuestion = (id: string, { version }: Survey) =>
  admin.call<{ survey: Survey }>('DELETE', `/questions/${id}?version=${version}`)

const auditOf = ({ id }: Survey) =>
  sql<{ action: string; old_values: object | null; new_values: object | null }>(
    `SELECT action, old_values, new_values FROM audit_logs WHERE entity_id = $1 ORDER BY position`,
    [id],
  )
const fed = async ({ id }: { id: string }) =>
  (
    await sql<{ entity: string; removed: boolean }>(
      'SELECT entity, removed FROM feed_changes WHERE entity_id = $1 AND feed_id = $2',
      [id, server.ids.tenants['Harbour & Vale']],
    )
  ).map(({ entity, removed }) => [entity, removed])

describe('a draft', () => {
  test('is begun with or without questions, and is the admins’ alone', async () => {
    const first = choice({ text: ' Which? ' })
    const second = question({ showIf: { questionId: first.id, is: 'equal', value: first.options[1]!.id } })
    const survey = await added({ name: ' Shelves ', description: 'Each month', questions: [first, second] })
    expect(survey).toMatchObject({
      name: 'Shelves',
      description: 'Each month',
      active: true,
      publishedNumber: null,
      publishedAt: null,
      hasChanges: true,
      questions: [{ ...first, text: 'Which?' }, second],
      version: 1,
    })
    expect(await read(survey)).toEqual(survey)
    expect(await listed(admin, survey)).toEqual(survey)
    expect(await listed(viewer, survey)).toBeUndefined()
    expect((await viewer.get(`/surveys/${survey.id}`)).status).toBe(404)
    expect(await fed(survey)).toEqual([])
    expect(await auditOf(survey)).toMatchObject([
      { action: 'survey.created', old_values: null, new_values: { name: 'Shelves' } },
    ])
    expect((await added({})).questions).toEqual([])
  })

  test('again under the same id is answered the same', async () => {
    const fields = { id: randomUUID(), name: 'Once', questions: [choice()] }
    const survey = await added(fields)
    expect(await added(fields)).toEqual(survey)
    expect(await add({ ...fields, name: 'Twice' })).toMatchObject({
      status: 409,
      error: { current: survey },
    })
    expect(await auditOf(survey)).toHaveLength(1)
  })

  test('changes as a whole, by its version', async () => {
    const before = await added()
    const questions = [choice(), ...before.questions]
    const { body } = await change(before, { name: 'Renamed', questions })
    expect(body.survey).toMatchObject({ name: 'Renamed', questions, version: 2 })
    expect(await read(before)).toEqual(body.survey)
    expect(await change(before, { name: 'Late' })).toMatchObject({
      status: 409,
      error: { current: body.survey },
    })
    expect(await changed(body.survey, { name: 'Renamed ', questions })).toEqual(body.survey)
    expect((await auditOf(before)).at(-1)).toMatchObject({
      action: 'survey.updated',
      old_values: { questions: [], order: before.questions.map(({ id }) => id) },
      new_values: { name: 'Renamed', questions: [questions[0]], order: questions.map(({ id }) => id) },
    })
    expect(await auditOf(before)).toHaveLength(2)
  })

  test('that could not be asked is refused, naming where', async () => {
    const survey = await added()
    const [one, two] = [question(), question()]
    const circle = [
      { ...one, showIf: { questionId: two.id, is: 'answered', value: null } },
      { ...two, showIf: { questionId: one.id, is: 'answered', value: null } },
    ]
    expect(await change(survey, { questions: circle })).toMatchObject({
      status: 400,
      error: {
        message: 'The survey is not valid',
        details: [
          {
            field: 'questions.0.showIf',
            message: 'Is shown by question 2, which is shown by this one',
          },
        ],
      },
    })
    expect(await add({ questions: [question({ type: 'single' })] })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'questions.0.options' }] },
    })
    const taken = [question(), survey.questions[0]!]
    expect(await add({ questions: taken })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'questions.1.id', message: 'This id cannot be used. Send another one.' }] },
    })
    expect(await read(survey)).toEqual(survey)
  })

  test('is written, and remembered, only where it changes', async () => {
    const [first, second, third] = [choice(), question(), choice()]
    const before = await added({ questions: [first, second, third] })
    const rowsOf = async (...ids: string[]) =>
      sql<object>(
        `SELECT q.id, q.ctid, (SELECT array_agg(o.ctid ORDER BY o.position) FROM question_options o
           WHERE o.question_id = q.id) AS options
         FROM survey_questions q WHERE q.id = ANY ($1) ORDER BY q.position`,
        [ids],
      )
    const rows = await rowsOf(first.id, third.id)
    const asked = { ...second, text: 'Still open?' }
    const after = await changed(before, { questions: [first, asked, third] })
    expect(await rowsOf(first.id, third.id)).toEqual(rows)
    expect((await auditOf(before)).at(-1)).toMatchObject({
      old_values: { questions: [second] },
      new_values: { questions: [asked] },
    })
    const options = await rowsOf(third.id)
    const moved = await changed(after, { questions: [third, first] })
    expect(await read(before)).toEqual(moved)
    expect(moved.questions).toEqual([third, first])
    expect((await rowsOf(third.id))[0]).toMatchObject({
      options: (options[0] as { options: unknown }).options,
    })
    const { old_values, new_values } = (await auditOf(before)).at(-1)!
    expect([old_values, new_values]).toEqual([
      { questions: [asked], order: [first.id, second.id, third.id] },
      { questions: [], order: [third.id, first.id] },
    ])
  })

  test('may be as long as a survey gets', async () => {
    const options = () => Array.from({ length: 50 }, (_, n) => ({ id: randomUUID(), label: `Choice ${n}` }))
    const questions = Array.from({ length: 200 }, () => question({ type: 'multiple', options: options() }))
    const survey = await added({ questions })
    expect((await read(survey)).questions).toEqual(questions)
    expect(await addQuestion(survey, { ...question() })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'questions', message: 'A survey has at most 200 questions' }] },
    })
  })

  test('is deleted as long as it was never published', async () => {
    const survey = await added()
    expect((await admin.delete(`/surveys/${survey.id}`)).status).toBe(200)
    expect((await admin.get(`/surveys/${survey.id}`)).status).toBe(404)
    expect(await sql('SELECT FROM survey_questions WHERE survey_id = $1', [survey.id])).toEqual([])
    expect((await auditOf(survey)).at(-1)).toMatchObject({ action: 'survey.deleted', new_values: null })
    const { survey: kept } = await published()
    expect(await admin.delete(`/surveys/${kept.id}`)).toMatchObject({
      status: 409,
      error: {
        message: 'The survey was published, and visits may have it; take it out of use instead',
        current: kept,
      },
    })
  })
})

describe('publishing', () => {
  test('freezes the draft under a number, for everybody and every device', async () => {
    const replica = createReplica(viewer)
    await replica.catchUp()
    const draft = await added({ name: 'Frozen', questions: [choice()] })
    const { status, body } = await publish(draft)
    expect(status).toBe(201)
    const { survey, surveyVersion } = body
    expect(survey).toMatchObject({ publishedNumber: 1, hasChanges: false, version: 2 })
    expect(survey.publishedAt).toBe(surveyVersion.publishedAt)
    expect(surveyVersion).toMatchObject({
      surveyId: draft.id,
      number: 1,
      name: 'Frozen',
      description: '',
      questions: draft.questions,
    })
    expect(await read(draft)).toEqual(survey)
    expect(await read(draft, viewer)).toEqual(survey)
    expect(await fed(survey)).toEqual([['survey', false]])
    expect(await fed(surveyVersion)).toEqual([['surveyVersion', false]])
    await replica.catchUp()
    expect(replica.kept.survey.get(draft.id)).toEqual({
      id: draft.id,
      name: 'Frozen',
      active: true,
      publishedNumber: 1,
    })
    expect(replica.kept.surveyVersion.get(surveyVersion.id)).toEqual(surveyVersion)
    expect((await auditOf(survey)).at(-1)).toMatchObject({
      action: 'survey.published',
      new_values: { number: 1, name: 'Frozen' },
    })
    const late = createReplica(viewer)
    await late.catchUp()
    expect(late.kept.surveyVersion.get(surveyVersion.id)).toEqual(surveyVersion)
  })

  test('again needs a change, and keeps what was', async () => {
    const { survey, surveyVersion: first } = await published()
    expect(await publish(survey)).toMatchObject({
      status: 400,
      error: { message: 'Nothing has changed since it was published' },
    })
    const replica = createReplica(viewer)
    await replica.catchUp()
    const questions = [...survey.questions, choice()]
    const draft = await changed(survey, { name: 'Second', questions })
    expect(draft).toMatchObject({ hasChanges: true, publishedNumber: 1 })
    // Nobody else sees the draft.
    for (const device of [replica, createReplica(viewer)]) {
      await device.catchUp()
      expect(device.kept.survey.get(survey.id)!.name).toBe(survey.name)
    }
    expect(await read(survey, viewer)).toMatchObject({
      name: survey.name,
      questions: survey.questions,
      hasChanges: false,
      publishedNumber: 1,
    })
    expect(await listed(viewer, survey)).toEqual(await read(survey, viewer))
    const { surveyVersion: second } = (await publish(draft)).body
    expect(second).toMatchObject({ number: 2, name: 'Second', questions })
    for (const version of [first, second])
      expect(await viewer.get(`/surveys/${survey.id}/versions/${version.number}`)).toMatchObject({
        status: 200,
        body: { surveyVersion: version },
      })
    expect((await viewer.get(`/surveys/${survey.id}/versions/3`)).status).toBe(404)
    await replica.catchUp()
    expect(replica.kept.survey.get(survey.id)).toMatchObject({ name: 'Second', publishedNumber: 2 })
    expect(await brokenChains(sql)).toEqual([])
  })

  test('has nothing to publish once the draft is as it was', async () => {
    const { survey } = await published()
    const draft = await changed(survey, { description: 'More' })
    expect(draft.hasChanges).toBe(true)
    const back = await changed(draft, { description: '' })
    expect(back.hasChanges).toBe(false)
    expect((await publish(back)).status).toBe(400)
  })

  test('needs a question, and the draft as it was read', async () => {
    const empty = await added({})
    expect(await publish(empty)).toMatchObject({
      status: 400,
      error: { details: [{ field: 'questions', message: 'Add a question first' }] },
    })
    const draft = await added()
    await changed(draft, { description: 'Changed' })
    expect((await publish(draft)).status).toBe(409)
  })

  test('of two at once happens once', async () => {
    const draft = await added()
    const requests = [1, 2].map(() => () => publish(draft))
    const answers = await writingTogether(server.database, 'survey_versions', requests)
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })
})

test('out of use it is offered no more, and devices hear of it and keep it', async () => {
  const { survey, surveyVersion } = await published()
  const replica = createReplica(viewer)
  await replica.catchUp()
  const idle = await changed(survey, { active: false })
  expect(idle).toMatchObject({ active: false, hasChanges: false })
  expect(await listed(admin, survey)).toEqual(idle)
  expect(await listed(viewer, survey)).toBeUndefined()
  expect((await viewer.get(`/surveys/${survey.id}`)).status).toBe(404)
  expect((await viewer.get(`/surveys/${survey.id}/versions/1`)).status).toBe(200)
  await replica.catchUp()
  expect(replica.kept.survey.get(survey.id)!.active).toBe(false)
  expect(replica.kept.surveyVersion.has(surveyVersion.id)).toBe(true)
})

describe('questions one by one', () => {
  test('are added at the end or at a place', async () => {
    const survey = await added()
    const [first] = survey.questions
    const { id: _, ...last } = question({ text: ' Anything else? ', type: 'text' })
    const end = await addQuestion(survey, last)
    expect(end).toMatchObject({ status: 201, body: { question: { text: 'Anything else?' } } })
    const middle = choice()
    const { body } = await addQuestion(end.body.survey, { ...middle, position: 1 })
    expect(body.survey.questions.map(({ id }) => id)).toEqual([first!.id, middle.id, end.body.question.id])
    expect(body.survey.version).toBe(3)
    expect(await read(survey)).toEqual(body.survey)
    expect((await addQuestion(survey, { ...middle })).body).toEqual(body)
    expect(await addQuestion(body.survey, { ...middle, text: 'Other' })).toMatchObject({ status: 409 })
    expect(
      await addQuestion(body.survey, {
        ...question(),
        position: 0,
        showIf: { questionId: first!.id, is: 'equal', value: true },
      }),
    ).toMatchObject({ status: 400, error: { details: [{ field: 'questions.0.showIf' }] } })
  })

  test('are changed and moved', async () => {
    const survey = await added({ questions: [question(), choice()] })
    const [one, two] = survey.questions
    const { body } = await changeQuestion(two!.id, survey, { required: false, position: 0 })
    expect(body.question).toEqual({ ...two, required: false })
    expect(body.survey.questions.map(({ id }) => id)).toEqual([two!.id, one!.id])
    const again = (await changeQuestion(one!.id, body.survey, { text: 'Still?' })).body.survey
    expect(again.questions).toEqual([
      { ...two, required: false },
      { ...one, text: 'Still?' },
    ])
    expect(await changeQuestion(one!.id, again, { type: 'single' })).toMatchObject({
      status: 400,
      error: { details: [{ field: 'questions.1.options' }] },
    })
    expect((await changeQuestion(randomUUID(), again, { text: 'x' })).status).toBe(404)
  })

  test('are taken out, unless another is shown by their answer', async () => {
    const first = question()
    const second = question({ showIf: { questionId: first.id, is: 'equal', value: true } })
    const survey = await added({ questions: [first, second] })
    expect(await removeQuestion(first.id, survey)).toMatchObject({
      status: 409,
      error: { message: 'Question 2 is shown by its answer; change that one first', current: survey },
    })
    const { body } = await removeQuestion(second.id, survey)
    expect(body.survey).toMatchObject({ questions: [first], version: 2 })
    expect((await removeQuestion(second.id, body.survey)).status).toBe(404)
    expect(await read(survey)).toEqual(body.survey)
  })

  test('are not written over what somebody else changed meanwhile', async () => {
    const stale = await added({ questions: [question(), question()] })
    const [one, two] = stale.questions
    const current = await changed(stale, { questions: [{ ...one!, text: 'Theirs' }, two] })
    for (const answer of [
      await addQuestion(stale, { ...question() }),
      await changeQuestion(one!.id, stale, { text: 'Mine' }),
      await removeQuestion(one!.id, stale),
    ])
      expect(answer).toMatchObject({ status: 409, error: { current } })
    const unsaid = await admin.put(`/questions/${one!.id}`, { text: 'Mine' })
    expect(unsaid).toMatchObject({ status: 400, error: { details: [{ field: 'version' }] } })
    expect(await read(stale)).toEqual(current)
  })

  test('say that the draft is no longer what was published', async () => {
    const { survey } = await published()
    await addQuestion(survey, { ...question() })
    expect(await read(survey)).toMatchObject({ hasChanges: true, publishedNumber: 1 })
  })
})

test('what is published cannot be changed, even by the application itself', async () => {
  const { surveyVersion } = await published()
  const { rows } = await server.database.owner.query(
    `SELECT has_table_privilege('fieldbook_app', 'survey_versions', 'UPDATE') AS change,
       has_any_column_privilege('fieldbook_app', 'survey_versions', 'UPDATE') AS part,
       has_table_privilege('fieldbook_app', 'survey_versions', 'DELETE') AS remove`,
  )
  expect(rows).toEqual([{ change: false, part: false, remove: false }])
  expect(surveyVersion.number).toBe(1)
})

test('is for admins of the organisation to keep, and nobody else’s', async () => {
  const { survey } = await published()
  const id = survey.questions[0]!.id
  for (const [by, status] of [
    [server.as('manager', server.ids.sites.Marketing), 403],
    [server.as('outsider'), 404],
  ] as const) {
    expect((await by.put(`/surveys/${survey.id}`, { name: 'Mine', version: 2 })).status).toBe(status)
    expect((await by.delete(`/surveys/${survey.id}`)).status).toBe(status)
    expect((await by.post(`/surveys/${survey.id}/publish`, { version: 2 })).status).toBe(status)
    expect((await by.post(`/surveys/${survey.id}/questions`, { ...question(), version: 2 })).status).toBe(
      status,
    )
    expect((await by.put(`/questions/${id}`, { text: 'Mine', version: 2 })).status).toBe(status)
    expect((await by.delete(`/questions/${id}?version=2`)).status).toBe(status)
  }
  const outsider = server.as('outsider')
  expect((await outsider.get(`/surveys/${survey.id}`)).status).toBe(404)
  expect((await outsider.get(`/surveys/${survey.id}/versions/1`)).status).toBe(404)
  expect(await read(survey)).toEqual(survey)
})
