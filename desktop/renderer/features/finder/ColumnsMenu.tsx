import { ArrowDown, ArrowUp, Columns3, PanelLeft, PanelRight } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { layOut, useColumnLayout } from '../../app/finder.ts'
import { Button } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { BarLabel } from './BarLabel.tsx'
import { columnStarts } from './columns.tsx'
import { useMenu } from './menus.ts'
import { changed, layoutOf, moved, type PlacedColumn, placed } from './layout.ts'

const wordsOf = (name: string) => columnStarts.find((start) => start.name === name)?.words ?? name

/** Which columns there are, in which order and at which side: without a pointer too. */
export function ColumnsButton() {
  return (
    <Popover.Root {...useMenu('columns')}>
      <Popover.Trigger asChild>
        <Button title="Columns">
          <Columns3 aria-hidden size={14} /> <BarLabel>Columns</BarLabel>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Columns"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="floating z-30 flex max-h-[var(--radix-popover-content-available-height)] w-80 flex-col"
        >
          <Columns />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Columns() {
  const layout = useColumnLayout()
  const columns = placed(layout, columnStarts)
  const apply = (next: PlacedColumn[]) => layOut(layoutOf(next))
  return (
    <>
      <p className="px-4 pt-3 pb-1.5 text-sm text-muted">From left to right. Columns can also be dragged.</p>
      <ul className="overflow-y-auto px-2 pb-2">
        {columns.map((column, index) => (
          <ColumnRow
            key={column.name}
            column={column}
            words={wordsOf(column.name)}
            isFirst={columns[index - 1]?.pinned !== column.pinned}
            isLast={columns[index + 1]?.pinned !== column.pinned}
            onMove={(step) => apply(moved(columns, column.name, step))}
            onChange={(change) => apply(changed(columns, column.name, change))}
          />
        ))}
      </ul>
      <div className="flex justify-between border-t border-line px-4 py-2.5">
        <Button look="quiet" className="-ml-3" disabled={layout.length === 0} onClick={() => layOut([])}>
          Reset columns
        </Button>
        <Popover.Close asChild>
          <Button look="primary">Done</Button>
        </Popover.Close>
      </div>
    </>
  )
}

function ColumnRow({
  column: { name, hidden, pinned },
  words,
  isFirst,
  isLast,
  onMove,
  onChange,
}: {
  column: PlacedColumn
  words: string
  isFirst: boolean
  isLast: boolean
  onMove: (step: -1 | 1) => void
  onChange: (change: Partial<PlacedColumn>) => void
}) {
  const pin = (side: 'left' | 'right') => (
    <RowButton
      label={`Pin ${words} ${side}`}
      pressed={pinned === side}
      disabled={hidden}
      onClick={() => onChange({ pinned: pinned === side ? null : side })}
    >
      {side === 'left' ? <PanelLeft aria-hidden size={14} /> : <PanelRight aria-hidden size={14} />}
    </RowButton>
  )
  return (
    <li className="flex items-center gap-0.5 rounded-md py-0.5 pr-1 pl-2 hover:bg-surface-2">
      <Checkbox
        className="min-w-0 flex-1"
        checked={!hidden}
        // Without its title nobody knows which record a row is.
        disabled={name === 'title'}
        onChange={(event) => onChange({ hidden: !event.target.checked })}
      >
        {words}
      </Checkbox>
      <RowButton label={`Move ${words} left`} disabled={hidden || isFirst} onClick={() => onMove(-1)}>
        <ArrowUp aria-hidden size={14} />
      </RowButton>
      <RowButton label={`Move ${words} right`} disabled={hidden || isLast} onClick={() => onMove(1)}>
        <ArrowDown aria-hidden size={14} />
      </RowButton>
      {pin('left')}
      {pin('right')}
    </li>
  )
}

function RowButton({
  label,
  pressed,
  disabled,
  onClick,
  children,
}: {
  label: string
  pressed?: boolean
  disabled: boolean
  onClick: () => void
  children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      // Stays in reach of the keyboard that just pressed it.
      aria-disabled={disabled}
      className="grid size-6 place-items-center rounded-sm text-muted hover:bg-line hover:text-text aria-disabled:opacity-35 aria-pressed:bg-accent-soft aria-pressed:text-accent"
      onClick={() => !disabled && onClick()}
    >
      {children}
    </button>
  )
}
