import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid, Version } from './primitives.ts'

/**
 * Surveys: what is asked on visits. Admins write a draft; publishing freezes it as a version with a number. A visit
 * stays with the version it began with unless its agent goes on to a later one.
 */

export const questionTypes = [
  'text',
  'number',
  'single',
  'multiple',
  'yes_no',
  'rating',
  'date',
  'photo',
] as const
export const QuestionType = Type.Enum(questionTypes)
export type QuestionType = Static<typeof QuestionType>

/** Which of the versions of a survey, from 1. */
export const SurveyNumber = Type.Integer({ minimum: 1, maximum: 1_000_000 })

export const maxQuestions = 200
export const maxOptions = 50

export const QuestionOption = Closed({ id: Uuid, label: NamedText(200) })
export type QuestionOption = Static<typeof QuestionOption>

/** `value`: an option's id for a choice, true or false for yes/no, a number for a number or rating; null with `answered`. */
export const ShowIf = Closed({
  questionId: Type.String({ format: 'uuid', description: 'A question that comes earlier' }),
  is: Type.Enum(['answered', 'equal', 'not_equal', 'at_least', 'at_most']),
  value: Type.Union([
    Type.String({ format: 'text', maxLength: 200 }),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
  ]),
})
export type ShowIf = Static<typeof ShowIf>

const questionFields = {
  type: QuestionType,
  text: NamedText(500),
  help: Text(500),
  required: Type.Boolean(),
  options: Type.Array(QuestionOption, { maxItems: maxOptions, description: 'Of a choice, two at least' }),
  min: Type.Union([Type.Number(), Type.Null()], { description: 'Of a number; of photos, how many at least' }),
  max: Type.Union([Type.Number(), Type.Null()], {
    description:
      'Of a number; of a rating its highest (5 unless said otherwise); of photos, how many at most',
  }),
  showIf: Nullable(ShowIf),
}

export const Question = Closed({ id: Uuid, ...questionFields })
export type Question = Static<typeof Question>

const surveyFields = { name: NamedText(200), description: Text(2000) }

export const Survey = Closed({
  id: Uuid,
  ...surveyFields,
  active: Type.Boolean({ description: 'Offered for new visits, once it is published' }),
  publishedNumber: Nullable(SurveyNumber),
  publishedAt: Nullable(Instant),
  hasChanges: Type.Boolean({ description: 'The draft is not what was published last' }),
  questions: Type.Array(Question, {
    description: 'For admins the draft; for others what was published last',
  }),
  version: Version,
})
export type Survey = Static<typeof Survey>

/** What was published once, as it will always be. */
export const SurveyVersion = Closed({
  id: Uuid,
  surveyId: Uuid,
  number: SurveyNumber,
  ...surveyFields,
  questions: Type.Array(Question),
  publishedAt: Instant,
})
export type SurveyVersion = Static<typeof SurveyVersion>

/** A survey as devices hold it, beside its versions. */
export const SurveyHead = Closed({
  id: Uuid,
  name: Type.String(),
  active: Type.Boolean(),
  publishedNumber: SurveyNumber,
})
export type SurveyHead = Static<typeof SurveyHead>

const SurveyAnswer = Closed({ success: Type.Literal(true), survey: Survey })
const tags = ['surveys'] as const

export const listSurveys = endpoint({
  method: 'GET',
  url: '/surveys',
  config: { policy: 'survey.read', limit: 'read' },
  schema: {
    tags,
    summary:
      'The surveys of the organisation by name; whoever does not keep them sees those that are published',
    response: { 200: Closed({ surveys: Type.Array(Survey) }) },
  },
})

export const readSurvey = endpoint({
  method: 'GET',
  url: '/surveys/:id',
  config: { policy: 'survey.read', limit: 'read' },
  schema: { tags, summary: 'One survey', params: byId, response: { 200: Closed({ survey: Survey }) } },
})

export const readSurveyVersion = endpoint({
  method: 'GET',
  url: '/surveys/:id/versions/:number',
  config: { policy: 'survey.read', limit: 'read' },
  schema: {
    tags,
    summary: 'A survey as it was published under a number',
    params: Closed({ id: Uuid, number: SurveyNumber }),
    response: { 200: Closed({ surveyVersion: SurveyVersion }) },
  },
})

export const createSurvey = endpoint({
  method: 'POST',
  url: '/surveys',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Begin a survey; it may bring its own id and questions',
    body: Closed({
      id: Type.Optional(Uuid),
      ...surveyFields,
      questions: Type.Optional(Type.Array(Question, { maxItems: maxQuestions })),
    }),
    response: { 201: SurveyAnswer },
  },
})

export const updateSurvey = endpoint({
  method: 'PUT',
  url: '/surveys/:id',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Change the draft of a survey, its questions as a whole where they are given, or take it out of use; a stale version answers 409 with the survey as it is',
    params: byId,
    body: Closed({
      name: Type.Optional(surveyFields.name),
      description: Type.Optional(surveyFields.description),
      active: Type.Optional(Type.Boolean()),
      questions: Type.Optional(Type.Array(Question, { maxItems: maxQuestions })),
      version: Version,
    }),
    response: { 200: SurveyAnswer },
  },
})

export const deleteSurvey = endpoint({
  method: 'DELETE',
  url: '/surveys/:id',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a survey that was never published; another one can only be taken out of use',
    params: byId,
    response: { 200: Success },
  },
})

export const publishSurvey = endpoint({
  method: 'POST',
  url: '/surveys/:id/publish',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Freeze the draft as the next version, which new visits begin with',
    params: byId,
    body: Closed({ version: Version }),
    response: { 201: Closed({ success: Type.Literal(true), survey: Survey, surveyVersion: SurveyVersion }) },
  },
})

export const addQuestion = endpoint({
  method: 'POST',
  url: '/surveys/:id/questions',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Add a question to the draft of a survey, at the end or at a place; a stale version of the survey answers 409',
    params: byId,
    body: Closed({
      id: Type.Optional(Uuid),
      ...questionFields,
      position: Type.Optional(Type.Integer({ minimum: 0, maximum: maxQuestions })),
      version: Version,
    }),
    response: { 201: Closed({ success: Type.Literal(true), question: Question, survey: Survey }) },
  },
})

export const updateQuestion = endpoint({
  method: 'PUT',
  url: '/questions/:id',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Change a question of a draft, or its place; a stale version of the survey answers 409',
    params: byId,
    body: Closed({
      ...Type.Partial(Closed(questionFields)).properties,
      position: Type.Optional(Type.Integer({ minimum: 0, maximum: maxQuestions })),
      version: Version,
    }),
    response: { 200: Closed({ success: Type.Literal(true), question: Question, survey: Survey }) },
  },
})

export const deleteQuestion = endpoint({
  method: 'DELETE',
  url: '/questions/:id',
  config: { policy: 'survey.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Take a question out of a draft; refused while another one is shown by its answer, and with a stale version of the survey',
    params: byId,
    querystring: Closed({ version: Version }),
    response: { 200: SurveyAnswer },
  },
})
