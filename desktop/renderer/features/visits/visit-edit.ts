import { createStore } from 'zustand'
import type { AnswerValue } from '#common/contract/visits'
import type { Question } from '#common/contract/surveys'
import { answerProblem } from '#common/rules/survey-flow'
import { withPatch } from '#common/rules/visit-rules'
import type { Request } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import { ask } from '../../app/bridge.ts'
import { createSaving } from './saving.ts'
import type { VisitReading } from './visit-reading.ts'

type VisitEdit = Omit<Request<'visits.edit'>, 'id'>

export const mergeEdits = (before: VisitEdit, after: VisitEdit): VisitEdit => ({
  ...before,
  ...after,
  ...((before.answers || after.answers) && { answers: { ...before.answers, ...after.answers } }),
})

/** The visit as its agent sees it: what is kept, and on top of it what is about to be. */
export const withEdit = (open: OpenVisit, edit: VisitEdit | null): OpenVisit =>
  edit ? { ...open, visit: withPatch(open.visit, edit) } : open

/** Kinds of questions that are answered letter by letter. */
const typed: readonly Question['type'][] = ['text', 'number', 'date']

/** What an agent writes into their visit: it is saved as they go, except for answers that are none. */
export function createVisitWriting(id: string, reading: VisitReading) {
  const saving = createSaving<VisitEdit>(async (edit) => {
    await ask('visits.edit', { id, ...edit })
    await reading.reload()
  }, mergeEdits)
  const unkept = createStore<Readonly<Record<string, AnswerValue>>>(() => ({}))
  const keepNot = (questionId: string, value: AnswerValue | null) => {
    const { [questionId]: _, ...others } = unkept.getState()
    unkept.setState(value === null ? others : { ...others, [questionId]: value }, true)
  }
  return {
    saving,
    /** Answers on the page that break a rule of their question, by question. */
    unkept,
    answer(question: Question, value: AnswerValue | null) {
      if (value !== null && answerProblem(question, value)) return keepNot(question.id, value)
      keepNot(question.id, null)
      saving.change({ answers: { [question.id]: value } }, typed.includes(question.type) ? 'soon' : 'now')
    },
    write: (notes: string) => saving.change({ notes }, 'soon'),
    discard() {
      unkept.setState({}, true)
      saving.discard()
    },
  }
}
