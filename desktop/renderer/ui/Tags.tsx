import { X } from 'lucide-react'
import { type RefObject, useRef } from 'react'
import { flushSync } from 'react-dom'
import { TextButton } from './Button.tsx'

export interface TagOf {
  key: string
  words: string
  onRemove: () => void
}

/**
 * The conditions in force, each with a way to take it away. The keyboard goes on at the next one, and back to where
 * they are chosen when none is left: never to nowhere.
 */
export function Tags({
  tags,
  onClear,
  chosenAt,
  className = '',
}: {
  tags: readonly TagOf[]
  onClear: () => void
  chosenAt: RefObject<HTMLElement | null>
  className?: string
}) {
  const group = useRef<HTMLDivElement>(null)
  if (tags.length === 0) return null

  // Only then: where they are chosen may have been hidden until the last one is gone.
  const remove = (index: number, onRemove: () => void) => {
    const buttons = group.current?.querySelectorAll<HTMLElement>('[data-tag]') ?? []
    const next = buttons[index + 1] ?? buttons[index - 1]
    flushSync(onRemove)
    const goOn = next?.isConnected ? next : chosenAt.current
    goOn?.focus()
  }
  const clear = () => {
    flushSync(onClear)
    chosenAt.current?.focus()
  }
  return (
    <div
      ref={group}
      role="group"
      aria-label="Filters in force"
      className={`flex flex-wrap items-center gap-1.5 ${className}`}
    >
      {tags.map(({ key, words, onRemove }, index) => (
        <span
          key={key}
          className="inline-flex max-w-72 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1 pl-2.5 text-sm font-[550] text-accent"
        >
          <span className="truncate">{words}</span>
          <button
            type="button"
            data-tag
            aria-label={`Remove filter ${words}`}
            className="grid size-4 place-items-center rounded-full hover:bg-accent hover:text-on-accent"
            onClick={() => remove(index, onRemove)}
          >
            <X aria-hidden size={11} strokeWidth={2.5} />
          </button>
        </span>
      ))}
      <TextButton look="faint" className="ml-1 text-sm" onClick={clear}>
        Clear all
      </TextButton>
    </div>
  )
}
