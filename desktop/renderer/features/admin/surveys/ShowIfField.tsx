import { useState } from 'react'
import type { Question, ShowIf } from '#common/contract/surveys'
import { highestRating } from '#common/rules/survey-flow'
import { FieldNotes } from '../../../ui/Field.tsx'
import { numberOf } from '../../../ui/survey/number-text.ts'
import { conditionOn, conditionsOf, conditionWords, hasOptions } from './question-kinds.ts'

/** When a question is shown: always, or once an earlier one is answered in a certain way. */
export function ShowIfField({
  showIf,
  index,
  questions,
  error,
  onChange,
}: {
  showIf: ShowIf | null
  /** Of the question it is about. */
  index: number
  questions: readonly Question[]
  error: string | undefined
  onChange: (showIf: ShowIf | null) => void
}) {
  const earlier = questions.slice(0, index)
  const askedAt = questions.findIndex(({ id }) => id === showIf?.questionId)
  const asked = questions[askedAt]
  const isEarlier = askedAt >= 0 && askedAt < index
  const choose = (id: string) => {
    const question = questions.find((each) => each.id === id)
    onChange(question ? conditionOn(question, conditionsOf(question.type)[0]!) : null)
  }
  return (
    <fieldset aria-describedby={error ? 'survey-show-if-error' : undefined}>
      <legend className="mb-1 font-[550]">Shown</legend>
      <div className="flex flex-wrap items-center gap-2">
        <select
          className="control w-auto max-w-80 min-w-40 flex-1 overflow-hidden"
          aria-label="Shown"
          aria-invalid={Boolean(error)}
          value={showIf?.questionId ?? ''}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">{earlier.length > 0 ? 'Always' : 'Always (no question comes before it)'}</option>
          {earlier.map((question, at) => (
            <option key={question.id} value={question.id}>
              {onlyIf(at, question)}
            </option>
          ))}
          {showIf && !isEarlier && (
            <option value={showIf.questionId}>
              {asked ? onlyIf(askedAt, asked) : 'Only if a question that is gone'}
            </option>
          )}
        </select>
        {showIf && asked && (
          <>
            <select
              className="control w-auto"
              aria-label="Condition"
              aria-invalid={Boolean(error)}
              value={showIf.is}
              onChange={(event) =>
                onChange(conditionOn(asked, event.target.value as ShowIf['is'], showIf.value))
              }
            >
              {[...new Set([...conditionsOf(asked.type), showIf.is])].map((is) => (
                <option key={is} value={is}>
                  {conditionWords(asked.type, is)}
                </option>
              ))}
            </select>
            {showIf.is !== 'answered' && (
              <Value
                key={asked.id}
                asked={asked}
                value={showIf.value}
                onChange={(value) => onChange({ ...showIf, value })}
              />
            )}
          </>
        )}
      </div>
      <FieldNotes id="survey-show-if" error={error} />
    </fieldset>
  )
}

/** What fits into a field beside others. */
const cut = (text: string, most: number): string =>
  text.trim().length > most
    ? `${text
        .trim()
        .slice(0, most - 1)
        .trimEnd()}…`
    : text.trim()

const onlyIf = (index: number, { text }: Question): string =>
  `Only if ${index + 1}. ${cut(text, 32) || 'No words yet'}`

function Value({
  asked,
  value,
  onChange,
}: {
  asked: Question
  value: ShowIf['value']
  onChange: (value: ShowIf['value']) => void
}) {
  const { type, options } = asked
  if (type === 'number') return <NumberValue value={value} onChange={onChange} />
  const choices: (readonly [string, string, ShowIf['value']])[] = hasOptions(type)
    ? options.map(({ id, label }, index) => [id, cut(label, 28) || `Choice ${index + 1}`, id])
    : type === 'yes_no'
      ? [
          ['true', 'Yes', true],
          ['false', 'No', false],
        ]
      : Array.from({ length: highestRating(asked) }, (_, at) => [String(at + 1), String(at + 1), at + 1])
  const isKnown = choices.some(([key]) => key === String(value))
  return (
    <select
      className="control w-auto max-w-60"
      aria-label="Value"
      aria-invalid={!isKnown}
      value={isKnown ? String(value) : ''}
      onChange={(event) => onChange(choices.find(([key]) => key === event.target.value)?.[2] ?? null)}
    >
      {!isKnown && <option value="">Choose…</option>}
      {choices.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  )
}

function NumberValue({
  value,
  onChange,
}: {
  value: ShowIf['value']
  onChange: (value: number | null) => void
}) {
  const [typed, setTyped] = useState(typeof value === 'number' ? String(value) : '')
  return (
    <input
      type="text"
      inputMode="decimal"
      className="control w-24"
      aria-label="Value"
      aria-invalid={numberOf(typed) === null}
      autoComplete="off"
      maxLength={20}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value)
        onChange(numberOf(event.target.value))
      }}
    />
  )
}
