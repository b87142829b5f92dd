import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useRef } from 'react'
import { flushSync } from 'react-dom'
import { v7 as uuidv7 } from 'uuid'
import { maxOptions, type QuestionOption } from '#common/contract/surveys'
import { Button } from '../../../ui/Button.tsx'
import { FieldNotes } from '../../../ui/Field.tsx'
import { moved } from '../../../ui/order.ts'
import type { QuestionProblems } from './draft.ts'

/** The choices of a question, in the order they are offered. Enter goes on to the next; pasted lines are one each. */
export function OptionsField({
  options,
  problems,
  onChange,
}: {
  options: readonly QuestionOption[]
  problems: QuestionProblems
  onChange: (options: QuestionOption[]) => void
}) {
  const list = useRef<HTMLOListElement>(null)
  const isFull = options.length >= maxOptions
  const put = (next: QuestionOption[], focused: number) => {
    flushSync(() => onChange(next))
    list.current?.querySelectorAll<HTMLElement>('input')[focused]?.focus()
  }
  const addAt = (index: number) =>
    isFull ? undefined : put(options.toSpliced(index, 0, { id: uuidv7(), label: '' }), index)
  const removeAt = (index: number) => put(options.toSpliced(index, 1), Math.max(0, index - 1))
  const move = (from: number, to: number) =>
    to < 0 || to >= options.length ? undefined : put(moved(options, from, to), to)

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>, index: number) => {
    const step = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined
    if (event.key === 'Enter') {
      event.preventDefault()
      const next = options[index + 1]
      if (next?.label === '') put([...options], index + 1)
      else addAt(index + 1)
    } else if (step !== undefined) {
      event.preventDefault()
      event.stopPropagation()
      move(index, index + step)
    } else if (event.key === 'Backspace' && options[index]?.label === '' && options.length > 2) {
      event.preventDefault()
      removeAt(index)
    }
  }
  const onPaste = (event: ClipboardEvent, index: number) => {
    const lines = event.clipboardData
      .getData('text')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean)
    if (lines.length < 2) return
    event.preventDefault()
    const room = maxOptions - options.length + 1
    const pasted = lines.slice(0, room).map((label, line) => {
      const id = line === 0 ? options[index]!.id : uuidv7()
      return { id, label: label.slice(0, 200) }
    })
    // What was begun in the field stays in front.
    const begun = options[index]!.label.trim()
    if (begun) pasted.splice(0, 1, { id: pasted[0]!.id, label: `${begun} ${pasted[0]!.label}`.slice(0, 200) })
    put(options.toSpliced(index, 1, ...pasted), index + pasted.length - 1)
  }
  return (
    <fieldset aria-describedby={problems.options ? 'survey-options-error' : undefined}>
      <legend className="mb-1 font-[550]">Choices</legend>
      <ol ref={list} className="space-y-1.5">
        {options.map(({ id, label }, index) => {
          const error = problems[`options.${index}.label`] ?? problems[`options.${index}`]
          return (
            <li key={id}>
              <div className="flex items-center gap-1">
                <input
                  type="text"
                  className="control flex-1"
                  aria-label={`Choice ${index + 1}`}
                  aria-invalid={Boolean(error)}
                  aria-describedby={error ? `${id}-error` : undefined}
                  autoComplete="off"
                  placeholder={`Choice ${index + 1}`}
                  maxLength={200}
                  value={label}
                  onChange={(event) => onChange(options.with(index, { id, label: event.target.value }))}
                  onKeyDown={(event) => onKeyDown(event, index)}
                  onPaste={(event) => onPaste(event, index)}
                />
                <Button
                  look="icon"
                  aria-label={`Move choice ${index + 1} up`}
                  title="Move up (Alt+↑)"
                  disabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp aria-hidden size={14} />
                </Button>
                <Button
                  look="icon"
                  aria-label={`Move choice ${index + 1} down`}
                  title="Move down (Alt+↓)"
                  disabled={index === options.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown aria-hidden size={14} />
                </Button>
                <Button
                  look="icon"
                  aria-label={`Remove choice ${index + 1}`}
                  title="Remove"
                  disabled={options.length <= 2}
                  onClick={() => removeAt(index)}
                >
                  <X aria-hidden size={14} />
                </Button>
              </div>
              <FieldNotes id={id} error={error} />
            </li>
          )
        })}
      </ol>
      <FieldNotes id="survey-options" error={problems.options} />
      <Button look="quiet" className="mt-1.5" disabled={isFull} onClick={() => addAt(options.length)}>
        <Plus aria-hidden size={14} /> Add choice
      </Button>
      {isFull && <span className="ml-2 text-sm text-muted">{maxOptions} choices are the most.</span>}
    </fieldset>
  )
}
