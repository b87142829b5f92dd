import { useEffect, useRef } from 'react'

type Question = (then: () => void) => void

/** Of the dialogs that are open and hold something typed, the one on top last. */
const questions: Question[] = []

/** Asks whether to discard what a dialog holds, before `then`; false when no dialog holds anything. */
export function asksForDialog(then: () => void): boolean {
  questions.at(-1)?.(then)
  return questions.length > 0
}

export const dialogHoldsWork = () => questions.length > 0

/** While `holds`, whatever would end the dialog asks first. */
export function useUnsavedDialog(holds: boolean, question: Question) {
  const latest = useRef(question)
  useEffect(() => {
    latest.current = question
  })
  useEffect(() => {
    if (!holds) return
    const asked: Question = (then) => latest.current(then)
    questions.push(asked)
    return () => void questions.splice(questions.indexOf(asked), 1)
  }, [holds])
}
