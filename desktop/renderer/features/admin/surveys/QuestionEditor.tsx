import { v7 as uuidv7 } from 'uuid'
import { type Question, type QuestionType, questionTypes } from '#common/contract/surveys'
import { Checkbox } from '../../../ui/Checkbox.tsx'
import { Field } from '../../../ui/Field.tsx'
import type { QuestionProblems } from './draft.ts'
import { NumberField } from './NumberField.tsx'
import { OptionsField } from './OptionsField.tsx'
import { hasOptions, questionKinds } from './question-kinds.ts'
import { type Bound, bounded, boundText, type DraftQuestion, retyped } from './questions.ts'
import { ShowIfField } from './ShowIfField.tsx'

/** All that can be said about a question. */
export function QuestionEditor({
  question,
  index,
  questions,
  problems,
  onChange,
}: {
  question: DraftQuestion
  index: number
  questions: readonly Question[]
  problems: QuestionProblems
  onChange: (changes: Partial<DraftQuestion>) => void
}) {
  const { type, text, help, required } = question
  const isNew = text === ''
  return (
    <div className="space-y-3.5 border-t border-line px-4 pt-3.5 pb-4">
      <Field label="Question" error={problems.text}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={isNew}
            autoComplete="off"
            maxLength={500}
            value={text}
            onChange={(event) => onChange({ text: event.target.value })}
          />
        )}
      </Field>
      <Field label="Help" error={problems.help} hint="Shown under the question, where it needs explaining.">
        {(control) => (
          <textarea
            {...control}
            className="control block field-sizing-content max-h-40 resize-none"
            rows={1}
            maxLength={500}
            value={help}
            onChange={(event) => onChange({ help: event.target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 items-start gap-x-4 gap-y-3.5">
        <Field label="Type">
          {(control) => (
            <select
              {...control}
              value={type}
              onChange={(event) => onChange(retyped(question, event.target.value as QuestionType, uuidv7))}
            >
              {questionTypes.map((name) => (
                <option key={name} value={name}>
                  {questionKinds[name].words}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Checkbox
          className="mt-[29px]"
          checked={required}
          onChange={(event) => onChange({ required: event.target.checked })}
        >
          {type === 'photo' ? 'A photo is required' : 'An answer is required'}
        </Checkbox>
        <Bounds question={question} problems={problems} onChange={onChange} />
      </div>
      {hasOptions(type) && (
        <OptionsField
          options={question.options}
          problems={problems}
          onChange={(options) => onChange({ options })}
        />
      )}
      <ShowIfField
        showIf={question.showIf}
        index={index}
        questions={questions}
        error={problems.showIf}
        onChange={(showIf) => onChange({ showIf })}
      />
    </div>
  )
}

function Bounds({
  question,
  problems,
  onChange,
}: {
  question: DraftQuestion
  problems: QuestionProblems
  onChange: (changes: Partial<DraftQuestion>) => void
}) {
  const field = (bound: Bound, label: string, none: string) => (
    <NumberField
      label={label}
      none={none}
      text={boundText(question, bound)}
      error={problems[bound]}
      onChange={(text) => onChange(bounded(question, bound, text))}
    />
  )
  switch (question.type) {
    case 'number':
      return (
        <>
          {field('min', 'Lowest', 'Any')}
          {field('max', 'Highest', 'Any')}
        </>
      )
    case 'rating':
      return field('max', 'Highest rating', '5')
    case 'photo':
      return (
        <>
          {field('min', 'Photos at least', 'Any number')}
          {field('max', 'Photos at most', 'Any number')}
        </>
      )
    default:
      return null
  }
}
