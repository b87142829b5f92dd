import { Popover } from 'radix-ui'
import { type KeyboardEvent, type Ref, useId, useMemo, useRef, useState } from 'react'
import { fold } from '#common/rules/folding'
import type { ControlProps } from './Field.tsx'

/** More than this nobody scrolls through; typing narrows it down. */
const mostShown = 200

const searchable = (text: string) => fold(text.replaceAll(/[_/]/g, ' '))

/** A text field that suggests: whatever is typed counts, arrows and Enter take a suggestion. */
export function Combobox({
  value,
  onChange,
  onBlur,
  suggestions,
  ref,
  ...control
}: Partial<ControlProps> & {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  suggestions: readonly string[]
  ref?: Ref<HTMLInputElement>
}) {
  const listId = useId()
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const [place, setPlace] = useState<Element | null>(null)
  const [typed, setTyped] = useState(false)
  const [active, setActive] = useState(-1)

  const shown = useMemo(() => {
    if (!open) return []
    const terms = typed ? searchable(value).split(' ').filter(Boolean) : []
    const fits = (text: string) => terms.every((term) => text.includes(term))
    return suggestions.filter((suggestion) => fits(searchable(suggestion))).slice(0, mostShown)
  }, [open, suggestions, typed, value])
  const visible = open && shown.length > 0 && !(shown.length === 1 && shown[0] === value)

  const openList = () => {
    // What stands outside the main part is a dialog that covers it.
    setPlace(box.current?.closest('main') ?? document.body)
    setOpen(true)
  }
  const show = () => {
    setTyped(false)
    setActive(suggestions.indexOf(value))
    openList()
  }
  const take = (suggestion: string) => {
    onChange(suggestion)
    setOpen(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!visible) return show()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive((shown.length + active + step) % shown.length)
    } else if (event.key === 'Enter' && visible) {
      event.preventDefault()
      const chosen = shown[active]
      if (chosen) take(chosen)
      else setOpen(false)
    } else if (event.key === 'Escape' && visible) {
      event.preventDefault()
      event.stopPropagation()
      setOpen(false)
    }
  }

  return (
    <Popover.Root open={visible} onOpenChange={setOpen}>
      <Popover.Anchor ref={box}>
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...control}
          ref={ref}
          role="combobox"
          aria-expanded={visible}
          aria-controls={visible ? listId : undefined}
          aria-autocomplete="list"
          aria-activedescendant={visible && active >= 0 ? `${listId}-${active}` : undefined}
          value={value}
          onChange={(event) => {
            onChange(event.target.value)
            setTyped(true)
            setActive(-1)
            openList()
          }}
          onClick={() => !visible && show()}
          onBlur={() => {
            setOpen(false)
            onBlur?.()
          }}
          onKeyDown={onKeyDown}
        />
      </Popover.Anchor>
      <Popover.Portal container={place}>
        <Popover.Content
          id={listId}
          role="listbox"
          aria-label="Suggestions"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="floating z-50 max-h-64 w-[var(--radix-popover-trigger-width)] overflow-y-auto p-1"
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => box.current?.contains(event.target as Node) && event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
        >
          {shown.map((suggestion, index) => (
            <div
              key={suggestion}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === active}
              ref={index === active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : null}
              className="truncate rounded-sm px-2 py-1.5 aria-selected:bg-surface-2 hover:bg-surface-2"
              onClick={() => take(suggestion)}
            >
              {suggestion}
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
