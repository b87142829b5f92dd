import type { Question } from '#common/contract/surveys'
import { type Evidence, shownQuestions } from '#common/rules/survey-flow'
import type { LocalPhoto, OpenVisit } from '#desktop/bridge/field'

export const questionsOf = ({ survey }: Pick<OpenVisit, 'survey'>): readonly Question[] =>
  survey?.questions ?? []

/** What a visit has for the questions of its survey, as main counts it when the visit is completed. */
export function evidenceOf({ visit, photos }: Pick<OpenVisit, 'visit' | 'photos'>): Evidence {
  const counts = new Map<string, number>()
  for (const { questionId, isRefused } of photos)
    if (questionId && !isRefused) counts.set(questionId, (counts.get(questionId) ?? 0) + 1)
  return { answers: visit.answers, photos: counts }
}

/** How many of the questions that are shown are answered. */
export function answeredOf(questions: readonly Question[], evidence: Evidence) {
  const shown = shownQuestions(questions, evidence)
  const answered = shown.filter(({ id, type }) =>
    type === 'photo' ? (evidence.photos.get(id) ?? 0) > 0 : evidence.answers[id] != null,
  )
  return { answered: answered.length, shown: shown.length }
}

export const shelfPhotosOf = ({ photos }: { photos: readonly LocalPhoto[] }) =>
  photos.filter(({ purpose }) => purpose === 'shelf')
