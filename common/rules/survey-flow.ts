import type { Question } from '../contract/surveys.ts'
import type { Answers, AnswerValue } from '../contract/visits.ts'

/** What a survey asks, as its answers come in: which questions are shown, what an answer may be, what is missing. */

/** What a visit has for its questions: answers, and how many photos by question. */
export interface Evidence {
  answers: Readonly<Answers>
  photos: ReadonlyMap<string, number>
}

export const noPhotos: ReadonlyMap<string, number> = new Map()

const isThere = ({ type, id }: Question, { answers, photos }: Evidence): boolean =>
  type === 'photo' ? (photos.get(id) ?? 0) > 0 : answers[id] != null

function meets(question: Question, is: NonNullable<Question['showIf']>, evidence: Evidence): boolean {
  if (!isThere(question, evidence)) return false
  const answer = evidence.answers[question.id]!
  const { value } = is
  const isEqual = Array.isArray(answer) ? answer.includes(String(value)) : answer === value
  switch (is.is) {
    case 'answered':
      return true
    case 'equal':
      return isEqual
    case 'not_equal':
      return !isEqual
    case 'at_least':
      return Number(answer) >= Number(value)
    case 'at_most':
      return Number(answer) <= Number(value)
  }
}

/**
 * The questions that are shown, in order. One that depends on another is shown while that one is shown and answered
 * as it asks; what was answered to a question that is no longer shown stays, and counts for nothing.
 */
export function shownQuestions(questions: readonly Question[], evidence: Evidence): Question[] {
  const shown = new Map<string, Question>()
  for (const question of questions) {
    const { showIf } = question
    const asked = showIf && shown.get(showIf.questionId)
    if (!showIf || (asked && meets(asked, showIf, evidence))) shown.set(question.id, question)
  }
  return [...shown.values()]
}

export const highestRating = ({ max }: Question) => max ?? 5

/** Why this is no answer to the question, in a sentence; null when it is one. */
export function answerProblem(question: Question, value: AnswerValue): string | null {
  const { type, min, max, options } = question
  switch (type) {
    case 'text':
      return typeof value === 'string' && value.trim() !== '' ? null : 'Must be text'
    case 'number':
      if (typeof value !== 'number') return 'Must be a number'
      if (min !== null && value < min) return `Must be ${min} or more`
      return max !== null && value > max ? `Must be ${max} or less` : null
    case 'rating': {
      const highest = highestRating(question)
      const isRating = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= highest
      return isRating ? null : `Must be a whole number from 1 to ${highest}`
    }
    case 'yes_no':
      return typeof value === 'boolean' ? null : 'Must be yes or no'
    case 'date':
      return typeof value === 'string' && isDay(value) ? null : 'Must be a day, such as 2026-11-30'
    case 'single':
      return typeof value === 'string' && options.some(({ id }) => id === value)
        ? null
        : 'Must be one of the choices'
    case 'multiple': {
      const chosen = Array.isArray(value) ? value : []
      const isChoice =
        chosen.length > 0 &&
        new Set(chosen).size === chosen.length &&
        chosen.every((one) => options.some(({ id }) => id === one))
      return isChoice ? null : 'Must be some of the choices'
    }
    case 'photo':
      return 'Is answered by photos'
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A question that has to be answered before the visit can be completed, and what it wants. */
export interface Gap {
  questionId: string
  text: string
  message: string
}

/** How many photos a photo question wants at least. */
export const photosWanted = ({ required, min }: Question) => Math.max(required ? 1 : 0, min ?? 0)

/** What is missing or wrong among the questions that are shown, in their order. */
export function gapsOf(questions: readonly Question[], evidence: Evidence): Gap[] {
  return shownQuestions(questions, evidence).flatMap((question) => {
    const message = gap(question, evidence)
    return message === null ? [] : [{ questionId: question.id, text: question.text, message }]
  })
}

function gap(question: Question, evidence: Evidence): string | null {
  if (question.type === 'photo') {
    const there = evidence.photos.get(question.id) ?? 0
    const wanted = photosWanted(question)
    if (there < wanted) return wanted === 1 ? 'Needs a photo' : `Needs ${wanted} photos; there are ${there}`
    return question.max !== null && there > question.max ? `Takes ${question.max} photos at most` : null
  }
  const answer = evidence.answers[question.id]
  if (answer == null) return question.required ? 'Needs an answer' : null
  return answerProblem(question, answer)
}

/** What going on to another version of a survey does to the answers there are. */
export interface Upgrade {
  kept: string[]
  /** Questions of the version before whose answers would go, and why. */
  lost: { question: Question; message: string }[]
  /** Questions that are new. */
  added: Question[]
}

export function upgradeOf(
  from: readonly Question[],
  to: readonly Question[],
  { answers, photos }: Evidence,
): Upgrade {
  const later = new Map(to.map((question) => [question.id, question]))
  const known = new Set(from.map(({ id }) => id))
  const upgrade: Upgrade = { kept: [], lost: [], added: to.filter(({ id }) => !known.has(id)) }
  for (const question of from) {
    const answer = answers[question.id]
    const isPhoto = question.type === 'photo'
    if (isPhoto ? !photos.get(question.id) : answer == null) continue
    const next = later.get(question.id)
    const message = !next
      ? 'Is no longer asked'
      : next.type !== question.type
        ? 'Asks for something else now'
        : isPhoto
          ? null
          : answerProblem(next, answer!)
    if (message === null) upgrade.kept.push(question.id)
    else upgrade.lost.push({ question, message })
  }
  return upgrade
}
