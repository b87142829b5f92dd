import { maxQuestions, type QuestionType, questionTypes } from '#common/contract/surveys'
import { Button } from '../../../ui/Button.tsx'
import { questionKinds } from './question-kinds.ts'

export const fullWords = `A survey has ${maxQuestions} questions at most.`

/** What another question of the survey may be, each kind a button. */
export function AddQuestion({ isFull, onAdd }: { isFull: boolean; onAdd: (type: QuestionType) => void }) {
  if (isFull) return <p className="mt-4 text-muted">{fullWords}</p>
  return (
    <section aria-labelledby="add-question" className="mt-4 pb-10">
      <h2 id="add-question" className="mb-2 font-semibold">
        Add a question
      </h2>
      <div className="grid grid-cols-4 gap-2 max-[48rem]:grid-cols-2">
        {questionTypes.map((type) => {
          const { words, icon: Icon } = questionKinds[type]
          return (
            <Button key={type} size="large" className="justify-start" onClick={() => onAdd(type)}>
              <Icon aria-hidden size={15} className="text-accent" /> {words}
            </Button>
          )
        })}
      </div>
    </section>
  )
}
