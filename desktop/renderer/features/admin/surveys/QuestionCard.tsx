import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, CopyPlus, GripVertical, Trash2 } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, memo, useState } from 'react'
import type { Question } from '#common/contract/surveys'
import { Button } from '../../../ui/Button.tsx'
import { isPressed } from '../../../app/keys.ts'
import type { QuestionProblems } from './draft.ts'
import { questionKinds, showIfWords } from './question-kinds.ts'
import { QuestionEditor } from './QuestionEditor.tsx'
import type { DraftQuestion } from './questions.ts'

export const cardId = (id: string) => `question-card-${id}`

const dragged = 'application/x-fieldbook-question'

export interface CardDeeds {
  onToggle: (id: string) => void
  onChange: (id: string, changes: Partial<DraftQuestion>) => void
  onMove: (id: string, to: number) => void
  onDouble: (id: string) => void
  onDelete: (id: string) => void
}

/** A question of the draft: what it asks, where it stands and, when it is open, all that can be said about it. */
export const QuestionCard = memo(function QuestionCard({
  question,
  index,
  questions,
  isOpen,
  problems,
  deeds: { onToggle, onChange, onMove, onDouble, onDelete },
}: {
  question: DraftQuestion
  index: number
  questions: readonly Question[]
  isOpen: boolean
  problems: QuestionProblems | undefined
  deeds: CardDeeds
}) {
  const [drop, setDrop] = useState<'before' | 'after' | null>(null)
  const { id, type, text, required, showIf } = question
  const { words, icon: Icon } = questionKinds[type]
  const name = `question ${index + 1}`
  const over = (event: DragEvent<HTMLElement>) => {
    if (!event.dataTransfer.types.includes(dragged)) return
    event.preventDefault()
    const { top, height } = event.currentTarget.getBoundingClientRect()
    setDrop(event.clientY < top + height / 2 ? 'before' : 'after')
  }
  const take = (event: DragEvent) => {
    event.preventDefault()
    const moving = event.dataTransfer.getData(dragged)
    const from = questions.findIndex((each) => each.id === moving)
    const gap = drop === 'before' ? index : index + 1
    setDrop(null)
    if (from >= 0) onMove(moving, gap > from ? gap - 1 : gap)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // There these keys mean something else.
    if (
      !isPressed(event.nativeEvent, 'moveQuestion') ||
      (event.target as Element).matches('select, textarea')
    )
      return
    event.preventDefault()
    onMove(id, index + (event.key === 'ArrowUp' ? -1 : 1))
  }
  const line = drop && (drop === 'before' ? 'top-[-5px]' : 'bottom-[-5px]')
  return (
    <li
      id={cardId(id)}
      aria-label={`Question ${index + 1}`}
      className={`relative scroll-my-4 rounded-lg border bg-surface ${problems ? 'border-bad' : isOpen ? 'border-line-strong shadow-float' : 'border-line'}`}
      onDragOver={over}
      onDragLeave={() => setDrop(null)}
      onDrop={take}
      onKeyDown={onKeyDown}
    >
      {line && <span aria-hidden className={`absolute inset-x-0 h-[3px] rounded-full bg-accent ${line}`} />}
      <div
        draggable
        className="flex items-center gap-1 py-1.5 pr-1.5 pl-1"
        onDragStart={(event) => {
          event.dataTransfer.setData(dragged, id)
          event.dataTransfer.effectAllowed = 'move'
        }}
      >
        <GripVertical aria-hidden size={15} className="shrink-0 cursor-grab text-faint" />
        <h2 className="min-w-0 flex-1">
          <button
            type="button"
            aria-expanded={isOpen}
            data-toggle
            className="flex w-full min-w-0 items-center gap-2 rounded-sm px-1 py-1 text-left"
            onClick={() => onToggle(id)}
          >
            <span className="w-5 shrink-0 text-right text-muted tabular-nums">{index + 1}</span>
            <Icon aria-hidden size={15} className="shrink-0 text-accent" />
            <span className="min-w-0">
              <span className={`block font-[550] ${isOpen ? 'line-clamp-2' : 'truncate'}`}>
                {text.trim() || <span className="font-normal text-muted">No words yet</span>}
                {required && (
                  <>
                    <span aria-hidden className="ml-1 text-bad">
                      *
                    </span>
                    <span className="sr-only"> (required)</span>
                  </>
                )}
              </span>
              <span className="block truncate text-sm text-muted">
                {words}
                {showIf && ` · only if ${showIfWords(questions, showIf)}`}
              </span>
            </span>
            {isOpen ? (
              <ChevronDown aria-hidden size={15} className="ml-auto shrink-0 text-faint" />
            ) : (
              <ChevronRight aria-hidden size={15} className="ml-auto shrink-0 text-faint" />
            )}
          </button>
        </h2>
        <Button
          look="icon"
          aria-label={`Move ${name} up`}
          title="Move up (Alt+↑)"
          disabled={index === 0}
          onClick={() => onMove(id, index - 1)}
        >
          <ArrowUp aria-hidden size={15} />
        </Button>
        <Button
          look="icon"
          aria-label={`Move ${name} down`}
          title="Move down (Alt+↓)"
          disabled={index === questions.length - 1}
          onClick={() => onMove(id, index + 1)}
        >
          <ArrowDown aria-hidden size={15} />
        </Button>
        <Button look="icon" aria-label={`Duplicate ${name}`} title="Duplicate" onClick={() => onDouble(id)}>
          <CopyPlus aria-hidden size={15} />
        </Button>
        <Button look="icon" aria-label={`Delete ${name}`} title="Delete" onClick={() => onDelete(id)}>
          <Trash2 aria-hidden size={15} />
        </Button>
      </div>
      {!isOpen && problems && (
        <ul className="px-3 pb-2 pl-14 text-sm text-bad">
          {Object.entries(problems).map(([field, message]) => (
            <li key={field}>{problemWords(field, message)}</li>
          ))}
        </ul>
      )}
      {isOpen && (
        <QuestionEditor
          question={question}
          index={index}
          questions={questions}
          problems={problems ?? {}}
          onChange={(changes) => onChange(id, changes)}
        />
      )}
    </li>
  )
})

const fields: Record<string, string> = {
  text: 'The question',
  help: 'The help',
  options: 'The choices',
  min: 'The lowest',
  max: 'The highest',
}

/** A problem of a card that is closed, which shows no field to put it beside. */
function problemWords(field: string, message: string): string {
  const [, option] = /^options\.(\d+)/.exec(field) ?? []
  const name = option === undefined ? fields[field] : `Choice ${Number(option) + 1}`
  return name ? `${name}: ${message}` : message
}
