import { v7 as uuidv7 } from 'uuid'
import { AppError, type FieldProblem } from '#common/contract/errors'
import { maxQuestions, type Question, type Survey, type SurveyVersion } from '#common/contract/surveys'
import { may } from '#common/rules/permissions'
import { surveyProblems } from '#common/rules/survey-draft'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createSurveysRepository, withoutEqual } from './surveys.repository.ts'

interface SurveyFields {
  name: string
  description: string
  questions?: Question[]
}
type SurveyChanges = Partial<SurveyFields> & { active?: boolean; version: number }
type QuestionFields = Omit<Question, 'id'>
/** Where a question goes, and which version of the survey that was decided on. */
interface Placed {
  position?: number
  version: number
}
type QuestionChanges = Partial<QuestionFields> & Placed

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such survey')
const missingQuestion = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such question in a draft')

const invalid = (details: FieldProblem[]) =>
  new AppError('VALIDATION_ERROR', 'The survey is not valid', { details })

const keeps = (actor: Actor) => may(actor, 'survey.manage')

const audited = ['name', 'description', 'active', 'questions'] as const

/** Of one side of a change, the questions that the other has not or has otherwise; all ids where their order differs. */
function changedQuestions(questions: readonly Question[], others: readonly Question[]) {
  const [order, before] = [questions, others].map((list) => list.map(({ id }) => id))
  return {
    questions: withoutEqual(questions, others),
    ...(canonicalJson(order) !== canonicalJson(before) && { order }),
  }
}

/** What publishing freezes. */
const contentOf = ({ name, description, questions }: Pick<Survey, 'name' | 'description' | 'questions'>) =>
  canonicalJson({ name, description, questions })

const trimmed = (question: Question): Question => ({
  ...question,
  text: question.text.trim(),
  help: question.help.trim(),
  options: question.options.map(({ id, label }) => ({ id, label: label.trim() })),
})

function assertAsOf(current: Survey, version: number): void {
  if (current.version === version) return
  const message = 'The survey was changed meanwhile; look at it again and repeat your change'
  throw new AppError('CONFLICT', message, { current })
}

export type SurveysService = ReturnType<typeof createSurveysService>

/**
 * Surveys and what was published of them. Drafts are for those who keep them; everybody else, and every device, has
 * what was published. What is published once is for ever, for the visits that began with it.
 */
export function createSurveysService(transact: Transact, journal: Journal) {
  async function find(tx: Transaction, id: string): Promise<Survey> {
    const survey = await createSurveysRepository(tx).find(id)
    if (!survey) throw missing()
    return survey
  }

  async function findAsOf(tx: Transaction, id: string, version: number): Promise<Survey> {
    const survey = await find(tx, id)
    assertAsOf(survey, version)
    return survey
  }

  const asPublished = ({
    surveyId,
    number,
    publishedAt,
    id: _,
    ...rest
  }: SurveyVersion & { version: number }): Survey => ({
    ...rest,
    id: surveyId,
    active: true,
    publishedNumber: number,
    publishedAt,
    hasChanges: false,
  })

  async function assertFits(tx: Transaction, { id, questions }: Survey): Promise<void> {
    const problems = surveyProblems(questions)
    const ids = questions.map((question) => question.id)
    const taken = ids.length > 0 ? await createSurveysRepository(tx).takenElsewhere(id, ids) : []
    for (const one of taken) {
      const field = `questions.${ids.indexOf(one)}.id`
      problems.push({ field, message: 'This id cannot be used. Send another one.' })
    }
    if (problems.length > 0) throw invalid(problems)
  }

  async function record(tx: Transaction, actor: Actor, before: Survey | null, after: Survey | null) {
    const { id, publishedNumber } = (after ?? before)!
    const changed = audited.filter((name) => canonicalJson(before?.[name]) !== canonicalJson(after?.[name]))
    const pick = (from: Survey | null, other: Survey | null) =>
      from && {
        ...Object.fromEntries(changed.map((name) => [name, from[name]])),
        ...(other && changed.includes('questions') && changedQuestions(from.questions, other.questions)),
      }
    // What devices hold of it is not the draft.
    const isSeen = publishedNumber !== null && changed.includes('active')
    await journal.record(tx, actor, {
      action: `survey.${!after ? 'deleted' : before ? 'updated' : 'created'}`,
      feedId: actor.tenantId,
      entity: 'survey',
      entityId: id,
      oldValues: pick(before, after),
      newValues: pick(after, before),
      changes: isSeen ? [{ entity: 'survey', entityId: id, removed: false }] : [],
    })
  }

  /** Writes the draft as it is to be; nothing where it is so already. */
  async function save(
    tx: Transaction,
    actor: Actor,
    before: Survey,
    changes: Partial<Pick<Survey, (typeof audited)[number]>>,
  ): Promise<Survey> {
    const repository = createSurveysRepository(tx)
    const wanted = { ...before, ...changes, questions: (changes.questions ?? before.questions).map(trimmed) }
    const isSame = audited.every((name) => canonicalJson(before[name]) === canonicalJson(wanted[name]))
    if (isSame) return before
    await assertFits(tx, wanted)
    const { id, publishedNumber } = before
    const last = publishedNumber === null ? null : await repository.version(id, publishedNumber)
    const hasChanges = !last || contentOf(last) !== contentOf(wanted)
    const after: Survey = { ...wanted, hasChanges, version: before.version + 1 }
    await repository.update(after)
    if (canonicalJson(before.questions) !== canonicalJson(after.questions))
      await repository.writeQuestions(id, before.questions, after.questions)
    await record(tx, actor, before, after)
    return after
  }

  /** The draft that a question is in, as of this version. */
  async function findByQuestion(tx: Transaction, questionId: string, version: number): Promise<Survey> {
    const repository = createSurveysRepository(tx)
    await repository.takeTurns()
    const surveyId = await repository.surveyOf(questionId)
    if (surveyId === null) throw missingQuestion()
    return findAsOf(tx, surveyId, version)
  }

  const placed = (questions: readonly Question[], question: Question, position = questions.length) => {
    const others = questions.filter(({ id }) => id !== question.id)
    return [...others.slice(0, position), question, ...others.slice(position)]
  }

  const inTransaction = {
    /** As devices hold them: those with these ids that are published; null: all. */
    heads: (tx: Transaction, ids: readonly string[] | null) => createSurveysRepository(tx).heads(ids),
    /** Those with these ids of their own. */
    versions: (tx: Transaction, ids: readonly string[]) => createSurveysRepository(tx).versions(ids),
    /** Of all that was ever published as many as may be, the latest first, before one of them. */
    newestVersions: (tx: Transaction, before: string | null, limit: number) =>
      createSurveysRepository(tx).newestVersions(before, limit),
    countVersions: (tx: Transaction) => createSurveysRepository(tx).countVersions(),
    version: (tx: Transaction, surveyId: string, number: number) =>
      createSurveysRepository(tx).version(surveyId, number),
  }

  return {
    inTransaction,

    list: (actor: Actor): Promise<Survey[]> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createSurveysRepository(tx)
        return keeps(actor) ? repository.list() : (await repository.offered()).map(asPublished)
      }),

    read: (actor: Actor, id: string): Promise<Survey> =>
      transact(scopeOf(actor), async (tx) => {
        if (keeps(actor)) return find(tx, id)
        const [offered] = await createSurveysRepository(tx).offered(id)
        if (!offered) throw missing()
        return asPublished(offered)
      }),

    readVersion: (actor: Actor, id: string, number: number): Promise<SurveyVersion> =>
      transact(scopeOf(actor), async (tx) => {
        const version = await createSurveysRepository(tx).version(id, number)
        if (!version) throw new AppError('RESOURCE_NOT_FOUND', 'Nothing was published under this number')
        return version
      }),

    /** The same again, under the same id, is answered the same. */
    create: (
      actor: Actor,
      { id = uuidv7(), name, description, questions = [] }: SurveyFields & { id?: string },
    ): Promise<Survey> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createSurveysRepository(tx)
        await repository.takeTurns()
        const survey: Survey = {
          id,
          name: name.trim(),
          description: description.trim(),
          active: true,
          publishedNumber: null,
          publishedAt: null,
          hasChanges: true,
          questions: questions.map(trimmed),
          version: 1,
        }
        const same = await repository.find(id)
        if (same && contentOf(same) === contentOf(survey)) return same
        if (same) throw new AppError('CONFLICT', 'There is another survey with this id', { current: same })
        await assertFits(tx, survey)
        await repository.insert(survey)
        await repository.writeQuestions(id, [], survey.questions)
        await record(tx, actor, null, survey)
        return survey
      }),

    update: (actor: Actor, id: string, { version, ...changes }: SurveyChanges): Promise<Survey> =>
      transact(scopeOf(actor), async (tx) => {
        await createSurveysRepository(tx).takeTurns()
        const before = await findAsOf(tx, id, version)
        return save(tx, actor, before, {
          ...changes,
          name: changes.name?.trim() ?? before.name,
          description: changes.description?.trim() ?? before.description,
        })
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createSurveysRepository(tx)
        await repository.takeTurns()
        const before = await find(tx, id)
        if (before.publishedNumber !== null) {
          const message = 'The survey was published, and visits may have it; take it out of use instead'
          throw new AppError('CONFLICT', message, { current: before })
        }
        await repository.remove(id)
        await record(tx, actor, before, null)
      }),

    publish: (
      actor: Actor,
      id: string,
      version: number,
    ): Promise<{ survey: Survey; surveyVersion: SurveyVersion }> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createSurveysRepository(tx)
        await repository.takeTurns()
        const before = await findAsOf(tx, id, version)
        if (!before.hasChanges)
          throw new AppError('VALIDATION_ERROR', 'Nothing has changed since it was published')
        if (before.questions.length === 0) throw refused('questions', 'Add a question first')
        await assertFits(tx, before)
        const { name, description, questions } = before
        const number = (before.publishedNumber ?? 0) + 1
        const frozen = { id: uuidv7(), surveyId: id, number, name, description, questions }
        const publishedAt = await repository.publish(frozen, actor.enteredBy ? null : actor.id)
        const survey: Survey = {
          ...before,
          publishedNumber: number,
          publishedAt,
          hasChanges: false,
          version: version + 1,
        }
        await repository.update(survey)
        await journal.record(tx, actor, {
          action: 'survey.published',
          feedId: actor.tenantId,
          entity: 'survey',
          entityId: id,
          newValues: { number, name, description, questions },
          changes: [
            { entity: 'survey', entityId: id, removed: false },
            { entity: 'surveyVersion', entityId: frozen.id, removed: false },
          ],
        })
        return { survey, surveyVersion: { ...frozen, publishedAt } }
      }),

    /** The same again, under the same id, is answered as it is by now. */
    addQuestion: (
      actor: Actor,
      surveyId: string,
      { id = uuidv7(), position, version, ...fields }: QuestionFields & Placed & { id?: string },
    ): Promise<{ question: Question; survey: Survey }> =>
      transact(scopeOf(actor), async (tx) => {
        await createSurveysRepository(tx).takeTurns()
        const before = await find(tx, surveyId)
        const question = trimmed({ id, ...fields })
        const same = before.questions.find((other) => other.id === id)
        if (same && canonicalJson(same) === canonicalJson(question)) return { question: same, survey: before }
        if (same)
          throw new AppError('CONFLICT', 'There is another question with this id', { current: before })
        assertAsOf(before, version)
        if (before.questions.length >= maxQuestions)
          throw refused('questions', `A survey has at most ${maxQuestions} questions`)
        const survey = await save(tx, actor, before, {
          questions: placed(before.questions, question, position),
        })
        return { question, survey }
      }),

    updateQuestion: (
      actor: Actor,
      id: string,
      { position, version, ...changes }: QuestionChanges,
    ): Promise<{ question: Question; survey: Survey }> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await findByQuestion(tx, id, version)
        const index = before.questions.findIndex((other) => other.id === id)
        const question = trimmed({ ...before.questions[index]!, ...changes })
        const survey = await save(tx, actor, before, {
          questions: placed(before.questions, question, position ?? index),
        })
        return { question, survey }
      }),

    removeQuestion: (actor: Actor, id: string, version: number): Promise<Survey> =>
      transact(scopeOf(actor), async (tx) => {
        const before = await findByQuestion(tx, id, version)
        const shown = before.questions.findIndex(({ showIf }) => showIf?.questionId === id)
        if (shown !== -1) {
          const message = `Question ${shown + 1} is shown by its answer; change that one first`
          throw new AppError('CONFLICT', message, { current: before })
        }
        const questions = before.questions.filter((other) => other.id !== id)
        return save(tx, actor, before, { questions })
      }),
  }
}
