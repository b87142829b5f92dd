import type { FieldProblem } from '#common/contract/errors'
import type { Question, Survey } from '#common/contract/surveys'
import { surveyProblems } from '#common/rules/survey-draft'
import type { DraftQuestion } from './questions.ts'

/** What the builder holds of a survey. */
export interface Draft {
  name: string
  description: string
  questions: readonly DraftQuestion[]
}

export const emptyDraft: Draft = { name: '', description: '', questions: [] }

export const draftOf = ({ name, description, questions }: Survey): Draft => ({
  name,
  description,
  questions: tidy(questions),
})

const tidy = (questions: readonly DraftQuestion[]): Question[] =>
  questions.map(({ text, help, options, unread: _, ...question }) => ({
    ...question,
    text: text.trim(),
    help: help.trim(),
    options: options.map(({ id, label }) => ({ id, label: label.trim() })),
  }))

const isSame = (a: unknown, b: unknown) => canonical(a) === canonical(b)

/** Alike for the same content, in whatever order its fields were written. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** What was typed, as it is to be saved: the fields that are not as `saved` has them. */
export function draftChanges(saved: Draft, { name, description, questions }: Draft) {
  const asked = tidy(questions)
  return {
    ...(name.trim() !== saved.name && { name: name.trim() }),
    ...(description.trim() !== saved.description && { description: description.trim() }),
    ...(!isSame(asked, saved.questions) && { questions: asked }),
  }
}

export const isChanged = (saved: Draft, draft: Draft): boolean =>
  Object.keys(draftChanges(saved, draft)).length > 0 || isUnread(draft)

/** Something is typed as a number that is none, and is not part of what would be saved. */
const isUnread = ({ questions }: Draft): boolean =>
  questions.some(({ unread }) => Object.keys(unread ?? {}).length > 0)

/** What was typed over `before`, on top of the survey as it is `now`: what was not touched is taken from there. */
export function rebased(draft: Draft, before: Draft, now: Draft): Draft {
  const mine = draftChanges(before, draft)
  return {
    name: 'name' in mine ? draft.name : now.name,
    description: 'description' in mine ? draft.description : now.description,
    questions: 'questions' in mine || isUnread(draft) ? draft.questions : now.questions,
  }
}

/** What is wrong with one question, by its field: `text`, `options`, `options.1.label`, `min`, `max`, `showIf`. */
export type QuestionProblems = Readonly<Record<string, string>>

/** What is wrong with the draft: its name, and by question, in their order. */
export function draftProblems({ name, questions }: Draft): {
  name: string | undefined
  questions: ReadonlyMap<string, QuestionProblems>
} {
  const missing = questions.flatMap(({ text, options, unread }, index) => [
    ...Object.keys(unread ?? {}).map((bound) => ({
      field: `questions.${index}.${bound}`,
      message: 'Must be a number',
    })),
    ...(text.trim() === '' ? [{ field: `questions.${index}.text`, message: isRequired }] : []),
    ...options.flatMap(({ label }, at) =>
      label.trim() === '' ? [{ field: `questions.${index}.options.${at}.label`, message: isRequired }] : [],
    ),
  ])
  // Choices without words are all the same.
  const isSaid = (field: string) =>
    field.endsWith('.options') && missing.some((other) => other.field.startsWith(`${field}.`))
  const others = surveyProblems(tidy(questions)).filter(({ field }) => !isSaid(field))
  return {
    name: name.trim() === '' ? isRequired : undefined,
    questions: problemsByQuestion([...missing, ...others], questions),
  }
}

export const isRequired = 'Is required'

/** What the server or the rules say of `questions.3.showIf`, beside the question it is about. */
export function problemsByQuestion(
  problems: readonly FieldProblem[],
  questions: readonly Question[],
): Map<string, QuestionProblems> {
  const found = new Map<string, Record<string, string>>()
  for (const { field, message } of problems) {
    const [, index, part = 'text'] = /^questions\.(\d+)(?:\.(.+))?$/.exec(field) ?? []
    const question = index === undefined ? undefined : questions[Number(index)]
    if (!question) continue
    const its = found.get(question.id) ?? {}
    its[part.startsWith('showIf') ? 'showIf' : part] ??= message
    found.set(question.id, its)
  }
  return found
}
