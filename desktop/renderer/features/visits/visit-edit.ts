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

/** Both as one, which began where the first of them did. */
export const mergeEdits = (before: VisitEdit, after: VisitEdit): VisitEdit => ({
  ...laidOver(before, after),
  ...((before.opened || after.opened) && { opened: laidOver(after.opened ?? {}, before.opened ?? {}) }),
})

const laidOver = <E extends Pick<VisitEdit, 'answers'>>(under: E, onTop: E): E => ({
  ...under,
  ...onTop,
  ...((under.answers || onTop.answers) && { answers: { ...under.answers, ...onTop.answers } }),
})

/** The visit as its agent sees it: what is kept, and on top of it what is about to be. */
export function withEdit(open: OpenVisit, edit: VisitEdit | null): OpenVisit {
  const { opened: _, ...changes } = edit ?? {}
  return edit ? { ...open, visit: withPatch(open.visit, changes) } : open
}

/** Kinds of questions that are answered letter by letter. */
const typed: readonly Question['type'][] = ['text', 'number', 'date']

/** What an agent writes into their visit: it is saved as they go, except for answers that are none. */
export function createVisitWriting(id: string, reading: VisitReading) {
  const saving = createSaving<VisitEdit>(async (edit) => {
    await ask('visits.edit', { id, ...edit })
    await reading.reload()
  }, mergeEdits)
  const unkept = createStore<Readonly<Record<string, AnswerValue>>>(() => ({}))
  const more = createStore<string>(() => '')
  const keepNot = (questionId: string, value: AnswerValue | null) => {
    const { [questionId]: _, ...others } = unkept.getState()
    unkept.setState(value === null ? others : { ...others, [questionId]: value }, true)
  }
  /** The visit as it is on the page. */
  const seen = () => {
    const { own } = reading.store.getState()
    return own && withEdit(own, saving.store.getState().edit).visit
  }
  const write = (notes: string, when: 'soon' | 'now' = 'soon') => {
    const visit = seen()
    saving.change({ notes, ...(visit && { opened: { notes: visit.notes } }) }, when)
  }
  const discard = () => {
    unkept.setState({}, true)
    more.setState('', true)
    saving.discard()
  }
  return {
    saving,
    /** Answers on the page that break a rule of their question, by question. */
    unkept,
    /** What is written to be added to the notes of a visit that is over, and kept once the person says so. */
    more,
    answer(question: Question, value: AnswerValue | null) {
      if (value !== null && answerProblem(question, value)) return keepNot(question.id, value)
      keepNot(question.id, null)
      const visit = seen()
      const opened = visit && { answers: { [question.id]: visit.answers[question.id] ?? null } }
      saving.change(
        { answers: { [question.id]: value }, ...(opened && { opened }) },
        typed.includes(question.type) ? 'soon' : 'now',
      )
    },
    /** An answer to a question that is no longer shown counts for nothing, and neither does what is none. */
    forgetHidden(shown: readonly Question[]) {
      for (const questionId of Object.keys(unkept.getState()))
        if (!shown.some(({ id: each }) => each === questionId)) keepNot(questionId, null)
    },
    write,
    addMore(notes: string) {
      const words = more.getState().trim()
      if (words !== '') write(notes ? `${notes}\n${words}` : words, 'now')
      more.setState('', true)
    },
    /** Cancels the visit, with what was answered so far. What could not be kept is forgotten once it is cancelled. */
    async cancel() {
      await saving.flush()
      await ask('visits.cancel', { id })
      discard()
    },
    discard,
  }
}
